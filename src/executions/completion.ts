import { openValues } from '../datastore/index.ts';
import {
  type Execution,
  type ExecutionStatus,
  type FinalStatus,
  type Id,
  isFinal,
  isJsonObject,
  type Json,
  type JsonObject,
  PetrelError,
} from '../model/index.ts';
import type { Operations, Store, Timer } from '../store/index.ts';
import type { WorkflowInput } from '../workflows/index.ts';
import { isPausedByPerson } from './asking.ts';
import { type Effects, endedExecution, noEffects, Superseded, writeEffects } from './effects.ts';
import { letGo } from './letting-go.ts';
import type { Preparation } from './prepare.ts';
import { retryOf } from './retrying.ts';
import { isTimeoutOf, reasonOfWish, wishOf } from './wishes.ts';
import { failure } from './worker.ts';
import type { Turn, WorkflowSteps } from './workflows.ts';

export interface Outcome {
  readonly status: FinalStatus;
  /** Secrets in it are sealed. */
  readonly result: Json;
}

/** A run that is over while its execution waits for an answer. */
export interface Waiting {
  /** Secrets in it are sealed. */
  readonly result: JsonObject;
  readonly dueAt?: number;
}

/** Written in the same transaction. */
export type AlsoWrite = (tx: Operations) => Promise<unknown>;

export interface Completion {
  /**
   * Ends an execution and lets its workflow, and the workflow's workflow, decide what is next: one transaction. Throws
   * `Superseded` when the execution has moved on without us; nothing is written then.
   */
  finish(execution: Execution, outcome: Outcome, attempt?: number, also?: AlsoWrite): Promise<void>;
  /** Lets an execution wait for an answer, and its workflow stop with it: one transaction. Throws `Superseded` as `finish`. */
  suspend(execution: Execution, waiting: Waiting, attempt: number): Promise<void>;
  /** Takes the first step of a claimed workflow. */
  start(workflow: Execution): Promise<void>;
  /**
   * Asks something of a workflow, as it stands when its turn comes; what comes of it, for its workflows too, is one transaction.
   * `plan` answers undefined when there is nothing to ask any more. Answers the paused children that are to be resumed. Throws
   * `not_found`, what `plan` throws, and `Superseded`.
   */
  ask(id: Id, plan: (workflow: Execution) => Asked | undefined): Promise<readonly Id[]>;
}

/** What is asked of a workflow: to end (before it began), or to take an input, or both statuses and input. */
export interface Asked {
  readonly end?: Outcome;
  readonly input?: WorkflowInput;
  /** What the workflow goes through, unless it ends with the input. */
  statuses?(turn: Turn): readonly ExecutionStatus[];
  /** Added to the execution's context. */
  readonly context?: JsonObject;
  readonly also?: AlsoWrite;
}

/** What another room adds to the end of an execution, or to its waiting. */
export interface FinishingWrite {
  write(tx: Operations): Promise<void>;
  /** Called after the commit. */
  committed(): void;
}

export interface CompletionServices {
  readonly store: Store;
  readonly workflows: WorkflowSteps;
  readonly now: () => number;
  prepare(): Preparation;
  /** What other rooms write when an execution ends; undefined when nobody listens. */
  onFinishing(execution: Execution, outcome: Outcome): Promise<FinishingWrite | undefined>;
  /** What other rooms write when an execution begins to wait for an answer. */
  onPending(execution: Execution, result: JsonObject): Promise<FinishingWrite>;
  /** Called after the commit. */
  deadlineSet(dueAt: number): void;
  changed(execution: Execution, type: 'created' | 'updated'): void;
  /** Cancels a child that its workflow does not wait for any more. */
  abandon(id: Id, user: string): void;
}

/** How a workflow's own row changes with a step. */
interface Move {
  readonly statuses: readonly ExecutionStatus[];
  readonly context?: JsonObject;
  /** Of the first step, or the only one: the claim's attempt; the lease is released. */
  readonly attempt?: number;
  readonly result?: JsonObject;
}

const NO_MOVE: Move = { statuses: [] };
const STOPPABLE: readonly ExecutionStatus[] = ['running', 'pausing', 'resuming'];

