import { describe, expect, it } from 'vitest';
import type { AdmissionRequest, ConcurrencyGroup, Store } from '../../src/store/index.ts';
import { type OpenStore, withStore } from './conformance.ts';
import { execution, id } from './given.ts';

export function concurrencyConformance(open: OpenStore): void {
  const group = (key: string, threshold: number, whenFull: ConcurrencyGroup['whenFull'] = 'delay') => ({
    key,
    threshold,
    whenFull,
  });
  const given = (store: Store, ...numbers: number[]) =>
    store.insertExecutions(numbers.map((number) => execution(number)));
  /** Claims all that can be claimed. Answers their numbers. */
  const claim = async (store: Store, now = 1000) => {
    const claimed = await store.claimExecutions({ owner: 'node', limit: 1000, now, leaseUntil: 1e9 });
    return claimed.map((item) => Number.parseInt(item.id, 16));
  };
  const ask = async (
    store: Store,
    number: number,
    groups: readonly ConcurrencyGroup[],
    more: Partial<AdmissionRequest> = {},
  ) => {
    const attempt = (await store.getExecution(id(number)))?.attempt ?? 0;
    const log = [{ status: 'delayed', timestamp: 1000 }] as const;
    const request = { id: id(number), attempt, groups, ancestors: [], lookAgainAt: 60_000, log, ...more };
    return await store.admitExecution(request);
  };
  const outcomes = async (store: Store, numbers: readonly number[], groups: readonly ConcurrencyGroup[]) => {
    const seen: string[] = [];
    for (const number of numbers) seen.push((await ask(store, number, groups)).outcome);
    return seen;
  };
  const end = (store: Store, number: number) =>
    store.finishExecution({ id: id(number), status: 'succeeded', result: null, now: 1 });

  describe('places in concurrency groups', () => {
    it('are as many as the threshold; the others wait without a lease and are handed places in order', async () => {
      const store = await open();
      await given(store, 1, 2, 3, 4, 5);
      await claim(store);
      expect(await outcomes(store, [1, 2, 4, 5, 3], [group('g', 2)])).toEqual([
        'admitted',
        'admitted',
        'delayed',
        'delayed',
        'delayed',
      ]);
      const waiting = await store.getExecution(id(3));
      expect(waiting).toEqual(
        execution(3, {
          status: 'delayed',
          attempt: 1,
          notBefore: 60_000,
          grouped: true,
          log: [{ status: 'delayed', timestamp: 1000 }],
        }),
      );
      expect(await claim(store)).toEqual([]);
      for (const [ending, next] of [
        [2, 3],
        [1, 4],
        [3, 5],
      ] as const) {
        expect(await end(store, ending)).toBe(true);
        expect(await claim(store)).toEqual([next]);
        expect(await ask(store, next, [group('g', 2)])).toEqual({ outcome: 'admitted', released: false });
      }
      await store.close();
    });

    it('are not taken by a newcomer while somebody older waits', async () => {
      const store = await open();
      await given(store, 1, 2);
      await claim(store);
      await outcomes(store, [1, 2], [group('g', 1)]);
      await end(store, 1);
      await given(store, 3);
      expect(await claim(store)).toEqual([2, 3]);
      expect(await outcomes(store, [3, 2], [group('g', 1)])).toEqual(['delayed', 'admitted']);
      await store.close();
    });

    it('are refused, and nothing is written, where the group wants that', async () => {
      const store = await open();
      await given(store, 1, 2);
      await claim(store);
      const full = group('g', 1, 'cancel');
      expect(await ask(store, 1, [full])).toMatchObject({ outcome: 'admitted' });
      const before = await store.getExecution(id(2));
      expect(await ask(store, 2, [group('other', 5), full])).toEqual({ outcome: 'refused', full });
      expect(await store.getExecution(id(2))).toEqual(before);
      await store.close();
    });

    it('are needed in all groups; who waits for one lets those behind it pass where there is room', async () => {
      const store = await open();
      await given(store, 1, 2, 3, 4, 5);
      await claim(store);
      const [a, b] = [group('a', 1), group('b', 2)];
      await ask(store, 1, [a, b]);
      await ask(store, 2, [b]);
      expect(await outcomes(store, [3], [a, b])).toEqual(['delayed']);
      expect(await outcomes(store, [4, 5], [b])).toEqual(['delayed', 'delayed']);
      // Two places are free in b: one for 3, though it waits for a, and one for 4.
      await end(store, 2);
      expect(await claim(store)).toEqual([3]);
      expect(await ask(store, 3, [a, b])).toMatchObject({ outcome: 'delayed', full: a });
      await end(store, 1);
      expect(await claim(store)).toEqual([3]);
      expect(await ask(store, 3, [a, b])).toEqual({ outcome: 'admitted', released: true });
      expect(await claim(store)).toEqual([4]);
      expect(await ask(store, 4, [b])).toMatchObject({ outcome: 'admitted' });
      await store.close();
    });

    it('are handed on by everyone who follows when the threshold was raised', async () => {
      const store = await open();
      await given(store, 1, 2, 3, 4);
      await claim(store);
      await outcomes(store, [1, 2, 3, 4], [group('g', 1)]);
      await end(store, 1);
      for (const [next, released] of [
        [2, true],
        [3, true],
        [4, false],
      ] as const) {
        expect(await claim(store)).toEqual([next]);
        expect(await ask(store, next, [group('g', 5)])).toEqual({ outcome: 'admitted', released });
      }
      await store.close();
    });

    it('are left when a policy counts something else', async () => {
      const store = await open();
      await given(store, 1, 2, 3);
      await claim(store);
      await outcomes(store, [1, 2, 3], [group('old', 1)]);
      await end(store, 1);
      await claim(store);
      expect(await ask(store, 2, [group('new', 1)])).toEqual({ outcome: 'admitted', released: true });
      expect(await claim(store)).toEqual([3]);
      await store.close();
    });

    it('are still held by one that is claimed again', async () => {
      const store = await open();
      await given(store, 1, 2, 3);
      await claim(store);
      await outcomes(store, [2, 3], [group('g', 1)]);
      await store.expireForeignLeases('another');
      expect(await claim(store)).toEqual([1, 2]);
      expect(await ask(store, 2, [group('g', 1)])).toMatchObject({ outcome: 'admitted' });
      expect(await ask(store, 1, [group('g', 1)])).toMatchObject({ outcome: 'delayed' });
      await end(store, 2);
      expect(await claim(store)).toEqual([1]);
      await store.close();
    });

    it('are not asked for where an ancestor holds one', async () => {
      const store = await open();
      await given(store, 1, 2, 3);
      await claim(store);
      await ask(store, 1, [group('g', 1)]);
      expect(await ask(store, 2, [group('g', 1)], { ancestors: [id(9), id(1)] })).toMatchObject({
        outcome: 'admitted',
      });
      await end(store, 2);
      expect(await ask(store, 3, [group('g', 1)])).toMatchObject({ outcome: 'delayed' });
      await store.close();
    });

    it('come to nobody who is canceled, ended or of an older attempt', async () => {
      const store = await open();
      await given(store, 1, 2, 3, 4);
      await claim(store);
      await store.setExecutionStatus({ id: id(1), status: 'canceling', now: 1 });
      await end(store, 2);
      expect(await outcomes(store, [1, 2], [group('g', 1)])).toEqual(['superseded', 'superseded']);
      expect(await ask(store, 3, [group('g', 1)], { attempt: 0 })).toEqual({ outcome: 'superseded' });
      expect(await ask(store, 4, [group('g', 1)])).toMatchObject({ outcome: 'admitted' });
      await store.close();
    });

    it('of one that waits are given up when it ends, whatever attempt that is', async () => {
      const store = await open();
      await given(store, 1, 2, 3);
      await claim(store);
      await outcomes(store, [1, 2, 3], [group('g', 1)]);
      expect(await store.finishExecution({ id: id(2), attempt: 7, status: 'failed', result: null, now: 1 })).toBe(
        false,
      );
      expect(await store.finishExecution({ id: id(2), status: 'canceled', result: null, now: 1 })).toBe(true);
      expect(await end(store, 2)).toBe(false);
      await end(store, 1);
      expect(await claim(store)).toEqual([3]);
      await store.close();
    });

    it('are asked for again after a while, even if nobody hands one on', async () => {
      const store = await open();
      await given(store, 1, 2);
      await claim(store);
      await outcomes(store, [1, 2], [group('g', 1)]);
      expect(await store.nextClaimTime(1000)).toBe(60_000);
      expect(await claim(store, 60_000)).toEqual([2]);
      expect(await ask(store, 2, [group('g', 1)])).toMatchObject({ outcome: 'delayed' });
      await store.close();
    });
  });

  describe('workers that ask for places at the same time', () => {
    const store = withStore(open);

    it('are never more than the threshold, and all get through', async () => {
      const running = new Set<number>();
      await given(store(), ...Array.from({ length: 40 }, (_, index) => index + 1));
      let done = 0;
      for (let round = 0; done < 40 && round < 200; round += 1) {
        const claimed = await claim(store());
        const asked = claimed.map(async (number) => {
          const { outcome } = await ask(store(), number, [group('g', 3)]);
          if (outcome === 'admitted') running.add(number);
        });
        await Promise.all(asked);
        expect(running.size).toBeLessThanOrEqual(3);
        const ending = [...running];
        running.clear();
        await Promise.all(ending.map((number) => end(store(), number)));
        done += ending.length;
      }
      expect(done).toBe(40);
    });
  });
}
