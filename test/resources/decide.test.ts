import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResourceRecord } from '../../src/model/index.ts';
import { decide, type Facts } from '../../src/resources/decide.ts';
import { newRecord, refreshed } from '../../src/resources/record.ts';
import { createModel, type Happening, POLICIES } from './model.ts';

const OBJECT = { generation: 2, deleting: false, finalizer: true, abandoned: false };
const RECORD: ResourceRecord = {
  ...newRecord('p.thing', { uid: 'u', namespace: 'n', name: 'a', content: {} }, 1000),
  generation: 2,
  exists: 'yes',
};
const SEEN = { at: 2000, exists: true, owner: 'ours' as const, difference: [] };

function facts(more: Partial<Facts> = {}): Facts {
  return {
    resource: POLICIES,
    looks: 'list',
    object: OBJECT,
    record: RECORD,
    observed: SEEN,
    seenAt: 500,
    observing: false,
    unready: [],
    dependents: [],
    spread: 0.5,
    now: 3000,
    ...more,
  };
}

const without = (given: Facts, ...names: (keyof Facts)[]): Facts => {
  const rest = { ...given };
  for (const name of names) delete rest[name];
  return rest;
};
const failure = {
  reason: 'CreateFailed',
  message: 'm',
  generation: 2,
  handler: 'create' as const,
  count: 1,
  retryAt: 5000,
};
const intent = { handler: 'create' as const, generation: 2, executionId: 'e', startedAt: 2500 };
const fresh: ResourceRecord = { ...RECORD, generation: 0, exists: 'no' };
const policies = (more: Partial<Facts['resource']>) => ({ resource: { ...POLICIES, ...more } });

