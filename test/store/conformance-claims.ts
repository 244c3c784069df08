import { describe, expect, it } from 'vitest';
import type { Execution } from '../../src/model/index.ts';
import type { Store } from '../../src/store/index.ts';
import { type OpenStore, withStore } from './conformance.ts';
import { execution, id } from './given.ts';

export function claimConformance(open: OpenStore): void {
  const claim = (store: Store, now: number, more: { owner?: string; limit?: number; leaseUntil?: number } = {}) =>
    store.claimExecutions({ owner: 'node', limit: 100, now, leaseUntil: now + 100, ...more });
  const numbers = (executions: readonly Execution[]) => executions.map((item) => Number.parseInt(item.id, 16));
  const end = (store: Store, number: number) =>
    store.finishExecution({ id: id(number), status: 'succeeded', result: null, now: 1 });

  describe('claiming', () => {
    const store = withStore(open);

    it('takes the oldest first, up to the limit, each once', async () => {
      await store().insertExecutions([execution(3), execution(1), execution(2), execution(4)]);
      expect(numbers(await claim(store(), 5000, { limit: 3 }))).toEqual([1, 2, 3]);
      expect(numbers(await claim(store(), 5000, { limit: 3 }))).toEqual([4]);
      expect(await claim(store(), 5000)).toEqual([]);
    });

    it('answers the execution as it is from then on', async () => {
      await store().insertExecutions([execution(10, { notBefore: 20 })]);
      const [claimed] = await claim(store(), 5000.4, { owner: 'worker', leaseUntil: 6000.6 });
      expect(claimed).toEqual(
        execution(10, {
          status: 'running',
          attempt: 1,
          leaseOwner: 'worker',
          leaseUntil: 6001,
          startedAt: 5000,
          log: [
            { status: 'requested', timestamp: 1010 },
            { status: 'scheduled', timestamp: 5000.4 },
            { status: 'running', timestamp: 5000.4 },
          ],
        }),
      );
      expect(await store().getExecution(id(10))).toEqual(claimed);
    });

    it('takes only those that wait to be run', async () => {
      const statuses = ['scheduled', 'pausing', 'paused', 'resuming', 'pending', 'canceling', 'succeeded'] as const;
      await store().insertExecutions(statuses.map((status, index) => execution(20 + index, { status })));
      expect(await claim(store(), 5000)).toEqual([]);
    });
  });

  describe('delayed executions', () => {
    const store = withStore(open);

    it('wait for their time, which is known before', async () => {
      await store().insertExecutions([
        execution(1, { status: 'delayed', notBefore: 300 }),
        execution(2, { notBefore: 200 }),
        execution(3),
      ]);
      expect(await store().nextClaimTime(0)).toBe(200);
      expect(numbers(await claim(store(), 199, { leaseUntil: 9000 }))).toEqual([3]);
      expect(numbers(await claim(store(), 200, { leaseUntil: 8000 }))).toEqual([2]);
      expect(await store().nextClaimTime(200)).toBe(300);
      expect(numbers(await claim(store(), 300, { leaseUntil: 7000 }))).toEqual([1]);
      expect(await store().nextClaimTime(300)).toBe(7000);
    });

    it('take their turn among those that never had to wait, oldest first', async () => {
      await store().insertExecutions([
        execution(11),
        execution(12, { notBefore: 400 }),
        execution(13),
        execution(14, { notBefore: 390 }),
      ]);
      expect(numbers(await claim(store(), 400, { limit: 3 }))).toEqual([11, 12, 13]);
      expect(numbers(await claim(store(), 400, { limit: 3 }))).toEqual([14]);
    });

    it('leave no time to wait for when there are none', async () => {
      for (const number of [1, 2, 3, 11, 12, 13, 14]) await end(store(), number);
      expect(await store().nextClaimTime(0)).toBeUndefined();
    });
  });

  describe('leases', () => {
    const store = withStore(open);

    it('keep others away until they end; then the next attempt begins', async () => {
      await store().insertExecutions([execution(1)]);
      await claim(store(), 1000, { owner: 'first', leaseUntil: 1100 });
      expect(await claim(store(), 1099, { owner: 'second' })).toEqual([]);
      const [again] = await claim(store(), 1100, { owner: 'second', leaseUntil: 1200 });
      expect(again).toMatchObject({ attempt: 2, leaseOwner: 'second', leaseUntil: 1200, startedAt: 1000 });
      expect(again?.log).toHaveLength(5);
    });

    it('fence off the late result of a lost attempt', async () => {
      const late = { id: id(1), attempt: 1, status: 'failed', result: 'late', now: 1150 } as const;
      expect(await store().finishExecution(late)).toBe(false);
      expect(await store().getResult(id(1))).toBeUndefined();
      expect(await store().finishExecution({ ...late, attempt: 2, status: 'succeeded', result: 'ok' })).toBe(true);
      expect(await store().getResult(id(1))).toBe('ok');
    });

    it('are renewed for those still held, and only those', async () => {
      await store().insertExecutions([execution(2), execution(3), execution(4)]);
      await claim(store(), 2000, { owner: 'first', limit: 2, leaseUntil: 2100 });
      await claim(store(), 2000, { owner: 'second', leaseUntil: 2100 });
      await end(store(), 3);
      expect(await store().renewLeases('first', [id(2), id(3), id(4), id(5)], 2500)).toEqual(
        new Map([[id(2), 'running']]),
      );
      expect(await store().renewLeases('first', [], 2500)).toEqual(new Map());
      expect((await store().getExecution(id(2)))?.leaseUntil).toBe(2500);
      expect((await store().getExecution(id(4)))?.leaseUntil).toBe(2100);
      expect((await store().getExecution(id(3)))?.leaseUntil).toBeUndefined();
    });

    it('of other owners are ended at once when this store belongs to one process', async () => {
      expect(await store().expireForeignLeases('first')).toBe(1);
      expect(numbers(await claim(store(), 2001, { owner: 'first' }))).toEqual([4]);
    });

    it('may be released: the execution is parked, and not claimed, until it is given a time', async () => {
      await store().insertExecutions([execution(6)]);
      await claim(store(), 3000, { leaseUntil: 3100 });
      expect(await store().setExecutionStatus({ id: id(6), status: 'running', now: 1, lease: null })).toBe(true);
      const parked = await store().getExecution(id(6));
      expect([parked?.leaseOwner, parked?.leaseUntil]).toEqual([undefined, undefined]);
      expect(numbers(await claim(store(), 9000))).not.toContain(6);
      await store().setExecutionStatus({ id: id(6), status: 'running', now: 1, notBefore: 9500 });
      expect(numbers(await claim(store(), 9499, { leaseUntil: 99999 }))).not.toContain(6);
      expect(numbers(await claim(store(), 9500, { leaseUntil: 99999 }))).toContain(6);
    });
  });

  describe('concurrency keys', () => {
    const store = withStore(open);

    it('let equal keys run one at a time, in the order of their ids, and others beside them', async () => {
      await store().insertExecutions([
        execution(1, { concurrencyKey: 'a' }),
        execution(2, { concurrencyKey: 'a' }),
        execution(3, { concurrencyKey: 'b' }),
        execution(4, { concurrencyKey: 'a' }),
        execution(5),
      ]);
      expect(numbers(await claim(store(), 1000, { leaseUntil: 99999 }))).toEqual([1, 3, 5]);
      expect(await claim(store(), 1000)).toEqual([]);
      await end(store(), 1);
      expect(numbers(await claim(store(), 1000, { leaseUntil: 99999 }))).toEqual([2]);
      await end(store(), 2);
      await end(store(), 3);
      expect(numbers(await claim(store(), 1000, { leaseUntil: 99999 }))).toEqual([4]);
    });

    it('wait also for one that is delayed, paused or parked', async () => {
      await store().insertExecutions([
        execution(11, { concurrencyKey: 'c', notBefore: 5000 }),
        execution(12, { concurrencyKey: 'c' }),
        execution(21, { concurrencyKey: 'd', status: 'paused', attempt: 1 }),
        execution(22, { concurrencyKey: 'd' }),
      ]);
      expect(await claim(store(), 1000)).toEqual([]);
      expect(numbers(await claim(store(), 5000, { leaseUntil: 99999 }))).toEqual([11]);
      await end(store(), 21);
      expect(numbers(await claim(store(), 5000, { leaseUntil: 99999 }))).toEqual([22]);
    });

    it('give one whose lease ended its turn back, before the next', async () => {
      await store().insertExecutions([execution(31, { concurrencyKey: 'e' }), execution(32, { concurrencyKey: 'e' })]);
      await claim(store(), 6000, { leaseUntil: 6100 });
      expect(numbers(await claim(store(), 6100, { leaseUntil: 99999 }))).toEqual([31]);
    });

    it('do not start an older one that came late while a newer one runs, nor lock up', async () => {
      await store().insertExecutions([execution(42, { concurrencyKey: 'f' })]);
      await claim(store(), 7000, { leaseUntil: 7100 });
      await store().insertExecutions([execution(41, { concurrencyKey: 'f' })]);
      expect(await claim(store(), 7050)).toEqual([]);
      expect(numbers(await claim(store(), 7100, { leaseUntil: 99999 }))).toEqual([42]);
      await end(store(), 42);
      expect(numbers(await claim(store(), 7100, { leaseUntil: 99999 }))).toEqual([41]);
    });
  });

  describe('workers that claim at the same time', () => {
    const store = withStore(open);

    it('never get the same execution, nor two of one key', async () => {
      const keys = (number: number) => (number % 3 === 0 ? { concurrencyKey: `k${number % 9}` } : {});
      await store().insertExecutions(Array.from({ length: 90 }, (_, index) => execution(index + 1, keys(index + 1))));
      const taken: string[] = [];
      for (let round = 0; taken.length < 90 && round < 200; round += 1) {
        const claims = ['a', 'b', 'c', 'd'].map((owner) =>
          claim(store(), 1000, { owner, limit: 5, leaseUntil: 99999 }),
        );
        const claimed = (await Promise.all(claims)).flat();
        const active = claimed.flatMap((item) => item.concurrencyKey ?? []);
        expect(new Set(active).size).toBe(active.length);
        taken.push(...claimed.map((item) => item.id));
        await Promise.all(claimed.map((item) => end(store(), Number.parseInt(item.id, 16))));
      }
      expect(taken).toHaveLength(90);
      expect(new Set(taken).size).toBe(90);
    });
  });
}
