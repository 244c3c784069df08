import type { FastifyRequest } from 'fastify';
import type { Dispatched, EventSink } from '../events/index.ts';
import { PetrelError, type TriggerEvent, traceOfEvent } from '../model/index.ts';

/** Hands over events that a request brings, as part of its caller's trace. */
export async function dispatchFrom(
  request: FastifyRequest,
  events: EventSink,
  brought: readonly TriggerEvent[],
): Promise<readonly Dispatched[]> {
  const { traceContext } = request;
  const outcomes = await events.dispatch(traceContext ? brought.map((event) => ({ ...event, traceContext })) : brought);
  const first = outcomes.find((one) => one.outcome === 'accepted');
  if (first !== undefined) request.traceId = traceOfEvent(first.id, traceContext).id;
  return outcomes;
}

/** Hands over an event that somebody asked for by HTTP. Throws `PetrelError` (`invalid`) when it is refused. */
export async function dispatchOne(
  request: FastifyRequest,
  events: EventSink,
  event: TriggerEvent,
): Promise<{ readonly trigger_instance: string | null }> {
  const [outcome] = await dispatchFrom(request, events, [event]);
  if (outcome?.outcome === 'refused') throw new PetrelError('invalid', outcome.reason);
  return { trigger_instance: outcome?.outcome === 'accepted' ? outcome.id : null };
}
