import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXECUTION_STATUSES, isFinal, PetrelError } from '../../src/model/index.ts';
import { type Operations, openSqliteStore, type Store } from '../../src/store/index.ts';
import { ALL, enforcement, execution, handled, id, instance, key } from './given.ts';
import { openPglite } from './pglite.ts';

type Step = (tx: Operations) => Promise<unknown>;

const number = fc.integer({ min: 1, max: 12 });
const time = fc.integer({ min: 0, max: 60 });
const owner = fc.constantFrom('node-a', 'node-b');
const attempt = fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined });
const text = fc.oneof(
  fc.constantFrom('', 'a', '\0', '🐎', 'x'.repeat(3000)),
  fc.string({ unit: 'binary', maxLength: 5 }),
);
const final = fc.constantFrom(...EXECUTION_STATUSES.filter(isFinal));
const unfinished = fc.constantFrom(...EXECUTION_STATUSES.filter((status) => !isFinal(status)));
const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 4 });

/** `when(attempt)`: the fact only when there is one. */
const known = <K extends string, V>(name: K, value: V | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [_ in K]?: V };

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  some(fc.tuple(number, fc.option(fc.constantFrom('k1', 'k2'), { nil: undefined }))).map(
    (rows): Step =>
      (tx) =>
        tx.insertTriggerInstances(rows.map(([n, dedupe]) => instance(n, known('dedupeKey', dedupe)))),
  ),
  fc.tuple(number, fc.constantFrom('processed', 'processing_failed', 'processing')).map(
    ([n, status]): Step =>
      (tx) =>
        tx.setTriggerInstanceStatus(id(n), status as 'processed'),
  ),
  some(fc.tuple(number, number, fc.integer({ min: 0, max: 1 }))).map(
    (rows): Step =>
      (tx) =>
        tx.insertEnforcements(rows.map(([n, of, slot]) => enforcement(n, { triggerInstanceId: id(of), slot }))),
  ),
  some(
    fc.tuple(number, fc.option(fc.constantFrom('c1', 'c2'), { nil: undefined }), fc.option(time, { nil: undefined })),
  ).map(
    (rows): Step =>
      (tx) =>
        tx.insertExecutions(
          rows.map(([n, group, notBefore]) =>
            execution(n, { ...known('concurrencyKey', group), ...known('notBefore', notBefore) }),
          ),
        ),
  ),
  fc.tuple(owner, fc.integer({ min: 0, max: 4 }), time, time).map(
    ([by, limit, now, length]): Step =>
      (tx) =>
        tx.claimExecutions({ owner: by, limit, now, leaseUntil: now + length }),
  ),
  fc.tuple(owner, some(number), time).map(
    ([by, numbers, until]): Step =>
      (tx) =>
        tx.renewLeases(by, numbers.map(id), until),
  ),
  fc.tuple(number, fc.constantFrom('inquiry' as const, 'timeout' as const), time).map(
    ([n, kind, dueAt]): Step =>
      (tx) =>
        tx.setTimer({ executionId: id(n), kind, dueAt }),
  ),
  fc.tuple(number, time).map(
    ([n, now]): Step =>
      async (tx) => [await tx.listDueTimers(now, 3), await tx.nextTimer(), await tx.deleteTimer(id(n), 'inquiry')],
  ),
  owner.map(
    (by): Step =>
      (tx) =>
        tx.expireForeignLeases(by),
  ),
  time.map(
    (now): Step =>
      (tx) =>
        tx.nextClaimTime(now),
  ),
  fc.tuple(number, attempt, final, text, time).map(
    ([n, of, status, result, now]): Step =>
      (tx) =>
        tx.finishExecution({ id: id(n), status, result, now, ...known('attempt', of) }),
  ),
  fc.tuple(number, attempt, unfinished, time, fc.boolean(), fc.option(time, { nil: undefined }), fc.boolean()).map(
    ([n, of, status, now, release, notBefore, context]): Step =>
      (tx) =>
        tx.setExecutionStatus({
          id: id(n),
          status,
          now,
          ...known('attempt', of),
          ...(release && { lease: null }),
          ...known('notBefore', notBefore === 0 ? null : notBefore),
          ...(context && { context: { now } }),
        }),
  ),
  fc.tuple(number, fc.integer({ min: 0, max: 3 }), fc.subarray(['g1', 'g2', 'g3']), number, time, fc.boolean()).map(
    ([n, of, keys, ancestor, now, cancels]): Step =>
      (tx) =>
        tx.admitExecution({
          id: id(n),
          attempt: of,
          groups: keys.map((name, index) => ({
            key: name,
            threshold: index + 1,
            whenFull: cancels && name === 'g2' ? 'cancel' : 'delay',
          })),
          ancestors: now % 2 === 0 ? [] : [id(ancestor)],
          lookAgainAt: now + 10,
          log: [{ status: 'delayed', timestamp: now }],
        }),
  ),
  some(fc.tuple(number, fc.integer({ min: 0, max: 3 }), text)).map(
    (rows): Step =>
      (tx) =>
        tx.appendJournal(
          rows.map(([n, sequence, data]) => ({ executionId: id(n), sequence, timestamp: 1, event: { data } })),
        ),
  ),
  some(fc.tuple(number, fc.integer({ min: 0, max: 3 }), text)).map(
    (rows): Step =>
      (tx) =>
        tx.appendOutput(
          rows.map(([n, sequence, data]) => ({ executionId: id(n), sequence, stream: 'stdout', timestamp: 1, data })),
        ),
  ),
  fc.tuple(text, text, fc.option(time, { nil: undefined })).map(
    ([name, value, expiresAt]): Step =>
      (tx) =>
        tx.putKey(key(name, { value, ...known('expiresAt', expiresAt) })),
  ),
  text.map(
    (name): Step =>
      (tx) =>
        tx.deleteKey('system', '', name),
  ),
  fc.tuple(text, fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })).map(
    ([prefix, limit, offset]): Step =>
      (tx) =>
        tx.listKeys('system', '', prefix, { limit, offset }),
  ),
  time.map(
    (now): Step =>
      (tx) =>
        tx.deleteExpiredKeys(now),
  ),
  some(fc.tuple(fc.constantFrom('u1', 'u2', 'u3'), fc.nat(9))).map(
    (rows): Step =>
      (tx) =>
        tx.putHandled(
          'watch',
          rows.map(([uid, generation]) => handled(uid, { generation })),
        ),
  ),
  some(fc.constantFrom('u1', 'u2', 'u9')).map(
    (uids): Step =>
      (tx) =>
        tx.deleteHandled('watch', uids),
  ),
  fc.string({ maxLength: 3 }).map(
    (cursor): Step =>
      (tx) =>
        tx.setCursor('watch', cursor),
  ),
);

