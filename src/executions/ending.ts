import type { Cipher, Masker } from '../datastore/index.ts';
import { type FinalStatus, type Json, PetrelError } from '../model/index.ts';
import type { Runner } from '../runners/index.ts';
import { type AskingServices, found, orConflict, refuseEnded } from './asking.ts';
import type { Executions } from './executions.ts';
import type { Preparation } from './prepare.ts';
import { sealResult } from './secret-outputs.ts';

/** As what an action can be ended from outside; that it is canceled is asked for by `cancel`. */
export type EndedFromOutside = Exclude<FinalStatus, 'canceled'>;

export interface EndingServices extends AskingServices {
  readonly runners: ReadonlyMap<string, Runner>;
  readonly cipher: Cipher;
  readonly masker: Masker;
  prepare(): Preparation;
  /** Cuts short what runs in this process. */
  abort(id: string, reason: string): void;
}

/**
 * Ending an action from outside, as StackStorm's API lets clients do by setting a status: what the action stands for goes on elsewhere,
 * and whoever sees it end there says so, with its result. Its own run is cut short, and what it comes to is refused.
 */
export function createEnding(services: EndingServices): Executions['end'] {
  const { store, workflows, completion, runners } = services;
  return async (id, { status, result }, user) => {
    const execution = await found(store, id);
    refuseEnded(execution, 'ended');
    const { actionRef, runnerType } = execution;
    const refuse = (why: string) =>
      new PetrelError('invalid', `Execution ${id} (${actionRef}) cannot be ended as ${status}: ${why}.`);
    if (workflows.has(runnerType)) {
      throw refuse(`a workflow ends with its tasks; cancel it with \`petrel execution cancel ${id}\``);
    }
    if (execution.status === 'pending') {
      throw refuse(`it waits for an answer; give it one with \`petrel inquiry respond ${id}\``);
    }
    if (execution.status === 'canceling') throw refuse('it is being canceled');
    const outputSchema = services.prepare().registry.actions.get(actionRef)?.outputSchema;
    const described = { outputKey: runners.get(runnerType)?.outputKey, ...(outputSchema && { outputSchema }) };
    const sealed: Json = sealResult(result, described, services);
    await orConflict(id, () => completion.finish(execution, { status, result: sealed }));
    services.abort(id, `Ended as ${status} by user ${user}.`);
    return await found(store, id);
  };
}
