import type { FastifyInstance } from 'fastify';
import type { JsonObject } from '../../model/index.ts';
import { POLICY_TYPES } from '../../packs/index.ts';
import { notFound } from '../errors.ts';
import { sendArray } from '../listing.ts';
import type { ApiServices } from '../services.ts';
import { actionView, idOf, policyTypeView, policyView, ruleView, triggerTypeView } from '../views.ts';

type ByRef = { Params: { ref: string } };
type Filters = Record<string, string | undefined>;

/** What packs hold: /packs, /actions, /rules, /triggertypes, /policies; and /policytypes. Read only; content lives in files. */
export function contentRoutes(api: FastifyInstance, { registry }: ApiServices): void {
  const collections = {
    actions: { what: 'Action', list: () => [...registry.snapshot().actions.values()].map(actionView) },
    rules: { what: 'Rule', list: () => [...registry.snapshot().rules.values()].map(ruleView) },
    triggertypes: {
      what: 'TriggerType',
      list: () => [...registry.snapshot().triggerTypes.values()].map(triggerTypeView),
    },
    policies: { what: 'Policy', list: () => [...registry.snapshot().policies.values()].map(policyView) },
    policytypes: { what: 'PolicyType', list: () => POLICY_TYPES.map(policyTypeView) },
    packs: { what: 'Pack', list: packViews },
  };

  for (const [path, { what, list }] of Object.entries(collections)) {
    api.get(`/${path}`, async (request, reply) =>
      sendArray(reply, request.query, list().filter(matches(request.query as Filters))),
    );
    api.get<ByRef>(`/${path}/:ref`, async (request) => {
      const { ref } = request.params;
      const found = list().find((item) => item.ref === ref || item.id === ref);
      if (found === undefined) throw notFound(what, ref);
      return found;
    });
  }

  function packViews(): JsonObject[] {
    return [...registry.snapshot().packs.values()].map(({ manifest, problems }) => ({
      id: idOf(`pack:${manifest.ref}`),
      uid: `pack:${manifest.ref}`,
      ref: manifest.ref,
      name: manifest.name,
      description: manifest.description,
      version: manifest.version,
      author: manifest.author,
      ...(manifest.email !== undefined && { email: manifest.email }),
      keywords: manifest.keywords ?? [],
      path: manifest.path,
      problems: problems.map((problem) => ({ ...problem })),
    }));
  }
}

/** `name`, `pack`, `id` and what a policy is for, of a list's query; a comma separates alternatives. */
function matches(filters: Filters): (item: JsonObject) => boolean {
  const wanted = ['name', 'pack', 'id', 'resource_ref', 'resource_type'].flatMap((name) => {
    const value = filters[name];
    return value === undefined ? [] : [{ name, values: value.split(',') }];
  });
  return (item) => wanted.every(({ name, values }) => values.includes(String(item[name])));
}
