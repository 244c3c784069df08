import type { Command } from 'commander';
import { addListing, collect } from '../options.ts';
import { addReading } from './collection.ts';

/** `petrel pack`. */
export function registerPack(program: Command): void {
  const pack = program.command('pack').description('packs');
  addReading(pack, { path: '/packs', one: 'pack', name: 'PACK' }, { about: 'registered packs' });
  pack
    .command('lint')
    .description('check a pack; every complaint has file, line and column')
    .argument('[dir]', 'the pack’s directory', '.')
    .option('--packs <dir>', 'a directory of packs that it may refer to; may be repeated', collect, [])
    .action(async (directory: string, _, command: Command) => {
      const { lint } = await import('../commands/pack.ts');
      process.exitCode = await lint(directory, command.optsWithGlobals());
    });

  pack
    .command('register')
    .description('have the server read packs again, and say what they hold')
    .argument('[packs...]', 'by default all')
    .option('--types <kinds...>', 'only count these kinds, e.g. actions rules')
    .action(async (packs: string[], _, command: Command) => {
      const { register } = await import('../commands/pack-index.ts');
      await register(packs, command.optsWithGlobals());
    });
  addListing(pack.command('search').description('packs that are known, in whose description a word stands'))
    .argument('<query>')
    .action(async (query: string, _, command: Command) => {
      const { search } = await import('../commands/pack-index.ts');
      await search(query, command.optsWithGlobals());
    });
  pack
    .command('show')
    .description('what is known of a pack')
    .argument('<pack>', 'PACK')
    .action(async (name: string, _, command: Command) => {
      const { show } = await import('../commands/pack-index.ts');
      await show(name, command.optsWithGlobals());
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
      const { install } = await import('../commands/pack-install.ts');
      process.exitCode = await install(sources, command.optsWithGlobals());
    });
  pack
    .command('remove')
    .description('take an installed pack away; says what would hang without it, and asks')
    .argument('<pack>', 'PACK')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'only say what would be done and what would hang')
    .action(async (ref: string, _, command: Command) => {
      const { remove } = await import('../commands/pack-install.ts');
      process.exitCode = await remove(ref, command.optsWithGlobals());
    });
  pack
    .command('config')
    .description('set a pack’s configuration, item by item at the terminal; secrets are encrypted. Needs no server')
    .argument('<pack>', 'PACK')
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
      const { config } = await import('../commands/pack-config.ts');
      await config(ref, command.optsWithGlobals());
    });
  pack
    .command('create')
    .description('make a new pack that lints and runs')
    .argument('<name>', 'lower case letters, digits and underscores')
    .option('--typescript', 'actions in TypeScript')
    .option('--in <dir>', 'where', '.')
    .action(async (name: string, _, command: Command) => {
      const { create } = await import('../commands/pack-create.ts');
      await create(name, command.optsWithGlobals());
    });
  pack
    .command('test')
    .description('run a pack’s own tests: tests/*.test.ts, test_*.py, test_*.sh')
    .argument('[pack]', 'a pack’s directory, or an installed pack', '.')
    .action(async (name: string, _, command: Command) => {
      const { test } = await import('../commands/pack-test.ts');
      process.exitCode = await test(name, command.optsWithGlobals());
    });
}
