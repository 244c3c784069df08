import type { Execution, Id, JsonObject } from '../model/index.ts';
import { isJsonObject } from '../model/index.ts';

/**
 * Why an execution is to end before its time, as its context keeps it from the moment that this is wanted: who asked for it, or
 * which workflow, itself or one above, did not end in time. So whoever finishes it, another process or another node, knows.
 */
export type Wish =
  | { readonly cancelled_by: string }
  | { readonly timed_out: { readonly execution_id: Id; readonly seconds: number } };

export function wishOf({ timed_out: timedOut, cancelled_by: user }: Execution['context']): Wish {
  if (isJsonObject(timedOut) && typeof timedOut.execution_id === 'string' && typeof timedOut.seconds === 'number') {
    return { timed_out: { execution_id: timedOut.execution_id, seconds: timedOut.seconds } };
  }
  return { cancelled_by: typeof user === 'string' ? user : '' };
}

/** Whether it is the execution itself whose time is over. */
export function isTimeoutOf(id: Id, wish: Wish): boolean {
  return 'timed_out' in wish && wish.timed_out.execution_id === id;
}

export function reasonOfWish(wish: Wish): string {
  if ('cancelled_by' in wish) return `Action canceled by user ${wish.cancelled_by}.`;
  const { execution_id: id, seconds } = wish.timed_out;
  return `Workflow ${id} did not end within ${seconds} seconds.`;
}

/** The end of what is cut short, as StackStorm's. */
export function canceledBy(wish: Wish): { readonly status: 'canceled'; readonly result: JsonObject } {
  const user = 'cancelled_by' in wish ? { user: wish.cancelled_by } : {};
  return { status: 'canceled', result: { message: reasonOfWish(wish), ...user } };
}
