import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import Libsql from 'libsql';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type ExecutionFilter,
  type Operations,
  openPostgresStoreOver,
  openSqliteStore,
  type Store,
} from '../../src/store/index.ts';
import { createOperations } from '../../src/store/operations.ts';
import { POSTGRES } from '../../src/store/postgres-connection.ts';
import type { Dialect, Sql, Value } from '../../src/store/sql.ts';
import { SqliteConnection } from '../../src/store/sqlite-connection.ts';
import { enforcement, execution, id, instance, key } from './given.ts';

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
  ['a runner', { runnerType: 'noop' }],
  ['a trace tag', { traceTag: 'tag-70' }],
  ['a time', { after: Date.now() - 1000 }],
  ['several statuses that have ended', { statuses: ['failed', 'succeeded'] }],
  ['a path', { inside: [{ column: 'context', path: ['user'], value: 'ann' }] }],
];
/** Those whose counts need not look at the rows. */
const COUNTED: readonly [string, ExecutionFilter][] = FILTERS.slice(0, 11).filter(
  ([, { order }]) => order === undefined,
);

type Work = (tx: Operations) => Promise<unknown>;
const page = { limit: 100, offset: 0, uncounted: true };
const short = { ...page, limit: 10 };
const range = { above: id(1), upTo: id(900_000) };
const soon = { after: Date.now() - 3_700_000 };
/** First pages of the other lists, by each of their filters and in both of their orders. */
const OTHERS: readonly [string, Work][] = [
  ['trigger instances', (tx) => tx.listTriggerInstances({}, short)],
  ['trigger instances, oldest first', (tx) => tx.listTriggerInstances({ order: 'oldest' }, short)],
  ['trigger instances of a trigger', (tx) => tx.listTriggerInstances({ trigger: 'core.t3' }, short)],
  ['trigger instances that failed', (tx) => tx.listTriggerInstances({ status: 'processing_failed' }, short)],
  ['trigger instances that are processed', (tx) => tx.listTriggerInstances({ status: 'processed' }, short)],
  ['trigger instances of a trace', (tx) => tx.listTriggerInstances({ traceTag: 'tag-70' }, short)],
  ['trigger instances of a time', (tx) => tx.listTriggerInstances(soon, short)],
  ['enforcements', (tx) => tx.listEnforcements({}, short)],
  ['enforcements, oldest first', (tx) => tx.listEnforcements({ order: 'oldest' }, short)],
  ['enforcements of a rule', (tx) => tx.listEnforcements({ ruleRef: 'core.r3' }, short)],
  ['enforcements of a time', (tx) => tx.listEnforcements(soon, short)],
  ['audit records', (tx) => tx.listAudit({}, short)],
  ['audit records of a user', (tx) => tx.listAudit({ user: 'ann' }, short)],
  ['audit records of what was denied', (tx) => tx.listAudit({ outcome: 'denied' }, short)],
  ['audit records of a time', (tx) => tx.listAudit(soon, short)],
  ['keys', (tx) => tx.listKeys('system', '', '', short)],
  ['keys with a prefix', (tx) => tx.listKeys('system', '', 'key12', short)],
  ['a part of a scan', (tx) => tx.listExecutions({ actionRef: 'core.a3', user: 'ann' }, { ...short, within: range })],
  ['the end of a part', (tx) => tx.findId('executions', range, 5000, 'newest')],
  ['the end of a part, oldest first', (tx) => tx.findId('executions', range, 5000, 'oldest')],
];
/** These find few rows, which may be put in order. */
const FEW: readonly [string, Work][] = [
  ['enforcements of a trigger instance', (tx) => tx.listEnforcements({ triggerInstanceId: id(7) }, page)],
  ['enforcements of an execution', (tx) => tx.listEnforcements({ executionId: id(7) }, page)],
  ['trigger instances by dedupe key', (tx) => tx.listTriggerInstances({ dedupeKeys: ['d1', 'd2'] }, page)],
  ['executions by id', (tx) => tx.listExecutions({ ids: [id(1), id(2)] }, page)],
];

const ROWS = 20_000;
const MINUTE = 60_000;

