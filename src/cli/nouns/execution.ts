import type { Command } from 'commander';
import { type GlobalOptions, globals } from '../options.ts';

/** `petrel execution`. */
export function registerExecution(program: Command): void {
  const execution = program.command('execution').description('look at executions, stop them, run them again');
  execution
    .command('list')
    .description('the newest executions')
    .option('--action <ref>', 'only of this action')
    .option('--status <status>', 'only in this status')
    .option('--all', 'also tasks of workflows')
    .option('-n, --limit <count>', 'how many', '20')
    .action(async (_, command: Command) => {
      const { list } = await import('../commands/execution.ts');
      await list(command.optsWithGlobals());
    });
  const onExecution = (
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
  for (const [name, description] of [
    ['get', 'one execution with its tasks and result; ID or last'],
    ['output', 'what an execution printed'],
    ['tail', 'what an execution prints, and the tasks of a workflow, until it has ended; ID or last'],
    ['cancel', 'cancel an execution and what it started'],
    ['pause', 'let a workflow stop once what runs of it has ended'],
    ['resume', 'let a paused workflow go on'],
  ] as const) {
    onExecution(name, description, async () => (await import('../commands/execution.ts'))[name]);
  }
  for (const [name, description] of [
    ['tree', 'an execution with everything it started; ID or last'],
    ['history', 'the journal of a workflow: what happened to it, step by step; ID or last'],
  ] as const) {
    onExecution(name, description, async () => (await import('../commands/execution-history.ts'))[name]);
  }
  execution
    .command('re-run')
    .alias('rerun')
    .description('run the same again and print the new id; with --tasks a workflow goes on with these where it ended')
    .argument('<id>')
    .option('--tasks <names>', 'tasks of an Orquesta workflow, with commas between them')
    .option('--reset <names>', 'those of them of which all items run again, and not only those that failed')
    .action(async (id: string, _, command: Command) => {
      const { rerun } = await import('../commands/execution.ts');
      await rerun(id, command.optsWithGlobals());
    });
}