export function createCompletion(services: CompletionServices): Completion {
  const { store, workflows, now } = services;

  /** Gathers the end of `execution` and of every ancestor that ends with it, then writes it all. Locks go from child to ancestor. */
  const end = async (
    execution: Execution,
    outcome: Outcome,
    attempt: number | undefined,
    effects: Effects,
  ): Promise<void> => {
    const timestamp = now();
    const ended = endedExecution(execution, outcome.status, timestamp);
    effects.finishes.push({ id: execution.id, ...(attempt !== undefined && { attempt }), ...outcome, now: timestamp });
    effects.committed.push(() => services.changed(ended, 'updated'));
    const also = await services.onFinishing(ended, outcome);
    if (also !== undefined) {
      effects.also.push(also.write);
      effects.committed.push(also.committed);
    }
    if (outcome.status === 'failed' || outcome.status === 'timeout') {
      const again = retryOf(ended, services.prepare().registry, timestamp);
      if (again !== undefined) effects.inserts.push(again);
    }
    await tell(ended, { type: 'ended', status: outcome.status }, outcome.result, effects);
  };

  /** Tells an execution's workflow what became of it, and lets the workflow decide; without a workflow, writes what was gathered. */
  const tell = async (
    child: Execution,
    news:
      | { type: 'ended'; status: FinalStatus }
      | { type: 'stopped'; status: 'paused' | 'pending' }
      | { type: 'resumed' },
    result: Json | undefined,
    effects: Effects,
  ): Promise<void> => {
    const { parentId } = child;
    // One that a client has put below another is no task, and its end is nothing that a workflow waits for.
    if (parentId === undefined || child.taskName === undefined) return await commit(store, effects, services);
    await workflows.locked(parentId, async () => {
      try {
        const parent = await store.getExecution(parentId);
        if (parent === undefined || isFinal(parent.status)) return await commit(store, effects, services);
        if (news.type === 'resumed' && parent.status === 'pausing') {
          const advice = `wait until it is paused, then resume ${parentId}`;
          throw new PetrelError('conflict', `The workflow of ${child.id}, ${parentId}, is pausing; ${advice}.`);
        }
        const preparation = services.prepare();
        if (result !== undefined) {
          preparation.inputs.provide(child, openValues(result, preparation.cipher, preparation.masker));
        }
        const about = { task: child.taskName ?? '', executionId: child.id };
        const inputs: WorkflowInput[] = [{ ...news, ...about }];
        const stood = news.type === 'ended' ? stoodAs(child) : undefined;
        if (stood !== undefined && (await goesOnByItself(store, parent))) {
          inputs.unshift(stood === 'pending' ? { type: 'resume' } : { type: 'resumed', ...about });
        }
        const turn = await stepOrFail(() => workflows.step(parent, inputs, preparation, effects));
        await settle(parent, turn, NO_MOVE, effects);
      } catch (error) {
        workflows.forget(parentId);
        throw error;
      }
    });
  };

  /** Carries out what a step came to for the workflow itself: its end, its statuses, and what its own workflow is to know. */
  const settle = async (workflow: Execution, turn: Turn, move: Move, effects: Effects): Promise<void> => {
    await letGo(services, workflow, turn.cancels ?? [], effects);
    if (turn.end !== undefined) {
      return await end(workflow, endOf(afterMove(workflow, move), turn.end), move.attempt, effects);
    }
    const moved = gather(workflow, move, effects);
    if (turn.pause !== undefined && STOPPABLE.includes(moved.status)) {
      const statuses = moved.status === 'resuming' ? (['running', 'paused'] as const) : (['paused'] as const);
      const paused = gather(moved, { statuses }, effects);
      return await tell(paused, { type: 'stopped', status: 'paused' }, turn.pause.result, effects);
    }
    if (turn.goesOn === true && workflow.status === 'paused') {
      const running = moved.status === 'paused' ? gather(moved, { statuses: ['running'] }, effects) : moved;
      return await tell(running, { type: 'resumed' }, undefined, effects);
    }
    await commit(store, effects, services);
  };

  /** The execution with its new statuses, which are added to what is to be written. */
  const gather = (execution: Execution, { statuses, context, attempt, result }: Move, effects: Effects): Execution => {
    let moved = execution;
    for (const status of statuses) {
      const timestamp = now();
      moved = movedExecution(moved, status, timestamp, context);
      effects.updates.push({
        id: moved.id,
        status,
        now: timestamp,
        ...(context && { context: moved.context }),
        ...(attempt !== undefined && { attempt, lease: null }),
        ...(result && { result }),
      });
    }
    if (moved.status !== execution.status) effects.committed.push(() => services.changed(moved, 'updated'));
    return moved;
  };

  /** One step of a workflow under its lock. */
  const locked = (id: Id, step: (effects: Effects) => Promise<readonly Id[]>) =>
    workflows.locked(id, () =>
      again(id, async () => {
        try {
          return await step(noEffects());
        } catch (error) {
          workflows.forget(id);
          throw error;
        }
      }),
    );

  const setTimer = (timer: Timer, effects: Effects): void => {
    effects.also.push((tx) => tx.setTimer(timer));
    effects.committed.push(() => services.deadlineSet(timer.dueAt));
  };

  return {
    finish: (execution, outcome, attempt, also) =>
      again(execution.id, () => {
        const effects = noEffects();
        if (also !== undefined) effects.also.push(also);
        return end(execution, outcome, attempt, effects);
      }),
    suspend: (execution, { result, dueAt }, attempt) =>
      again(execution.id, async () => {
        const effects = noEffects();
        const pending = gather(execution, { statuses: ['pending'], attempt, result }, effects);
        const also = await services.onPending(pending, result);
        effects.also.push(also.write);
        effects.committed.push(also.committed);
        if (dueAt !== undefined) setTimer({ executionId: execution.id, kind: 'inquiry', dueAt }, effects);
        await tell(pending, { type: 'stopped', status: 'pending' }, result, effects);
      }),
    async start(workflow) {
      await locked(workflow.id, async (effects) => {
        const preparation = services.prepare();
        const turn = await stepOrFail(() => workflows.start(workflow, preparation, effects));
        const timeout = preparation.registry.actions.get(workflow.actionRef)?.timeout;
        if (timeout !== undefined && turn.end === undefined) {
          const dueAt = (workflow.startedAt ?? now()) + timeout * 1000;
          setTimer({ executionId: workflow.id, kind: 'timeout', dueAt }, effects);
        }
        await settle(workflow, turn, { statuses: ['running'], attempt: workflow.attempt }, effects);
        return turn.resumes;
      });
    },
    ask: (id, plan) =>
      locked(id, async (effects) => {
        const workflow = await store.getExecution(id);
        if (workflow === undefined) throw new PetrelError('not_found', `Execution ${id} does not exist.`);
        const asked = plan(workflow);
        if (asked === undefined) return [];
        const { input, end: outcome, context, also } = asked;
        if (also !== undefined) effects.also.push(also);
        const turn: Turn =
          input === undefined
            ? { resumes: [], ...(outcome && { end: outcome }) }
            : await stepOrFail(() => workflows.step(workflow, [input], services.prepare(), effects));
        const statuses = asked.statuses?.(turn) ?? [];
        await settle(workflow, turn, { statuses, ...(context && { context }) }, effects);
        return turn.end === undefined ? turn.resumes : [];
      }),
  };
}

