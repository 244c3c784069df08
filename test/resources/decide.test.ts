import { describe, expect, it } from 'vitest';
import type { ResourceRecord } from '../../src/model/index.ts';
import { decide, type Facts } from '../../src/resources/decide.ts';
import { newRecord, refreshed } from '../../src/resources/record.ts';
import { rewound } from '../../src/resources/rewind.ts';
import { POLICIES } from './model.ts';

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
    cycle: [],
    dependents: [],
    cutShort: 0,
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

describe('what could wait for ever', () => {
  it('is told, when an object needs itself', () => {
    const cycle = ['Thing n/a', 'Thing n/b', 'Thing n/a'];
    const given = facts({ record: fresh, unready: ['Thing n/b is not ready.'], cycle });
    expect(decide(given)).toMatchObject({
      state: 'blocked',
      reason: 'DependencyCycle',
      message:
        'It needs itself, and so can never begin: Thing n/a needs Thing n/b needs Thing n/a. Let one of them need something else.',
    });
  });

  it('is an object whose wishes change faster than they come about, so after some the next are', () => {
    const record = { ...RECORD, intent: { ...intent, generation: 1 } };
    const given = facts({ record, ...policies({ superseded: 'cancel' }) });
    expect(decide({ ...given, cutShort: 7 })).toMatchObject({ step: 'cancel', why: 'superseded' });
    expect(decide({ ...given, cutShort: 8 })).toMatchObject({ step: 'none', reason: 'Creating' });
    const deleted = { ...OBJECT, deleting: true };
    expect(decide({ ...given, cutShort: 8, object: deleted })).toMatchObject({ step: 'cancel', why: 'superseded' });
  });

  it('is an object in whose way something stood, so it is looked at again when the next look is due', () => {
    const blocked = facts({ record: fresh, looks: 'each', observed: { ...SEEN, owner: 'foreign' } });
    const { again = 0, ...decision } = decide(blocked);
    expect(decision).toMatchObject({ state: 'blocked', step: 'none', reason: 'AlreadyExists' });
    expect(again).toBeGreaterThan(50_000);
    expect(decide({ ...blocked, now: again })).toMatchObject({ state: 'blocked', step: 'observe' });
  });
});

describe('a clock that was set back', () => {
  it('makes nothing that was done lie ahead, so that looks count', () => {
    const ahead = { ...fresh, exists: 'maybe' as const, settledAt: 900_000, failure: { ...failure, retryAt: 950_000 } };
    const record = rewound(ahead, 2000, 300);
    expect(record).toMatchObject({ settledAt: 2000, failure: { retryAt: 302_000 } });
    expect(rewound(RECORD, 2000, 300)).toBe(RECORD);
    const seen = facts({ record, looks: 'each', observed: { ...SEEN, at: 302_001, exists: false }, now: 302_002 });
    expect(decide({ ...seen, record: ahead }).reason).not.toBe('Creating');
    expect(decide(seen)).toMatchObject({ step: 'create' });
  });
});
