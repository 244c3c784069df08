import { z } from 'zod';
import type { Enforcement, JsonObject } from '../../model/index.ts';
import type { EnforcementFilter } from '../../store/index.ts';
import { attributesOf } from '../attributes.ts';
import { notFound } from '../errors.ts';
import { executionViews } from '../execution-view.ts';
import { idOf } from '../forms.ts';
import { boundedPage, sendList } from '../listing.ts';
import { attributeQuery, listQuery, names, time } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { ruleEnforcement, ruleEnforcementView } from '../shapes/executions.ts';
import { enforcementView, triggerInstanceView } from '../views.ts';

const TAG = 'Rule enforcements';
const DEFAULT_LIMIT = 50;

const enforcementQuery = z.object({
  ...listQuery,
  id: names.optional(),
  rule_ref: z.string().optional(),
  rule_id: z.string().optional(),
  execution: z.string().optional(),
  trigger_instance: z.string().optional(),
  enforced_at_gt: time.optional(),
  enforced_at_lt: time.optional(),
  sort: z.string().optional(),
});

/** /ruleenforcements: which rules matched, and what came of it. */
export function ruleEnforcementRoutes(services: ApiServices): readonly Route[] {
  const { store, registry, masker } = services;
  const view = (enforcement: Enforcement): JsonObject => masker.maskJson(enforcementView(enforcement));

  const filterOf = (query: z.output<typeof enforcementQuery>): EnforcementFilter => {
    const ruleRef = query.rule_ref ?? (query.rule_id === undefined ? undefined : refOf(query.rule_id));
    return {
      ...(query.id !== undefined && { ids: query.id }),
      ...(ruleRef !== undefined && { ruleRef }),
      ...(query.trigger_instance !== undefined && { triggerInstanceId: query.trigger_instance }),
      ...(query.execution !== undefined && { executionId: query.execution }),
      ...(query.enforced_at_gt !== undefined && { after: query.enforced_at_gt }),
      ...(query.enforced_at_lt !== undefined && { before: query.enforced_at_lt }),
      ...(/^[ +]?enforced_at/.test(query.sort ?? '') && { order: 'oldest' as const }),
    };
  };
  /** The reference of a rule that is registered, by its id. A reference is taken, too. */
  const refOf = (ruleId: string): string => {
    const rule = [...registry.snapshot().rules.values()].find(
      ({ pack, name }) => idOf(`rule:${pack}:${name}`) === ruleId,
    );
    return rule?.ref ?? ruleId;
  };
  /** As StackStorm: with what it was about and what came of it. */
  const described = async (enforcements: readonly Enforcement[]): Promise<readonly JsonObject[]> => {
    const ids = enforcements.flatMap(({ executionId }) => (executionId === undefined ? [] : [executionId]));
    const executions =
      ids.length === 0 ? [] : (await store.listExecutions({ ids }, { limit: ids.length, offset: 0 })).items;
    const views = await executionViews(executions, services, {
      attributes: attributesOf({ exclude_attributes: 'result,trigger_instance' }),
    });
    const instances = await store.getTriggerInstances(enforcements.map(({ triggerInstanceId }) => triggerInstanceId));
    return enforcements.map((enforcement) => {
      const instance = instances.get(enforcement.triggerInstanceId);
      return {
        ...view(enforcement),
        execution: views.find(({ id }) => id === enforcement.executionId) ?? {},
        trigger_instance: instance === undefined ? {} : triggerInstanceView(instance, services),
      };
    });
  };
  const find = async (id: string): Promise<Enforcement> => {
    const found = await store.getEnforcement(id);
    if (found === undefined) throw notFound('RuleEnforcement', id);
    return found;
  };

  return [
    route({
      method: 'GET',
      path: '/ruleenforcements',
      tag: TAG,
      summary: 'Lists rule enforcements, newest first',
      query: enforcementQuery,
      answer: z.array(ruleEnforcement),
      async handle({ query, request, reply }) {
        const page = boundedPage(request, query, DEFAULT_LIMIT);
        const { items, total } = await store.listEnforcements(filterOf(query), page);
        return sendList(reply, query, page, { items: items.map(view), total });
      },
    }),
    route({
      method: 'GET',
      path: '/ruleenforcements/views',
      tag: TAG,
      summary: 'Lists rule enforcements with their trigger instances and executions',
      query: enforcementQuery,
      answer: z.array(ruleEnforcementView),
      async handle({ query, request, reply }) {
        const page = boundedPage(request, query, DEFAULT_LIMIT);
        const { items, total } = await store.listEnforcements(filterOf(query), page);
        return sendList(reply, query, page, { items: await described(items), total });
      },
    }),
    route({
      method: 'GET',
      path: '/ruleenforcements/views/:id',
      tag: TAG,
      summary: 'Shows a rule enforcement with its trigger instance and execution',
      query: z.object(attributeQuery),
      answer: ruleEnforcementView,
      handle: async ({ params, query }) => {
        const [view = {}] = await described([await find(params.id ?? '')]);
        return attributesOf(query).choose(view);
      },
    }),
    route({
      method: 'GET',
      path: '/ruleenforcements/:id',
      tag: TAG,
      summary: 'Shows a rule enforcement',
      query: z.object(attributeQuery),
      answer: ruleEnforcement,
      handle: async ({ params, query }) => attributesOf(query).choose(view(await find(params.id ?? ''))),
    }),
  ];
}
