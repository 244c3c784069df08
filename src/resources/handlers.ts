import {
  type Execution,
  type HandlerName,
  isJsonObject,
  type Json,
  type JsonObject,
  type Resource,
  type ResourceHandler,
} from '../model/index.ts';
import { answerOf, type Observation } from './observation.ts';
import type { Owner } from './owner.ts';
import type { HandlerEnd } from './record.ts';
import { type ResourceServices, USER } from './services.ts';
import { evaluateAll, evaluateText } from './templates.ts';

/** What a handler's templates are about. */
export interface HandlerSubject {
  readonly resource: Resource;
  /** The object, or what is left of it. */
  readonly object: JsonObject;
  readonly desired: JsonObject;
  readonly observed: Observation | undefined;
  readonly outputs: JsonObject;
  readonly owner: Owner;
  readonly uid: string;
  readonly generation: number;
}

export interface Handlers {
  /** An execution of the handler, not stored yet. Throws `PetrelError`. */
  prepare(name: HandlerName, subject: HandlerSubject): Promise<Execution>;
  prepareList(resource: Resource): Promise<Execution>;
  /** What an ended execution answered, as its handler's `result` reads it. Throws `PetrelError`. */
  answer(execution: Execution, handler: ResourceHandler, resource: Resource, subject?: HandlerSubject): Promise<Json>;
  /** The items of a list. */
  items(execution: Execution, resource: Resource): Promise<readonly JsonObject[]>;
  end(execution: Execution, name: HandlerName, subject: HandlerSubject): Promise<HandlerEnd>;
  failureOf(execution: Execution): Promise<string>;
}

/** The handler that does a thing: without `update`, creating again must bring about what is wished. */
export function handlerOf(resource: Resource, name: HandlerName): ResourceHandler {
  const handler = name === 'update' ? (resource.update ?? resource.create) : resource[name];
  if (handler === undefined) throw new Error(`The resource ${resource.ref} has no handler "${name}".`);
  return handler;
}

