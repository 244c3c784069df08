import { type Id, putRecent } from '../model/index.ts';
import { idBounds, idOfTime } from './listing.ts';
import type { Counted, IdRange, Listed, ListedTable, Operations, Page, Slice } from './store.ts';

/** As `Run` of operations.ts, which imports this file. */
type Read = <T>(work: (operations: Operations) => Promise<T>) => Promise<T>;

/** How many rows are gone through before somebody else has a turn: about 10 ms on SQLite where JSON is looked into. */
const PART = 5000;
/** How many totals are remembered, and for how many milliseconds: of rows that change their status, and of others. */
const MOST_COUNTS = 200;
const OUTDATED = { changing: 10_000, lasting: 300_000 };
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

interface Known {
  readonly count: number;
  readonly upTo: Id;
  readonly since: number;
}

/**
 * Lists by filters for which there is no one index, so that all rows may have to be looked at: part by part, a range of ids each. Neither
 * the store nor the event loop is held for longer than a part takes; and of rows that stay what they are the total is remembered, and
 * tells when the last match is found.
 */
export function createScans(read: Read, turn: () => Promise<void>) {
  const known = new Map<string, Known>();

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

  const countWithin = async <F extends Filter, T>(filter: F, from: ScannedTable<F, T>, range: IdRange) => {
    let count = 0;
    for await (const { above = '', upTo } of parts(from.table, range, 'oldest')) {
      const slice = { after: above, limit: Number.MAX_SAFE_INTEGER, ...(upTo !== undefined && { upTo }) };
      count += (await read((tx) => from.count(tx)(filter, slice))).count;
    }
    return count;
  };

  const total = async <F extends Filter, T>(
    filter: F,
    from: ScannedTable<F, T>,
    changing: boolean,
  ): Promise<number> => {
    const { above = '', upTo: end } = idBounds(filter);
    const key = `${from.table} ${JSON.stringify({ ...filter, order: undefined })}`;
    const now = performance.now();
    const before = known.get(key);
    const fresh = before !== undefined && now - before.since < (changing ? OUTDATED.changing : OUTDATED.lasting);
    const start = fresh ? before : { count: 0, upTo: above, since: now };
    let { count, upTo } = start;
    const settled = idOfTime(Date.now() - SETTLED);
    const whole = { above: upTo, upTo: end !== undefined && end < settled ? end : settled };
    const newest = await read((tx) => tx.findId(from.table, whole, 0, 'newest'));
    if (newest !== undefined) {
      count += await countWithin(filter, from, { above: upTo, upTo: newest });
      upTo = newest;
    }
    putRecent(known, key, { count, upTo, since: start.since }, MOST_COUNTS);
    return count + (await countWithin(filter, from, { above: upTo, ...(end !== undefined && { upTo: end }) }));
  };

  return {
    async list<F extends Filter, T>(filter: F, page: Page, from: ScannedTable<F, T>): Promise<Listed<T>> {
      const changing = 'status' in filter || 'statuses' in filter;
      const counted = page.uncounted === true || changing ? undefined : await total(filter, from, changing);
      const wanted = counted === undefined ? page.limit : Math.min(page.limit, Math.max(0, counted - page.offset));
      const items: T[] = [];
      let skip = page.offset;
      let complete = true;
      if (wanted > 0) {
        for await (const within of parts(from.table, idBounds(filter), filter.order ?? 'newest')) {
          const { above = '', upTo } = within;
          if (skip > 0) {
            const slice = { after: above, limit: Number.MAX_SAFE_INTEGER, ...(upTo !== undefined && { upTo }) };
            const { count } = await read((tx) => from.count(tx)(filter, slice));
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
      if (page.uncounted === true) return { items, total: -1 };
      return { items, total: await total(filter, from, changing) };
    },
  };
}