/** Steps on their own, in one transaction, or in one that is given up. */
const actArbitrary = fc.record({
  steps: fc.array(stepArbitrary, { minLength: 1, maxLength: 3 }),
  how: fc.constantFrom('alone', 'alone', 'together', 'given up'),
});
type Act = { readonly steps: readonly Step[]; readonly how: string };

async function perform(store: Store, { steps, how }: Act): Promise<unknown[]> {
  if (how === 'alone') {
    const outcomes = await Promise.allSettled(steps.map((step) => step(store)));
    return outcomes.map((outcome) => (outcome.status === 'fulfilled' ? plain(outcome.value) : codeOf(outcome.reason)));
  }
  try {
    return await store.transaction(async (tx) => {
      const answers: unknown[] = [];
      for (const step of steps) answers.push(plain(await step(tx)));
      if (how === 'given up') throw new PetrelError('canceled', 'given up');
      return answers;
    });
  } catch (error) {
    return [codeOf(error)];
  }
}

async function everything(store: Store): Promise<unknown> {
  const executions = await store.listExecutions({}, ALL);
  const ids = executions.items.map((item) => item.id);
  return {
    instances: await store.listTriggerInstances({}, ALL),
    enforcements: await store.listEnforcements({}, ALL),
    executions,
    results: plain(await store.getResults(ids)),
    journals: await Promise.all(ids.map((of) => store.readJournal(of))),
    output: await Promise.all(ids.map((of) => store.listOutput(of, 0, 10))),
    keys: await store.listKeys('system', '', '', ALL),
    handled: await store.listHandled('watch'),
    cursor: await store.getCursor('watch'),
    next: await store.nextClaimTime(-1),
  };
}

function plain(value: unknown): unknown {
  if (value instanceof Set) return [...value].toSorted();
  if (value instanceof Map) return [...value].toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return value;
}

function codeOf(error: unknown): unknown {
  return error instanceof PetrelError ? error.code : error;
}

describe('the two dialects', () => {
  const pglite = openPglite();
  let root = '';
  let opened = 0;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'petrel-dialects-'));
  });
  afterAll(async () => {
    await pglite.close();
    await rm(root, { recursive: true, force: true });
  });

  it('answer the same to any sequence of operations, and end in the same state', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(actArbitrary, { minLength: 5, maxLength: 25 }), async (acts) => {
        const sqlite = await openSqliteStore({ directory: join(root, String(opened++)) });
        const postgres = await pglite.openStore();
        try {
          for (const act of acts) expect(await perform(postgres, act)).toEqual(await perform(sqlite, act));
          expect(await everything(postgres)).toEqual(await everything(sqlite));
        } finally {
          await sqlite.close();
          await postgres.close();
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});
