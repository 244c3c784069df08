import type { HandlerName, Resource, ResourceRecord } from '../model/index.ts';

/** How an object stands, compared with the outside world. */
export type State = 'missing' | 'changed' | 'drifted' | 'orphaned' | 'unchanged' | 'deleting' | 'waiting' | 'blocked';

/** What is to be done next, one thing at a time. */
export type Step =
  | 'none'
  /** Set the finalizer. */
  | 'hold'
  | 'observe'
  | 'create'
  | 'update'
  | 'delete'
  /** Cut the running handler short. */
  | 'cancel'
  /** Take the finalizer away. */
  | 'release'
  /** Drop the record: there is nothing left to know. */
  | 'forget';

export interface Decision {
  readonly state: State;
  readonly step: Step;
  /** A word for machines, CamelCase. */
  readonly reason: string;
  /** A full sentence for people. */
  readonly message: string;
  /** When to look again, if nothing happens before. Epoch milliseconds. */
  readonly again?: number;
  /** What was brought about before works on, while the newest wish cannot be granted. */
  readonly inEffect?: true;
  /** Of `cancel`. */
  readonly why?: 'superseded' | 'timeout';
}

/** Everything a decision depends on: the state of things, never the order in which it was heard of. Times are epoch milliseconds. */
export interface Facts {
  readonly resource: Pick<
    Resource,
    'driftPolicy' | 'deletionPolicy' | 'adoptionPolicy' | 'orphanPolicy' | 'superseded' | 'resync'
  >;
  /** How the outside can be looked at. */
  readonly looks: 'each' | 'list' | 'never';
  /** Absent: the object does not exist. */
  readonly object?: {
    readonly generation: number;
    readonly deleting: boolean;
    readonly finalizer: boolean;
    /** Somebody released it on purpose. */
    readonly abandoned: boolean;
  };
  readonly record?: ResourceRecord;
  /** When this object was first heard of; counts until there is a record. */
  readonly seenAt: number;
  /** When the running handler has had its time. */
  readonly deadline?: number;
  readonly observed?: {
    readonly at: number;
    readonly exists: boolean;
    readonly owner: 'ours' | 'foreign' | 'unknown';
    /** Fields that are not as wished, and what else is not. */
    readonly difference: readonly string[];
  };
  /** A look is under way. */
  readonly observing: boolean;
  /** Why the outside cannot be looked at now. */
  readonly lookFailure?: string;
  /** Sentences: dependencies that are not ready. */
  readonly unready: readonly string[];
  /** The way from what it needs back to itself, if there is one. */
  readonly cycle: readonly string[];
  /** Objects that need this one. */
  readonly dependents: readonly string[];
  /** How often in a row its handler was cut short for newer wishes. */
  readonly cutShort: number;
  /** From 0 up to, not including, 1; spreads the looks of many objects. */
  readonly spread: number;
  readonly now: number;
}

export const ABANDONED = 'Abandoned';
export const RETAINED = 'Retained';

/** What is to be done for one object, and why. Pure: the same facts give the same decision. */
export function decide(facts: Facts): Decision {
  const decision = decideAtRest(facts);
  if (!facts.observing || !['create', 'update', 'delete', 'observe'].includes(decision.step)) return decision;
  // One workflow at a time for one object; a look is one too.
  if (decision.state === 'unchanged') return { ...decision, step: 'none' };
  return waiting('Observing', 'What exists outside is being looked at.');
}

function decideAtRest(facts: Facts): Decision {
  const { object, record } = facts;
  if (record?.intent !== undefined) return running(facts, record.intent);
  if (object === undefined) return gone(facts);
  if (object.abandoned) return abandoned(facts, object.finalizer);
  if (object.deleting) return deleting(facts);
  if (!object.finalizer) {
    return {
      state: 'missing',
      step: 'hold',
      reason: 'Pending',
      message: 'The finalizer is to be set before anything is created.',
    };
  }
  const failure = failureOf(facts);
  if (failure !== undefined && failure.retryAt === undefined) {
    return { state: 'blocked', step: 'none', reason: failure.reason, message: failure.message };
  }
  const isThere = record?.exists === 'yes' && record.generation > 0;
  return isThere && record.generation >= object.generation ? settled(facts) : bringAbout(facts, object.generation);
}

