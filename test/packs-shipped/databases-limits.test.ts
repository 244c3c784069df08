import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Claim, refusalOf } from '../../packs/databases/lib/limits.ts';

const claim = (uid: string, created: string, storageGb: number, granted?: number): Claim => ({
  uid,
  created: `2026-11-26T00:00:0${created}Z`,
  storageGb,
  granted,
});

describe('room below a limit', () => {
  it.each<[string, readonly Claim[], string, { databases?: number; storageGb?: number }, string | undefined]>([
    ['is for who was posted first', [claim('b', '1', 20), claim('a', '2', 20)], 'b', { databases: 1 }, undefined],
    [
      'is not for who was posted later',
      [claim('b', '1', 20), claim('a', '2', 20)],
      'a',
      { databases: 1 },
      '1 of 1 databases are taken',
    ],
    [
      'goes by uid where the time is one',
      [claim('b', '1', 20), claim('a', '1', 20)],
      'b',
      { databases: 1 },
      '1 of 1 databases are taken',
    ],
    [
      'is not taken from who has it',
      [claim('a', '1', 20), claim('b', '1', 20, 20)],
      'a',
      { databases: 1 },
      '1 of 1 databases are taken',
    ],
    ['is there for who has it', [claim('a', '1', 20), claim('b', '1', 20, 20)], 'b', { databases: 1 }, undefined],
    [
      'may be too little for one and enough for the next',
      [claim('a', '1', 80), claim('b', '2', 20)],
      'b',
      { storageGb: 50 },
      undefined,
    ],
    [
      'counts what grows',
      [claim('a', '1', 40, 20), claim('b', '2', 20, 20)],
      'a',
      { storageGb: 50 },
      '40 of 50 GB are taken, and it asks for 20 more',
    ],
    ['is endless where nothing is said', [claim('a', '1', 9000)], 'a', {}, undefined],
  ])('%s', (_what, claims, uid, limits, refusal) => {
    expect(refusalOf(uid, claims, limits)).toBe(refusal);
  });

  it('is never given twice, in whatever order many ask, and each sees grants that came before', () => {
    const claims = fc.uniqueArray(
      fc.record({
        uid: fc.uuid(),
        second: fc.integer({ min: 0, max: 2 }),
        storageGb: fc.integer({ min: 20, max: 60 }),
      }),
      { selector: ({ uid }) => uid, minLength: 1, maxLength: 12 },
    );
    const limits = fc.record({
      databases: fc.integer({ min: 0, max: 6 }),
      storageGb: fc.integer({ min: 0, max: 300 }),
    });
    fc.assert(
      fc.property(claims, limits, fc.infiniteStream(fc.nat()), (wished, limit, chance) => {
        const granted = new Map<string, number>();
        // They ask in any order, several times, and objects appear while others ask already.
        for (let turn = 0; turn < wished.length * 3; turn += 1) {
          const seen = wished.slice(0, 1 + Math.min(turn, wished.length - 1));
          const asking = seen[(chance.next().value ?? 0) % seen.length];
          if (asking === undefined) continue;
          const now = seen.map(({ uid, second, storageGb }) => claim(uid, String(second), storageGb, granted.get(uid)));
          if (refusalOf(asking.uid, now, limit) === undefined) granted.set(asking.uid, asking.storageGb);
        }
        expect(granted.size).toBeLessThanOrEqual(limit.databases);
        expect([...granted.values()].reduce((sum, storage) => sum + storage, 0)).toBeLessThanOrEqual(limit.storageGb);
      }),
    );
  });
});
