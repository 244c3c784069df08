import { countKey, createCountMemory, isChanging, type KnownCount } from './count-memory.ts';
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

/**
 * Lists with totals that do not cost a scan each. Rows are never deleted and their ids grow, so the total of a filter that asks for
 * what never changes is what it was plus what has come since; a filter on the status is counted again when its count is old. A
 * large count goes slice by slice, so that nothing else waits for it.
 */
export function createCounts(read: Read, turn: () => Promise<void>) {
  const known = createCountMemory();

  const total = async (key: string, changing: boolean, next: (slice: Slice) => Promise<Counted>): Promise<number> => {
    const before = known.get(key, changing);
    if (before !== undefined && changing) return before.count;
    let { count, upTo, since }: KnownCount = before ?? { count: 0, upTo: '', since: performance.now() };
    for (let full = true; full; ) {
      const counted = await next({ after: upTo, limit: SLICE });
      count += counted.count;
      upTo = counted.last;
      full = counted.count === SLICE;
      if (full) await turn();
    }
    if (count >= (changing ? SLICE : FEW)) known.put(key, { count, upTo, since });
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
      return {
        items: listed.items,
        total: await total(countKey(table.table, filter), isChanging(filter), (slice) =>
          read((tx) => table.count(tx)(filter, slice)),
        ),
      };
    },
  };
}