async function fill(store: Store): Promise<void> {
  const rows = Array.from({ length: ROWS }, (_, index) =>
    execution(index, {
      id: (Date.now() - (ROWS - index) * MINUTE).toString(16).padStart(12, '0').padEnd(24, '0'),
      actionRef: `core.a${index % 20}`,
      status: index % 50 === 0 ? 'failed' : 'succeeded',
      context: {
        user: index % 10 === 0 ? 'ann' : 'stanley',
        ...(index % 70 === 0 && { trace_context: { trace_tag: `tag-${index}` } }),
      },
      createdAt: Date.now() - (ROWS - index) * MINUTE,
      ...(index % 3 === 0 && { ruleRef: `core.r${index % 9}`, triggerInstanceId: id(index) }),
      ...(index % 4 === 0 && { parentId: id(index % 2000) }),
    }),
  );
  await store.insertExecutions(rows);
  const recent = (index: number) => Date.now() - (2000 - index) * 10 * MINUTE;
  const many = Array.from({ length: 2000 }, (_, index) => ({
    index,
    at: recent(index),
    id: recent(index).toString(16).padStart(12, '0').padEnd(24, '0'),
  }));
  const some = many.map(({ index, at, id: of }) =>
    instance(index, {
      id: of,
      trigger: `core.t${index % 20}`,
      occurrenceTime: at,
      status: index % 100 === 0 ? 'processing_failed' : 'processed',
      ...(index % 10 === 0 && { traceTag: `tag-${index}`, dedupeKey: `d${index}` }),
    }),
  );
  await store.insertTriggerInstances(some);
  await store.insertEnforcements(
    many.map(({ index, at, id: of }) =>
      enforcement(index, { id: of, ruleRef: `core.r${index % 20}`, triggerInstanceId: of, enforcedAt: at }),
    ),
  );
  await store.transaction(async (tx) => {
    for (const { index, at, id: of } of many) {
      await tx.putKey(key(`key${index}`));
      await tx.insertAudit({
        id: of,
        at,
        user: index % 20 === 0 ? 'ann' : 'admin',
        method: 'token',
        address: '127.0.0.1',
        requestId: 'r',
        action: 'PUT /keys/:',
        target: '/keys/x',
        permission: 'key_value_pair_set',
        outcome: index % 50 === 0 ? 'denied' : 'done',
        status: 200,
      });
    }
  });
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

  it.each(OTHERS)('finds %s in the order of an index', async (_, work) => {
    const explained = plan(await statementOf(dialect, work));
    expect(explained).toMatch(/USING (?:COVERING )?INDEX/);
    expect(explained).not.toMatch(/TEMP B-TREE/);
  });

  it('finds those of a runner, a user and no parent that have not ended by their status', async () => {
    const filter: ExecutionFilter = { runnerType: 'noop', user: 'ann', parentId: null, statuses: ['pending'] };
    const explained = plan(await statementOf(dialect, (tx) => tx.listExecutions(filter, page)));
    expect(explained).toMatch(/SEARCH executions USING INDEX executions_status/);
    expect(explained).not.toMatch(/TEMP B-TREE/);
  });

  it.each(FEW)('finds %s in an index', async (_, work) => {
    const explained = plan(await statementOf(dialect, work));
    expect(explained).toMatch(/SEARCH \w+ USING (?:COVERING )?INDEX/);
    expect(explained).not.toMatch(/SCAN (?:trigger_instances|enforcements|executions)/);
  });

  it.each(COUNTED)('counts by %s in an index alone', async (_, filter) => {
    const explained = plan(
      await statementOf(dialect, (tx) => tx.countExecutions(filter, { after: id(1), limit: 20_000 })),
    );
    expect(explained).toMatch(/executions USING COVERING INDEX/);
    expect(explained).not.toMatch(/TEMP B-TREE/);
  });

  it('counts several statuses in an index alone, within a part', async () => {
    const filter: ExecutionFilter = { statuses: ['failed', 'succeeded'] };
    const part = { after: id(1), limit: 20_000, upTo: id(900_000) };
    const explained = plan(await statementOf(dialect, (tx) => tx.countExecutions(filter, part)));
    expect(explained).toMatch(
      /SEARCH executions USING COVERING INDEX executions_status \(status=\? AND id>\? AND id<\?\)/,
    );
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

  it.each(OTHERS.filter(([name]) => !/time|trace|denied|failed/.test(name)))(
    'finds %s in the order of an index',
    async (_, work) => {
      const explained = await plan(await statementOf(POSTGRES, work));
      expect(explained).toMatch(/Index (?:Only )?Scan/);
      expect(explained).not.toMatch(/Sort|Seq Scan/);
    },
  );

  it.each([...FEW, ...OTHERS.filter(([name]) => /time|trace|denied|failed/.test(name))])(
    'finds %s from an index',
    async (_, work) => {
      const explained = await plan(await statementOf(POSTGRES, work));
      expect(explained).toMatch(/Index/);
      expect(explained).not.toMatch(/Seq Scan/);
    },
  );

  // Those of which there are few it may rightly gather and sort.
  const many = FILTERS.filter(
    ([name]) => !['a parent', 'a trigger instance', 'a time', 'a path', 'a person', 'a trace tag'].includes(name),
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
    ['a trace tag', { traceTag: 'tag-70' }],
    ['a time', { after: Date.now() - 1000 }],
  ])('pages by %s from an index', async (_, filter) => {
    const explained = await plan(await statementOf(POSTGRES, (tx) => tx.listExecutions(filter, page)));
    expect(explained).toMatch(/Index/);
    expect(explained).not.toMatch(/Seq Scan/);
  });
});
