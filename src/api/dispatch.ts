import type { EventSink } from '../events/index.ts';
import { PetrelError, type TriggerEvent } from '../model/index.ts';

/** Hands over an event that somebody asked for by HTTP. Throws `PetrelError` (`invalid`) when it is refused. */
export async function dispatchOne(
  events: EventSink,
  event: TriggerEvent,
): Promise<{ readonly trigger_instance: string | null }> {
  const [outcome] = await events.dispatch([event]);
  if (outcome?.outcome === 'refused') throw new PetrelError('invalid', outcome.reason);
  return { trigger_instance: outcome?.outcome === 'accepted' ? outcome.id : null };
}
