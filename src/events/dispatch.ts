import type { Id, TriggerEvent } from '../model/index.ts';
import type { Operations } from '../store/index.ts';

/** Where sensors hand over events. */
export interface EventSink {
  /**
   * Stores the events, matches the rules and requests the executions, all in one transaction; resolves when it is
   * durable. `also` writes the sensor's own state (a cursor) in that same transaction; it may run more than once. An event
   * whose dedupe key was seen before is skipped (`duplicate`); one whose payload breaks the trigger type's schema, or whose
   * trigger type is unknown, is refused (`refused` with the reason) without holding up the others. `also` is told the reasons
   * (empty when none was refused): a sensor that must not lose a single event throws, and then nothing is written at all.
   */
  dispatch(
    events: readonly TriggerEvent[],
    also?: (tx: Operations, refused: readonly string[]) => Promise<void>,
  ): Promise<readonly Dispatched[]>;
}

export type Dispatched =
  | { readonly outcome: 'accepted'; readonly id: Id }
  | { readonly outcome: 'duplicate' }
  | { readonly outcome: 'refused'; readonly reason: string };
