import type { FastifyInstance } from 'fastify';
import { type JsonObject, PetrelError } from '../../model/index.ts';
import type { TriggerInstanceFilter } from '../../store/index.ts';
import { dispatchOne } from '../dispatch.ts';
import { notFound } from '../errors.ts';
import { pageOf, sendList } from '../listing.ts';
import type { ApiServices } from '../services.ts';
import { enforcementView, triggerInstanceView } from '../views.ts';
import { milliseconds } from './executions.ts';

type WithId = { Params: { id: string } };

/** /triggerinstances and /ruleenforcements. */
export function eventRoutes(api: FastifyInstance, services: ApiServices): void {
  const { store, events } = services;

  api.get('/triggerinstances', async (request, reply) => {
    const query = request.query as Record<string, string | undefined>; // fastify's query object
    const page = pageOf(query);
    const trigger = query.trigger ?? query.trigger_type;
    const filter: TriggerInstanceFilter = {
      ...(trigger !== undefined && { trigger }),
      ...(query.status !== undefined && { status: statusOf(query.status) }),
      ...(query.timestamp_gt !== undefined && { after: milliseconds(query.timestamp_gt) }),
      ...(query.timestamp_lt !== undefined && { before: milliseconds(query.timestamp_lt) }),
    };
    const listed = await store.listTriggerInstances(filter, page);
    const items = listed.items.map((instance) => triggerInstanceView(instance, services));
    return sendList(reply, query, page, { items, total: listed.total });
  });

  const findInstance = async (id: string) => {
    const instance = await store.getTriggerInstance(id);
    if (instance === undefined) throw notFound('TriggerInstance', id);
    return instance;
  };

  api.get<WithId>('/triggerinstances/:id', async (request) =>
    triggerInstanceView(await findInstance(request.params.id), services),
  );

  api.post<WithId>('/triggerinstances/:id/re_emit', async (request) => {
    const { id, trigger, parameters, payload } = await findInstance(request.params.id);
    const again: JsonObject = { ...payload, __context: { original_id: id } };
    await dispatchOne(events, { trigger, parameters, payload: again });
    return { message: `Trigger instance ${id} succesfully re-sent.`, payload: again };
  });

  api.get('/ruleenforcements', async (request, reply) => {
    const query = request.query as Record<string, string | undefined>; // fastify's query object
    const page = pageOf(query, 50);
    const ruleRef = query.rule_ref ?? query.rule_id;
    const listed = await store.listEnforcements(
      {
        ...(ruleRef !== undefined && { ruleRef }),
        ...(query.trigger_instance !== undefined && { triggerInstanceId: query.trigger_instance }),
        ...(query.execution !== undefined && { executionId: query.execution }),
      },
      page,
    );
    return sendList(reply, query, page, { items: listed.items.map(enforcementView), total: listed.total });
  });

  api.get<WithId>('/ruleenforcements/:id', async (request) => {
    const enforcement = await store.getEnforcement(request.params.id);
    if (enforcement === undefined) throw notFound('RuleEnforcement', request.params.id);
    return enforcementView(enforcement);
  });
}

function statusOf(status: string): NonNullable<TriggerInstanceFilter['status']> {
  if (status === 'pending' || status === 'processing' || status === 'processed' || status === 'processing_failed')
    return status;
  throw new PetrelError('invalid', `There is no trigger instance status "${status}".`);
}
