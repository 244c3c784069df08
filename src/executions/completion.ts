import { openValues } from '../datastore/index.ts';
import type { Execution, FinalStatus, Json } from '../model/index.ts';
import { isFinal } from '../model/index.ts';
import type { Operations, Store } from '../store/index.ts';
import { type Effects, noEffects, writeEffects } from './effects.ts';
import type { Preparation } from './prepare.ts';
import { failure } from './worker.ts';
import type { WorkflowEnd, WorkflowSteps } from './workflows.ts';

export interface Outcome {
  readonly status: FinalStatus;
  /** Secrets in it are sealed. */
  readonly result: Json;
}

export interface Completion {
  /**
   * Ends an execution and lets its workflow, and the workflow's workflow, decide what is next: one transaction. Throws
   * `Superseded` when the execution has moved on without us; nothing is written then.
   */
  finish(execution: Execution, outcome: Outcome, attempt?: number): Promise<void>;
  /** Takes the first step of a claimed workflow. */
  start(workflow: Execution): Promise<void>;
  /** Lets a workflow decide about its cancellation. */
  cancelWorkflow(workflow: Execution): Promise<void>;
}

/** What another room adds to the end of an execution. */
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
  changed(execution: Execution, type: 'created' | 'updated'): void;
}

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
    const { parentId } = execution;
    if (parentId === undefined) return await commit(store, effects, services);
    await workflows.locked(parentId, async () => {
      try {
        const parent = await store.getExecution(parentId);
        if (parent === undefined || isFinal(parent.status)) return await commit(store, effects, services);
        const preparation = services.prepare();
        preparation.inputs.provide(ended, openValues(outcome.result, preparation.cipher, preparation.masker));
        const input = {
          type: 'ended',
          task: execution.taskName ?? '',
          executionId: execution.id,
          status: outcome.status,
        } as const;
        const parentEnd = await stepOrFail(() => workflows.step(parent, input, preparation, effects));
        if (parentEnd !== undefined) return await end(parent, parentEnd, undefined, effects);
        await commit(store, effects, services);
      } catch (error) {
        workflows.forget(parentId);
        throw error;
      }
    });
  };

  const workflowStep = (
    workflow: Execution,
    take: (effects: Effects) => Promise<WorkflowEnd | undefined>,
    release: boolean,
  ) =>
    workflows.locked(workflow.id, async () => {
      const effects = noEffects();
      try {
        const ended = await stepOrFail(() => take(effects));
        if (ended !== undefined) return await end(workflow, ended, release ? workflow.attempt : undefined, effects);
        if (release) {
          effects.updates.push({
            id: workflow.id,
            attempt: workflow.attempt,
            status: 'running',
            now: now(),
            lease: null,
          });
        }
        await commit(store, effects, services);
      } catch (error) {
        workflows.forget(workflow.id);
        throw error;
      }
    });

  return {
    finish: (execution, outcome, attempt) => end(execution, outcome, attempt, noEffects()),
    start: (workflow) =>
      workflowStep(workflow, (effects) => workflows.start(workflow, services.prepare(), effects), true),
    cancelWorkflow: (workflow) =>
      workflowStep(
        workflow,
        (effects) => workflows.step(workflow, { type: 'cancel' }, services.prepare(), effects),
        false,
      ),
  };
}

/** A conductor that throws fails its workflow, with the reason in the result: an uncaught error of the definition, as StackStorm. */
async function stepOrFail(step: () => Promise<WorkflowEnd | undefined>): Promise<WorkflowEnd | undefined> {
  try {
    return await step();
  } catch (error) {
    return { status: 'failed', result: failure(error) };
  }
}

async function commit(store: Store, effects: Effects, services: CompletionServices): Promise<void> {
  await store.transaction((tx) => writeEffects(tx, effects));
  for (const done of effects.committed) done();
  for (const child of effects.inserts) services.changed(child, 'created');
}

export function endedExecution(execution: Execution, status: FinalStatus, timestamp: number): Execution {
  const { leaseOwner: _owner, leaseUntil: _until, ...rest } = execution;
  return { ...rest, status, endedAt: timestamp, log: [...execution.log, { status, timestamp }] };
}
