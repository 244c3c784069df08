import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import Libsql from 'libsql';
import { afterAll, describe, expect, it } from 'vitest';
import { type ExecutionFilter, openPostgresStoreOver, openSqliteStore, type Store } from '../../src/store/index.ts';
import { createOperations } from '../../src/store/operations.ts';
import { POSTGRES } from '../../src/store/postgres-connection.ts';
import type { Dialect, Sql, Value } from '../../src/store/sql.ts';
import { SqliteConnection } from '../../src/store/sqlite-connection.ts';
import { execution, id } from './given.ts';

/** First pages of long lists are ranges of an index in the order they are wanted in: nothing is sorted, and nothing is gone through. */
const FILTERS: readonly [string, ExecutionFilter][] = [
  ['nothing', {}],
  ['no parent', { parentId: null }],
  ['a parent', { parentId: id(5) }],
  ['an action', { actionRef: 'core.a3' }],
  ['an action, oldest first', { actionRef: 'core.a3', order: 'oldest' }],
  ['a status', { statuses: ['failed'] }],
  ['a rule', { ruleRef: 'core.r3' }],
  ['a trigger instance', { triggerInstanceId: id(7) }],
  ['a person', { user: 'ann' }],
  ['a time', { after: Date.now() - 1000 }],
  ['several statuses that have ended', { statuses: ['failed', 'succeeded'] }],
  ['a path', { inside: [{ column: 'context', path: ['user'], value: 'ann' }] }],
];
/** Those whose counts need not look at the rows. */
const COUNTED: readonly [string, ExecutionFilter][] = FILTERS.slice(0, 9).filter(
  ([, { order }]) => order === undefined,
);

const ROWS = 20_000;
const MINUTE = 60_000;

async function fill(store: Store): Promise<void> {
  const rows = Array.from({ length: ROWS }, (_, index) =>
    execution(index, {
      id: (Date.now() - (ROWS - index) * MINUTE).toString(16).padStart(12, '0').padEnd(24, '0'),
      actionRef: `core.a${index % 20}`,
      status: index % 50 === 0 ? 'failed' : 'succeeded',
      context: { user: index % 10 === 0 ? 'ann' : 'stanley' },
      createdAt: Date.now() - (ROWS - index) * MINUTE,
      ...(index % 3 === 0 && { ruleRef: `core.r${index % 9}`, triggerInstanceId: id(index) }),
      ...(index % 4 === 0 && { parentId: id(index % 2000) }),
    }),
  );
  await store.insertExecutions(rows);
}

/** The statement that an operation sends, with its parameters. */
async function statementOf(
  dialect: Dialect,
  work: (operations: ReturnType<typeof createOperations>) => Promise<unknown>,
) {
  const sent: { text: string; parameters: readonly Value[] }[] = [];
  const sql: Sql = {
    dialect,
    all(text, parameters) {
      sent.push({ text, parameters });
      return [];
    },
    page(_, text, parameters) {
      sent.push({ text, parameters });
      return [];
    },
    run: () => 0,
    insert: () => [],
    doom: (error) => error,
  };
  await work(createOperations(sql));
  const [first] = sent;
  if (first === undefined) throw new Error('The operation sent no statement.');
  return first;
}

const page = { limit: 100, offset: 0, uncounted: true };
const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

describe('SQLite', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'petrel-plans-'));
  roots.push(directory);
  const store = await openSqliteStore({ directory });
  await fill(store);
  await store.close();
  const db = new Libsql(join(directory, 'petrel.db'));
  const { dialect } = new SqliteConnection(db, (error) => error as Error); // the driver throws Errors
  const plan = ({ text, parameters }: { text: string; parameters: readonly Value[] }): string => {
    const rows = db.prepare(`EXPLAIN QUERY PLAN ${text.replaceAll('$', '?')}`).all([...parameters]) as {
      detail: string;
    }[];
    return rows.map(({ detail }) => detail).join('\n');
  };

  it.each(FILTERS)('pages by %s in the order of an index', async (_, filter) => {
    const explained = plan(await statementOf(dialect, (tx) => tx.listExecutions(filter, page)));
    expect(explained).toMatch(/USING (?:COVERING )?INDEX/);
    expect(explained).not.toMatch(/TEMP B-TREE/);
  });

  it.each(COUNTED)('counts by %s in an index alone', async (_, filter) => {
    const explained = plan(
      await statementOf(dialect, (tx) => tx.countExecutions(filter, { after: id(1), limit: 20_000 })),
    );
    expect(explained).toMatch(/executions USING COVERING INDEX/);
    expect(explained).not.toMatch(/TEMP B-TREE/);
  });

  it('goes from one value to the next when it tells which there are', async () => {
    const explained = plan(await statementOf(dialect, (tx) => tx.listExecutionValues()));
    expect(explained).toMatch(/SEARCH executions USING COVERING INDEX executions_action \(action_ref>\?\)/);
  });
});

describe('PostgreSQL', async () => {
  const database = await PGlite.create();
  const store = await openPostgresStoreOver({
    connections: 1,
    name: 'pglite',
    acquire: async () => ({
      async query(text, parameters) {
        const { rows, affectedRows } = await database.query<Record<string, unknown>>(text, [...parameters]);
        return { rows, changed: affectedRows ?? 0 };
      },
    }),
    release: () => undefined,
    close: async () => undefined,
  });
  await fill(store);
  await database.exec('ANALYZE');
  afterAll(() => database.close());
  const plan = async ({ text, parameters }: { text: string; parameters: readonly Value[] }): Promise<string> => {
    const { rows } = await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, [...parameters]);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  };

  // Those of which there are few it may rightly gather and sort.
  const many = FILTERS.filter(
    ([name]) => !['a parent', 'a trigger instance', 'a time', 'a path', 'a person'].includes(name),
  );
  it.each(many)('pages by %s in the order of an index', async (_, filter) => {
    const explained = await plan(await statementOf(POSTGRES, (tx) => tx.listExecutions(filter, page)));
    expect(explained).toMatch(/Index (?:Only )?Scan/);
    expect(explained).not.toMatch(/Sort|Seq Scan/);
  });

  it.each([
    ['a parent', { parentId: id(5) }],
    ['a trigger instance', { triggerInstanceId: id(9) }],
    ['a person', { user: 'ann' }],
    ['a time', { after: Date.now() - 1000 }],
  ])('pages by %s from an index', async (_, filter) => {
    const explained = await plan(await statementOf(POSTGRES, (tx) => tx.listExecutions(filter, page)));
    expect(explained).toMatch(/Index/);
    expect(explained).not.toMatch(/Seq Scan/);
  });
});
