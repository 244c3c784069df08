import { type Execution, type ExecutionStatus, type Id, isFinal } from '../model/index.ts';
import { type AskingServices, eachChild, found, listAll, NOT_BEGUN, refuseEnded, UNFINISHED } from './asking.ts';
import { Superseded } from './effects.ts';

export interface Canceling {
  cancel(id: Id, user: string): Promise<Execution>;
  /** Finishes the cancellations that a process left behind when it died. `actions`: also those of actions, which nobody runs any more. */
  recover(actions: boolean): Promise<void>;
}

export interface CancelingServices extends AskingServices {
  readonly now: () => number;
  changed(execution: Execution): void;
  /** Cuts short what runs in this process. */
  abort(id: Id, reason: string): void;
}

/** Statuses in which a conductor may see nothing to wait for, and end at once. */
const AT_REST: readonly ExecutionStatus[] = ['paused', 'resuming', 'canceling'];

/**
 * Canceling: what has not begun ends at once; an action that runs is cut short; a workflow lets its conductor decide and takes its
 * children with it. That it is wanted is stored first, so that a process that dies in between finishes it at its next start.
 */
export function createCanceling(services: CancelingServices): Canceling {
  const { store, workflows, completion, now } = services;

  const cancel = async (id: Id, user: string): Promise<Execution> => {
    const execution = await found(store, id);
    refuseEnded(execution, 'canceled');
    await unlessEnded(workflows.has(execution.runnerType) ? cancelWorkflow(id, user) : cancelAction(execution, user));
    return await found(store, id);
  };

  const cancelAction = async (execution: Execution, user: string): Promise<void> => {
    const { id } = execution;
    const outcome = outcomeFor(user);
    if (NOT_BEGUN.includes(execution.status) || isForsaken(execution)) {
      await completion.finish(execution, outcome);
    } else {
      const context = { ...execution.context, cancelled_by: user };
      await store.setExecutionStatus({ id, status: 'canceling', now: now(), context });
      services.changed(await found(store, id));
    }
    services.abort(id, outcome.result.message);
  };

  /** Its process died, and nobody has taken it up yet: nobody would notice that it is to end. */
  const isForsaken = ({ status, leaseUntil }: Execution) =>
    status === 'running' && leaseUntil !== undefined && leaseUntil <= now();

  const cancelWorkflow = async (id: Id, user: string): Promise<void> => {
    await completion.ask(id, (workflow) => {
      if (isFinal(workflow.status)) return undefined;
      if (NOT_BEGUN.includes(workflow.status)) return { end: outcomeFor(user) };
      return {
        statuses: () => (workflow.status === 'canceling' ? [] : ['canceling']),
        context: { cancelled_by: user },
        // One at rest is asked when its children have ended.
        ...(!AT_REST.includes(workflow.status) && { input: { type: 'cancel' } }),
      };
    });
    await eachChild(await listAll(store, { parentId: id, statuses: UNFINISHED }), (child) => cancel(child.id, user));
    await completion.ask(id, (workflow) => (isFinal(workflow.status) ? undefined : { input: { type: 'cancel' } }));
  };

  return {
    cancel,
    async recover(actions) {
      const left = await listAll(store, { statuses: ['canceling'] });
      for (const { id, runnerType, context } of left) {
        if (workflows.has(runnerType)) await unlessEnded(cancelWorkflow(id, String(context.cancelled_by ?? '')));
      }
      if (!actions) return;
      for (const execution of await listAll(store, { statuses: ['canceling'] })) {
        if (workflows.has(execution.runnerType)) continue;
        const result = { message: 'Canceled; the action was cut short when Petrel ended.' };
        await unlessEnded(completion.finish(execution, { status: 'canceled', result }));
      }
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

function outcomeFor(user: string) {
  return { status: 'canceled', result: { message: `Action canceled by user ${user}.`, user } } as const;
}
