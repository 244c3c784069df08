import type { Action, FinalStatus, Id, Json, JsonObject, ParameterSchemas } from '../model/index.ts';
import type { Datastore, KubernetesApi } from '../sdk/index.ts';

/** What executes one kind of action. Runners do not touch the store: they get a run and answer a result. */
export interface Runner {
  /** StackStorm's name of it, e.g. `local-shell-cmd`. */
  readonly name: string;
  readonly description: string;
  readonly parameters: ParameterSchemas;
  /** The key of the result that an action's output schema describes, e.g. `result`, `body`. */
  readonly outputKey?: string;
  /** StackStorm has dropped it, and its packs are told so when they are read: what to do instead. */
  readonly dropped?: string;
  /** Never rejects for what the action does wrong; a rejection is a bug of the runner or a broken action file. */
  run(run: Run): Promise<RunResult>;
}

export interface Run {
  readonly execution: { readonly id: Id; readonly attempt: number; readonly user: string };
  readonly action: Action;
  /** Final values, cast and with defaults; the two sets do not overlap. Secrets are in clear text here and nowhere else. */
  readonly runnerParameters: JsonObject;
  readonly actionParameters: JsonObject;
  /** ST2_ACTION_* variables for child processes, and TRACEPARENT when traces are sent, which goes with calls over HTTP as well. */
  readonly environment: Readonly<Record<string, string>>;
  /** Aborts on cancellation and shutdown. Time limits are the runner's own (its `timeout` parameter, seconds). */
  readonly signal: AbortSignal;
  /** Streams a piece of output (any length, not necessarily a line). Order is kept per stream. */
  output(stream: 'stdout' | 'stderr', data: string): void;
  /**
   * How many whole lines of standard output this execution has left so far, in all its attempts: a runner that finds its work again goes on
   * behind them.
   */
  printedLines(): number;
  readonly services: RunServices;
}

/**
 * Why `Run.signal` aborts when the execution is to be run again: what the run has begun outside of Petrel stays for the next attempt to
 * find. Any other reason is a cancellation.
 */
export const SHUTDOWN = 'Petrel is shutting down';
export const LEASE_LOST = 'The lease was lost';

export interface RunServices {
  /** The pack's configuration, resolved. */
  readonly config: JsonObject;
  readonly datastore: Datastore;
  readonly kubernetes: KubernetesApi;
  /**
   * Variables with which a child process calls Petrel's API as this execution, e.g. ST2_ACTION_AUTH_TOKEN; void when the execution ends.
   * They are secrets: only for the environment of a process on this machine. Absent: there is no API.
   */
  credentials?(): Readonly<Record<string, string>>;
  markSecret(value: string): void;
  /** The text with every known secret masked. */
  mask(text: string): string;
}

export type RunResult = RunEnd | RunPending;

export interface RunEnd {
  readonly status: FinalStatus;
  readonly result: Json;
  /** The failure may pass when tried again; the action's retry policy applies. */
  readonly transient?: boolean;
  /**
   * Called once the result is stored, and never rejects: what was kept for another attempt can go. It is not called when the process dies
   * in between.
   */
  readonly afterwards?: () => Promise<void>;
}

/** The run is over, but not its execution: that ends with the answer that somebody is asked for. */
export interface RunPending {
  readonly status: 'pending';
  /** What is asked, and of whom. */
  readonly result: JsonObject;
  /** Milliseconds after which it ends as `timeout`; absent: it waits for ever. */
  readonly timeToAnswer?: number;
}
