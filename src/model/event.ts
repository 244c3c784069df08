import type { Id } from './ids.ts';
import type { JsonObject } from './json.ts';

/** One event that a sensor hands over. */
export interface TriggerEvent {
  /** Reference of the trigger type, `pack.name`. */
  readonly trigger: string;
  /** Parameters of the concrete trigger; `{}` when the type has none. Compared as whole objects. */
  readonly parameters: JsonObject;
  readonly payload: JsonObject;
  /** A second event with the same key is a no-op. Absent: never deduplicated. */
  readonly dedupeKey?: string;
  readonly traceTag?: string;
  /** Which trace it goes on with; handed on to what its rules request as `trace_context`. Absent: it begins one. */
  readonly traceContext?: JsonObject;
  /** The execution that it tells of. */
  readonly causedBy?: Id;
}

export type TriggerInstanceStatus = 'pending' | 'processing' | 'processed' | 'processing_failed';

/** The stored record of an event. Times are epoch milliseconds. */
export interface TriggerInstance {
  readonly id: Id;
  readonly trigger: string;
  readonly parameters: JsonObject;
  readonly payload: JsonObject;
  readonly occurrenceTime: number;
  readonly status: TriggerInstanceStatus;
  readonly dedupeKey?: string;
  readonly traceTag?: string;
}

/** The record that a rule matched and what it requested, or why a criterion or the request failed. */
export interface Enforcement {
  readonly id: Id;
  readonly ruleRef: string;
  readonly triggerInstanceId: Id;
  /** 0 for the rule's own enforcement, 1.. for failed criteria: (rule, instance, slot) is unique, so a rule fires once. */
  readonly slot: number;
  readonly status: 'succeeded' | 'failed';
  readonly executionId?: Id;
  readonly failureReason?: string;
  readonly enforcedAt: number;
}