function running(facts: Facts, intent: NonNullable<ResourceRecord['intent']>): Decision {
  const { object, resource, record, now, deadline } = facts;
  const doing = PROGRESS[intent.handler];
  const { failure } = record ?? {};
  const asksAgain = failure?.waits === true && failure.handler === intent.handler && intent.canceling === undefined;
  // Most often it hears the same; the status is not to say otherwise every time.
  if (
    asksAgain &&
    object?.deleting === false &&
    failure.generation === object.generation &&
    now < intent.startedAt + ASKING
  ) {
    return awaitGrant(facts, intent.startedAt + ASKING);
  }
  if (intent.canceling !== undefined) return waiting(doing, `The ${intent.handler} handler is being cut short.`);
  if (deadline !== undefined && now >= deadline) {
    const message = `The ${intent.handler} handler has run for longer than it may.`;
    return { state: 'waiting', step: 'cancel', reason: doing, message, why: 'timeout' };
  }
  const isOld =
    intent.handler !== 'delete' && object !== undefined && (object.deleting || object.generation > intent.generation);
  // However often wishes change, some of them come about.
  const mayCut = object?.deleting === true || facts.cutShort < MOST_CUT;
  if (isOld && mayCut && resource.superseded === 'cancel') {
    const message = `The ${intent.handler} handler works for generation ${intent.generation}, which is superseded.`;
    return { state: 'waiting', step: 'cancel', reason: doing, message, why: 'superseded' };
  }
  const message = `The ${intent.handler} handler runs for generation ${intent.generation}.`;
  return { ...waiting(doing, message), ...(deadline !== undefined && { again: deadline }) };
}

/** More changes in a row than a person makes while one handler runs. */
const MOST_CUT = 8;

/** Milliseconds in which a handler that did nothing the last time has found out whether there is something to do now. */
const ASKING = 10_000;

const PROGRESS: Readonly<Record<HandlerName, string>> = {
  create: 'Creating',
  update: 'Updating',
  delete: 'Deleting',
  observe: 'Observing',
};

/** The object does not exist any more, although its finalizer was to keep it until everything is taken away. */
function gone(facts: Facts): Decision {
  const { record, resource, observed, now } = facts;
  if (record === undefined || record.exists === 'no' || (isFresh(facts) && observed?.exists === false)) {
    return { state: 'orphaned', step: 'forget', reason: 'Gone', message: 'Nothing is left of it.' };
  }
  const kept = record.failure?.reason === ABANDONED || record.failure?.reason === RETAINED;
  if (kept || resource.orphanPolicy === 'report') {
    const why = kept ? `was kept on purpose (${record.failure?.reason})` : 'was left behind';
    const message = `The object is gone, and what it stood for ${why}.`;
    return { state: 'orphaned', step: 'none', reason: 'Orphaned', message };
  }
  const retry = retryAt(facts);
  if (retry > now) return { ...waiting('DeleteFailed', failureText(record)), again: retry };
  const message = 'The object is gone without its deletion having been seen; what it stood for is taken away.';
  return { state: 'orphaned', step: 'delete', reason: 'Orphaned', message };
}

function abandoned({ record }: Facts, finalizer: boolean): Decision {
  const message =
    'Released on purpose: Petrel does nothing for it any more. Remove the annotation petrel.dev/abandoned to take it up again.';
  const isNoted = record === undefined || record.exists === 'no' || record.failure?.reason === ABANDONED;
  return { state: 'blocked', step: finalizer || !isNoted ? 'release' : 'none', reason: ABANDONED, message };
}

