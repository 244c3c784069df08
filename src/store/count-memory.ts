import { type Id, putRecent } from '../model/index.ts';
import type { ListedTable } from './store.ts';

/** How many counts are remembered. */
const MOST = 200;
/** Milliseconds after which a count is made from the first row on: of rows that change their status, and of others. */
const OUTDATED = { changing: 10_000, lasting: 300_000 };

export interface KnownCount {
  readonly count: number;
  /** The last row that was counted; empty: none. */
  readonly upTo: Id;
  /** When the first row was counted, by the monotonic clock. Milliseconds. */
  readonly since: number;
}

/** Counts of what filters find, as far as they were made. */
export interface CountMemory {
  /** Undefined when there is none, or none that is still good. */
  get(key: string, changing: boolean): KnownCount | undefined;
  put(key: string, known: KnownCount): void;
}

export function createCountMemory(): CountMemory {
  const known = new Map<string, KnownCount>();
  return {
    get(key, changing) {
      const found = known.get(key);
      const age = changing ? OUTDATED.changing : OUTDATED.lasting;
      return found !== undefined && performance.now() - found.since < age ? found : undefined;
    },
    put: (key, count) => putRecent(known, key, count, MOST),
  };
}

/** The same for filters that find the same, in whatever order. */
export function countKey(table: ListedTable, filter: object): string {
  return `${table} ${JSON.stringify({ ...filter, order: undefined })}`;
}

/** Whether rows may cease to match. */
export function isChanging(filter: object): boolean {
  return 'status' in filter || 'statuses' in filter;
}
