import type { ExecutionStatus, HandlerName, Id, JsonObject, Resource, ResourceRecord } from '../model/index.ts';
import { ABANDONED, RETAINED } from './decide.ts';

/** How a handler ended, as far as the record is concerned. */
export type HandlerEnd =
  | { readonly status: 'succeeded'; readonly outputs: JsonObject }
  /** It was to delete, and has kept what there is on purpose. */
  | { readonly status: 'retained' }
  /** It did nothing, because something must come first. */
  | { readonly status: 'waiting'; readonly reason: string; readonly message: string }
  /** It did its work, but what it answers cannot be shown. */
  | { readonly status: 'refused'; readonly reason: string; readonly message: string }
  | { readonly status: Exclude<ExecutionStatus, 'succeeded'>; readonly message: string };

/** The record of an object that nothing was done for yet. */
export function newRecord(
  resource: string,
  object: { readonly uid: string; readonly namespace: string; readonly name: string; readonly content: JsonObject },
  now: number,
): ResourceRecord {
  const { uid, namespace, name, content } = object;
  return {
    uid,
    resource,
    namespace,
    name,
    generation: 0,
    exists: 'no',
    outputs: {},
    settledAt: now,
    object: content,
    revision: 0,
  };
}

/** A handler is requested. From here on something may exist outside. */
export function begun(
  record: ResourceRecord,
  request: {
    readonly handler: HandlerName;
    readonly generation: number;
    readonly executionId: Id;
    readonly object: JsonObject;
  },
  now: number,
): ResourceRecord {
  const { handler, generation, executionId, object } = request;
  return {
    ...record,
    object,
    exists: record.exists === 'no' ? 'maybe' : record.exists,
    intent: { handler, generation, executionId, startedAt: now },
  };
}

/** A handler has ended. What was observed before says nothing any more. */
export function concluded(
  record: ResourceRecord,
  end: HandlerEnd,
  retry: Resource['retry'],
  now: number,
  random: () => number,
): ResourceRecord {
  const { intent, failure, ...rest } = record;
  if (intent === undefined) return record;
  const settled = { ...rest, settledAt: now };
  if (end.status === 'retained') return kept(settled, RETAINED, now);
  if (end.status === 'succeeded' || end.status === 'refused') {
    if (intent.handler === 'delete') return { ...settled, exists: 'no' };
    const there = { ...settled, exists: 'yes' as const, generation: Math.max(record.generation, intent.generation) };
    if (end.status === 'succeeded') return { ...there, outputs: end.outputs };
    const { reason, message } = end;
    return {
      ...there,
      outputs: {},
      failure: { reason, message, generation: intent.generation, handler: intent.handler, count: 1 },
    };
  }
  // Cut short by us, because there are newer wishes: no failure, but nobody knows how far it came.
  const doubtful = {
    ...settled,
    exists: intent.handler === 'update' && record.exists === 'yes' ? ('yes' as const) : ('maybe' as const),
  };
  if (intent.canceling === 'superseded') return doubtful;
  const { handler, generation } = intent;
  if (end.status === 'waiting') {
    const what = { handler, generation, message: end.message, before: failure };
    // Nothing was done, so what was seen before still counts.
    const waits = failed({ ...doubtful, settledAt: record.settledAt }, what, retry, now, random);
    return { ...waits, ...(waits.failure && { failure: { ...waits.failure, reason: end.reason, waits: true } }) };
  }
  const message = intent.canceling === 'timeout' ? 'It ran for longer than it may and was cut short.' : end.message;
  return failed(doubtful, { handler, generation, message, before: failure }, retry, now, random);
}

/** Whether something may stand outside for it. What a handler left in doubt does not exist when a look since then has not shown it. */
export function mayExist(
  { exists, settledAt, intent }: ResourceRecord,
  seen: { readonly at: number; readonly exists: boolean } | undefined,
): boolean {
  if (exists !== 'maybe' || intent !== undefined) return exists !== 'no';
  return seen === undefined || seen.exists || seen.at <= settledAt;
}

/** Something that was to be done could not be. The waits double, each spread over its upper half. */
export function failed(
  record: ResourceRecord,
  what: {
    readonly handler: HandlerName;
    readonly generation: number;
    readonly message: string;
    readonly before?: ResourceRecord['failure'];
  },
  retry: Resource['retry'],
  now: number,
  random: () => number,
): ResourceRecord {
  const { handler, generation, message, before } = what;
  const count = before?.handler === handler && before.generation === generation ? before.count + 1 : 1;
  const wait = Math.min(retry.delay * 2 ** Math.min(count - 1, 30), retry.maxDelay) * 1000;
  const reason = `${handler[0]?.toUpperCase()}${handler.slice(1)}Failed`;
  const retryAt = Math.round(now + wait * (0.5 + random() / 2));
  return { ...record, failure: { reason, message, generation, handler, count, retryAt } };
}

/** The finalizer goes; what it stood for stays, and must never be taken for something forgotten. */
export function kept(record: ResourceRecord, reason: typeof ABANDONED | typeof RETAINED, now: number): ResourceRecord {
  const { intent: _, ...rest } = record;
  const message = reason === ABANDONED ? 'Released on purpose.' : 'Kept by its deletion policy.';
  const failure = { reason, message, generation: record.generation, handler: 'delete' as const, count: 0 };
  return { ...rest, failure, settledAt: now };
}

/**
 * Somebody asks for another try. What was seen still counts until the look that is asked for with it is done: or who asks more often than a look
 * takes would keep anything from ever being seen.
 */
export function refreshed(record: ResourceRecord): ResourceRecord {
  const { failure, ...rest } = record;
  const isKept = failure?.reason === ABANDONED || failure?.reason === RETAINED;
  return isKept ? record : rest;
}
