import type { FastifyRequest } from 'fastify';
import { ADMIN, type Resource, type ResourceType } from '../access/index.ts';
import { type Execution, isJsonObject, type Json, type JsonObject } from '../model/index.ts';
import type { Subject } from './auth-table.ts';
import type { ApiServices } from './services.ts';
import { idOf } from './views.ts';

/** Deeper than any workflow calls workflows. */
const MOST_ANCESTORS = 50;

type Services = Pick<ApiServices, 'store' | 'registry' | 'resources' | 'access'>;
type Found = Resource | undefined;

/** What a request is about. Undefined: there is no such thing, or it cannot be told. */
export async function resourceOf(on: Subject, request: FastifyRequest, services: Services): Promise<Found> {
  const name = parameter(request);
  const { registry, store } = services;
  const snapshot = registry.snapshot();
  const body: JsonObject = isJsonObject(request.body) ? request.body : {};
  switch (on) {
    case 'action':
      return contentOf('action', name, snapshot.actions);
    case 'action in body':
      return named('action', text(body.pack) ?? 'default', text(body.name) ?? '');
    case 'clone':
      return named('action', text(body.dest_pack) ?? '', text(body.dest_action) ?? '');
    case 'action to run':
      return runOf(text(body.action) ?? '', body.parameters);
    case 'action of rule':
      return runOf(isJsonObject(body.action) ? (text(body.action.ref) ?? '') : '', undefined);
    case 'rule':
      return contentOf('rule', name, snapshot.rules);
    case 'rule in body':
      return named('rule', text(body.pack) ?? 'default', text(body.name) ?? '');
    case 'policy':
      return contentOf('policy', name, snapshot.policies);
    case 'policy in body':
      return named('policy', text(body.pack) ?? '', text(body.name) ?? '');
    case 'pack': {
      const ref = snapshot.packs.has(name)
        ? name
        : [...snapshot.packs.keys()].find((one) => idOf(`pack:${one}`) === name);
      return { type: 'pack', uids: [`pack:${ref ?? name}`] };
    }
    case 'sensor':
      return contentOf('sensor_type', name, snapshot.sensors);
    case 'alias':
      return name.includes('.') ? fromRef('action_alias', name) : { type: 'action_alias', uids: [] };
    case 'alias in body':
      return named('action_alias', text(body.pack) ?? '', text(body.name) ?? '');
    case 'trigger type':
      return contentOf('trigger_type', name, snapshot.triggerTypes);
    case 'trigger in body':
      return named('trigger_type', text(body.pack) ?? '', text(body.name) ?? '');
    case 'trigger instance': {
      const instance = await store.getTriggerInstance(name);
      return instance && fromRef('trigger_type', instance.trigger);
    }
    case 'enforcement':
      return enforcementOf(name, services);
    case 'execution':
    case 'inquiry':
      return executionOf(on, name, services);
    case 'key':
      return keyOf(name, request, body);
    case 'webhook': {
      // The one route without a parameter is /webhooks/st2.
      const url = name === '' ? 'st2' : name.replace(/^\/+|\/+$/g, '');
      return { type: 'webhook', uids: [`webhook:${url}`] };
    }
    case 'api key': {
      const key = await services.access.apiKeys.get(name);
      return key && { type: 'api_key', uids: [`api_key:${key.hash}`], owner: key.user };
    }
    case 'resource':
      return fromRef('resource', name);
    case 'object':
      return objectOf(name, services);
    case 'itself': {
      const type = ITSELF[request.routeOptions.url?.match(/\/(runnertypes|timers|traces|policytypes)\//)?.[1] ?? ''];
      return type && { type, uids: [`${type}:${name}`] };
    }
    case 'nothing':
      return undefined;
  }
}

const ITSELF: Readonly<Record<string, ResourceType | undefined>> = {
  runnertypes: 'runner_type',
  timers: 'timer',
  traces: 'trace',
  policytypes: 'policy_type',
};

/** The resource behind an item of a list of the type; undefined when the item does not tell, and then nobody but an administrator sees it. */
export async function resourceOfItem(type: ResourceType, item: JsonObject, services: Services): Promise<Found> {
  const id = text(item.id) ?? '';
  const snapshot = services.registry.snapshot();
  switch (type) {
    case 'action':
      // What the cluster serves are actions without files: their reference must be there to tell.
      return contentOf('action', text(item.ref) ?? id, snapshot.actions);
    case 'rule':
      return contentOf('rule', id, snapshot.rules);
    case 'policy':
      return contentOf('policy', id, snapshot.policies);
    case 'sensor_type':
      return contentOf('sensor_type', id, snapshot.sensors);
    case 'trigger':
      return contentOf('trigger_type', id, snapshot.triggerTypes);
    case 'pack': {
      const ref = text(item.pack) ?? [...snapshot.packs.keys()].find((one) => idOf(`pack:${one}`) === id);
      return ref === undefined ? undefined : { type, uids: [`pack:${ref}`] };
    }
    case 'execution':
    case 'inquiry':
      return executionOf(type, id, services);
    case 'rule_enforcement':
      return enforcementOf(id, services);
    case 'api_key': {
      const key = await services.access.apiKeys.get(id);
      return key && { type, uids: [`api_key:${key.hash}`], owner: key.user };
    }
    case 'key_value_pair':
      return keyItem(item);
    case 'resource': {
      const ref = text(item.resource) ?? text(item.ref);
      if (ref === undefined) return undefined;
      const namespace = text(item.namespace);
      return { ...fromRef('resource', ref), ...(namespace !== undefined && { namespaces: [namespace] }) };
    }
    default: {
      const ref = text(item.ref) ?? text(item.name);
      if (ref === undefined) return undefined;
      return type === 'action_alias' ? fromRef(type, ref) : { type, uids: [`${type}:${ref}`] };
    }
  }
}

type ContentType = 'action' | 'rule' | 'policy' | 'sensor_type' | 'action_alias' | 'resource' | 'trigger_type';

function named(kind: ContentType, pack: string, name: string): Resource {
  const type = kind === 'trigger_type' ? 'trigger' : kind;
  return { type, uids: [`${kind}:${pack}:${name}`, `pack:${pack}`] };
}

/** References are split at the first dot. */
function fromRef(kind: ContentType, ref: string): Resource {
  const [pack = '', ...name] = ref.split('.');
  return named(kind, pack, name.join('.'));
}

function contentOf(kind: ContentType, refOrId: string, known: ReadonlyMap<string, unknown>): Found {
  if (known.has(refOrId) || refOrId.includes('.')) return fromRef(kind, refOrId);
  for (const ref of known.keys()) {
    const resource = fromRef(kind, ref);
    if (idOf(resource.uids[0] ?? '') === refOrId) return resource;
  }
  return undefined;
}

/** An action that is to run, in the namespace that its parameters name. */
function runOf(ref: string, parameters: Json | undefined): Resource {
  const namespace = isJsonObject(parameters) ? text(parameters.namespace) : undefined;
  return { ...fromRef('action', ref), ...(namespace !== undefined && { namespaces: [namespace] }) };
}

/**
 * An execution belongs to its action, to the actions of the workflows it is a task of, and to their packs: who may see a workflow sees
 * its tasks. Its namespaces are those of the object it is about, of the event it comes from, and of its parameters.
 */
async function executionOf(
  type: 'execution' | 'inquiry',
  id: string,
  { store }: Pick<Services, 'store'>,
): Promise<Found> {
  const first =
    id === 'last' ? (await store.listExecutions({}, { limit: 1, offset: 0 })).items[0] : await store.getExecution(id);
  if (first === undefined) return undefined;
  const chain: Execution[] = [first];
  for (let next = first.parentId; next !== undefined && chain.length < MOST_ANCESTORS; ) {
    const parent = await store.getExecution(next);
    if (parent === undefined) break;
    chain.push(parent);
    next = parent.parentId;
  }
  const namespaces = new Set(chain.flatMap(namespacesOf));
  for (const { triggerInstanceId } of chain) {
    const instance = triggerInstanceId === undefined ? undefined : await store.getTriggerInstance(triggerInstanceId);
    for (const namespace of instance === undefined ? [] : namespacesInPayload(instance.payload))
      namespaces.add(namespace);
  }
  const actions = chain.flatMap(({ actionRef }) => fromRef('action', actionRef).uids);
  return { type, uids: [`execution:${first.id}`, ...new Set(actions)], namespaces: [...namespaces] };
}

/** What a permission on an execution is about; undefined when there is none of that id. */
export function executionResource(id: string, services: Pick<Services, 'store'>): Promise<Found> {
  return executionOf('execution', id, services);
}

function namespacesOf({ context, parameters }: Execution): string[] {
  const about = isJsonObject(context.resource) ? text(context.resource.namespace) : undefined;
  return [about, text(parameters.namespace)].filter((namespace) => namespace !== undefined);
}

function namespacesInPayload(payload: JsonObject): string[] {
  const object = isJsonObject(payload.object) ? payload.object : {};
  const metadata = isJsonObject(object.metadata) ? object.metadata : {};
  return [text(payload.namespace), text(metadata.namespace)].filter((namespace) => namespace !== undefined);
}

async function enforcementOf(id: string, { store }: Services): Promise<Found> {
  const enforcement = await store.getEnforcement(id);
  return (
    enforcement && {
      type: 'rule_enforcement',
      uids: [`rule_enforcement:${id}`, ...fromRef('rule', enforcement.ruleRef).uids],
    }
  );
}

/** A key in the scope of a user is that user's; a secret in clear text, and what is of all users, only administrators see. */
function keyOf(name: string, request: FastifyRequest, sent: JsonObject): Resource {
  // Only a PUT says in its body which key it is.
  const body = request.method === 'PUT' ? sent : {};
  const query = request.query as JsonObject; // fastify's query object
  const scope = text(body.scope) ?? text(query.scope);
  const user = text(body.user) ?? text(query.user);
  const isUsers = scope === undefined ? user !== undefined : /^(?:st2kv\.)?user$/.test(scope);
  const pack = packOfKey(name);
  const uids = [`key_value_pair:st2kv.system:${name}`, ...(pack === undefined ? [] : [`pack:${pack}`])];
  if (isUsers) return { type: 'key_value_pair', uids: [], owner: user ?? request.requester?.user ?? '' };
  const isOwn = pack !== undefined && request.requester?.pack === pack;
  return { type: 'key_value_pair', uids, ...(isAsked(query.decrypt) && !isOwn && { owner: ADMIN }) };
}

/** The pack whose own a key is: `PACK.CLASS:name`, as actions and sensors of StackStorm's packs write them. */
export function packOfKey(name: string): string | undefined {
  return /^([^.:]+)\.[^:]+:/.exec(name)?.[1];
}

function keyItem({ name, scope, user, secret, encrypted }: JsonObject): Found {
  if (typeof name !== 'string' || typeof scope !== 'string') return undefined;
  if (scope.endsWith('user')) return { type: 'key_value_pair', uids: [], owner: text(user) ?? '' };
  const inClear = secret === true && encrypted === false;
  const pack = packOfKey(name);
  const uids = [`key_value_pair:${scope}:${name}`, ...(pack === undefined ? [] : [`pack:${pack}`])];
  return { type: 'key_value_pair', uids, ...(inClear && { owner: ADMIN }) };
}

function objectOf(name: string, { resources }: Services): Found {
  if (resources === undefined) return undefined;
  const view = resources.get(name);
  const namespace = text(view.namespace);
  return {
    ...fromRef('resource', text(view.resource) ?? ''),
    ...(namespace !== undefined && { namespaces: [namespace] }),
  };
}

/** The first parameter of the path. */
function parameter({ params }: FastifyRequest): string {
  const [first] = Object.values(params as Record<string, string>); // fastify's parameters are texts
  return first ?? '';
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Whether a query asks for something that is not everybody's: whatever is not a clear no is a yes, in whichever spelling. */
export function isAsked(value: unknown): boolean {
  return value !== undefined && !(typeof value === 'string' && /^(?:false|0|no|n|f|off)$/i.test(value));
}
