import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type JsonObject, PetrelError } from '../../model/index.ts';
import { webhookTriggers } from '../../sensors/index.ts';
import { notFound } from '../errors.ts';
import type { ApiServices } from '../services.ts';

type WithId = { Params: { id: string } };

const injected = z.object({
  trigger: z.string(),
  payload: z.record(z.string(), z.json()).default({}),
  /** Petrel's extensions: the concrete trigger's parameters, and a key that makes a repetition a no-op. */
  parameters: z.record(z.string(), z.json()).default({}),
  dedupe_key: z.string().optional(),
});

/** Events that come in: /webhooks, and trigger instances once more. */
export function eventRoutes(api: FastifyInstance, services: ApiServices): void {
  const { store, events, registry } = services;

  const findInstance = async (id: string) => {
    const instance = await store.getTriggerInstance(id);
    if (instance === undefined) throw notFound('TriggerInstance', id);
    return instance;
  };

  api.post<WithId>('/triggerinstances/:id/re_emit', async (request) => {
    const { id, trigger, parameters, payload } = await findInstance(request.params.id);
    const again: JsonObject = { ...payload, __context: { original_id: id } };
    await dispatch({ trigger, parameters, payload: again });
    return { message: `Trigger instance ${id} succesfully re-sent.`, payload: again };
  });

  api.post('/webhooks/st2', async (request, reply) => {
    const body = injected.safeParse(request.body);
    if (!body.success)
      throw new PetrelError('invalid', `The body must be {trigger, payload}: ${z.prettifyError(body.error)}`);
    const { trigger, payload, parameters, dedupe_key } = body.data;
    const outcome = await dispatch({
      trigger,
      payload: payload as JsonObject, // z.json() is JSON
      parameters: parameters as JsonObject, // likewise
      ...(dedupe_key !== undefined && { dedupeKey: dedupe_key }),
    });
    return reply.code(202).send({ trigger, payload, ...outcome });
  });

  api.post('/webhooks/*', async (request, reply) => {
    const { '*': url } = request.params as { '*': string }; // the route has exactly this wildcard
    const bound = webhookTriggers(registry.snapshot(), url, { headers: request.headers, body: request.body });
    if (bound.length === 0)
      throw new PetrelError('not_found', `Webhook not found: no enabled rule listens on "${url}".`);
    for (const event of bound) await dispatch(event);
    return reply.code(202).send(request.body ?? {});
  });

  async function dispatch(
    event: Parameters<typeof events.dispatch>[0][number],
  ): Promise<{ trigger_instance: string | null }> {
    const [outcome] = await events.dispatch([event]);
    if (outcome?.outcome === 'refused') throw new PetrelError('invalid', outcome.reason);
    return { trigger_instance: outcome?.outcome === 'accepted' ? outcome.id : null };
  }
}
