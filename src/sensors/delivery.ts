import type { EventSink } from '../events/index.ts';
import { type BackoffLimits, type Clock, createBackoff, pause } from '../kubernetes/index.ts';
import { messageOf, PetrelError, type TriggerEvent } from '../model/index.ts';
import type { Logger } from '../sdk/index.ts';
import type { Operations } from '../store/index.ts';

export interface DeliveryContext {
  readonly events: EventSink;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Waits between attempts, in milliseconds. Default 100 doubling to 10,000. */
  readonly retry?: BackoffLimits;
  /** Ends the waiting; what was not delivered by then is not marked as handled either. */
  readonly signal: AbortSignal;
}

const RETRY = { first: 100, max: 10_000 };

/**
 * Runs the work until it succeeds. Throws `canceled` when the signal aborts first, never the work's own error: a watch whose
 * events cannot be stored stands still rather than skip them.
 */
export async function persist<T>(context: DeliveryContext, what: string, work: () => Promise<T>): Promise<T> {
  const backoff = createBackoff(context.retry ?? RETRY, context.random);
  let said = '';
  while (!context.signal.aborted) {
    try {
      return await work();
    } catch (error) {
      if (messageOf(error) !== said) context.log.error(`${what} failed and is tried again: ${messageOf(error)}`);
      said = messageOf(error);
      await pause(context.clock, backoff.next(), context.signal);
    }
  }
  throw new PetrelError('canceled', `${what} was given up because Petrel stops watching.`);
}

/**
 * Hands over events and writes the sensor's state in the same transaction, until the sink has taken every one of them: a refused one
 * rolls all back and is offered again, holding up what follows it, since to skip it would lose it. `makeEvents` is asked anew
 * in each attempt, because rules change while one waits.
 */
export async function deliver(
  context: DeliveryContext,
  what: string,
  makeEvents: () => readonly TriggerEvent[],
  also: (tx: Operations) => Promise<void>,
): Promise<void> {
  await persist(context, what, () =>
    context.events.dispatch(makeEvents(), async (tx, refused) => {
      if (refused[0] !== undefined) throw new PetrelError('invalid', refused[0]);
      await also(tx);
    }),
  );
}
