import type { z } from 'zod';
import { type TestContext, type TestSettings, testContext } from './testing.ts';
import {
  type ChildOptions,
  type Rollback,
  type StepContext,
  StepError,
  type StepFailure,
  type StepOptions,
  type StepRetry,
  type WorkflowContext,
  type WorkflowDefinition,
} from './workflow.ts';

/** What a child answers that never ends, so that a sleep beside it comes first. */
export const never: unique symbol = Symbol('never');

/** How a child ends: with a result, with an `Error` for a failure, never, or as a function of its input says. */
export type TestOutcome = unknown | Error | typeof never | ((input: object) => unknown);

export interface TestWorkflowSettings<Input> extends TestSettings {
  readonly input: Input;
  /** By the name of the child; several runs of one name take the entries of a list in turn, the last one for all that follow. */
  readonly outcomes?: Readonly<Record<string, TestOutcome>>;
}

/** Something the workflow asked for. */
export interface TestCall {
  readonly kind: 'step' | 'child' | 'sleep' | 'rollback';
  readonly name: string;
  /** Of a child, and of a rollback by an action. */
  readonly action?: string;
  readonly input?: object;
  /** Of a sleep. */
  readonly seconds?: number;
}

export interface TestedWorkflow<Output> {
  /** What the workflow returned; undefined when it failed. */
  readonly result?: Output;
  readonly error?: unknown;
  /** In the order in which the workflow made them; a step that was tried again is there once. */
  readonly calls: readonly TestCall[];
  /** Names of the calls that were undone, in that order. */
  readonly rolledBack: readonly string[];
  /** Names of the calls that could not be undone, and why. */
  readonly notRolledBack: readonly { readonly name: string; readonly error: string }[];
  /** What steps and the workflow logged, stored and marked as secret. */
  readonly context: TestContext<unknown>;
}

interface Completed {
  readonly name: string;
  readonly rollback: Rollback<unknown>;
  readonly result: unknown;
}

/**
 * Runs a workflow without Petrel: steps run their functions, children answer what `outcomes` says, sleeps are over as soon as nothing else
 * goes on, and waits between tries take no time. Rejects with zod's error when the input does not fit, and when a child has no outcome.
 */
export async function testWorkflow<Input extends z.ZodObject, Output extends z.ZodType>(
  workflow: WorkflowDefinition<Input, Output>,
  settings: TestWorkflowSettings<z.input<Input>>,
): Promise<TestedWorkflow<z.output<Output>>> {
  const input = await workflow.input.parseAsync(settings.input);
  const context = testContext({ ...settings, input });
  const calls: TestCall[] = [];
  const completed: Completed[] = [];
  const clock = createClock();
  const answers = createAnswers(settings.outcomes ?? {});
  const { input: _, ...stepContext } = context;

  const made = async <T>(name: string, { onRollback, retry }: ChildOptions<T>, work: () => Promise<T>): Promise<T> => {
    clock.begin();
    try {
      const result = await tried(retry, work);
      // A rollback takes what its own call answers.
      if (onRollback !== undefined) completed.push({ name, rollback: onRollback as Rollback<unknown>, result });
      return result;
    } catch (error) {
      throw stepError(name, error);
    } finally {
      clock.end();
    }
  };
  const quiet = <T>(promise: Promise<T>): Promise<T> => {
    promise.catch(() => {});
    return promise;
  };
  const running: WorkflowContext<z.output<Input>> = {
    input,
    step<T>(name: string, run: (context: StepContext) => T | Promise<T>, options: StepOptions<T> = {}) {
      calls.push({ kind: 'step', name });
      return quiet(made(name, options, async () => await run(stepContext)));
    },
    child<T>(name: string, action: string, given: object = {}, options: ChildOptions<T> = {}) {
      calls.push({ kind: 'child', name, action, input: given });
      // What a child answers is what the test says it is.
      return quiet(made(name, options, async () => (await answers.next(name, action, given, clock)) as T));
    },
    sleep(name, seconds) {
      calls.push({ kind: 'sleep', name, seconds });
      return clock.sleep(seconds);
    },
    all: (promises) => quiet(Promise.all(promises)),
    race: (promises) => quiet(Promise.race(promises)),
    now: clock.now,
    random: () => 0.5,
    logger: context.logger,
    config: context.config,
    execution: context.execution,
  };
  const rest = { calls, context };
  try {
    const answer = await workflow.run(running);
    answers.check();
    // Without an output schema the answer's type is unknown, and so is what is returned.
    const result =
      workflow.output === undefined ? (answer as z.output<Output>) : await workflow.output.parseAsync(answer);
    return { result, ...rest, rolledBack: [], notRolledBack: [] };
  } catch (error) {
    answers.check();
    return { error, ...rest, ...(await rollBack(completed, calls, answers, clock, stepContext)) };
  } finally {
    clock.stop();
  }
}