function deleting(facts: Facts): Decision {
  const { record, resource, dependents, now, object } = facts;
  // Without a record, a finalizer says that something may exist: what Petrel knew was lost.
  if (record === undefined ? object?.finalizer !== true : record.exists === 'no') {
    const step = record === undefined ? 'none' : 'release';
    return { state: 'deleting', step, reason: 'Deleted', message: 'Everything it stood for is taken away.' };
  }
  // By the declaration, or by what the handler made of this object.
  if (resource.deletionPolicy === 'retain' || record?.failure?.reason === RETAINED) {
    const message = 'The object is deleted, and what it stands for is kept, as its deletion policy says.';
    return { state: 'deleting', step: 'release', reason: RETAINED, message };
  }
  if (dependents.length > 0) {
    const message = `Deletion waits until what needs it is gone: ${sentenceList(dependents)}.`;
    return { state: 'waiting', step: 'none', reason: 'WaitingForDependents', message };
  }
  const retry = record?.failure?.handler === 'delete' ? (record.failure.retryAt ?? 0) : 0;
  if (retry > now) return { ...waiting('DeleteFailed', failureText(record)), again: retry };
  return { state: 'deleting', step: 'delete', reason: 'Deleting', message: 'What it stands for is to be taken away.' };
}

/** Something must happen outside: there is nothing yet, or what is there is not what is wished. */
function bringAbout(facts: Facts, generation: number): Decision {
  const { record, unready, observed, now } = facts;
  const isNew = record === undefined || record.exists !== 'yes' || record.generation === 0;
  if (unready.length > 0) return awaitDependency(facts);
  const retry = retryAt(facts);
  if (retry > now) return awaitGrant(facts, retry);
  if (isNew && facts.looks !== 'never' && !isFresh(facts)) return look(facts);
  const isSeen = facts.looks !== 'never' && isFresh(facts) && observed?.exists === true;
  if (isNew && isSeen) return lookAgain(facts, adopt(facts, generation));
  const vanished = isFresh(facts) && observed?.exists === false;
  if (isNew || vanished) {
    const message = `Nothing exists for generation ${generation}; it is to be created.`;
    return { state: 'missing', step: 'create', reason: 'Creating', message };
  }
  const message = `Generation ${record.generation} was brought about; ${generation} is wished.`;
  return { state: 'changed', step: 'update', reason: 'Updating', message };
}

/** It is tried again later. What was brought about before a wish that must wait is still there, unless a look has shown otherwise. */
function awaitGrant(facts: Facts, again: number): Decision {
  const { record, observed } = facts;
  const failure = record?.failure;
  const wait = { ...waiting(failure?.reason ?? 'Retrying', failureText(record)), again };
  const isGone = isFresh(facts) && observed?.exists === false;
  const isThere = record?.exists === 'yes' && record.generation > 0 && !isGone;
  if (failure?.waits !== true || !isThere) return wait;
  const message = `Generation ${record.generation} is in effect, and ${failure.generation} must wait: ${failure.message}`;
  return { ...wait, message, inEffect: true };
}

/** What may exist keeps what it waits for from being deleted, so it has to be known whether it does. */
function awaitDependency(facts: Facts): Decision {
  const { record, unready, cycle, looks, lookFailure, now } = facts;
  const circle = `It needs itself, and so can never begin: ${cycle.join(' needs ')}. Let one of them need something else.`;
  const wait: Decision =
    cycle.length === 0
      ? waiting('WaitingForDependency', unready.join(' '))
      : { state: 'blocked', step: 'none', reason: 'DependencyCycle', message: circle };
  if (record?.exists !== 'maybe' || looks === 'never' || isFresh(facts) || lookFailure !== undefined) return wait;
  const retry = retryAt(facts);
  return retry > now ? { ...wait, again: retry } : look(facts);
}

/** What stands in the way may be taken away, which a list would show. */
function lookAgain(facts: Facts, decision: Decision): Decision {
  if (decision.state !== 'blocked' || facts.looks !== 'each') return decision;
  const due = lookDue(facts);
  return due > facts.now ? { ...decision, again: due } : { ...decision, step: 'observe' };
}

/** Look-up before create: a handler that was cut short may have made it, or somebody else has. */
function adopt({ resource, record, observed }: Facts, generation: number): Decision {
  const isOurs = observed?.owner === 'ours';
  const maybeOurs = record?.exists === 'maybe' || record?.exists === 'yes';
  const mayTake =
    (isOurs && (resource.adoptionPolicy !== 'never' || maybeOurs)) ||
    (observed?.owner === 'unknown' && maybeOurs) ||
    resource.adoptionPolicy === 'any';
  if (mayTake) {
    const message = `It exists already and ${isOurs ? 'carries our owner tag' : 'may be adopted'}; it is brought to generation ${generation}.`;
    return { state: 'changed', step: 'update', reason: 'Updating', message };
  }
  const whose = isOurs ? 'adoptionPolicy never forbids to take it over' : 'it does not carry our owner tag';
  const message = `Something of this name exists already, and ${whose}. Remove it, or change adoptionPolicy.`;
  return { state: 'blocked', step: 'none', reason: 'AlreadyExists', message };
}

