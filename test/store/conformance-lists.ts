import { describe, expect, it } from 'vitest';
import type { ExecutionFilter, TriggerInstanceFilter } from '../../src/store/index.ts';
import { type OpenStore, withStore } from './conformance.ts';
import { ALL, enforcement, execution, id, instance } from './given.ts';

/** An id as it is made at a time. */
const idAt = (time: number) => time.toString(16).padStart(12, '0').padEnd(24, '0');
const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 0, 1, 12);

export function listConformance(open: OpenStore): void {
  describe('filters of executions', () => {
    const store = withStore(open);
    const numbers = async (filter: ExecutionFilter) =>
      (await store().listExecutions(filter, ALL)).items.map((item) => Number.parseInt(item.id, 16));

    it('look at who asked for them, at what started them, and into context and parameters', async () => {
      await store().insertTriggerInstances([instance(7, { trigger: 'a.b' }), instance(8, { trigger: 'c.d' })]);
      await store().insertExecutions([
        execution(1, {
          context: { user: 'ann', parent: { 'odd "name"': 5 } },
          parameters: { on: true, nested: ['x'] },
        }),
        execution(2, { context: { user: 'stanley' }, triggerInstanceId: id(7), ruleRef: 'r.one' }),
        execution(3, { context: { user: 'ann' }, triggerInstanceId: id(8), parameters: { on: 'true' } }),
        execution(4, { context: {}, triggerInstanceId: id(99) }),
        execution(10, { actionRef: 'traced', context: { trace_context: { trace_tag: 'tag' } } }),
        execution(11, { actionRef: 'traced', context: { trace_context: { trace_tag: 'tag' } }, parentId: id(10) }),
        execution(12, { actionRef: 'traced', context: { trace_context: 'no object' } }),
      ]);
      expect(await numbers({ traceTag: 'tag' })).toEqual([10]);
      expect(await numbers({ user: 'ann' })).toEqual([3, 1]);
      expect(await numbers({ user: 'stanley' })).toEqual([2]);
      expect(await numbers({ user: 'bob' })).toEqual([]);
      expect(await numbers({ triggers: ['a.b', 'x.y'] })).toEqual([2]);
      expect(await numbers({ triggers: [] })).toEqual([]);
      const inside = (column: 'context' | 'parameters', path: string[], value: string) =>
        numbers({ inside: [{ column, path, value }] });
      expect(await inside('context', ['user'], 'ann')).toEqual([3, 1]);
      expect(await inside('context', ['parent', 'missing'], 'ann')).toEqual([]);
      expect(await inside('parameters', ['on'], 'true')).toEqual([3, 1]);
      expect(await inside('parameters', ['on', 'deeper'], 'true')).toEqual([]);
    });

    it('find the children of many at once', async () => {
      await store().insertExecutions([5, 6, 9].map((number) => execution(number, { parentId: id(number % 3) })));
      expect(await store().listChildIds([id(0), id(2), id(50)])).toEqual(
        new Map([
          [id(0), [id(6), id(9)]],
          [id(2), [id(5)]],
        ]),
      );
      expect(await store().listChildIds([])).toEqual(new Map());
    });

    it('tell which values there are', async () => {
      expect(await store().listExecutionValues()).toEqual({
        actions: ['core.noop', 'traced'],
        statuses: ['requested'],
        rules: ['r.one'],
        runners: ['noop'],
        triggers: ['a.b', 'c.d'],
        users: ['ann', 'stanley'],
      });
    });
  });

  describe('times in filters', () => {
    const store = withStore(open);
    it('are exclusive, whatever the id says of an hour more or less', async () => {
      const rows = [
        { id: idAt(NOON), createdAt: NOON },
        { id: idAt(NOON + 1), createdAt: NOON - HOUR / 2 },
        { id: idAt(NOON + 2), createdAt: NOON + HOUR / 2 },
      ];
      await store().insertExecutions(rows.map((row, index) => execution(index, row)));
      const found = async (filter: ExecutionFilter) =>
        (await store().listExecutions(filter, ALL)).items.map(({ createdAt }) => (createdAt - NOON) / HOUR);
      expect(await found({ after: NOON })).toEqual([0.5]);
      expect(await found({ before: NOON })).toEqual([-0.5]);
      expect(await found({ after: NOON - 1, before: NOON + 1 })).toEqual([0]);
      expect(await found({ after: -5, before: Number.MAX_SAFE_INTEGER })).toEqual([0.5, -0.5, 0]);
    });

    it('choose trigger instances and enforcements, too', async () => {
      await store().insertTriggerInstances([
        instance(1, { id: idAt(NOON), occurrenceTime: NOON, trigger: 'a.b', traceTag: 'tag' }),
        instance(2, { id: idAt(NOON + 5), occurrenceTime: NOON + 5, trigger: 'c.d' }),
      ]);
      const times = async (filter: TriggerInstanceFilter) =>
        (await store().listTriggerInstances(filter, ALL)).items.map(({ occurrenceTime }) => occurrenceTime - NOON);
      expect(await times({ after: NOON })).toEqual([5]);
      expect(await times({ before: NOON + 5 })).toEqual([0]);
      expect(await times({ triggers: ['a.b', 'c.d'], order: 'oldest' })).toEqual([0, 5]);
      expect(await times({ traceTag: 'tag' })).toEqual([0]);
      expect(await times({ ids: [idAt(NOON + 5)] })).toEqual([5]);
      await store().insertEnforcements([1, 2].map((n) => enforcement(n, { id: idAt(NOON + n), enforcedAt: NOON + n })));
      expect((await store().listEnforcements({ after: NOON + 1 }, ALL)).items).toHaveLength(1);
      expect((await store().listEnforcements({ before: NOON + 2, order: 'oldest' }, ALL)).items).toHaveLength(1);
      expect((await store().getTriggerInstances([idAt(NOON), id(77)])).size).toBe(1);
    });
  });

  describe('totals', () => {
    const store = withStore(open);
    const total = async (filter: ExecutionFilter) =>
      (await store().listExecutions(filter, { limit: 1, offset: 0 })).total;

    it('are right however many rows there are, as rows come and change', async () => {
      const insert = async (from: number, count: number) => {
        for (let start = from; start < from + count; start += 5000) {
          const rows = Array.from({ length: Math.min(5000, from + count - start) }, (_, index) =>
            execution(start + index, { actionRef: (start + index) % 2 === 0 ? 'a.even' : 'a.odd' }),
          );
          await store().insertExecutions(rows);
        }
      };
      await insert(1, 45_001);
      expect(await total({})).toBe(45_001);
      expect(await total({ actionRef: 'a.even' })).toBe(22_500);
      const far = await store().listExecutions({ actionRef: 'a.odd', order: 'oldest' }, { limit: 3, offset: 22_000 });
      expect(far.items.map((item) => Number.parseInt(item.id, 16))).toEqual([44_001, 44_003, 44_005]);
      await insert(45_002, 10);
      expect(await total({})).toBe(45_011);
      expect(await total({ actionRef: 'a.even' })).toBe(22_505);
      expect(await total({ statuses: ['requested'] })).toBe(45_011);
      expect(await total({ statuses: ['running'] })).toBe(0);
      await store().setExecutionStatus({ id: id(3), status: 'running', now: 1 });
      expect(await total({ statuses: ['running'] })).toBe(1);
      const uncounted = await store().transaction((tx) =>
        tx.listExecutions({}, { limit: 1, offset: 0, uncounted: true }),
      );
      expect(uncounted.total).toBe(-1);
    }, 60_000);
  });
}
