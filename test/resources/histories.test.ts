import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createModel, createPair, type Ending, type Happening, settleAll } from './model.ts';

/** Steps are frequent and deletions rare, or few histories would get far. */
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Happening>({ kind: 'change' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Happening>({ kind: 'delete' }, { kind: 'crash' }, { kind: 'look' }, { kind: 'tamper' }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('step' as const), times: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      how: fc.constantFrom<Ending>('good', 'fails before', 'fails after', 'waits'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('wait' as const, 'wait' as const, 'set back' as const),
      seconds: fc.integer({ min: 1, max: 100 }),
    }),
  },
);
const policy = fc.record({
  superseded: fc.constantFrom('cancel' as const, 'finish' as const),
  driftPolicy: fc.constantFrom('report' as const, 'correct' as const),
  adoptionPolicy: fc.constantFrom('never' as const, 'owned' as const, 'any' as const),
  looks: fc.constantFrom('each' as const, 'list' as const, 'never' as const),
});

describe('whatever happens in whatever order', () => {
  it('no two handlers run for one object, and once it is quiet the newest wishes are in effect', () => {
    fc.assert(
      fc.property(policy, fc.array(happening, { maxLength: 40 }), (given, happenings) => {
        const model = createModel(given);
        for (const one of happenings) model.apply(one);
        model.settle();
        expect(model.mostAtOnce).toBeLessThanOrEqual(1);
        if (model.object === undefined) {
          expect([model.outside, model.record]).toEqual([undefined, undefined]);
          return;
        }
        expect(model.record?.generation).toBe(model.object.generation);
        if (given.driftPolicy === 'correct' && given.looks !== 'never') {
          expect(model.outside).toBe(model.object.generation);
        }
        expect(model.record?.intent).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it('a deletion ends, and leaves nothing', () => {
    fc.assert(
      fc.property(policy, fc.array(happening, { maxLength: 40 }), (given, happenings) => {
        const model = createModel(given);
        for (const one of happenings) model.apply(one);
        model.apply({ kind: 'delete' });
        model.settle();
        expect([model.object, model.outside, model.record]).toEqual([undefined, undefined, undefined]);
      }),
      { numRuns: 2000 },
    );
  });

  it('nothing is made before the finalizer holds the object, and nothing is made twice', () => {
    fc.assert(
      fc.property(policy, fc.array(happening, { maxLength: 40 }), (given, happenings) => {
        const model = createModel(given);
        for (const one of happenings) model.apply(one);
        expect(model.madeUnheld).toBe(0);
        // With a way to look, what exists is adopted and not made again.
        if (given.looks !== 'never') expect(model.madeTwice).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('an object and one that it needs, whatever happens to both', () => {
  const looking = fc.constantFrom('each' as const, 'list' as const);
  /** What cannot be looked at and may exist keeps what it needs until it is deleted, which its status says. */
  const begun = fc.constantFrom('none' as const, 'base' as const, 'creation' as const, 'both' as const);
  const pair = fc.record({ base: policy, thing: policy, looks: looking, begun });
  const one = fc.oneof(
    { weight: 9, arbitrary: happening },
    { weight: 1, arbitrary: fc.constant<Happening>({ kind: 'delete' }) },
  );
  const histories = fc.array(fc.record({ what: fc.constantFrom('base' as const, 'thing' as const), one }), {
    maxLength: 60,
  });
  type Given<T> = T extends fc.Arbitrary<infer Value> ? Value : never;
  const rested = (given: Given<typeof pair>, happenings: Given<typeof histories>) => {
    const { base, thing } = createPair({ base: given.base, thing: { ...given.thing, looks: given.looks } });
    // Most that can go wrong needs both to be there, or to be on their way.
    if (given.begun !== 'none') settleAll([base]);
    if (given.begun === 'creation') thing.apply({ kind: 'step', times: 4 });
    if (given.begun === 'both') settleAll([base, thing]);
    for (const { what, one } of happenings) (what === 'base' ? base : thing).apply(one);
    settleAll([base, thing]);
    return { base, thing };
  };

  it('come to rest: what is deleted is gone unless something stands on it, and what can be made is made', () => {
    fc.assert(
      fc.property(pair, histories, (given, happenings) => {
        const { base, thing } = rested(given, happenings);
        if (base.object?.deleting === true) expect([thing.object, thing.outside].includes(undefined)).toBe(false);
        if (base.object?.deleting === false) expect(base.record?.generation).toBe(base.object.generation);
        if (thing.object?.deleting === false && base.isReady()) {
          expect(thing.record?.generation).toBe(thing.object.generation);
        }
        expect(thing.object?.deleting).not.toBe(true);
        expect(base.takenFromUnder).toBe(0);
      }),
      { numRuns: 3000 },
    );
  });

  it('leave nothing when both are deleted, in whatever order', () => {
    fc.assert(
      fc.property(pair, histories, fc.boolean(), (given, happenings, baseFirst) => {
        const { base, thing } = rested(given, happenings);
        for (const model of baseFirst ? [base, thing] : [thing, base]) {
          model.apply({ kind: 'delete' });
          model.apply({ kind: 'step', times: 2 });
        }
        settleAll([base, thing]);
        expect([base.object, base.outside, base.record]).toEqual([undefined, undefined, undefined]);
        expect([thing.object, thing.outside, thing.record]).toEqual([undefined, undefined, undefined]);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('an object whose wishes change all the time', () => {
  it.each(['cancel', 'finish'] as const)('comes about now and then (superseded: %s)', (superseded) => {
    const model = createModel({ looks: 'list', superseded });
    let made = 0;
    for (let change = 0; change < 60; change += 1) {
      model.apply({ kind: 'change' });
      model.apply({ kind: 'step', times: 3 });
      model.apply({ kind: 'look' });
      model.apply({ kind: 'step', times: 3 });
      // Its handler takes longer than the time between two changes.
      if (change % 2 === 1) model.apply({ kind: 'end', how: 'good' });
      made = Math.max(made, model.record?.generation ?? 0);
    }
    expect(made).toBeGreaterThan(0);
  });
});
