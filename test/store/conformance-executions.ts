import { describe, expect, it } from 'vitest';
import type { FinalStatus, Json } from '../../src/model/index.ts';
import type { ExecutionFilter } from '../../src/store/index.ts';
import { type OpenStore, withStore } from './conformance.ts';
import { ALL, execution, id } from './given.ts';

export function executionConformance(open: OpenStore): void {
  describe('executions', () => {
    const store = withStore(open);

    it('come back as they were stored, with and without the optional facts', async () => {
      const full = execution(1, {
        status: 'running',
        parameters: { text: '\0 🐦', list: [] },
        context: { parent: { execution_id: 'x' } },
        parentId: id(900),
        taskName: 'task',
        ruleRef: 'core.rule',
        triggerInstanceId: id(901),
        startedAt: 5,
        attempt: 2,
        leaseOwner: 'node',
        leaseUntil: 10,
        concurrencyKey: 'key',
        notBefore: 4,
        log: [],
      });
      await store().insertExecutions([full, execution(2)]);
      expect(await store().getExecution(id(1))).toEqual(full);
      expect(await store().getExecution(id(2))).toEqual(execution(2));
      expect(await store().getExecution(id(3))).toBeUndefined();
    });

    it('cannot be stored twice', async () => {
      await expect(store().insertExecutions([execution(3), execution(1)])).rejects.toMatchObject({ code: 'conflict' });
      expect(await store().getExecution(id(3))).toBeUndefined();
    });
  });

  describe('lists of executions', () => {
    const store = withStore(open);
    const numbers = async (filter: ExecutionFilter) =>
      (await store().listExecutions(filter, ALL)).items.map((item) => Number.parseInt(item.id, 16));

    it('are filtered and ordered', async () => {
      await store().insertExecutions([
        execution(1, { actionRef: 'core.local', runnerType: 'local-shell-cmd' }),
        execution(2, { parentId: id(1), status: 'running', attempt: 1 }),
        execution(3, { parentId: id(1), status: 'succeeded', endedAt: 5 }),
        execution(4, { ruleRef: 'a.rule', triggerInstanceId: id(77) }),
      ]);
      expect(await numbers({})).toEqual([4, 3, 2, 1]);
      expect(await numbers({ order: 'oldest' })).toEqual([1, 2, 3, 4]);
      expect(await numbers({ ids: [id(3), id(1), id(55)] })).toEqual([3, 1]);
      expect(await numbers({ ids: [] })).toEqual([]);
      expect(await numbers({ actionRef: 'core.local' })).toEqual([1]);
      expect(await numbers({ runnerType: 'noop', order: 'oldest' })).toEqual([2, 3, 4]);
      expect(await numbers({ statuses: ['running', 'succeeded'] })).toEqual([3, 2]);
      expect(await numbers({ parentId: id(1) })).toEqual([3, 2]);
      expect(await numbers({ parentId: null })).toEqual([4, 1]);
      expect(await numbers({ ruleRef: 'a.rule', triggerInstanceId: id(77) })).toEqual([4]);
      expect(await numbers({ after: 1001, before: 1004 })).toEqual([3, 2]);
      const page = await store().listExecutions({ runnerType: 'noop' }, { limit: 1, offset: 1 });
      expect(page).toMatchObject({ total: 3, items: [{ id: id(3) }] });
    });
  });

  describe('the end of an execution', () => {
    const store = withStore(open);
    let next = 100;
    const run = async (result: Json) => {
      const number = next++;
      await store().insertExecutions([execution(number)]);
      expect(await store().finishExecution({ id: id(number), status: 'succeeded', result, now: 9 })).toBe(true);
      return number;
    };

    it('records status, time and log, and lets the lease go', async () => {
      await store().insertExecutions([execution(1)]);
      await store().claimExecutions({ owner: 'node', limit: 10, now: 5000, leaseUntil: 6000 });
      const finish = { id: id(1), attempt: 1, status: 'failed', result: { stderr: 'no' }, now: 5500 } as const;
      expect(await store().finishExecution(finish)).toBe(true);
      expect(await store().getExecution(id(1))).toEqual(
        execution(1, {
          status: 'failed',
          attempt: 1,
          startedAt: 5000,
          endedAt: 5500,
          log: [
            { status: 'requested', timestamp: 1001 },
            { status: 'scheduled', timestamp: 5000 },
            { status: 'running', timestamp: 5000 },
            { status: 'failed', timestamp: 5500 },
          ],
        }),
      );
    });

    it('never changes a final status, and leaves the result alone then', async () => {
      for (const status of ['succeeded', 'failed', 'timeout', 'abandoned', 'canceled'] satisfies FinalStatus[]) {
        expect(await store().finishExecution({ id: id(1), status, result: 'late', now: 9 })).toBe(false);
      }
      expect(await store().setExecutionStatus({ id: id(1), status: 'running', now: 9 })).toBe(false);
      expect(await store().getResult(id(1))).toEqual({ stderr: 'no' });
      expect((await store().getExecution(id(1)))?.log).toHaveLength(4);
    });

    it('is refused for an execution that does not exist', async () => {
      expect(await store().finishExecution({ id: id(99), status: 'failed', result: null, now: 9 })).toBe(false);
    });

    it.each<[string, Json]>([
      ['null', null],
      ['an empty text', ''],
      ['an empty object', {}],
      ['false', false],
      ['a text with NUL, quotes, half a surrogate pair and emoji', '\0 " \\ \ud800 🐎 žluťoučký'],
      ['a result just small enough to stay in the row', 'x'.repeat(2046)],
      ['a result just too large for the row', 'x'.repeat(2047)],
      ['100 KB', { rows: Array.from({ length: 1000 }, (_, index) => ({ index, text: 'ž'.repeat(90) })) }],
      ['5 MB that hardly compress', randomText(5_000_000)],
    ])('keeps %s as a result', async (_, result) => {
      const number = await run(result);
      expect(await store().getResult(id(number))).toEqual(result);
    });

    it('gives the results of many at once, without those that have none', async () => {
      const small = await run(1);
      const large = await run('y'.repeat(10_000));
      await store().insertExecutions([execution(50)]);
      expect(await store().getResults([id(small), id(large), id(50), id(51)])).toEqual(
        new Map<string, Json>([
          [id(small), 1],
          [id(large), 'y'.repeat(10_000)],
        ]),
      );
      expect(await store().getResults([])).toEqual(new Map());
      expect(await store().getResult(id(50))).toBeUndefined();
      expect(await store().getResult(id(51))).toBeUndefined();
    });
  });

  describe('a change of status', () => {
    const store = withStore(open);

    it('is logged, and changes only what it names', async () => {
      await store().insertExecutions([execution(1, { notBefore: 50 })]);
      expect(await store().setExecutionStatus({ id: id(1), status: 'delayed', now: 10 })).toBe(true);
      expect(await store().getExecution(id(1))).toMatchObject({ status: 'delayed', notBefore: 50 });
      const change = { id: id(1), status: 'requested', now: 11, notBefore: null, context: { user: 'x' } } as const;
      expect(await store().setExecutionStatus(change)).toBe(true);
      expect(await store().getExecution(id(1))).toEqual(
        execution(1, {
          context: { user: 'x' },
          log: [
            { status: 'requested', timestamp: 1001 },
            { status: 'delayed', timestamp: 10 },
            { status: 'requested', timestamp: 11 },
          ],
        }),
      );
    });

    it('is refused where the table of transitions does not allow it', async () => {
      await store().insertExecutions([execution(2, { status: 'paused', attempt: 1 })]);
      expect(await store().setExecutionStatus({ id: id(2), status: 'pausing', now: 1 })).toBe(false);
      expect(await store().setExecutionStatus({ id: id(2), status: 'requested', now: 1 })).toBe(false);
      expect(await store().getExecution(id(2))).toEqual(execution(2, { status: 'paused', attempt: 1 }));
      expect(await store().setExecutionStatus({ id: id(2), status: 'resuming', now: 1 })).toBe(true);
    });

    it('is refused when another attempt is current', async () => {
      expect(await store().setExecutionStatus({ id: id(2), attempt: 2, status: 'running', now: 1 })).toBe(false);
      expect(await store().setExecutionStatus({ id: id(2), attempt: 1, status: 'running', now: 1 })).toBe(true);
    });

    it('cannot end an execution', async () => {
      const change = { id: id(2), status: 'failed', now: 1 } as const;
      await expect(store().setExecutionStatus(change)).rejects.toThrow('finishExecution');
    });

    it('to the same status is not logged again', async () => {
      const before = await store().getExecution(id(2));
      await store().setExecutionStatus({ id: id(2), status: 'running', now: 99, lease: null });
      expect(await store().getExecution(id(2))).toEqual(before);
    });
  });

  describe('output', () => {
    const store = withStore(open);
    const line = (sequence: number, data: string) =>
      ({ executionId: id(1), sequence, stream: 'stdout', timestamp: 5, data }) as const;

    it('comes back in order, from where one asks', async () => {
      await store().appendOutput([line(2, 'c\n'), line(0, 'a\0\x1b[1m\ud800'), line(1, '')]);
      await store().appendOutput([{ ...line(3, 'd'), stream: 'stderr' }]);
      await store().appendOutput([]);
      expect(await store().listOutput(id(1), 0, 2)).toEqual([line(0, 'a\0\x1b[1m\ud800'), line(1, '')]);
      expect(await store().listOutput(id(1), 2, 10)).toEqual([line(2, 'c\n'), { ...line(3, 'd'), stream: 'stderr' }]);
      expect(await store().listOutput(id(2), 0, 10)).toEqual([]);
    });

    it('refuses a sequence number that is taken, and the whole batch with it', async () => {
      await expect(store().appendOutput([line(9, 'x'), line(3, 'y')])).rejects.toMatchObject({ code: 'conflict' });
      expect(await store().listOutput(id(1), 4, 10)).toEqual([]);
    });
  });
}

/** The same on every run. */
function randomText(length: number): string {
  let state = 1;
  const characters = Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return String.fromCharCode(33 + (state % 90));
  });
  return characters.join('');
}
