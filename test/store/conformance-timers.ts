import { describe, expect, it } from 'vitest';
import { type OpenStore, withStore } from './conformance.ts';
import { execution, id } from './given.ts';

export function timerConformance(open: OpenStore): void {
  describe('timers', () => {
    const store = withStore(open);
    const timer = (number: number, dueAt: number, kind: 'inquiry' | 'timeout' = 'inquiry') => ({
      executionId: id(number),
      kind,
      dueAt,
    });

    it('are there when their time has come, the earliest first, up to the limit', async () => {
      expect(await store().nextTimer()).toBeUndefined();
      await store().setTimer(timer(1, 300));
      await store().setTimer(timer(2, 100.4));
      await store().setTimer(timer(3, 200, 'timeout'));
      expect(await store().nextTimer()).toBe(100);
      expect(await store().listDueTimers(99, 10)).toEqual([]);
      expect(await store().listDueTimers(200, 10)).toEqual([timer(2, 100), timer(3, 200, 'timeout')]);
      expect(await store().listDueTimers(999, 1)).toEqual([timer(2, 100)]);
    });

    it('are one of a kind for each execution: a later one takes the place of the one before', async () => {
      await store().setTimer(timer(2, 400));
      await store().setTimer(timer(2, 50, 'timeout'));
      expect(await store().listDueTimers(999, 10)).toEqual([
        timer(2, 50, 'timeout'),
        timer(3, 200, 'timeout'),
        timer(1, 300),
        timer(2, 400),
      ]);
    });

    it('are deleted once, whoever comes first', async () => {
      expect(await store().deleteTimer(id(2), 'timeout')).toBe(true);
      expect(await store().deleteTimer(id(2), 'timeout')).toBe(false);
      expect(await store().nextTimer()).toBe(200);
    });

    it('are set and deleted with the rest of a transaction, or not at all', async () => {
      const failing = store().transaction(async (tx) => {
        await tx.deleteTimer(id(3), 'timeout');
        await tx.setTimer(timer(4, 1));
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await store().listDueTimers(250, 10)).toEqual([timer(3, 200, 'timeout')]);
    });
  });

  describe('the result of an execution that waits', () => {
    const store = withStore(open);
    const long = 'long '.repeat(1000);
    const waits = (number: number, result: string) =>
      store().setExecutionStatus({ id: id(number), status: 'pending', now: 5, attempt: 1, lease: null, result });
    const claim = () => store().claimExecutions({ owner: 'node', limit: 100, now: 1, leaseUntil: 9 });

    it.each([
      [1, 'short', 'short'],
      [2, 'short', long],
      [3, long, 'short'],
      [4, long, `${long}!`],
    ])('is shown until it ends, and then its own (%i)', async (number, before, after) => {
      await store().insertExecutions([execution(number)]);
      await claim();
      expect(await waits(number, before)).toBe(true);
      expect(await store().getResult(id(number))).toBe(before);
      const pending = await store().getExecution(id(number));
      expect(pending).toMatchObject({ status: 'pending' });
      expect(pending?.leaseOwner).toBeUndefined();
      await store().finishExecution({ id: id(number), status: 'succeeded', result: after, now: 6 });
      expect(await store().getResult(id(number))).toBe(after);
    });

    it('is not kept when the change is refused', async () => {
      expect(await waits(1, 'late')).toBe(false);
      expect(await store().getResult(id(1))).toBe('short');
    });
  });
}
