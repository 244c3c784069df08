import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Execution } from '../../src/model/index.ts';
import { type ExecutionFilter, openSqliteStore, type Page, type Store } from '../../src/store/index.ts';
import { execution } from './given.ts';

const ROWS = 30_000;
/** See `PART` in src/store/scans.ts. */
const PARTS = ROWS / 5000;

/** One in 7,000 is of Ann's shop. */
function row(index: number): Execution {
  return execution(index, {
    actionRef: `a.${index % 3}`,
    status: index % 1000 === 1 ? 'failed' : 'succeeded',
    runnerType: index % 4 === 0 ? 'noop' : 'local-shell-cmd',
    context: { user: index % 2 === 0 ? 'ann' : 'stanley' },
    parameters: { shop: index % 7000 === 0 ? 'ann' : `s${index % 10}` },
    ...(index % 5 === 0 && { parentId: 'someone' }),
  });
}

describe('a list by what no one index finds', () => {
  const rows = Array.from({ length: ROWS }, (_, index) => row(index + 1));
  const directory = mkdtempSync(join(tmpdir(), 'petrel-scans-'));
  let store: Store;
  beforeAll(async () => {
    store = await openSqliteStore({ directory });
    await store.insertExecutions(rows);
  }, 60_000);
  afterAll(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const shop = (value: string) => [{ column: 'parameters', path: ['shop'], value } as const];
  const CASES: readonly [string, ExecutionFilter, (of: Execution) => boolean][] = [
    ['what is rare', { inside: shop('ann') }, ({ parameters }) => parameters.shop === 'ann'],
    ['what is not there', { inside: shop('bob') }, () => false],
    ['what is common', { inside: shop('s3') }, ({ parameters }) => parameters.shop === 's3'],
    ['a user of most', { user: 'stanley' }, ({ context }) => context.user === 'stanley'],
    ['two columns', { actionRef: 'a.1', user: 'ann' }, (of) => of.actionRef === 'a.1' && of.context.user === 'ann'],
    [
      'no parent, and a status',
      { parentId: null, statuses: ['failed'] },
      (of) => of.parentId === undefined && of.status === 'failed',
    ],
    [
      'a runner and a status',
      { runnerType: 'noop', statuses: ['failed'] },
      (of) => of.runnerType === 'noop' && of.status === 'failed',
    ],
  ];
  const PAGES: readonly Page[] = [
    { limit: 3, offset: 0 },
    { limit: 2, offset: 1 },
    { limit: 100, offset: 1400 },
    { limit: 5, offset: 14_998 },
    { limit: 5, offset: 1_000_000 },
  ];

  it.each(CASES)('has the pages and the total of %s, newest and oldest first', async (_, filter, matches) => {
    const oldest = rows.filter(matches).map(({ id }) => id);
    for (const order of ['oldest', 'newest'] as const) {
      const ordered = order === 'oldest' ? oldest : oldest.toReversed();
      for (const page of PAGES) {
        const { items, total } = await store.listExecutions({ ...filter, order }, page);
        expect(items.map(({ id }) => id)).toEqual(ordered.slice(page.offset, page.offset + page.limit));
        expect(total).toBe(oldest.length);
      }
    }
  });

  it('lets others have their turn, part by part', async () => {
    let turns = 0;
    let done = false;
    const count = () => {
      turns += 1;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    const { items } = await store.listExecutions({ inside: shop('carl') }, { limit: 10, offset: 0 });
    done = true;
    expect(items).toEqual([]);
    expect(turns).toBeGreaterThanOrEqual(PARTS - 1);
  });

  it('is as long as there are many at once, but a part at a time', async () => {
    let longest = 0;
    let before = 0;
    const executed: number[] = [];
    const many = Array.from({ length: 4 }, (_, index) =>
      store
        .listExecutions({ inside: shop(`dora${index}`) }, { limit: 10, offset: 0, uncounted: true })
        .then(() => executed.push(index)),
    );
    let done = false;
    const watch = () => {
      before += 1;
      longest = Math.max(longest, before);
      if (!done) setImmediate(watch);
    };
    setImmediate(watch);
    await Promise.all(many);
    done = true;
    // The first parts are begun at once; each of the others has a turn of its own.
    expect(longest).toBeGreaterThanOrEqual(4 * (PARTS - 1));
    expect(executed).toHaveLength(4);
  });

  it('remembers how many there are, and sees what has come since', async () => {
    const filter = { inside: shop('eve') };
    expect(await store.listExecutions(filter, { limit: 10, offset: 0 })).toEqual({ items: [], total: 0 });
    const fresh = execution(ROWS + 5, { parameters: { shop: 'eve' } });
    await store.insertExecutions([fresh]);
    const { items, total } = await store.listExecutions(filter, { limit: 10, offset: 0 });
    expect([items.map(({ id }) => id), total]).toEqual([[fresh.id], 1]);
  });
});
