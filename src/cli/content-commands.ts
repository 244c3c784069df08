import type { Command } from 'commander';
import type { GlobalOptions } from './main.ts';

/** An option that may be repeated. */
export const collect = (value: string, before: string[]) => [...before, value];
export const globals = (command: Command): GlobalOptions => command.optsWithGlobals<GlobalOptions>();

/** `petrel pack` and `petrel action-alias`. */
export function contentCommands(program: Command): void {
  packCommands(program);
  aliasCommands(program);
}

function packCommands(program: Command): void {
  const pack = program.command('pack').description('packs');
  pack
    .command('list')
    .description('registered packs')
    .action(async (_, command: Command) => {
      const { list } = await import('./commands/content.ts');
      await list('packs', globals(command));
    });
  pack
    .command('lint')
    .description('check a pack; every complaint has file, line and column')
    .argument('[dir]', 'the pack’s directory', '.')
    .option('--packs <dir>', 'a directory of packs that it may refer to; may be repeated', collect, [])
    .action(async (directory: string, _, command: Command) => {
      const { lint } = await import('./commands/pack.ts');
      process.exitCode = await lint(directory, command.optsWithGlobals());
    });

  pack
    .command('get')
    .description('one pack')
    .argument('<pack>')
    .action(async (ref: string, _, command: Command) => {
      const { get } = await import('./commands/content.ts');
      await get('packs', ref, globals(command));
    });
  pack
    .command('install')
    .description('install packs into the data directory, and before them what they depend on')
    .argument('<source...>', 'a folder, or a git URL with @REF and #FOLDER behind it')
    .option('--force', 'replace what is installed already')
    .option('--skip-dependencies', 'leave out what they depend on')
    .addHelpText(
      'after',
      '\nExample:\n  petrel pack install https://github.com/StackStorm-Exchange/stackstorm-consul@v1.0.0',
    )
    .action(async (sources: string[], _, command: Command) => {
      const { install } = await import('./commands/pack-install.ts');
      process.exitCode = await install(sources, command.optsWithGlobals());
    });
  pack
    .command('remove')
    .description('take an installed pack away; says what would hang without it, and asks')
    .argument('<pack>')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'only say what would be done and what would hang')
    .action(async (ref: string, _, command: Command) => {
      const { remove } = await import('./commands/pack-install.ts');
      process.exitCode = await remove(ref, command.optsWithGlobals());
    });
  pack
    .command('config')
    .description('set a pack’s configuration, item by item at the terminal; secrets are encrypted. Needs no server')
    .argument('<pack>')
    .option(
      '--set <name=value>',
      'set one item instead of asking; a.b.c reaches into objects; may be repeated',
      collect,
      [],
    )
    .option('--show', 'only show it, secrets masked')
    .option('--packs <dir>', 'a directory of packs; may be repeated', collect, [])
    .option('--configs <dir>', 'directory of pack configurations; by default configs/ in the data directory')
    .action(async (ref: string, _, command: Command) => {
      const { config } = await import('./commands/pack-config.ts');
      await config(ref, command.optsWithGlobals());
    });
  pack
    .command('create')
    .description('make a new pack that lints and runs')
    .argument('<name>', 'lower case letters, digits and underscores')
    .option('--yaml', 'actions in YAML and shell; the default')
    .option('--typescript', 'actions in TypeScript')
    .option('--in <dir>', 'where', '.')
    .action(async (name: string, _, command: Command) => {
      const { create } = await import('./commands/pack-create.ts');
      await create(name, command.optsWithGlobals());
    });
  pack
    .command('test')
    .description('run a pack’s own tests: tests/*.test.ts, test_*.py, test_*.sh')
    .argument('[pack]', 'a pack’s directory, or an installed pack', '.')
    .action(async (name: string, _, command: Command) => {
      const { test } = await import('./commands/pack-test.ts');
      process.exitCode = await test(name, command.optsWithGlobals());
    });
}

function aliasCommands(program: Command): void {
  const alias = program.command('action-alias').description('chat commands for actions');
  alias
    .command('list')
    .description('registered aliases')
    .option('--pack <pack>', 'only those of this pack')
    .action(async (_, command: Command) => {
      const { list } = await import('./commands/action-alias.ts');
      await list(command.optsWithGlobals());
    });
  alias
    .command('get')
    .description('one alias')
    .argument('<alias>', 'PACK.ALIAS')
    .action(async (ref: string, _, command: Command) => {
      const { get } = await import('./commands/action-alias.ts');
      await get(ref, globals(command));
    });
  alias
    .command('match')
    .description('which alias a command fits')
    .argument('<words...>', 'the command')
    .action(async (words: string[], _, command: Command) => {
      const { match } = await import('./commands/action-alias.ts');
      await match(words.join(' '), globals(command));
    });
  alias
    .command('execute')
    .description('run what a command asks for, as a chat would')
    .argument('<words...>', 'the command')
    .option('--user <user>', 'who says it')
    .option('--channel <channel>', 'where it is said')
    .option('--route <route>', 'who is told of the end, e.g. hubot')
    .addHelpText('after', '\nExample:\n  petrel action-alias execute "run uptime"')
    .action(async (words: string[], _, command: Command) => {
      const { execute } = await import('./commands/action-alias.ts');
      await execute(words.join(' '), command.optsWithGlobals());
    });
  alias
    .command('help')
    .description('what can be said')
    .option('--pack <pack>', 'only what this pack understands')
    .option('--filter <expression>', 'only what matches a regular expression')
    .action(async (_, command: Command) => {
      const { help } = await import('./commands/action-alias.ts');
      await help(command.optsWithGlobals());
    });
}
