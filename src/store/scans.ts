import { countKey, createCountMemory, isChanging } from './count-memory.ts';
import { idBounds, idOfTime, UNCOUNTED } from './listing.ts';
import type { Counted, IdRange, Listed, ListedTable, Operations, Page, Slice } from './store.ts';

/** As `Run` of operations.ts, which imports this file. */
type Read = <T>(work: (operations: Operations) => Promise<T>) => Promise<T>;

/** How many rows are gone through before somebody else has a turn: about 10 ms on SQLite where JSON is looked into. */
const PART = 5000;
/** Milliseconds after which no row comes whose id is older. */
const SETTLED = 10_000;

export interface Filter {
  readonly order?: 'newest' | 'oldest';
  readonly after?: number;
  readonly before?: number;
}

export interface ScannedTable<F extends Filter, T> {
  readonly table: ListedTable;
  list(tx: Operations): (filter: F, page: Page) => Promise<Listed<T>>;
  count(tx: Operations): (filter: F, slice: Slice) => Promise<Counted>;
}

/**
 * Lists by filters for which there is no one index, so that all rows may have to be looked at: part by part, a range of ids each. Neither
 * the store nor the event loop is held for longer than a part takes; and of rows that stay what they are the total is remembered, and
 * tells when the last match is found.
 */
export function createScans(read: Read, turn: () => Promise<void>) {
  const known = createCountMemory();

  async function* parts(table: ListedTable, range: IdRange, order: 'newest' | 'oldest'): AsyncGenerator<IdRange> {
    let rest: IdRange | undefined = range;
    for (let first = true; rest !== undefined; first = false) {
      if (!first) await turn();
      const whole: IdRange = rest;
      const end = await read((tx) => tx.findId(table, whole, PART, order));
      rest = end === undefined ? undefined : order === 'newest' ? { ...whole, upTo: end } : { ...whole, above: end };
      yield end === undefined ? whole : order === 'newest' ? { ...whole, above: end } : { ...whole, upTo: end };
    }
  }

  const countPart = async <F extends Filter, T>(filter: F, from: ScannedTable<F, T>, part: IdRange) => {
    const { above = '', upTo } = part;
    const slice = { after: above, limit: Number.MAX_SAFE_INTEGER, ...(upTo !== undefined && { upTo }) };
    return (await read((tx) => from.count(tx)(filter, slice))).count;
  };
  const countWithin = async <F extends Filter, T>(filter: F, from: ScannedTable<F, T>, range: IdRange) => {
    let count = 0;
    for await (const part of parts(from.table, range, 'oldest')) count += await countPart(filter, from, part);
    return count;
  };

  const total = async <F extends Filter, T>(
    filter: F,
    from: ScannedTable<F, T>,
    changing: boolean,
  ): Promise<number> => {
    const { above = '', upTo: end } = idBounds(filter);
    const key = countKey(from.table, filter);
    const start = known.get(key, changing) ?? { count: 0, upTo: above, since: performance.now() };
    let { count, upTo } = start;
    const settled = idOfTime(Date.now() - SETTLED);
    const whole = { above: upTo, upTo: end !== undefined && end < settled ? end : settled };
    const newest = await read((tx) => tx.findId(from.table, whole, 0, 'newest'));
    if (newest !== undefined) {
      count += await countWithin(filter, from, { above: upTo, upTo: newest });
      upTo = newest;
    }
    known.put(key, { count, upTo, since: start.since });
    return count + (await countWithin(filter, from, { above: upTo, ...(end !== undefined && { upTo: end }) }));
  };

  return {
    async list<F extends Filter, T>(filter: F, page: Page, from: ScannedTable<F, T>): Promise<Listed<T>> {
      const changing = isChanging(filter);
      const counted = page.uncounted === true || changing ? undefined : await total(filter, from, changing);
      const wanted = counted === undefined ? page.limit : Math.min(page.limit, Math.max(0, counted - page.offset));
      const items: T[] = [];
      let skip = page.offset;
      let complete = true;
      if (wanted > 0) {
        for await (const within of parts(from.table, idBounds(filter), filter.order ?? 'newest')) {
          if (skip > 0) {
            const count = await countPart(filter, from, within);
            if (count <= skip) {
              skip -= count;
              continue;
            }
          }
          const part = { limit: wanted - items.length, offset: skip, uncounted: true, within };
          const found = await read((tx) => from.list(tx)(filter, part));
          skip = 0;
          items.push(...found.items);
          complete = items.length < wanted;
          if (!complete) break;
        }
      }
      if (counted !== undefined) return { items, total: counted };
      if (complete) return { items, total: page.offset - skip + items.length };
      if (page.uncounted === true) return { items, total: UNCOUNTED };
      return { items, total: await total(filter, from, changing) };
    },
  };
}