function look({ looks, lookFailure }: Facts): Decision {
  if (lookFailure !== undefined) return waiting('ObserveFailed', lookFailure);
  const message = 'What exists outside is to be looked at before anything is done.';
  return { ...waiting('Observing', message), step: looks === 'each' ? 'observe' : 'none' };
}

/** The newest generation was brought about. What remains is to see whether it still holds. */
function settled(facts: Facts): Decision {
  const { record, observed, looks, now } = facts;
  const fresh = isFresh(facts) ? observed : undefined;
  const due = lookDue(facts);
  const shouldLook = looks === 'each' && due <= now && retryAt(facts) <= now;
  const isOff = fresh !== undefined && (!fresh.exists || fresh.difference.length > 0);
  // Putting right goes before looking again, or looks that take long would keep it from ever happening.
  if (isOff && (facts.resource.driftPolicy === 'correct' || !shouldLook)) return drifted(facts, fresh);
  return {
    state: 'unchanged',
    step: shouldLook ? 'observe' : 'none',
    reason: 'Available',
    message: `Generation ${record?.generation} is in effect.`,
    ...(looks === 'each' && !shouldLook && { again: Math.max(due, retryAt(facts)) }),
  };
}

function drifted(facts: Facts, observed: NonNullable<Facts['observed']>): Decision {
  const { resource, looks, now } = facts;
  const what = observed.exists
    ? `It was changed behind our back: ${sentenceList(observed.difference)}.`
    : 'It was removed behind our back.';
  const reason = observed.exists ? 'Drifted' : 'Vanished';
  const again = looks === 'each' ? { again: lookDue(facts) } : {};
  if (resource.driftPolicy === 'report') return { state: 'drifted', step: 'none', reason, message: what, ...again };
  const retry = retryAt(facts);
  if (retry > now)
    return { state: 'drifted', step: 'none', reason, message: `${what} ${failureText(facts.record)}`, again: retry };
  return { state: 'drifted', step: observed.exists ? 'update' : 'create', reason, message: `${what} It is put right.` };
}

/** When one object is to be looked at again; after a restart not all of them at once. */
function lookDue(facts: Facts): number {
  const { resource, observed, record, seenAt, spread } = facts;
  const last = isFresh(facts) ? (observed?.at ?? 0) : (record?.settledAt ?? seenAt);
  const period = resource.resync * 1000;
  return Math.max(last + period * (0.9 + 0.2 * spread), seenAt + Math.min(period, 60_000) * spread);
}

/** Whether what was observed is newer than the last thing that was done. */
function isFresh({ observed, record, seenAt }: Facts): boolean {
  return observed !== undefined && observed.at > (record?.settledAt ?? seenAt);
}

/** A failure counts for the generation it happened to: newer wishes are tried at once. */
function failureOf({ record, object }: Facts): ResourceRecord['failure'] {
  const failure = record?.failure;
  if (failure === undefined || failure.reason === ABANDONED) return undefined;
  return object === undefined || failure.generation >= object.generation ? failure : undefined;
}

function retryAt(facts: Facts): number {
  return failureOf(facts)?.retryAt ?? 0;
}

function failureText(record: ResourceRecord | undefined): string {
  const failure = record?.failure;
  if (failure === undefined) return '';
  if (failure.waits) return failure.message;
  const times = failure.count === 1 ? 'once' : `${failure.count} times in a row`;
  return `The ${failure.handler} handler failed ${times} and is tried again: ${failure.message}`;
}

function waiting(reason: string, message: string): Decision {
  return { state: 'waiting', step: 'none', reason, message };
}

function sentenceList(items: readonly string[]): string {
  const shown = items.slice(0, 5).join(', ');
  return items.length > 5 ? `${shown} and ${items.length - 5} more` : shown;
}
