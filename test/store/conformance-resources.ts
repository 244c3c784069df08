import { describe, expect, it } from 'vitest';
import type { ResourceRecord } from '../../src/model/index.ts';
import { type OpenStore, withStore } from './conformance.ts';

function record(uid: string, more: Partial<ResourceRecord> = {}): ResourceRecord {
  return {
    uid,
    resource: 'p.thing',
    namespace: 'shop',
    name: 'orders',
    generation: 0,
    exists: 'no',
    outputs: {},
    settledAt: 5,
    object: { spec: { text: '\0🐎' } },
    revision: 0,
    ...more,
  };
}

const FULL: Partial<ResourceRecord> = {
  generation: 3,
  exists: 'maybe',
  intent: { handler: 'create', generation: 3, executionId: 'e', startedAt: 7, canceling: 'timeout' },
  outputs: { host: 'h' },
  failure: { reason: 'CreateFailed', message: 'm', generation: 3, handler: 'create', count: 2, retryAt: 9 },
};

export function resourceConformance(open: OpenStore): void {
  describe('records of resources', () => {
    const store = withStore(open);

    it('are kept as they were given, one revision further', async () => {
      expect(await store().putResource(record('a'))).toBe(true);
      expect(await store().putResource(record('b', FULL))).toBe(true);
      expect(await store().listResources()).toEqual([
        record('a', { revision: 1 }),
        record('b', { ...FULL, revision: 1 }),
      ]);
      expect(await store().putResource(record('b', { revision: 1 }))).toBe(true);
      expect((await store().listResources())[1]).toEqual(record('b', { revision: 2 }));
    });

    it('refuse whoever acts on an older one', async () => {
      expect(await store().putResource(record('a'))).toBe(false);
      expect(await store().putResource(record('b', { revision: 1, generation: 9 }))).toBe(false);
      expect(await store().deleteResource('b', 1)).toBe(false);
      expect((await store().listResources()).map(({ uid, generation }) => [uid, generation])).toEqual([
        ['a', 0],
        ['b', 0],
      ]);
    });

    it('are written with the rest of a transaction or not at all', async () => {
      const failing = store().transaction(async (tx) => {
        await tx.putResource(record('c'));
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await store().deleteResource('b', 2)).toBe(true);
      expect((await store().listResources()).map(({ uid }) => uid)).toEqual(['a']);
    });
  });

  describe('leases', () => {
    const store = withStore(open);
    const claim = (owner: string, now: number, alone = false) =>
      store().acquireLease('resources', { owner, now, until: now + 10, alone });

    it('are held by one owner until they end, are given back, or the holder is known to be dead', async () => {
      expect(await claim('one', 0)).toBe(true);
      expect(await claim('two', 9)).toBe(false);
      expect(await claim('one', 9)).toBe(true);
      expect(await claim('two', 19)).toBe(true);
      expect(await claim('three', 20, true)).toBe(true);
      await store().releaseLease('resources', 'two');
      expect(await claim('two', 21)).toBe(false);
      await store().releaseLease('resources', 'three');
      expect(await claim('two', 21)).toBe(true);
    });
  });
}
