import { describe, expect, it } from 'vitest';
import { type OpenStore, withStore } from './conformance.ts';
import { ALL, handled, id, key } from './given.ts';

export function stateConformance(open: OpenStore): void {
  describe('journals', () => {
    const store = withStore(open);
    const entry = (sequence: number, executionId = id(1)) => ({
      executionId,
      sequence,
      timestamp: 7,
      event: { type: 'task', sequence, text: '\0🐎' },
    });

    it('are read in order, from where one asks', async () => {
      await store().appendJournal([entry(0), entry(1)]);
      await store().appendJournal([entry(2), entry(0, id(2))]);
      expect(await store().readJournal(id(1))).toEqual([entry(0), entry(1), entry(2)]);
      expect(await store().readJournal(id(1), 2)).toEqual([entry(2)]);
      expect(await store().readJournal(id(3))).toEqual([]);
    });

    it('refuse a sequence number that is taken, and the whole batch with it', async () => {
      await expect(store().appendJournal([entry(3), entry(2)])).rejects.toMatchObject({ code: 'conflict' });
      await expect(store().appendJournal([entry(4), entry(4)])).rejects.toMatchObject({ code: 'conflict' });
      expect(await store().readJournal(id(1), 3)).toEqual([]);
    });
  });

  describe('keys', () => {
    const store = withStore(open);

    it('are put, replaced and deleted by scope, user and name', async () => {
      const full = key('a.b', { value: 'x\0y', secret: true, description: 'd\0', expiresAt: 50, updatedAt: 2 });
      await store().putKey(full);
      await store().putKey(key('a.b', { scope: 'user', user: 'alice', value: '' }));
      expect(await store().getKey('system', '', 'a.b')).toEqual(full);
      expect((await store().getKey('user', 'alice', 'a.b'))?.value).toBe('');
      expect(await store().getKey('user', 'bob', 'a.b')).toBeUndefined();
      await store().putKey(key('a.b'));
      expect(await store().getKey('system', '', 'a.b')).toEqual(key('a.b'));
      expect(await store().deleteKey('system', '', 'a.b')).toBe(true);
      expect(await store().deleteKey('system', '', 'a.b')).toBe(false);
      expect(await store().getKey('user', 'alice', 'a.b')).toBeDefined();
    });

    it('are listed by name and prefix, which is taken literally', async () => {
      for (const name of ['p_b', 'pxa', 'p_a', 'P_A', 'p%', '🐎1', '🐎2']) await store().putKey(key(name));
      const names = async (prefix: string) =>
        (await store().listKeys('system', '', prefix, ALL)).items.map((item) => item.name);
      expect(await names('')).toEqual(['P_A', 'p%', 'p_a', 'p_b', 'pxa', '🐎1', '🐎2']);
      expect(await names('p_')).toEqual(['p_a', 'p_b']);
      expect(await names('p%')).toEqual(['p%']);
      expect(await names('🐎')).toEqual(['🐎1', '🐎2']);
      const page = await store().listKeys('system', '', '', { limit: 2, offset: 1 });
      expect([page.items.map((item) => item.name), page.total]).toEqual([['p%', 'p_a'], 7]);
    });

    it('that expired are removed when asked for', async () => {
      await store().putKey(key('old', { expiresAt: 99 }));
      await store().putKey(key('new', { expiresAt: 100 }));
      expect(await store().deleteExpiredKeys(100)).toBe(1);
      expect(await store().getKey('system', '', 'old')).toBeUndefined();
      expect(await store().getKey('system', '', 'new')).toBeDefined();
    });
  });

  describe('watches', () => {
    const store = withStore(open);

    it('keep a cursor', async () => {
      expect(await store().getCursor('w')).toBeUndefined();
      await store().setCursor('w', '10');
      await store().setCursor('w', '11');
      expect(await store().getCursor('w')).toBe('11');
    });

    it('keep what was handled of each object; of one that comes twice, the last', async () => {
      await store().putHandled('w', [handled('a'), handled('b'), handled('a', { resourceVersion: '2' })]);
      await store().putHandled('w', [handled('b', { generation: 5, summary: { spec: { x: [1] } } })]);
      await store().putHandled('v', [handled('a')]);
      await store().putHandled('w', []);
      expect(await store().listHandled('w')).toEqual([
        handled('a', { resourceVersion: '2' }),
        handled('b', { generation: 5, summary: { spec: { x: [1] } } }),
      ]);
    });

    it('are read a few objects at a time, or by uid', async () => {
      const uids = async (...page: [after?: string, limit?: number]) =>
        (await store().listHandled('w', ...page)).map(({ uid }) => uid);
      expect(await uids(undefined, 1)).toEqual(['a']);
      expect(await uids('a', 1)).toEqual(['b']);
      expect(await uids('b', 1)).toEqual([]);
      expect(await store().getHandled('w', ['b', 'none'])).toEqual([
        handled('b', { generation: 5, summary: { spec: { x: [1] } } }),
      ]);
      expect(await store().getHandled('w', [])).toEqual([]);
    });

    it('forget objects, or everything', async () => {
      await store().deleteHandled('w', ['a', 'none']);
      await store().deleteHandled('w', []);
      expect((await store().listHandled('w')).map((item) => item.uid)).toEqual(['b']);
      await store().deleteWatch('w');
      expect(await store().listHandled('w')).toEqual([]);
      expect(await store().getCursor('w')).toBeUndefined();
      expect((await store().listHandled('v')).map((item) => item.uid)).toEqual(['a']);
    });
  });
}
