import {
  EXECUTION_STATUSES,
  type Execution,
  type ExecutionStatus,
  type Id,
  isFinal,
  PetrelError,
} from '../model/index.ts';
import type { Store } from '../store/index.ts';
import type { Completion } from './completion.ts';
import { Superseded } from './effects.ts';
import type { WorkflowSteps } from './workflows.ts';

/** What pausing, resuming and canceling need. */
export interface AskingServices {
  readonly store: Store;
  readonly workflows: Pick<WorkflowSteps, 'has'>;
  readonly completion: Completion;
}

export const UNFINISHED: readonly ExecutionStatus[] = EXECUTION_STATUSES.filter((status) => !isFinal(status));

export const NOT_BEGUN: readonly ExecutionStatus[] = ['requested', 'delayed', 'scheduled'];

const PAGE = 10_000;

export async function found(store: Pick<Store, 'getExecution'>, id: Id): Promise<Execution> {
  const execution = await store.getExecution(id);
  if (execution === undefined) throw new PetrelError('not_found', `Execution ${id} does not exist.`);
  return execution;
}

/** All executions of a filter, oldest first. What is added meanwhile at the end is included. */
export async function listAll(
  store: Pick<Store, 'listExecutions'>,
  filter: { readonly parentId?: Id; readonly statuses?: readonly ExecutionStatus[] },
): Promise<readonly Execution[]> {
  const all: Execution[] = [];
  for (;;) {
    const { items } = await store.listExecutions({ ...filter, order: 'oldest' }, { limit: PAGE, offset: all.length });
    all.push(...items);
    if (items.length < PAGE) return all;
  }
}

/** Does `work` for each of a workflow's children; one that has moved on by itself meanwhile is no failure. */
export async function eachChild<T>(children: readonly T[], work: (child: T) => Promise<unknown>) {
  await Promise.all(
    children.map((child) =>
      work(child).catch((error: unknown) => {
        if (!(error instanceof PetrelError) || error.code !== 'conflict') throw error;
      }),
    ),
  );
}

/** An execution that changed under our hands is the caller's to look at again. */
export async function orConflict<T>(id: Id, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Superseded)) throw error;
    throw new PetrelError('conflict', `Execution ${id} has moved on in the meantime; look again.`, { cause: error });
  }
}

/** Refuses what cannot be asked of an execution that has ended. */
export function refuseEnded({ id, status }: Execution, what: string): void {
  if (!isFinal(status)) return;
  const advice = `What has ended can be run again: \`petrel execution rerun ${id}\``;
  throw new PetrelError('conflict', `Execution ${id} is ${status} already and cannot be ${what}. ${advice}.`);
}

/** A workflow that stops by itself, since nothing of it can go on before an answer or a child does, is never `pausing`. */
export function isPausedByPerson({ status, log }: Execution): boolean {
  return status === 'pausing' || (status === 'paused' && log.at(-2)?.status === 'pausing');
}
