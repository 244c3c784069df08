import { createCounts } from './counts.ts';
import { createScans, type Filter, type ScannedTable } from './scans.ts';
import type { Listed, Operations, Page } from './store.ts';
import { createTurns } from './turns.ts';

/** As `Run` of operations.ts, which imports this file. */
type Read = <T>(work: (operations: Operations) => Promise<T>) => Promise<T>;

interface Table<F extends Filter, T> extends ScannedTable<F, T> {
  /** Whether there is no one index for such a filter. */
  scans(filter: F): boolean;
}

/** Pages with their totals, whatever the filter, of which none holds up anybody else. */
export function createLists(read: Read) {
  const turn = createTurns();
  const counts = createCounts(read, turn);
  const scans = createScans(read, turn);
  return {
    list: <F extends Filter, T>(filter: F, page: Page, from: Table<F, T>): Promise<Listed<T>> =>
      from.scans(filter) ? scans.list(filter, page, from) : counts.list(filter, page, from),
  };
}
