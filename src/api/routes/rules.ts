import { z } from 'zod';
import { isJsonObject, type JsonObject, type Rule } from '../../model/index.ts';
import { attributesOf } from '../attributes.ts';
import { authoredRoutes } from '../authored-routes.ts';
import { type Author, createAuthor } from '../authoring.ts';
import { notFound } from '../errors.ts';
import { idOf } from '../forms.ts';
import { matching, sendArray } from '../listing.ts';
import { attributeQuery, contentQuery, flag } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { rule, ruleBody, ruleType } from '../shapes/content.ts';
import { ruleView } from '../views.ts';

const TAG = 'Rules';

const ruleQuery = z.object({
  ...contentQuery,
  action: z.string().optional(),
  trigger: z.string().optional().meta({ description: "The type of the rule's trigger, or the trigger's reference." }),
  enabled: flag.optional(),
  user: z.string().optional(),
});

/** /rules, /rules/views, /ruletypes. */
export function ruleRoutes(services: ApiServices): readonly Route[] {
  const author = createRuleAuthor(services);

  /** As StackStorm: with the descriptions of what the rule names. */
  const described = (view: JsonObject): JsonObject => {
    const { actions, triggerTypes } = services.registry.snapshot();
    const [action, trigger] = [view.action as JsonObject, view.trigger as JsonObject]; // as `ruleView` made them
    const description = actions.get(String(action.ref))?.description ?? '';
    const about = triggerTypes.get(String(trigger.type))?.description ?? '';
    return { ...view, action: { ...action, description }, trigger: { ...trigger, description: about } };
  };
  const list = (query: z.output<typeof ruleQuery>) =>
    matching(author.list(), query, {
      id: (item) => item.id,
      name: (item) => item.name,
      pack: (item) => item.pack,
      action: (item) => (item.action as JsonObject).ref, // as `ruleView` made it
      enabled: (item) => item.enabled,
    }).filter(({ trigger }) => {
      const { type, ref } = trigger as JsonObject; // likewise
      return query.trigger === undefined || query.trigger === type || query.trigger === ref;
    });

  return [
    route({
      method: 'GET',
      path: '/rules',
      tag: TAG,
      summary: 'Lists rules',
      query: ruleQuery,
      answer: z.array(rule),
      handle: ({ query, reply }) => sendArray(reply, query, list(query)),
    }),
    route({
      method: 'GET',
      path: '/rules/views',
      tag: TAG,
      summary: 'Lists rules with the descriptions of their triggers and actions',
      query: ruleQuery,
      answer: z.array(rule),
      handle: ({ query, reply }) => sendArray(reply, query, list(query).map(described)),
    }),
    route({
      method: 'GET',
      path: '/rules/views/:ref',
      tag: TAG,
      summary: 'Shows a rule with the descriptions of its trigger and action',
      query: z.object(attributeQuery),
      answer: rule,
      handle: async ({ params, query }) => attributesOf(query).choose(described(await author.find(params.ref ?? ''))),
    }),
    ...authoredRoutes(author, { path: '/rules', tag: TAG, what: 'a rule', answer: rule, body: ruleBody }),
    ...ruleTypeRoutes(),
  ];
}

function createRuleAuthor(services: ApiServices): Author {
  return createAuthor<Rule>(services, {
    kind: 'rule',
    what: 'Rule',
    items: ({ rules }) => rules,
    view: ruleView,
    ownOf: (body) => ({
      ...body,
      action: without(body.action, ['description']),
      trigger: without(body.trigger, ['description', 'ref']),
    }),
  });
}

function without(value: unknown, names: readonly string[]): unknown {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

const RULE_TYPES = [
  { name: 'standard', description: 'Is enforced for every trigger instance that meets its criteria.' },
  { name: 'backstop', description: 'Is enforced when no other rule was.' },
].map(({ name, description }) => ({
  id: idOf(`rule_type:${name}`),
  ref: name,
  name,
  description,
  enabled: true,
  parameters: {},
}));

function ruleTypeRoutes(): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/ruletypes',
      tag: TAG,
      summary: 'Lists the types of rules',
      query: z.object(contentQuery),
      answer: z.array(ruleType),
      handle: ({ query, reply }) =>
        sendArray(reply, query, matching(RULE_TYPES, query, { name: ({ name }) => name, id: ({ id }) => id }), 100),
    }),
    route({
      method: 'GET',
      path: '/ruletypes/:id',
      tag: TAG,
      summary: 'Shows a type of rules',
      answer: ruleType,
      handle({ params }) {
        const found = RULE_TYPES.find(({ id, name }) => id === params.id || name === params.id);
        if (found === undefined) throw notFound('RuleType', params.id ?? '');
        return found;
      },
    }),
  ];
}
