import type { Command } from 'commander';
import type { CollectionPath } from '../commands/content.ts';
import { globals } from '../options.ts';

/** A list that the API keeps, as the commands of its noun speak of it. */
export interface Collection {
  readonly path: CollectionPath;
  /** `rule`, as in "one rule". */
  readonly one: string;
  /** What names one: `PACK.RULE`. */
  readonly name: string;
}

interface Listed {
  readonly about: string;
  /** Options that narrow the list: name of the query to what it says. */
  readonly filters?: Readonly<Record<string, string>>;
  /** How many are shown unless more are asked for; absent: all. */
  readonly limit?: string;
}

/** Adds `list` and `get`. */
export function addReading(command: Command, of: Collection, { about, filters = {}, limit }: Listed): void {
  const list = command.command('list').description(about);
  for (const [query, description] of Object.entries(filters)) {
    list.option(`--${query.replaceAll('_', '-')} <value>`, description);
  }
  list.option('-n, --limit <count>', 'how many', limit);
  list.action(async (_, self: Command) => {
    const { list: run } = await import('../commands/content.ts');
    await run(of.path, Object.keys(filters), self.optsWithGlobals());
  });
  command
    .command('get')
    .description(`one ${of.one}`)
    .argument('<name>', of.name)
    .action(async (name: string, _, self: Command) => {
      const { get } = await import('../commands/content.ts');
      await get(of.path, name, globals(self));
    });
}

/** Adds `create`, `update` and `delete`. */
export function addWriting(command: Command, of: Collection): void {
  command
    .command('create')
    .description(`make a new ${of.one}`)
    .argument('<file>', 'YAML or JSON; - is standard input')
    .action(async (file: string, _, self: Command) => {
      const { create } = await import('../commands/content.ts');
      await create(of.path, file, globals(self));
    });
  command
    .command('update')
    .description('replace what was made here; what a pack’s file defines is changed there')
    .argument('<name>', of.name)
    .argument('<file>', 'YAML or JSON; - is standard input')
    .action(async (name: string, file: string, _, self: Command) => {
      const { update } = await import('../commands/content.ts');
      await update(of.path, name, file, globals(self));
    });
  command
    .command('delete')
    .description('remove what was made here')
    .argument('<name>', of.name)
    .action(async (name: string, _, self: Command) => {
      const { remove } = await import('../commands/content.ts');
      await remove(of.path, name, globals(self));
    });
}

/** Adds `enable` and `disable`. */
export function addSwitch(command: Command, of: Collection): void {
  for (const [verb, description] of [
    ['enable', `switch a ${of.one} on; kept over restarts`],
    ['disable', `switch a ${of.one} off; kept over restarts`],
  ] as const) {
    command
      .command(verb)
      .description(description)
      .argument('<name>', of.name)
      .action(async (name: string, _, self: Command) => {
        const commands = await import('../commands/content.ts');
        await commands[verb](of.path, name, globals(self));
      });
  }
}