describe('the next step', () => {
  it.each<[string, Facts, string, string, string]>([
    ['nothing, when all is as wished', facts(), 'unchanged', 'none', 'Available'],
    [
      'the finalizer, before anything else',
      without(facts({ object: { ...OBJECT, finalizer: false } }), 'record', 'observed'),
      'missing',
      'hold',
      'Pending',
    ],
    [
      'a look, before the first effect',
      without(facts({ record: fresh, looks: 'each' }), 'observed'),
      'waiting',
      'observe',
      'Observing',
    ],
    ['a list, before the first effect', without(facts({ record: fresh }), 'observed'), 'waiting', 'none', 'Observing'],
    [
      'another look, when the last is older than what was done',
      facts({ record: { ...fresh, settledAt: 2000 }, looks: 'each' }),
      'waiting',
      'observe',
      'Observing',
    ],
    [
      'to wait, while the look fails',
      without(facts({ record: fresh, lookFailure: 'no answer' }), 'observed'),
      'waiting',
      'none',
      'ObserveFailed',
    ],
    [
      'create, when nothing exists',
      facts({ record: fresh, observed: { ...SEEN, exists: false } }),
      'missing',
      'create',
      'Creating',
    ],
    [
      'create without a look, when there is no way to look',
      without(facts({ record: fresh, looks: 'never' }), 'observed'),
      'missing',
      'create',
      'Creating',
    ],
    ['update, when it carries our tag already', facts({ record: fresh }), 'changed', 'update', 'Updating'],
    [
      'nothing, when it may not be adopted',
      facts({ record: fresh, ...policies({ adoptionPolicy: 'never' }) }),
      'blocked',
      'none',
      'AlreadyExists',
    ],
    [
      'update, when we may have made it ourselves',
      facts({
        record: { ...fresh, exists: 'maybe' },
        observed: { ...SEEN, owner: 'unknown' },
        ...policies({ adoptionPolicy: 'never' }),
      }),
      'changed',
      'update',
      'Updating',
    ],
    [
      'nothing, when it is somebody else’s',
      facts({ record: { ...fresh, exists: 'maybe' }, observed: { ...SEEN, owner: 'foreign' } }),
      'blocked',
      'none',
      'AlreadyExists',
    ],
    [
      'update, when anything may be adopted',
      facts({ record: fresh, observed: { ...SEEN, owner: 'foreign' }, ...policies({ adoptionPolicy: 'any' }) }),
      'changed',
      'update',
      'Updating',
    ],
    [
      'update, when the wishes changed',
      facts({ object: { ...OBJECT, generation: 3 } }),
      'changed',
      'update',
      'Updating',
    ],
    [
      'create, when the wishes changed and it vanished',
      facts({ object: { ...OBJECT, generation: 3 }, observed: { ...SEEN, exists: false } }),
      'missing',
      'create',
      'Creating',
    ],
    [
      'to wait for a dependency',
      facts({ object: { ...OBJECT, generation: 3 }, unready: ['Network x is not ready.'] }),
      'waiting',
      'none',
      'WaitingForDependency',
    ],
    [
      'a look while it waits for a dependency, when it may exist',
      without(
        facts({ looks: 'each', record: { ...RECORD, exists: 'maybe' }, unready: ['Network x is not ready.'] }),
        'observed',
      ),
      'waiting',
      'observe',
      'Observing',
    ],
    [
      'no second look while it waits for a dependency',
      facts({ looks: 'each', record: { ...RECORD, exists: 'maybe' }, unready: ['Network x is not ready.'] }),
      'waiting',
      'none',
      'WaitingForDependency',
    ],
    [
      'nothing about a dependency, once all is as wished',
      facts({ unready: ['Network x is not ready.'] }),
      'unchanged',
      'none',
      'Available',
    ],
    ['to wait after a failure', facts({ record: { ...fresh, failure } }), 'waiting', 'none', 'CreateFailed'],
    [
      'to try at once, when the wishes changed since',
      facts({
        record: { ...fresh, failure },
        object: { ...OBJECT, generation: 3 },
        observed: { ...SEEN, exists: false },
      }),
      'missing',
      'create',
      'Creating',
    ],
    [
      'nothing, after what trying again does not help',
      facts({ record: { ...RECORD, failure: { ...failure, retryAt: undefined, reason: 'OutputsRefused' } as never } }),
      'blocked',
      'none',
      'OutputsRefused',
    ],
    ['nothing, while a handler runs', facts({ record: { ...fresh, intent } }), 'waiting', 'none', 'Creating'],
    [
      'nothing, while a look runs',
      facts({ object: { ...OBJECT, generation: 3 }, observing: true }),
      'waiting',
      'none',
      'Observing',
    ],
    [
      'nothing to report, while a settled one is looked at',
      facts({ observing: true }),
      'unchanged',
      'none',
      'Available',
    ],
    [
      'to cut short what takes too long',
      facts({ record: { ...fresh, intent }, deadline: 3000 }),
      'waiting',
      'cancel',
      'Creating',
    ],
    [
      'to let an old one finish',
      facts({ record: { ...fresh, intent }, object: { ...OBJECT, generation: 3 } }),
      'waiting',
      'none',
      'Creating',
    ],
    [
      'to cut an old one short',
      facts({
        record: { ...fresh, intent },
        object: { ...OBJECT, generation: 3 },
        ...policies({ superseded: 'cancel' }),
      }),
      'waiting',
      'cancel',
      'Creating',
    ],
    [
      'to cut it short once',
      facts({
        record: { ...fresh, intent: { ...intent, canceling: 'superseded' } },
        object: { ...OBJECT, generation: 3 },
        ...policies({ superseded: 'cancel' }),
      }),
      'waiting',
      'none',
      'Creating',
    ],
    [
      'never to cut a deletion short',
      facts({
        record: { ...RECORD, intent: { ...intent, handler: 'delete' } },
        object: { ...OBJECT, generation: 3, deleting: true },
        ...policies({ superseded: 'cancel' }),
      }),
      'waiting',
      'none',
      'Deleting',
    ],
    ['to say what drifted', facts({ observed: { ...SEEN, difference: ['size'] } }), 'drifted', 'none', 'Drifted'],
    [
      'to put right what drifted',
      facts({ observed: { ...SEEN, difference: ['size'] }, ...policies({ driftPolicy: 'correct' }) }),
      'drifted',
      'update',
      'Drifted',
    ],
    [
      'to make again what vanished',
      facts({ observed: { ...SEEN, exists: false }, ...policies({ driftPolicy: 'correct' }) }),
      'drifted',
      'create',
      'Vanished',
    ],
    ['delete', facts({ object: { ...OBJECT, deleting: true } }), 'deleting', 'delete', 'Deleting'],
    [
      'delete also after a failed create',
      facts({ object: { ...OBJECT, deleting: true }, record: { ...fresh, exists: 'maybe', failure } }),
      'deleting',
      'delete',
      'Deleting',
    ],
    [
      'delete also when what was known is lost',
      without(facts({ object: { ...OBJECT, deleting: true } }), 'record', 'observed'),
      'deleting',
      'delete',
      'Deleting',
    ],
    [
      'to wait for those who need it',
      facts({ object: { ...OBJECT, deleting: true }, dependents: ['MysqlDb a'] }),
      'waiting',
      'none',
      'WaitingForDependents',
    ],
    [
      'release, when nothing is left',
      facts({ object: { ...OBJECT, deleting: true }, record: { ...RECORD, exists: 'no' } }),
      'deleting',
      'release',
      'Deleted',
    ],
    [
      'release, when it is to be kept',
      facts({ object: { ...OBJECT, deleting: true }, ...policies({ deletionPolicy: 'retain' }) }),
      'deleting',
      'release',
      'Retained',
    ],
    ['release on purpose', facts({ object: { ...OBJECT, abandoned: true } }), 'blocked', 'release', 'Abandoned'],
    [
      'nothing for a kind without its object',
      without(facts({ object: OBJECT }), 'object'),
      'orphaned',
      'none',
      'Orphaned',
    ],
    [
      'delete, where orphans are to go',
      without(facts(policies({ orphanPolicy: 'delete' })), 'object'),
      'orphaned',
      'delete',
      'Orphaned',
    ],
    [
      'never to delete what was kept on purpose',
      without(
        facts({
          record: { ...RECORD, failure: { ...failure, reason: 'Retained' } },
          ...policies({ orphanPolicy: 'delete' }),
        }),
        'object',
      ),
      'orphaned',
      'none',
      'Orphaned',
    ],
    [
      'to forget, when nothing is left of an orphan',
      without(facts({ observed: { ...SEEN, exists: false } }), 'object'),
      'orphaned',
      'forget',
      'Gone',
    ],
  ])('is %s', (_, given, state, step, reason) => {
    const decision = decide(given);
    expect([decision.state, decision.step, decision.reason]).toEqual([state, step, reason]);
    expect(decision.message).toMatch(/^[A-Z].*[.:]|^m$|^no answer$/);
  });
});

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
      how: fc.constantFrom('good' as const, 'fails before' as const, 'fails after' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 100 }) }),
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

