import type { JsonObject, RetryPolicy } from '../../model/index.ts';
import { isJsonObject, messageOf } from '../../model/index.ts';
import { type StepFunction, storable } from '../../runners/index.ts';
import type { ChildOptions, Rollback, StepContext, StepOptions, StepRetry } from '../../sdk/index.ts';
import type { CallKind } from './journal.ts';

/** The shipped actions that stand for a step and for a sleep. */
export const STEP_ACTION = 'core.step';
export const SLEEP_ACTION = 'core.noop';

/** What the code asked for, with the functions that only the live code has. */
export interface Call {
  readonly task: string;
  readonly kind: CallKind;
  readonly ref: string;
  readonly input: JsonObject;
  /** Of a sleep, milliseconds. */
  readonly delay?: number;
  readonly retry?: RetryPolicy;
  readonly step?: StepFunction;
  readonly undo?: Undo;
}

/** How a call is undone. */
export interface Undo {
  readonly ref: string;
  readonly input: JsonObject;
  readonly retry?: RetryPolicy;
  readonly step?: (result: unknown) => StepFunction;
}

/** The calls as the code writes them, checked. Each throws a plain `Error` that names the call: it is the code's mistake. */
export function stepCall(name: unknown, run: unknown, options: StepOptions<unknown> = {}): Call {
  const task = named('step', name);
  if (typeof run !== 'function') throw new Error(`The step "${task}" needs a function as its second argument.`);
  const { timeout } = options;
  return {
    task,
    kind: 'step',
    ref: STEP_ACTION,
    input: {},
    step: { run: run as (context: StepContext) => unknown, ...(timeout !== undefined && { timeout }) }, // checked above
    ...policies(task, options),
  };
}

export function childCall(name: unknown, ref: unknown, input: unknown, options: ChildOptions<unknown> = {}): Call {
  const task = named('child', name);
  if (typeof ref !== 'string' || ref === '') {
    throw new Error(`The child "${task}" needs the reference of an action, "pack.name", as its second argument.`);
  }
  return { task, kind: 'child', ref, input: inputOf(task, input), ...policies(task, options) };
}

export function sleepCall(name: unknown, seconds: unknown): Call {
  const task = named('sleep', name);
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds < 1e10)) {
    throw new Error(
      `The sleep "${task}" needs a number of seconds as its second argument, and not ${String(seconds)}.`,
    );
  }
  return { task, kind: 'sleep', ref: SLEEP_ACTION, input: {}, delay: Math.round(seconds * 1000) };
}

/** The wait before try `tries` + 1, milliseconds; undefined when there are no tries left. */
export function retryDelay(policy: RetryPolicy | undefined, tries: number): number | undefined {
  if (policy === undefined || tries > policy.count) return undefined;
  return Math.min(policy.delay * 2 ** (tries - 1), policy.maxDelay) * 1000;
}

function named(what: CallKind, name: unknown): string {
  if (typeof name === 'string' && name !== '') return name;
  throw new Error(`A ${what} needs a name, a text that is not empty, as its first argument.`);
}

function policies(task: string, { retry, onRollback }: ChildOptions<unknown>): Pick<Call, 'retry' | 'undo'> {
  return {
    ...(retry !== undefined && { retry: policyOf(retry) }),
    ...(onRollback !== undefined && { undo: undoOf(task, onRollback) }),
  };
}

function policyOf({ count, delay = 1, maxDelay = 60 }: StepRetry): RetryPolicy {
  return { count, delay, maxDelay };
}

function undoOf(task: string, rollback: Rollback<unknown>): Undo {
  if (typeof rollback === 'function') return undoOf(task, { run: rollback });
  const retry = rollback.retry === undefined ? {} : { retry: policyOf(rollback.retry) };
  if ('action' in rollback) {
    return { ref: rollback.action, input: inputOf(task, rollback.input), ...retry };
  }
  const { run, timeout } = rollback;
  if (typeof run !== 'function') throw new Error(`The "onRollback" of "${task}" must be a function or name an action.`);
  const step = (result: unknown): StepFunction => ({
    run: (context) => run(result, context),
    ...(timeout !== undefined && { timeout }),
  });
  return { ref: STEP_ACTION, input: {}, step, ...retry };
}

function inputOf(task: string, input: unknown): JsonObject {
  try {
    const stored = storable(input ?? {});
    if (isJsonObject(stored)) return stored;
  } catch (error) {
    throw new Error(`The input of "${task}" cannot be stored as JSON: ${messageOf(error)}`);
  }
  throw new Error(`The input of "${task}" must be an object of parameters.`);
}
