import type { Id } from './ids.ts';
import type { Json, JsonObject } from './json.ts';
import type { ExecutionStatus } from './status.ts';

/** One run of an action. Times are epoch milliseconds. */
export interface Execution {
  readonly id: Id;
  readonly actionRef: string;
  readonly runnerType: string;
  readonly status: ExecutionStatus;
  /** As stored: secret values are sealed (see src/datastore); never show them unmasked. */
  readonly parameters: JsonObject;
  /** StackStorm's execution context: user, pack, parent, chain, rule, trigger_instance ... */
  readonly context: JsonObject;
  readonly parentId?: Id;
  /** Name of the workflow task this execution runs. */
  readonly taskName?: string;
  readonly ruleRef?: string;
  readonly triggerInstanceId?: Id;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** 0 before the first claim; every claim adds one. A result that comes with an older attempt is refused. */
  readonly attempt: number;
  readonly leaseOwner?: string;
  readonly leaseUntil?: number;
  /** Executions with equal keys run one at a time, in the order of their ids. */
  readonly concurrencyKey?: string;
  /** Not claimed before this time. */
  readonly notBefore?: number;
  /** It holds a place, or waits for one, in a concurrency group of its action's policies; its end gives the place to the next. */
  readonly grouped?: boolean;
  /** Who is told of its end (stackstorm-packs.md section 2.4): the request's settings, else the action's. */
  readonly notify?: JsonObject;
  readonly log: readonly StatusChange[];
}

export interface StatusChange {
  readonly status: ExecutionStatus;
  readonly timestamp: number;
}

/** What an execution ended with; kept beside the execution's row and fetched only when asked for. */
export type ExecutionResult = Json;

export interface OutputLine {
  readonly executionId: Id;
  /** Counts from 0 within an execution. */
  readonly sequence: number;
  readonly stream: 'stdout' | 'stderr';
  readonly timestamp: number;
  readonly data: string;
}

/** One entry of a workflow's journal. `sequence` counts from 0 and is unique within an execution. */
export interface JournalEntry {
  readonly executionId: Id;
  readonly sequence: number;
  readonly timestamp: number;
  readonly event: JsonObject;
}
