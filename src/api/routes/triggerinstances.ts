import { z } from 'zod';
import type { JsonObject } from '../../model/index.ts';
import type { TriggerInstanceFilter } from '../../store/index.ts';
import { attributesOf } from '../attributes.ts';
import { dispatchOne } from '../dispatch.ts';
import { notFound } from '../errors.ts';
import { boundedPage, sendList } from '../listing.ts';
import { attributeQuery, listQuery, names, time } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { object } from '../shapes/common.ts';
import { triggerInstance } from '../shapes/content.ts';
import { triggerInstanceView } from '../views.ts';

const TAG = 'Trigger instances';

/** /triggerinstances: what happened. */
export function triggerInstanceRoutes(services: ApiServices): readonly Route[] {
  const { store, events } = services;
  const find = async (id: string) => {
    const found = await store.getTriggerInstance(id);
    if (found === undefined) throw notFound('TriggerInstance', id);
    return found;
  };
  return [
    route({
      method: 'GET',
      path: '/triggerinstances',
      tag: TAG,
      summary: 'Lists trigger instances, newest first',
      query: z.object({
        ...listQuery,
        id: names.optional(),
        trigger: names.optional().meta({ description: 'A comma list of trigger types.' }),
        trigger_type: names.optional(),
        timestamp_gt: time.optional(),
        timestamp_lt: time.optional(),
        status: z.enum(['pending', 'processing', 'processed', 'processing_failed']).optional(),
        sort: z.string().optional(),
      }),
      answer: z.array(triggerInstance),
      async handle({ query, request, reply }) {
        const page = boundedPage(request, query);
        const triggers = query.trigger_type ?? query.trigger;
        const [only, ...more] = triggers ?? [];
        const filter: TriggerInstanceFilter = {
          ...(query.id !== undefined && { ids: query.id }),
          ...(triggers !== undefined && more.length === 0 && only !== undefined && { trigger: only }),
          ...(triggers !== undefined && (more.length > 0 || only === undefined) && { triggers }),
          ...(query.status !== undefined && { status: query.status }),
          ...(query.timestamp_gt !== undefined && { after: query.timestamp_gt }),
          ...(query.timestamp_lt !== undefined && { before: query.timestamp_lt }),
          ...(/^[ +]?(?:timestamp|occurrence_time)/.test(query.sort ?? '') && { order: 'oldest' as const }),
        };
        const listed = await store.listTriggerInstances(filter, page);
        const items = listed.items.map((instance) => triggerInstanceView(instance, services));
        return sendList(reply, query, page, { items, total: listed.total });
      },
    }),
    route({
      method: 'GET',
      path: '/triggerinstances/:id',
      tag: TAG,
      summary: 'Shows a trigger instance',
      query: z.object(attributeQuery),
      answer: triggerInstance,
      async handle({ params, query }) {
        return attributesOf(query).choose(triggerInstanceView(await find(params.id ?? ''), services));
      },
    }),
    route({
      method: 'POST',
      path: '/triggerinstances/:id/re_emit',
      tag: TAG,
      summary: 'Dispatches the payload once more',
      body: z.unknown(),
      bodyOptional: true,
      answer: z.strictObject({ message: z.string(), payload: object }),
      async handle({ params, request }) {
        const { id, trigger, parameters, payload } = await find(params.id ?? '');
        const again: JsonObject = { ...payload, __context: { original_id: id } };
        await dispatchOne(request, events, { trigger, parameters, payload: again });
        return { message: `Trigger instance ${id} succesfully re-sent.`, payload: again };
      },
    }),
  ];
}
