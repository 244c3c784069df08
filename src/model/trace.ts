/**
 * Which trace of OpenTelemetry something belongs to, and which span of it is its own. Both come out of what is stored, the ids of
 * executions and trigger instances and the contexts of executions, so that every node says the same, after a crash too: no span is
 * ever kept in memory while what it tells of goes on.
 */
import { hash } from 'node:crypto';
import type { Execution } from './execution.ts';
import type { Id } from './ids.ts';
import { isJsonObject, type JsonObject } from './json.ts';

export interface Trace {
  /** 32 hex digits. */
  readonly id: string;
  /** What the caller with whom it began has decided; absent: it began here. */
  readonly sampled?: boolean;
}

/** The caller's span, as the header `traceparent` names it (W3C Trace Context). */
export interface Traceparent {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

const HEADER = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Undefined: that is none. As the specification has it, later versions may say more behind it. */
export function parseTraceparent(value: unknown): Traceparent | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] =
    (typeof value === 'string' ? HEADER.exec(value) : null) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent({ traceId, spanId, sampled }: Traceparent): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/** The trace of an execution: that of its outermost workflow, of the event that requested it, or of the caller who did. */
export function traceOf(execution: Pick<Execution, 'id' | 'context'>): Trace {
  return traceOfEvent(execution.id, traceContextOf(execution));
}

/** The trace of an event, by the `trace_context` that came with it, else one of its own. */
export function traceOfEvent(triggerInstanceId: Id, traceContext: JsonObject = {}): Trace {
  const given = parseTraceparent(traceContext.traceparent);
  if (given !== undefined) return { id: given.traceId, sampled: given.sampled };
  const { id_: root } = traceContext;
  const begun = typeof root === 'string' && root !== '' ? root : triggerInstanceId;
  return { id: hash('sha256', `trace:${begun}`).slice(0, 32) };
}

/**
 * `trace_context` for what follows from an execution: the caller's `traceparent`, or in `id_` the id of what the trace began with,
 * which is the id that Petrel's own trace has, as in StackStorm.
 */
export function traceContextOf({ id, context }: Pick<Execution, 'id' | 'context'>): JsonObject {
  let root = id;
  for (let level = context; ; ) {
    const { trace_context: given, parent, trigger_instance: instance } = level;
    if (isJsonObject(given)) {
      if (parseTraceparent(given.traceparent) !== undefined) return { traceparent: given.traceparent ?? null };
      if (typeof given.id_ === 'string' && given.id_ !== '') return { id_: given.id_ };
    }
    // A child's context has its workflow's inside.
    if (!isJsonObject(parent) || typeof parent.execution_id !== 'string') {
      return { id_: isJsonObject(instance) && typeof instance.id === 'string' ? instance.id : root };
    }
    root = parent.execution_id;
    level = parent;
  }
}

/** 16 hex digits. */
export function spanIdOf(execution: Id): string {
  return hash('sha256', `execution:${execution}`).slice(0, 16);
}

export function eventSpanIdOf(triggerInstance: Id): string {
  return hash('sha256', `trigger_instance:${triggerInstance}`).slice(0, 16);
}

/** `slot`: that of the enforcement. */
export function ruleSpanIdOf(triggerInstance: Id, rule: string, slot = 0): string {
  return hash('sha256', `rule:${triggerInstance}:${rule}:${slot}`).slice(0, 16);
}

/** The span that an execution's stands below; undefined: it begins the trace, or follows from something without being part of it. */
export function parentSpanOf({ parentId, triggerInstanceId, ruleRef, context }: Execution): string | undefined {
  if (parentId !== undefined) return spanIdOf(parentId);
  if (triggerInstanceId !== undefined && ruleRef !== undefined) return ruleSpanIdOf(triggerInstanceId, ruleRef);
  return isJsonObject(context.trace_context) ? parseTraceparent(context.trace_context.traceparent)?.spanId : undefined;
}
