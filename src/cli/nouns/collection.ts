import { type Command, Option } from 'commander';
import type { CollectionPath, SwitchablePath, WritablePath } from '../commands/content.ts';
import { addAttributes, addListing, type GlobalOptions, globals } from '../options.ts';

/** A list that the API keeps, as the commands of its noun speak of it. */
export interface Collection<P extends CollectionPath = CollectionPath> {
  readonly path: P;
  /** `rule`, as in "one rule". */
  readonly one: string;
  /** What names one: `PACK.RULE`. */
  readonly name: string;
}

/** An option that narrows a list. */
export interface Filter {
  readonly flags: string;
  readonly about: string;
  /** Its name in the query; by default that of the option. */
  readonly query?: string;
  /** What is asked for with what was said; by default that itself. */
  readonly value?: (said: string) => string;
  /** Another way to say the same: st2's, or one of the past. */
  readonly alias?: string;
}

interface Listed {
  readonly about: string;
  readonly filters?: readonly Filter[];
  /** How many are shown unless more are asked for; absent: all. */
  readonly limit?: string;
  /** How one is shown; by default field by field. */
  readonly get?: Getting;
}

type Getting = (names: readonly string[], options: GlobalOptions) => Promise<void>;

/** What narrows most lists of content. */
export const OF_PACK: Filter = { flags: '-p, --pack <pack>', about: 'only those of this pack' };
/** As st2's `-tg` and `-tl`. */
export const times = (greater: string, less: string): readonly Filter[] => [
  { flags: '--timestamp-gt <time>', query: greater, about: 'only later ones, e.g. 2026-11-26T12:00:00Z; also -tg' },
  { flags: '--timestamp-lt <time>', query: less, about: 'only earlier ones; also -tl' },
];

/** By time, as st2's: `asc`, `ascending`, `desc`, `descending`. */
export const SORT: Filter = {
  flags: '-s, --sort <order>',
  about: 'by time: asc, the earliest first, or desc',
  value: (order) => (order.startsWith('a') ? 'start_timestamp' : '-start_timestamp'),
};

/** Adds options that narrow a list. Answers how the query is read from what they were given. */
export function addFilters(
  command: Command,
  filters: readonly Filter[],
): (options: GlobalOptions) => Record<string, string> {
  const readers = filters.map(({ flags, about, query, value, alias }) => {
    const option = new Option(flags, about);
    command.addOption(option);
    const names = [option.attributeName()];
    if (alias !== undefined) {
      const other = new Option(alias, about).hideHelp();
      command.addOption(other);
      names.push(other.attributeName());
    }
    const field = query ?? (option.long ?? '').slice(2).replaceAll('-', '_');
    return (given: Readonly<Record<string, unknown>>): [string, string][] => {
      const said = names.map((name) => given[name]).find((one) => one !== undefined);
      return said === undefined ? [] : [[field, value === undefined ? String(said) : value(String(said))]];
    };
  });
  return (options) => Object.fromEntries(readers.flatMap((read) => read({ ...options })));
}

/** Adds `list` and `get`. */
export function addReading(command: Command, of: Collection, { about, filters = [], limit, get }: Listed): void {
  const list = addListing(command.command('list').description(about), limit);
  const filtersOf = addFilters(list, filters);
  list.action(async (_, self: Command) => {
    const { list: run } = await import('../commands/content.ts');
    const options = globals(self);
    await run(of.path, filtersOf(options), options);
  });
  addGet(command, of, get);
}

/** Adds `get`. */
function addGet(command: Command, of: Collection, getting?: Getting): void {
  addAttributes(command.command('get').description(`one ${of.one}`).argument('<names...>', of.name)).action(
    async (names: string[], _, self: Command) => {
      if (getting !== undefined) return await getting(names, globals(self));
      const { get } = await import('../commands/content.ts');
      await get(of.path, names, globals(self));
    },
  );
}

/** Adds `create`, `update` and `delete`. */
export function addWriting(command: Command, of: Collection<WritablePath>): void {
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
    .argument('<names...>', of.name)
    .action(async (names: string[], _, self: Command) => {
      const { remove } = await import('../commands/content.ts');
      await remove(of.path, names, globals(self));
    });
}

/** Adds `enable` and `disable`. */
export function addSwitch(command: Command, of: Collection<SwitchablePath>): void {
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
