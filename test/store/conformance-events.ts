import { describe, expect, it } from 'vitest';
import { type OpenStore, withStore } from './conformance.ts';
import { ALL, enforcement, id, instance } from './given.ts';

export function eventConformance(open: OpenStore): void {
  describe('trigger instances', () => {
    const store = withStore(open);

    it('gives back what was stored', async () => {
      const full = instance(1, {
        parameters: { nested: { a: [1, null, true, 1.5] } },
        payload: { text: 'žluťoučký 🐎 \u0000 \ud800', empty: '', __proto__x: 1, big: 2 ** 53 - 1 },
        dedupeKey: 'watch/1 ✓',
        traceTag: 'trace',
      });
      expect(await store().insertTriggerInstances([full, instance(2)])).toEqual(new Set([id(1), id(2)]));
      expect(await store().getTriggerInstance(id(1))).toEqual(full);
      expect(await store().getTriggerInstance(id(2))).toEqual(instance(2));
      expect(await store().getTriggerInstance(id(99))).toBeUndefined();
    });

    it('skips those whose dedupe key is taken, also within one batch, and only those', async () => {
      await store().insertTriggerInstances([instance(10, { dedupeKey: 'a' })]);
      const stored = await store().insertTriggerInstances([
        instance(11, { dedupeKey: 'a' }),
        instance(12, { dedupeKey: 'b' }),
        instance(13, { dedupeKey: 'b' }),
        instance(14),
        instance(15),
      ]);
      expect(stored).toEqual(new Set([id(12), id(14), id(15)]));
      expect(await store().getTriggerInstance(id(13))).toBeUndefined();
      expect(await store().insertTriggerInstances([instance(16, { dedupeKey: 'a' })])).toEqual(new Set());
    });

    it('stores nothing for an empty batch', async () => {
      expect(await store().insertTriggerInstances([])).toEqual(new Set());
    });

    it('stores a batch of hundreds', async () => {
      const many = Array.from({ length: 700 }, (_, index) => instance(5000 + index, { trigger: 'core.many' }));
      expect((await store().insertTriggerInstances(many)).size).toBe(700);
      const listed = await store().listTriggerInstances({ trigger: 'core.many' }, { limit: 3, offset: 1 });
      expect(listed.total).toBe(700);
      expect(listed.items.map((item) => item.id)).toEqual([id(5698), id(5697), id(5696)]);
    });

    it('refuses an id that is taken', async () => {
      await store().insertTriggerInstances([instance(20)]);
      await expect(store().insertTriggerInstances([instance(20)])).rejects.toMatchObject({ code: 'conflict' });
    });

    it('refuses a name with a NUL character, which no database keeps', async () => {
      const bad = instance(21, { dedupeKey: 'a\0b' });
      await expect(store().insertTriggerInstances([bad])).rejects.toMatchObject({ code: 'invalid' });
    });
  });

  describe('lists of trigger instances', () => {
    const store = withStore(open);
    const ids = async (filter: Parameters<ReturnType<typeof store>['listTriggerInstances']>[0]) =>
      (await store().listTriggerInstances(filter, ALL)).items.map((item) => Number.parseInt(item.id, 16));

    it('come newest first, by trigger, status and time, with the total beside the page', async () => {
      await store().insertTriggerInstances([
        instance(1, { trigger: 'a.x' }),
        instance(2, { trigger: 'a.y', status: 'processed' }),
        instance(3, { trigger: 'a.x', status: 'processing_failed' }),
        instance(4, { trigger: 'a.x', status: 'processing' }),
      ]);
      expect(await ids({})).toEqual([4, 3, 2, 1]);
      expect(await ids({ trigger: 'a.x' })).toEqual([4, 3, 1]);
      expect(await ids({ status: 'processed' })).toEqual([2]);
      expect(await ids({ status: 'processing_failed', trigger: 'a.x' })).toEqual([3]);
      expect(await ids({ after: 1001, before: 1004 })).toEqual([3, 2]);
      const page = await store().listTriggerInstances({}, { limit: 2, offset: 1 });
      expect(page.items.map((item) => item.id)).toEqual([id(3), id(2)]);
      expect(page.total).toBe(4);
      expect(await store().listTriggerInstances({}, { limit: 0, offset: 0 })).toEqual({ items: [], total: 4 });
      expect(await store().listTriggerInstances({}, { limit: 5, offset: 9 })).toEqual({ items: [], total: 4 });
    });

    it('of those not processed come oldest first', async () => {
      expect((await store().listUnprocessedTriggerInstances(10)).map((item) => item.id)).toEqual([id(1), id(4)]);
      expect((await store().listUnprocessedTriggerInstances(1)).map((item) => item.id)).toEqual([id(1)]);
      await store().setTriggerInstanceStatus(id(1), 'processed');
      expect((await store().listUnprocessedTriggerInstances(10)).map((item) => item.id)).toEqual([id(4)]);
      expect((await store().getTriggerInstance(id(1)))?.status).toBe('processed');
    });
  });

  describe('enforcements', () => {
    const store = withStore(open);

    it('are stored once per rule, instance and slot', async () => {
      const first = enforcement(1, { executionId: id(7), failureReason: 'why \0 so' });
      const stored = await store().insertEnforcements([
        first,
        enforcement(2, { triggerInstanceId: id(1) }),
        enforcement(3, { triggerInstanceId: id(1), slot: 1, status: 'failed' }),
        enforcement(4, { triggerInstanceId: id(1), ruleRef: 'core.other' }),
      ]);
      expect(stored).toEqual(new Set([id(1), id(3), id(4)]));
      expect(await store().insertEnforcements([enforcement(5, { triggerInstanceId: id(1) })])).toEqual(new Set());
      expect(await store().getEnforcement(id(1))).toEqual(first);
      expect(await store().getEnforcement(id(2))).toBeUndefined();
    });

    it('are listed newest first by rule, instance and execution', async () => {
      const ids = async (filter: Parameters<ReturnType<typeof store>['listEnforcements']>[0]) =>
        (await store().listEnforcements(filter, ALL)).items.map((item) => item.id);
      expect(await ids({})).toEqual([id(4), id(3), id(1)]);
      expect(await ids({ ruleRef: 'core.rule' })).toEqual([id(3), id(1)]);
      expect(await ids({ triggerInstanceId: id(1), ruleRef: 'core.other' })).toEqual([id(4)]);
      expect(await ids({ executionId: id(7) })).toEqual([id(1)]);
      expect(await store().listEnforcements({ ruleRef: 'core.rule' }, { limit: 1, offset: 0 })).toMatchObject({
        total: 2,
      });
    });
  });
}
