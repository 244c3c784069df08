import { type Id, putRecent } from '../model/index.ts';
import { UNCOUNTED } from './listing.ts';
import type { Counted, Listed, ListedTable, Operations, Page, Slice } from './store.ts';

/** As `Run` of operations.ts, which imports this file. */
type Read = <T>(work: (operations: Operations) => Promise<T>) => Promise<T>;

/**
 * How many rows are counted before somebody else may use the connection: on SQLite about 1 ms where an index holds all that is
 * asked. What can change and is no more than this is counted anew every time, and is always exact.
 */
const SLICE = 20_000;
/** Of rows that stay what they are, no more than this are counted anew every time. */
const FEW = 1000;
/** How many counts are remembered. */
const MOST_COUNTS = 200;
/** Milliseconds after which a count is made from the first row on: of rows that change their status, and of others. */
const OUTDATED = { changing: 10_000, lasting: 300_000 };

interface Known {
  readonly count: number;
  readonly upTo: Id;
  /** When the first row was counted. */
  readonly since: number;
}

/**
 * Lists with totals that do not cost a scan each. Rows are never deleted and their ids grow, so the total of a filter that asks for
 * what never changes is what it was plus what has come since; a filter on the status is counted again when its count is old. A
 * large count goes slice by slice, so that nothing else waits for it.
 */
export function createCounts(read: Read, turn: () => Promise<void>) {
  const known = new Map<string, Known>();

  const total = async (key: string, changing: boolean, next: (slice: Slice) => Promise<Counted>): Promise<number> => {
    const before = known.get(key);
    const now = performance.now();
    const fresh = before !== undefined && now - before.since < (changing ? OUTDATED.changing : OUTDATED.lasting);
    if (fresh && changing) return before.count;
    let { count, upTo, since }: Known = fresh ? before : { count: 0, upTo: '', since: now };
    for (let full = true; full; ) {
      const counted = await next({ after: upTo, limit: SLICE });
      count += counted.count;
      upTo = counted.last;
      full = counted.count === SLICE;
      if (full) await turn();
    }
    if (count >= (changing ? SLICE : FEW)) putRecent(known, key, { count, upTo, since }, MOST_COUNTS);
    return count;
  };

  return {
    async list<F extends { readonly order?: unknown }, T>(
      filter: F,
      page: Page,
      table: {
        readonly table: ListedTable;
        list(tx: Operations): (filter: F, page: Page) => Promise<Listed<T>>;
        count(tx: Operations): (filter: F, slice: Slice) => Promise<Counted>;
      },
    ): Promise<Listed<T>> {
      const listed = await read((tx) => table.list(tx)(filter, { ...page, uncounted: true }));
      if (listed.total !== UNCOUNTED) return listed;
      const key = `${table.table} ${JSON.stringify({ ...filter, order: undefined })}`;
      const changing = 'statuses' in filter || 'status' in filter;
      return {
        items: listed.items,
        total: await total(key, changing, (slice) => read((tx) => table.count(tx)(filter, slice))),
      };
    },
  };
}
