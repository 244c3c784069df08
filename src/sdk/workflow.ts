import type { z } from 'zod';
import type { ActionContext, Logger } from './action.ts';

/** What a step's function is handed: an action's context, but no input, since the function sees the workflow's variables. */
export type StepContext = Omit<ActionContext<never>, 'input'>;

/** A failed try is repeated up to `count` times, whatever it failed of. Waits are seconds and double from `delay` (1) up to `maxDelay` (60). */
export interface StepRetry {
  readonly count: number;
  readonly delay?: number;
  readonly maxDelay?: number;
}

/** A function that undoes what gave `result`. It runs as a step does: any code, at least once. */
export type UndoFunction<T> = (result: T, context: StepContext) => unknown;

/** How a call is undone when the workflow fails later: by a function, or by an action. */
export type Rollback<T> =
  | UndoFunction<T>
  | { readonly run: UndoFunction<T>; readonly retry?: StepRetry; readonly timeout?: number }
  | { readonly action: string; readonly input?: object; readonly retry?: StepRetry };

export interface ChildOptions<T> {
  readonly onRollback?: Rollback<T>;
  readonly retry?: StepRetry;
}

export interface StepOptions<T> extends ChildOptions<T> {
  /** Seconds until the function is aborted. Default 600. */
  readonly timeout?: number;
}

/**
 * What a workflow's `run` is handed. The function runs from the top again after a restart, and is given what was recorded: between
 * the calls below it must do nothing but compute. I/O, time and chance belong into steps, `now()` and `random()`.
 */
export interface WorkflowContext<Input> {
  /** The validated parameters. */
  readonly input: Input;
  /** Runs any code once it is its turn, and records its result. A step that was cut short runs again; one that ended never does. */
  step<T>(name: string, run: (context: StepContext) => T | Promise<T>, options?: StepOptions<T>): Promise<T>;
  /** Runs an action as a child execution. The answer is the execution's result as its runner gives it: of a TypeScript action `{ result, ... }`. */
  child<T = unknown>(name: string, action: string, input?: object, options?: ChildOptions<T>): Promise<T>;
  /** Waits for so many seconds; restarts in between do not matter. */
  sleep(name: string, seconds: number): Promise<void>;
  /** The results of all. Fails as soon as one fails; the others go on. */
  all<const T extends readonly unknown[]>(calls: T): Promise<{ -readonly [Index in keyof T]: Awaited<T[Index]> }>;
  /** The first to succeed or fail. The calls among the others (steps, children, sleeps, `all` and `race` of them) are canceled. */
  race<T>(calls: readonly T[]): Promise<Awaited<T>>;
  /** When the last thing happened, epoch milliseconds: the same when the workflow is replayed. */
  now(): number;
  /** From 0 up to, not including, 1: the same when the workflow is replayed. */
  random(): number;
  /** Lines end up in the workflow's output (stderr), once, however often it is replayed. Known secrets are masked. */
  readonly logger: Logger;
  /** The pack's configuration as it was when the workflow started. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly execution: { readonly id: string; readonly user: string };
}

export interface WorkflowDefinition<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodType = z.ZodType> {
  readonly kind: 'workflow';
  readonly name?: string;
  readonly description?: string;
  readonly input: Input;
  readonly output?: Output;
  readonly concurrencyKey?: string;
  /** Seconds from its start after which it is cut short, with everything it started, as `timeout`. Default: none. */
  readonly timeout?: number;
  run(context: WorkflowContext<z.output<Input>>): Promise<z.input<Output>>;
}

/**
 * Defines a durable workflow in TypeScript: the default export of a file in a pack's `actions/`. Its name is the file's name unless
 * given. Parameters come from `input`, as in `defineAction`. What `run` returns is the execution's `result.result`. An error that
 * `run` throws fails the workflow, after the calls that succeeded and have `onRollback` were undone in reverse order.
 */
export function defineWorkflow<Input extends z.ZodObject, Output extends z.ZodType>(
  definition: Omit<WorkflowDefinition<Input, Output>, 'kind'>,
): WorkflowDefinition<Input, Output> {
  return { ...definition, kind: 'workflow' };
}

/** How a call of a workflow ended when it did not succeed. */
export interface StepFailure {
  /** The name of the call. */
  readonly step: string;
  readonly status: 'failed' | 'timeout' | 'abandoned' | 'canceled';
  /** The result of the child execution, as its runner gave it. */
  readonly result: unknown;
  readonly executionId: string;
}

/** What `step`, `child` and `sleep` throw when the child execution did not succeed. */
export class StepError extends Error implements StepFailure {
  override readonly name = 'StepError';
  readonly step: string;
  readonly status: StepFailure['status'];
  readonly result: unknown;
  readonly executionId: string;

  constructor(message: string, { step, status, result, executionId }: StepFailure) {
    super(message);
    this.step = step;
    this.status = status;
    this.result = result;
    this.executionId = executionId;
  }
}

/** Whether a thrown value is a `StepError`, also when two copies of the SDK are loaded. */
export function isStepError(error: unknown): error is StepError {
  return error instanceof Error && error.name === 'StepError';
}
