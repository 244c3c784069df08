import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readApplied } from '../../packs/databases/lib/applied.ts';
import { inTurn, noteAnswers, readDoubts } from '../../packs/databases/lib/doubts.ts';
import { foreignResets } from '../../packs/databases/lib/resets.ts';
import { specOf } from '../../packs/databases/lib/subject.ts';
import type { WishedDatabase } from '../../packs/databases/lib/wishes.ts';
import { testContext } from '../../src/sdk/index.ts';

const database = (uid: string) => ({ uid });

describe('what is asked for one by one', () => {
  it('is asked for some at each look, and for all within as many turns as it takes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.uuid(), { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (uids, room) => {
        const asked = new Set<string>();
        const turns = Math.ceil(uids.length / room);
        for (let turn = 7; turn < 7 + turns; turn += 1) {
          const some = inTurn(uids.map(database), [], { room, turn });
          expect(some.length).toBeLessThanOrEqual(room);
          expect(new Set(some.map(({ uid }) => uid)).size).toBe(some.length);
          for (const { uid } of some) asked.add(uid);
        }
        expect(asked.size).toBe(uids.length);
      }),
    );
  });

  it('is asked at every look of those that are doubted', () => {
    const all = Array.from({ length: 100 }, (_, index) => database(`u${index}`));
    for (let turn = 0; turn < 20; turn += 1) {
      expect(inTurn(all, ['u77', 'gone'], { room: 5, turn }).map(({ uid }) => uid)).toContain('u77');
      expect(inTurn(all, ['u77'], { room: 5, turn })).toHaveLength(6);
    }
  });

  it('is doubted until it is as it should be, and not of what is not known any more', async () => {
    const { datastore } = testContext({ input: {}, keys: { 'databases.a.note': 'x', 'databases.b.note': 'x' } });
    const bad = new Map([
      ['a', false],
      ['b', true],
      ['gone', false],
    ]);
    expect(await noteAnswers('login', bad, [], datastore)).toEqual(['a', 'gone']);
    expect(await readDoubts(datastore)).toEqual({ secret: [], login: ['a'] });
    expect(await noteAnswers('login', new Map(), ['a'], datastore)).toEqual(['a']);
    expect(await noteAnswers('login', new Map([['a', true]]), ['a'], datastore)).toEqual([]);
    expect(await readDoubts(datastore)).toEqual({ secret: [], login: [] });
  });
});

describe('a reset of a master password', () => {
  const wish = (more: Partial<WishedDatabase> = {}): WishedDatabase => ({
    uid: 'u',
    namespace: 'shop',
    name: 'orders',
    spec: specOf('MysqlDb', {}),
    made: {
      provider: 'rds',
      instance: 'db-1',
      engine: 'mysql',
      engineVersion: '8.0.40',
      endpoint: 'h',
      port: 3306,
      database: 'app',
      storageGb: 20,
      consulPath: 'p',
      vaultPath: 'p',
      vaultPolicy: 'p',
    },
    tag: null,
    secretDigest: null,
    due: [],
    ...more,
  });
  const TOLD = Date.UTC(2026, 0, 1);
  const after = (seconds: number) => [{ id: 'db-1', at: new Date(TOLD + seconds * 1000).toISOString() }];
  const look = async (seconds: number, more: Partial<WishedDatabase> = {}, key = 'k') => {
    const { datastore } = testContext({
      input: {},
      keys: { 'databases.u.applied': `${TOLD} ${key}` },
    });
    const found = await foreignResets(after(seconds), [wish(more)], {}, datastore);
    return { found, applied: await readApplied(datastore, 'u') };
  };

  it.each<[string, number, readonly string[], string]>([
    ['is ours when it was before ours had been taken', -5, [], 'k'],
    ['is ours when RDS tells of it a while later', 60, [], 'k'],
    ['is of somebody else when it was long after', 3600, ['u'], ''],
  ])('%s', async (_what, seconds, found, key) => {
    expect(await look(seconds)).toMatchObject({ found, applied: { key, at: TOLD } });
  });

  it('stays in doubt until ours is told again', async () => {
    expect(await look(3600, {}, '')).toMatchObject({ found: ['u'], applied: { key: '' } });
  });

  it('of a replica is none of its own', async () => {
    expect((await look(3600, { spec: specOf('MysqlDb', { replicaOf: 'x' }) })).found).toEqual([]);
  });
});
