import { type Execution, type ExecutionStatus, type Id, isFinal } from '../model/index.ts';
import { type AskingServices, eachChild, found, listAll, NOT_BEGUN, refuseEnded, UNFINISHED } from './asking.ts';
import type { AlsoWrite } from './completion.ts';
import { Superseded } from './effects.ts';
import { canceledBy, reasonOfWish, type Wish, wishOf } from './wishes.ts';

export interface Canceling {
  cancel(id: Id, user: string): Promise<Execution>;
  /**
   * Cuts a workflow short that did not end within `seconds`: as canceling does, but its status will be `timeout`. `also` is written
   * with the wish.
   */
  timeOut(id: Id, seconds: number, also: AlsoWrite): Promise<void>;
  /** Finishes the cancellations that a process left behind when it died. `alone`: no other process runs anything. */
  recover(alone: boolean): Promise<void>;
  /** Ends actions that were to be cut short by a process that died; with `alone` whatever their lease says. */
  endForsaken(alone: boolean): Promise<void>;
}

export interface CancelingServices extends AskingServices {
  readonly now: () => number;
  changed(execution: Execution): void;
  /** Cuts short what runs in this process. */
  abort(id: Id, reason: string): void;
}

/** Statuses of actions that nobody runs. */
const NOT_RUN: readonly ExecutionStatus[] = [...NOT_BEGUN, 'pending'];
/** Statuses in which a conductor may see nothing to wait for, and end at once. */
const AT_REST: readonly ExecutionStatus[] = ['paused', 'resuming', 'canceling'];

/**
 * Canceling: what has not begun ends at once; an action that runs is cut short; a workflow lets its conductor decide and takes its
 * children with it. That it is wanted is stored first, so that a process that dies in between finishes it at its next start.
 */
export function createCanceling(services: CancelingServices): Canceling {
  const { store, workflows, completion, now } = services;

  const cancel = async (id: Id, wish: Wish): Promise<Execution> => {
    const execution = await found(store, id);
    refuseEnded(execution, 'canceled');
    await unlessEnded(workflows.has(execution.runnerType) ? cancelWorkflow(id, wish) : cancelAction(execution, wish));
    return await found(store, id);
  };

  const cancelAction = async (execution: Execution, wish: Wish): Promise<void> => {
    const { id } = execution;
    const outcome = canceledBy(wish);
    if (NOT_RUN.includes(execution.status) || isForsaken(execution)) {
      await completion.finish(execution, outcome);
    } else {
      const context = { ...execution.context, ...wish };
      await store.setExecutionStatus({ id, status: 'canceling', now: now(), context });
      const canceling = await found(store, id);
      services.changed(canceling);
      // A policy has sent it back to wait in the meantime: nobody runs it who would end it.
      if (canceling.status === 'canceling' && canceling.leaseOwner === undefined)
        await completion.finish(canceling, outcome);
    }
    services.abort(id, reasonOfWish(wish));
  };

  /** Its process died, and nobody has taken it up yet: nobody would notice that it is to end. */
  const isForsaken = ({ status, leaseUntil }: Execution) =>
    status === 'running' && leaseUntil !== undefined && leaseUntil <= now();

  const cancelWorkflow = async (id: Id, wish: Wish, also?: AlsoWrite): Promise<void> => {
    await completion.ask(id, (workflow) => {
      if (isFinal(workflow.status)) return undefined;
      if (NOT_BEGUN.includes(workflow.status)) return { end: canceledBy(wish) };
      return {
        statuses: () => (workflow.status === 'canceling' ? [] : ['canceling']),
        context: { ...wish },
        ...(also && { also }),
        // One at rest is asked when its children have ended.
        ...(!AT_REST.includes(workflow.status) && { input: { type: 'cancel' } }),
      };
    });
    await eachChild(await listAll(store, { parentId: id, statuses: UNFINISHED }), (child) => cancel(child.id, wish));
    await completion.ask(id, (workflow) => (isFinal(workflow.status) ? undefined : { input: { type: 'cancel' } }));
  };

  const endForsaken = async (alone: boolean): Promise<void> => {
    for (const execution of await listAll(store, { statuses: ['canceling'] })) {
      if (workflows.has(execution.runnerType)) continue;
      if (!alone && (execution.leaseUntil ?? 0) > now()) continue;
      const result = { message: 'Canceled; the action was cut short when Petrel ended.' };
      await unlessEnded(completion.finish(execution, { status: 'canceled', result }));
    }
  };

  return {
    endForsaken,
    cancel: (id, user) => cancel(id, { cancelled_by: user }),
    timeOut: (id, seconds, also) => cancelWorkflow(id, { timed_out: { execution_id: id, seconds } }, also),
    async recover(alone) {
      const left = await listAll(store, { statuses: ['canceling'] });
      for (const { id, runnerType, context } of left) {
        if (workflows.has(runnerType)) await unlessEnded(cancelWorkflow(id, wishOf(context)));
      }
      await endForsaken(alone);
    },
  };
}

/** What ended in the meantime stays as it ended. */
async function unlessEnded(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Superseded)) throw error;
  }
}
