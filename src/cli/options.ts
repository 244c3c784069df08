import type { Command } from 'commander';

/** Options of `petrel` itself, wherever they were written. */
export interface GlobalOptions {
  readonly data: string;
  readonly url?: string;
  readonly token?: string;
  readonly json?: boolean;
}

export const globals = (command: Command): GlobalOptions => command.optsWithGlobals<GlobalOptions>();

/** For an option that may be repeated. */
export const collect = (value: string, before: readonly string[]) => [...before, value];