describe('a wish that must wait while what was brought about before works on', () => {
  const held: ResourceRecord = {
    ...RECORD,
    generation: 1,
    failure: { ...failure, handler: 'update', reason: 'LimitReached', message: 'No room.', waits: true },
  };
  const asking: ResourceRecord = { ...held, intent: { ...intent, handler: 'update', startedAt: 5000 } };

  it.each<[string, Facts, object]>([
    [
      'is in effect as it was',
      facts({ record: held }),
      { inEffect: true, message: 'Generation 1 is in effect, and 2 must wait: No room.', again: 5000 },
    ],
    [
      'is in effect, whatever was seen before it was brought about',
      facts({ record: { ...held, settledAt: 2500 }, observed: { ...SEEN, exists: false } }),
      { inEffect: true },
    ],
    ['is asked for again when its time comes', facts({ record: held, now: 5000 }), { step: 'update' }],
    [
      'is in effect while it is asked for again',
      facts({ record: asking, now: 6000 }),
      { inEffect: true, reason: 'LimitReached', again: 15_000 },
    ],
    ['is under way when that takes longer', facts({ record: asking, now: 15_000 }), { reason: 'Updating' }],
    [
      'is under way when there are newer wishes',
      facts({ record: asking, now: 6000, object: { ...OBJECT, generation: 3 } }),
      { reason: 'Updating' },
    ],
    [
      'counts no more when it is deleted',
      facts({ record: asking, now: 6000, object: { ...OBJECT, deleting: true } }),
      { reason: 'Updating' },
    ],
  ])('%s', (_what, given, expected) => {
    expect(decide(given)).toMatchObject(expected);
  });

  it.each<[string, Facts]>([
    ['nothing was ever brought about', facts({ record: { ...held, generation: 0, exists: 'maybe' } })],
    ['it was seen to be gone', facts({ record: held, observed: { ...SEEN, exists: false } })],
    ['it has failed', facts({ record: { ...held, failure: { ...failure, handler: 'update' } } })],
  ])('is not said where %s', (_what, given) => {
    expect(decide(given).inEffect).toBeUndefined();
    expect(decide(given).state).toBe('waiting');
  });
});

describe('who asks for another try', () => {
  it('makes nothing of what was seen worthless, so that asking often keeps nothing from being put right', () => {
    const record = { ...RECORD, failure: { ...failure, handler: 'update' as const } };
    const seen = facts({
      record,
      observed: { ...SEEN, difference: ['value'] },
      ...policies({ driftPolicy: 'correct' }),
    });
    expect(decide(seen)).toMatchObject({ state: 'drifted', step: 'none', again: 5000 });
    expect(decide({ ...seen, record: refreshed(record) })).toMatchObject({ state: 'drifted', step: 'update' });
  });

  it('does not take back that something was kept on purpose', () => {
    const kept = { ...RECORD, failure: { ...failure, reason: 'Retained', handler: 'delete' as const } };
    expect(refreshed(kept)).toEqual(kept);
  });
});
