import { type Execution, type ExecutionStatus, type Id, isFinal } from '../model/index.ts';
import type { Store } from '../store/index.ts';
import { NOT_BEGUN } from './asking.ts';
import type { CompletionServices, Outcome } from './completion.ts';
import { type Effects, endedExecution } from './effects.ts';

/** Nobody runs what has not begun, or waits for an answer. */
const AT_REST: readonly ExecutionStatus[] = [...NOT_BEGUN, 'pending'];

export interface LettingGoServices extends Pick<CompletionServices, 'onFinishing' | 'now' | 'changed'> {
  readonly store: Pick<Store, 'getExecution'>;
  /** Cancels a child that has begun; what it is to end as is stored already. */
  abandon(id: Id, user: string): void;
}

/**
 * Cancels children that a workflow decided not to wait for, in the transaction of that decision: one that has not begun ends, one that
 * runs is marked, and cut short after the commit. A process that dies in between finishes it at its next start, as any cancellation.
 */
export async function letGo(
  services: LettingGoServices,
  workflow: Execution,
  children: readonly Id[],
  effects: Effects,
): Promise<void> {
  const user = typeof workflow.context.user === 'string' ? workflow.context.user : '';
  for (const id of children) {
    const child = await services.store.getExecution(id);
    if (child === undefined || isFinal(child.status)) continue;
    const now = services.now();
    const outcome: Outcome = {
      status: 'canceled',
      result: { message: 'Canceled: its workflow does not wait for it.' },
    };
    const ended = endedExecution(child, 'canceled', now);
    const isAtRest = AT_REST.includes(child.status);
    const also = isAtRest ? await services.onFinishing(ended, outcome) : undefined;
    let hasEnded = false;
    effects.also.push(async (tx) => {
      // The attempt says whether it was claimed in the meantime.
      const finish = { id, attempt: child.attempt, now, ...outcome };
      hasEnded = isAtRest && (await tx.finishExecution(finish));
      if (hasEnded) return await also?.write(tx);
      const context = { ...child.context, cancelled_by: user };
      await tx.setExecutionStatus({ id, status: 'canceling', now, context });
    });
    effects.committed.push(() => {
      if (!hasEnded) return services.abandon(id, user);
      services.changed(ended, 'updated');
      also?.committed();
    });
  }
}
