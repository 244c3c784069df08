import { z } from 'zod';
import type { JsonObject, Policy } from '../../model/index.ts';
import { POLICY_TYPES } from '../../packs/index.ts';
import { authoredRoutes } from '../authored-routes.ts';
import { createAuthor } from '../authoring.ts';
import { notFound } from '../errors.ts';
import { matching, sendArray } from '../listing.ts';
import { contentQuery } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { policy, policyBody, policyType } from '../shapes/content.ts';
import { policyTypeView, policyView } from '../views.ts';

const TAG = 'Policies';

/** /policies and /policytypes. */
export function policyRoutes(services: ApiServices): readonly Route[] {
  const author = createAuthor<Policy>(services, {
    kind: 'policy',
    what: 'Policy',
    items: ({ policies }) => policies,
    view: policyView,
  });
  const by = (name: string) => (item: JsonObject) => item[name];

  return [
    route({
      method: 'GET',
      path: '/policies',
      tag: TAG,
      summary: 'Lists policies',
      query: z.object({
        ...contentQuery,
        resource_ref: z.string().optional(),
        policy_type: z.string().optional(),
      }),
      answer: z.array(policy),
      handle: ({ query, reply }) => {
        const names = ['id', 'name', 'pack', 'resource_ref', 'policy_type'];
        const filters = Object.fromEntries(names.map((name) => [name, by(name)]));
        return sendArray(reply, query, matching(author.list(), query, filters), 100);
      },
    }),
    ...authoredRoutes(author, { path: '/policies', tag: TAG, what: 'a policy', answer: policy, body: policyBody }),
    route({
      method: 'GET',
      path: '/policytypes',
      tag: TAG,
      summary: 'Lists the types of policies',
      query: z.object({ ...contentQuery, resource_type: z.string().optional() }),
      answer: z.array(policyType),
      handle: ({ query, reply }) => {
        const filters = Object.fromEntries(['id', 'name', 'resource_type'].map((name) => [name, by(name)]));
        return sendArray(reply, query, matching(POLICY_TYPES.map(policyTypeView), query, filters), 100);
      },
    }),
    route({
      method: 'GET',
      path: '/policytypes/:ref',
      tag: TAG,
      summary: 'Shows a type of policies',
      answer: policyType,
      handle({ params }) {
        const found = POLICY_TYPES.map(policyTypeView).find(({ ref, id }) => ref === params.ref || id === params.ref);
        if (found === undefined) throw notFound('PolicyType', params.ref ?? '');
        return found;
      },
    }),
  ];
}
