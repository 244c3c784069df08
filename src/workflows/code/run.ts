import { isJsonObject, type Json, type JsonObject, messageOf } from '../../model/index.ts';
import { StepError, type StepFailure, type WorkflowContext, type WorkflowDefinition } from '../../sdk/index.ts';
import { type Call, childCall, sleepCall, stepCall } from './calls.ts';
import { createGroups } from './groups.ts';
import { seededRandom } from './random.ts';

/** How a run of the code came to its end. */
export type RunEnd = { readonly value: unknown } | { readonly error: unknown };

/** What the code is told of a call. */
export type Answer = { readonly result: Json } | { readonly message: string; readonly failure: StepFailure };

/**
 * One run of a workflow's code, kept in memory between the decisions. It moves only when it is told something, and each move ends when
 * the code waits for its calls again: what the code does in a move depends on nothing but what it was told, in which order.
 */
export interface CodeRun {
  /** All calls so far, in order. */
  readonly calls: readonly Call[];
  /** Calls that nobody waits for any more. */
  readonly canceled: ReadonlySet<number>;
  /** Calls that the code waits for, or may wait for. */
  readonly open: ReadonlySet<number>;
  readonly end: RunEnd | undefined;
  /** What the code did between two moves, where it cannot be seen: a call, or its end. */
  readonly stray: string | undefined;
  /** Runs the code from the top. */
  begin(): Promise<void>;
  /** Tells the code how a call ended. `at`: epoch milliseconds. */
  deliver(call: number, answer: Answer, at: number): Promise<void>;
  /** What a call answered, for its undoing. */
  resultOf(call: number): Json;
  /** What the code has done besides its calls since this was last asked: lines logged, calls canceled. */
  take(): { readonly lines: readonly string[]; readonly canceled: readonly number[] };
}

export interface RunSettings {
  readonly definition: WorkflowDefinition;
  /** Parsed by the definition's schema. */
  readonly input: JsonObject;
  readonly config: JsonObject;
  readonly execution: { readonly id: string; readonly user: string };
  readonly startedAt: number;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export function createRun({ definition, input, config, execution, startedAt }: RunSettings): CodeRun {
  const calls: Call[] = [];
  const waiting = new Map<number, Waiting>();
  const open = new Set<number>();
  const canceled = new Set<number>();
  const undoable = new Map<number, Json>();
  let news: { lines: string[]; canceled: number[] } = { lines: [], canceled: [] };
  let isMoving = false;
  let end: RunEnd | undefined;
  let stray: string | undefined;
  let now = startedAt;

  const strayed = (what: string) => {
    stray ??= `${what} outside of the workflow's course: its code awaited something that is no step (a timer, a request). Do that inside a step.`;
  };

  const request = <T>(make: () => Call): Promise<T> => {
    const call = make();
    if (!isMoving) {
      strayed(`The ${call.kind} "${call.task}" was called`);
      // Nobody is to see what this ends with: the workflow fails when it is next decided about.
      return new Promise(() => {});
    }
    const number = calls.push(call) - 1;
    const promise = new Promise<T>((resolve, reject) => {
      // What a call answers is what its caller says it is: the types end here.
      waiting.set(number, { resolve: resolve as (value: unknown) => void, reject });
    });
    open.add(number);
    // A call that nobody awaits may fail; it must not take the process down.
    promise.catch(() => {});
    groups.add(promise, number);
    return promise;
  };

  const cancel = (numbers: Iterable<number>) => {
    if (!isMoving) return strayed('A race was decided');
    for (const number of numbers) {
      const call = calls[number];
      if (call === undefined || !open.delete(number)) continue;
      canceled.add(number);
      news.canceled.push(number);
      const failure = { step: call.task, status: 'canceled', result: null, executionId: '' } as const;
      waiting
        .get(number)
        ?.reject(new StepError(`"${call.task}" was canceled: another call of its race came first.`, failure));
      waiting.delete(number);
    }
  };
  const groups = createGroups(cancel);

  const log = (level: string) => (message: string) => {
    if (isMoving) news.lines.push(`${level.padEnd(5)} ${message}\n`);
  };
  const context: WorkflowContext<JsonObject> = {
    input,
    step: (name, run, options) => request(() => stepCall(name, run, options as Parameters<typeof stepCall>[2])), // T is of no concern here
    child: (name, ref, given, options) =>
      request(() => childCall(name, ref, given, options as Parameters<typeof childCall>[3])), // as above
    sleep: (name, seconds) => request<void>(() => sleepCall(name, seconds)),
    all: groups.all,
    race: groups.race,
    now: () => now,
    random: seededRandom(execution.id),
    logger: { debug: log('DEBUG'), info: log('INFO'), warn: log('WARN'), error: log('ERROR') },
    config,
    execution,
  };

  /** Runs the code until it waits. Everything it does between its calls is done before the event loop's next turn. */
  const move = async (work: () => void): Promise<void> => {
    isMoving = true;
    work();
    await new Promise((resolve) => setImmediate(resolve));
    isMoving = false;
  };

  const ends = (how: RunEnd) => {
    if (!isMoving) strayed('The code came to its end');
    end ??= how;
  };

  return {
    calls,
    canceled,
    open,
    get end() {
      return end;
    },
    get stray() {
      return stray;
    },
    begin: () =>
      move(() => {
        // Inside a promise, so that a `run` that throws at once is treated as one that rejects.
        new Promise((answer) => answer(definition.run(context as Parameters<typeof definition.run>[0]))).then(
          (value) => ends({ value }),
          (error: unknown) => ends({ error }),
        );
      }),
    async deliver(number, answer, at) {
      const waiter = waiting.get(number);
      waiting.delete(number);
      open.delete(number);
      now = Math.max(now, at);
      await move(() => {
        if (!('result' in answer))
          return waiter?.reject(new StepError(answer.message, structuredClone(answer.failure)));
        const call = calls[number];
        if (call?.kind === 'sleep') return waiter?.resolve(undefined);
        const value = answerTo(call, answer.result);
        if (call?.undo !== undefined) undoable.set(number, value);
        // The code may change what it gets; what is stored must not change with it.
        waiter?.resolve(structuredClone(value));
      });
    },
    resultOf: (number) => structuredClone(undoable.get(number) ?? null),
    take() {
      const taken = news;
      news = { lines: [], canceled: [] };
      return taken;
    },
  };
}

/** What the code gets: of a step what its function answered, of a child all of its result. */
function answerTo(call: Call | undefined, result: Json): Json {
  return call?.kind === 'step' && isJsonObject(result) ? (result.result ?? null) : result;
}

/** What went wrong, for the result of the workflow: StackStorm's shape of a failure. */
export function failureOf(error: unknown): { readonly error: string; readonly traceback: string } {
  const isOwn = error instanceof Error && (error.name === 'StepError' || error.name === 'PetrelError');
  return { error: messageOf(error), traceback: error instanceof Error && !isOwn ? (error.stack ?? '') : '' };
}