/** How often a step is made again that another node has overtaken. */
const MOST_TRIES = 10;

/**
 * Makes a step again when another node was faster, with the journal of a workflow or with the end of one above: what it decided is
 * read then. That the execution itself, `id`, has moved on is the caller's to know.
 */
async function again<T>(id: Id, step: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await step();
    } catch (error) {
      const overtaken =
        error instanceof Superseded
          ? error.id !== id
          : error instanceof PetrelError && error.code === 'conflict' && error.details.journal !== undefined;
      if (!overtaken || tries >= MOST_TRIES) throw error;
    }
  }
}

/** What one that has ended stood still as until then: for its answer, or as a workflow. */
function stoodAs({ log }: Execution): 'pending' | 'paused' | undefined {
  const before = log.slice(0, -1).findLast(({ status }) => status !== 'canceling')?.status;
  return before === 'pending' || before === 'paused' ? before : undefined;
}

/**
 * Whether a workflow goes on by itself when one that it stands still for has ended: it does unless a person has paused it, or one
 * that it belongs to. One that runs has other tasks that run, and began to stop because of it.
 */
async function goesOnByItself(store: Store, workflow: Execution): Promise<boolean> {
  if (workflow.status === 'running') return true;
  if (workflow.status !== 'paused') return false;
  for (let above: Execution | undefined = workflow; above !== undefined; ) {
    if (isPausedByPerson(above)) return false;
    above = above.parentId === undefined ? undefined : await store.getExecution(above.parentId);
  }
  return true;
}

/** A conductor that throws fails its workflow, with the reason in the result: an uncaught error of the definition, as StackStorm. */
async function stepOrFail(step: () => Promise<Turn>): Promise<Turn> {
  try {
    return await step();
  } catch (error) {
    // The database: the definition has nothing to do with it.
    if (error instanceof PetrelError && error.code === 'unavailable') throw error;
    return { end: { status: 'failed', result: failure(error) }, resumes: [] };
  }
}

/**
 * What a canceled child leaves unpublished makes an Orquesta workflow fail; one that was canceled itself is canceled all the same,
 * and one that was cut short because its time was over has the status `timeout`.
 */
function endOf({ id, status, context }: Execution, end: Outcome): Outcome {
  if (status !== 'canceling') return end;
  const wish = wishOf(context);
  if (isTimeoutOf(id, wish)) {
    return {
      status: 'timeout',
      result: { ...(isJsonObject(end.result) ? end.result : {}), error: reasonOfWish(wish) },
    };
  }
  return end.status === 'failed' ? { ...end, status: 'canceled' } : end;
}

function afterMove(execution: Execution, { statuses, context }: Move): Execution {
  const status = statuses.at(-1) ?? execution.status;
  return { ...execution, status, context: { ...execution.context, ...context } };
}

async function commit(store: Store, effects: Effects, services: CompletionServices): Promise<void> {
  await store.transaction((tx) => writeEffects(tx, effects));
  for (const done of effects.committed) done();
  for (const child of effects.inserts) services.changed(child, 'created');
}

function movedExecution(
  execution: Execution,
  status: ExecutionStatus,
  timestamp: number,
  context: JsonObject = {},
): Execution {
  const log = status === execution.status ? execution.log : [...execution.log, { status, timestamp }];
  return { ...execution, status, log, context: { ...execution.context, ...context } };
}
