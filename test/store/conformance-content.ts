import { describe, expect, it } from 'vitest';
import { type OpenStore, withStore } from './conformance.ts';

export function contentConformance(open: OpenStore): void {
  describe('content made through the API', () => {
    const store = withStore(open);
    const rule = (ref: string, body: object = { ref }) => ({ kind: 'rule', ref, body: { ...body } });

    it('is put, found, listed in order, put again and deleted', async () => {
      expect(await store().contentRevision()).toBe(0);
      expect(await store().putContent(rule('b.two'))).toBe(1);
      expect(await store().putContent({ kind: 'action', ref: 'c.act', body: { text: '\0 🐦' } })).toBe(2);
      expect(await store().putContent(rule('a.one'))).toBe(3);
      expect(await store().putContent(rule('b.two', { changed: true }))).toBe(4);
      expect(await store().getContent('rule', 'b.two')).toEqual({ ...rule('b.two', { changed: true }), revision: 4 });
      expect((await store().listContent()).map(({ ref }) => ref)).toEqual(['c.act', 'a.one', 'b.two']);
      expect(await store().deleteContent('rule', 'a.one')).toBe(true);
      expect(await store().deleteContent('rule', 'a.one')).toBe(false);
      expect(await store().getContent('rule', 'a.one')).toBeUndefined();
      expect((await store().listContent()).map(({ ref }) => ref)).toEqual(['c.act', 'b.two']);
    });

    it('has a revision that grows with every change, deletions too', async () => {
      const before = await store().contentRevision();
      await store().putContent(rule('x.y'));
      await store().deleteContent('rule', 'x.y');
      expect(await store().contentRevision()).toBe(before + 2);
      expect(await store().putContent(rule('x.y'))).toBe(before + 3);
    });

    it('gives each of many changes at one time a revision of its own', async () => {
      const revisions = await Promise.all(
        Array.from({ length: 20 }, (_, index) => store().putContent(rule(`many.${index}`))),
      );
      expect(new Set(revisions).size).toBe(20);
    });
  });
}
