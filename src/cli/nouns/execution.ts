import { type Command, Option } from 'commander';
import { addListing, type GlobalOptions, globals } from '../options.ts';
import { addFilters, SORT, times } from './collection.ts';
import { addHow, addResult } from './run.ts';

/** `petrel execution`. */
export function registerExecution(program: Command): void {
  const execution = program.command('execution').description('look at executions, stop them, run them again');
  const list = addListing(execution.command('list').description('the newest executions'), '50')
    .option('-l, --all', 'also tasks of workflows')
    .addOption(new Option('--showall', 'the same').hideHelp());
  const filtersOf = addFilters(list, [
    { flags: '--action <ref>', about: 'only of this action' },
    { flags: '--status <status>', about: 'only in this status' },
    { flags: '-u, --user <user>', about: 'only of this user' },
    { flags: '--rule <rule>', about: 'only what this rule asked for' },
    { flags: '--trigger-instance <id>', alias: '--trigger_instance <id>', about: 'only what followed from this event' },
    SORT,
    ...times('timestamp_gt', 'timestamp_lt'),
  ]);
  list.action(async (_, command: Command) => {
    const { list: run } = await import('../commands/execution.ts');
    const options = globals(command);
    await run(filtersOf(options), options);
  });
  addResult(
    execution
      .command('get')
      .description('executions with their tasks and results; ID or last')
      .argument('<ids...>')
      .option('-x, --exclude-result', 'without the result')
      .option('--show-tasks', 'all tasks, also those of workflows within')
      .option('--depth <levels>', 'so many levels of tasks; -1: all')
      .option('--raw', 'without tasks'),
  ).action(async (ids: string[], _, command: Command) => {
    const { get } = await import('../commands/execution.ts');
    await get(ids, command.optsWithGlobals());
  });
  const onOne = (
    name: string,
    description: string,
    load: () => Promise<(id: string, options: GlobalOptions) => Promise<void>>,
  ) =>
    execution
      .command(name)
      .description(description)
      .argument('<id>')
      .action(async (id: string, _, command: Command) => {
        const run = await load();
        await run(id, globals(command));
      });
  onOne('output', 'what an execution printed', async () => (await import('../commands/execution.ts')).output);
  onOne(
    'tail',
    'what an execution prints, and the tasks of a workflow, until it has ended; ID or last',
    async () => (await import('../commands/execution.ts')).tail,
  )
    .addOption(new Option('--type <stream>', 'only one of the two').choices(['stdout', 'stderr', 'all']))
    .option('--include-metadata', 'with time and stream before each line');
  for (const [name, description] of [
    ['tree', 'an execution with everything it started; ID or last'],
    ['history', 'the journal of a workflow: what happened to it, step by step; ID or last'],
  ] as const) {
    onOne(name, description, async () => (await import('../commands/execution-history.ts'))[name]);
  }
  for (const [name, description] of [
    ['cancel', 'cancel executions and what they started'],
    ['pause', 'let workflows stop once what runs of them has ended'],
    ['resume', 'let paused workflows go on'],
  ] as const) {
    execution
      .command(name)
      .description(description)
      .argument('<ids...>')
      .action(async (ids: string[], _, command: Command) => {
        const commands = await import('../commands/execution.ts');
        await commands[name](ids, globals(command));
      });
  }
  addHow(
    execution
      .command('re-run')
      .alias('rerun')
      .description('run the same again and follow it; with --tasks a workflow goes on with these where it ended')
      .argument('<id>')
      .argument('[parameters...]', 'what is to be different, as with run')
      .option('--tasks <names...>', 'tasks of an Orquesta workflow')
      .option('--no-reset <names...>', 'those of them of which only the items that failed run again'),
    false,
  ).action(async (id: string, parameters: string[], _, command: Command) => {
    const { rerun } = await import('../commands/rerun.ts');
    process.exitCode = await rerun(id, parameters, command.optsWithGlobals());
  });
}
