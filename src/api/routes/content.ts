import type { FastifyInstance } from 'fastify';
import { type Action, type JsonObject, messageOf } from '../../model/index.ts';
import { POLICY_TYPES } from '../../packs/index.ts';
import { notFound } from '../errors.ts';
import { sendArray } from '../listing.ts';
import type { ApiServices } from '../services.ts';
import { actionView, idOf, policyTypeView, policyView, ruleView, triggerTypeView } from '../views.ts';

type ByRef = { Params: { ref: string } };
interface Collection {
  readonly what: string;
  list(): Promise<readonly JsonObject[]>;
  /** By reference, without making the whole list. */
  find?(ref: string): Promise<JsonObject | undefined>;
}
type Filters = Record<string, string | undefined>;

/** What packs hold: /packs, /actions, /rules, /triggertypes, /policies; and /policytypes. Read only; content lives in files. */
export function contentRoutes(api: FastifyInstance, { registry, provider, log }: ApiServices): void {
  const collections = {
    actions: { what: 'Action', list: async () => (await allActions()).map(actionView), find: findAction },
    rules: { what: 'Rule', list: async () => [...registry.snapshot().rules.values()].map(ruleView) },
    triggertypes: {
      what: 'TriggerType',
      list: async () => [...registry.snapshot().triggerTypes.values()].map(triggerTypeView),
    },
    policies: { what: 'Policy', list: async () => [...registry.snapshot().policies.values()].map(policyView) },
    policytypes: { what: 'PolicyType', list: async () => POLICY_TYPES.map(policyTypeView) },
    packs: { what: 'Pack', list: async () => packViews() },
  };

  for (const [path, { what, list, find }] of Object.entries<Collection>(collections)) {
    api.get(`/${path}`, async (request, reply) => {
      const wanted = (await list()).filter(matches(request.query as Filters));
      return sendArray(reply, request.query, wanted);
    });
    api.get<ByRef>(`/${path}/:ref`, async (request) => {
      const { ref } = request.params;
      const found = (await find?.(ref)) ?? (await list()).find((item) => item.ref === ref || item.id === ref);
      if (found === undefined) throw notFound(what, ref);
      return found;
    });
  }

  /** Those of files first. When it cannot be told what else there is, the list is of those, with a line in the log. */
  async function allActions(): Promise<readonly Action[]> {
    const { actions } = registry.snapshot();
    try {
      const provided = (await provider?.list()) ?? [];
      return [...actions.values(), ...provided.filter(({ ref }) => !actions.has(ref))];
    } catch (error) {
      log.warn(`The list of actions is that of packs' files only: ${messageOf(error)}`);
      return [...actions.values()];
    }
  }

  async function findAction(ref: string): Promise<JsonObject | undefined> {
    const action = registry.snapshot().actions.get(ref) ?? (await provider?.find(ref));
    return action && actionView(action);
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
      contributors: manifest.contributors ?? [],
      dependencies: manifest.dependencies ?? [],
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
