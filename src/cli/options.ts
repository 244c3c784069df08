import { type Command, Option } from 'commander';

/** Options of `petrel` itself, wherever they were written. */
export interface GlobalOptions extends OutputOptions {
  readonly data: string;
  readonly url?: string;
  readonly token?: string;
  /** As st2's `-t`: `--token`. */
  readonly t?: string;
  readonly apiKey?: string;
}

/** In which form a command prints its outcome. */
export interface OutputOptions {
  readonly json?: boolean;
  readonly yaml?: boolean;
  /** Only these attributes; a dot reaches into one: `action.ref`. */
  readonly attr?: readonly string[];
  /** At most so many characters in each column, or in all of them. */
  readonly width?: readonly string[];
}

/** How many are listed: `-n` and `--limit`, or as st2 says, `--last`. */
export interface LimitOptions {
  readonly limit?: string;
  readonly last?: string;
}

export const globals = (command: Command): GlobalOptions => command.optsWithGlobals<GlobalOptions>();

/** For an option that may be repeated. */
export const collect = (value: string, before: readonly string[]) => [...before, value];

/** For a command that prints a list, or one thing: which of its attributes. */
export function addAttributes(command: Command, short = true): Command {
  return command.option(
    `${short ? '-a, ' : ''}--attr <names...>`,
    'only these attributes, e.g. id action.ref; all shows every one',
  );
}

/** For a command that prints a list. */
export function addListing(command: Command, limit?: string): Command {
  addAttributes(command).option('-w, --width <columns...>', 'at most so many characters in a column');
  return command
    .option('-n, --limit <count>', 'how many; -1 is all', limit)
    .addOption(new Option('--last <count>', 'the same').hideHelp());
}

/** How many are asked for. */
export function limitOf({ limit, last }: LimitOptions): string {
  return last ?? limit ?? '-1';
}