export function createHandlers(
  services: Pick<ResourceServices, 'executions' | 'store' | 'jinja' | 'masker' | 'open' | 'config'>,
): Handlers {
  const { executions, store, jinja, masker } = services;

  const variablesFor = async (handler: ResourceHandler, resource: Resource, subject?: HandlerSubject) => {
    const text = JSON.stringify([handler.input, handler.result ?? {}]);
    const config = /\bconfig\b/.test(text) ? await services.config(resource.pack) : {};
    const policy = resource.deletionPolicy;
    if (subject === undefined) return { config, policy };
    const { object, desired, observed, outputs, owner } = subject;
    return { config, policy, resource: object, desired, observed: observed?.state ?? null, outputs, owner };
  };

  const rawAnswer = async (execution: Execution): Promise<Json> =>
    answerOf(execution.runnerType, services.open((await store.getResult(execution.id)) ?? null));

  const answer: Handlers['answer'] = async (execution, handler, resource, subject) => {
    const result = await rawAnswer(execution);
    if (handler.result === undefined) return result;
    return evaluateAll(jinja, handler.result, { ...(await variablesFor(handler, resource, subject)), result });
  };

  const failureOf: Handlers['failureOf'] = async (execution) => {
    const result = services.open((await store.getResult(execution.id)) ?? null);
    const said = failureText(result) ?? `It ended ${execution.status} without saying why.`;
    return masker.mask(`${said} (execution ${execution.id})`);
  };

  return {
    answer,
    failureOf,

    async prepare(name, subject) {
      const { resource, object, uid, generation } = subject;
      const handler = handlerOf(resource, name);
      const variables = await variablesFor(handler, resource, subject);
      const execution = await executions.prepare({
        actionRef: handler.action,
        parameters: evaluateAll(jinja, handler.input, variables),
        user: USER,
        context: { resource: { ref: resource.ref, uid, handler: name, generation, ...namesOf(object) } },
      });
      const key =
        resource.concurrencyKey === undefined
          ? (execution.concurrencyKey ?? `resource|${uid}`)
          : String(evaluateText(jinja, resource.concurrencyKey, variables));
      return { ...execution, concurrencyKey: key };
    },

    async prepareList(resource) {
      const { list } = resource;
      if (list === undefined) throw new Error(`The resource ${resource.ref} has no handler "list".`);
      return await executions.prepare({
        actionRef: list.action,
        parameters: evaluateAll(jinja, list.input, await variablesFor(list, resource)),
        user: USER,
        context: { resource: { ref: resource.ref, handler: 'list' } },
      });
    },

    async items(execution, resource) {
      const { list } = resource;
      if (list === undefined) return [];
      const variables = await variablesFor(list, resource);
      const result = await rawAnswer(execution);
      const { items: wanted, item: shape } = list.result ?? {};
      const items =
        typeof wanted === 'string' ? evaluateText(jinja, wanted, { ...variables, result }) : itemsIn(result);
      const objects = Array.isArray(items) ? items.filter(isJsonObject) : [];
      if (!isJsonObject(shape)) return objects;
      return objects.map((item) => evaluateAll(jinja, shape, { ...variables, result, item }));
    },

    async end(execution, name, subject) {
      const { status } = execution;
      if (status !== 'succeeded') return { status, message: await failureOf(execution) };
      const handler = handlerOf(subject.resource, name);
      const said = await answer(execution, handler, subject.resource, subject);
      if (name === 'delete' && isJsonObject(said) && said.retained === true) return { status: 'retained' };
      const waiting = waitingOf(said);
      if (waiting !== undefined) return { status: 'waiting', ...waiting };
      const given = isJsonObject(said) ? said.outputs : undefined;
      const outputs = isJsonObject(given) ? given : subject.outputs;
      const [field] =
        Object.entries(outputs).find(([, value]) => masker.secretsIn(JSON.stringify(value)).length > 0) ?? [];
      if (field === undefined) return { status: 'succeeded', outputs };
      const message = `The output "${field}" holds a secret, which a status must not show. Answer where the secret lies instead of the secret.`;
      return { status: 'refused', reason: 'OutputsRefused', message };
    },
  };
}

/** What a handler says that did nothing, since something must come first. */
function waitingOf(said: Json): { readonly reason: string; readonly message: string } | undefined {
  const waiting = isJsonObject(said) ? said.waiting : undefined;
  if (!isJsonObject(waiting)) return undefined;
  const { reason, message } = waiting;
  // Kubernetes refuses a status whose reason is no word.
  const word = typeof reason === 'string' && /^[A-Za-z][A-Za-z0-9_]*$/.test(reason) ? reason : 'Waiting';
  return { reason: word, message: typeof message === 'string' ? message : 'The handler waits for something.' };
}

function itemsIn(result: Json): Json {
  return isJsonObject(result) ? (result.items ?? null) : result;
}

function namesOf(object: JsonObject): JsonObject {
  const { metadata, kind } = object;
  const { namespace, name } = isJsonObject(metadata) ? metadata : {};
  return { kind: kind ?? null, namespace: namespace ?? null, name: name ?? null };
}

/** Why an execution failed, whatever ran it. */
export function failureText(result: Json): string | undefined {
  if (!isJsonObject(result)) return undefined;
  const { error, errors, message, stderr } = result;
  if (typeof error === 'string' && error !== '') return error;
  if (isJsonObject(error) && typeof error.message === 'string') return error.message;
  const [first] = Array.isArray(errors) ? errors : [];
  if (isJsonObject(first) && typeof first.message === 'string') {
    return (isJsonObject(first.result) ? failureText(first.result) : undefined) ?? first.message;
  }
  if (typeof message === 'string' && message !== '') return message;
  return typeof stderr === 'string' && stderr !== '' ? stderr.trim().split('\n').at(-1) : undefined;
}