async function rollBack(
  completed: readonly Completed[],
  calls: TestCall[],
  answers: Answers,
  clock: Clock,
  context: StepContext,
): Promise<Pick<TestedWorkflow<unknown>, 'rolledBack' | 'notRolledBack'>> {
  const rolledBack: string[] = [];
  const notRolledBack: { name: string; error: string }[] = [];
  for (const { name, rollback, result } of completed.toReversed()) {
    const undo = typeof rollback === 'function' ? { run: rollback } : rollback;
    const { action, input = {} } = 'action' in undo ? undo : {};
    calls.push({ kind: 'rollback', name, ...(action !== undefined && { action, input }) });
    try {
      await tried(undo.retry, async () => {
        if ('action' in undo) await answers.undo(undo.action, input, clock);
        else await undo.run(result, context);
      });
      rolledBack.push(name);
    } catch (error) {
      notRolledBack.push({ name, error: messageOf(error) });
    }
  }
  return { rolledBack, notRolledBack };
}

/** Tries as often as the policy says. */
async function tried<T>(retry: StepRetry | undefined, work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries >= (retry?.count ?? 0)) throw error;
    }
  }
}

/** What a workflow is thrown when a call of it failed. */
function stepError(step: string, error: unknown): StepError {
  if (error instanceof StepError) return error;
  const message = messageOf(error);
  const failure: StepFailure = { step, status: 'failed', result: { error: message }, executionId: '' };
  return new StepError(`"${step}" failed: ${message}`, failure);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

interface Clock {
  now(): number;
  sleep(seconds: number): Promise<void>;
  begin(): void;
  end(): void;
  stop(): void;
}

/** A clock that stands still while something goes on, and then jumps to the end of the shortest sleep. */
function createClock(): Clock {
  let now = 0;
  let busy = 0;
  let looking = false;
  let stopped = false;
  let sleepers: { readonly at: number; wake(): void }[] = [];
  const look = () => {
    if (looking || stopped) return;
    looking = true;
    // After everything that is to happen now has happened.
    setImmediate(() => {
      looking = false;
      const [first] = sleepers.toSorted((one, other) => one.at - other.at);
      if (busy > 0 || first === undefined) return;
      sleepers = sleepers.filter((sleeper) => sleeper !== first);
      now = first.at;
      first.wake();
      look();
    });
  };
  return {
    now: () => now,
    sleep: (seconds) =>
      new Promise((wake) => {
        sleepers.push({ at: now + seconds * 1000, wake });
        look();
      }),
    begin: () => {
      busy += 1;
    },
    end: () => {
      busy -= 1;
      look();
    },
    stop: () => {
      stopped = true;
    },
  };
}

interface Answers {
  next(name: string, action: string, input: object, clock: Clock): Promise<unknown>;
  /** What the action of a rollback answers: the outcome under its own name, when there is one. */
  undo(action: string, input: object, clock: Clock): Promise<unknown>;
  /** Throws when a child had no outcome: that is a mistake of the test. */
  check(): void;
}

function createAnswers(outcomes: Readonly<Record<string, TestOutcome>>): Answers {
  const runs = new Map<string, number>();
  let missing: Error | undefined;
  const answer = async (outcome: unknown, input: object, clock: Clock): Promise<unknown> => {
    if (outcome === never) {
      clock.end();
      return await new Promise(() => {});
    }
    const value: unknown = typeof outcome === 'function' ? await outcome(input) : outcome;
    if (value instanceof Error) throw value;
    return structuredClone(value);
  };
  return {
    async next(name, action, input, clock) {
      if (!Object.hasOwn(outcomes, name)) {
        missing ??= new Error(`The test says no outcome for the child "${name}" (${action}); add it to \`outcomes\`.`);
        throw missing;
      }
      const given = outcomes[name];
      const run = runs.get(name) ?? 0;
      runs.set(name, run + 1);
      return await answer(Array.isArray(given) ? given[Math.min(run, given.length - 1)] : given, input, clock);
    },
    undo: (action, input, clock) => answer(outcomes[action], input, clock),
    check() {
      if (missing !== undefined) throw missing;
    },
  };
}
