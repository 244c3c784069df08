/** What the controllers share: how they hear of changes, write, wait, and say what they did. */
import { randomUUID } from 'node:crypto';
import { type Api, internalWrite } from '../api.ts';
import { StatusError } from '../errors.ts';
import { equal, type JsonMap, mapAt } from '../json.ts';
import { builtIn } from '../kinds/define.ts';
import type { Kind } from '../kinds/kind.ts';
import { createObject } from '../objects/create.ts';
import { updateObject } from '../objects/update.ts';
import { type KubeObject, type OwnerReference, timestamp } from '../objects.ts';
import type { StoredEvent } from '../watch-cache.ts';

/** Waits in a way that tests can hold the hands of. */
export interface Timers {
  /** Calls back once, at least `milliseconds` from now, unless the returned function is called first. */
  after(milliseconds: number, act: () => void): () => void;
}

/** The wall clock's; it keeps no process alive. */
export const realTimers: Timers = {
  after(milliseconds, act) {
    // Node fires at once for waits that do not fit into 31 bits.
    const timer = setTimeout(act, Math.min(milliseconds, 2 ** 31 - 1));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export interface World {
  readonly api: Api;
  readonly timers: Timers;
}

/** Brings one kind of object where its specification wants it, whenever something it depends on has changed. */
export interface Controller {
  /** Notes what an event makes necessary; called after the write that caused it. */
  follow(resource: string, event: StoredEvent): void;
  /** Does what was noted. Returns whether there was anything. */
  work(): boolean;
}

export type Key = readonly [namespace: string | undefined, name: string];

/** `keysOf` names the objects an event concerns; each of them is reconciled once, however many events named it. */
export function controller(
  keysOf: (resource: string, event: StoredEvent) => readonly Key[],
  reconcile: (namespace: string | undefined, name: string) => void,
): Controller & { add(key: Key): void } {
  const dirty = new Map<string, Key>();
  const add = (key: Key) => dirty.set(`${key[0] ?? ''}/${key[1]}`, key);
  return {
    add,
    follow(resource, event) {
      for (const key of keysOf(resource, event)) add(key);
    },
    work() {
      const due = [...dirty.values()];
      dirty.clear();
      for (const [namespace, name] of due) attempt(() => reconcile(namespace, name));
      return due.length > 0;
    },
  };
}

/**
 * A refusal (the namespace is going, somebody else was faster) ends this attempt, and the event that follows from it starts the next,
 * as with controllers elsewhere. Anything else is a mistake of the sandbox and is thrown.
 */
export function attempt(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
  }
}

export const keyOfEvent = (event: StoredEvent): Key => [event.object.metadata.namespace, event.object.metadata.name];

/** The kind served under a group's plural. Throws for one the sandbox does not have, which is a mistake of its own. */
export function kindOf(api: Api, group: string, plural: string): Kind {
  const kind = api.registry.findByStorage(`${group}/${plural}`);
  if (kind === undefined) throw new Error(`the sandbox serves no ${plural} in group "${group}"`);
  return kind;
}

export function writeStatus(api: Api, kind: Kind, object: KubeObject, status: JsonMap, manager?: string): void {
  if (equal(mapAt(object, 'status'), status)) return;
  const { namespace, name } = object.metadata;
  const options = manager === undefined ? internalWrite : { ...internalWrite, manager };
  updateObject(api, { kind, namespace, name, subresource: 'status' }, (old) => ({ ...old, status }), options);
}

export function change(api: Api, kind: Kind, object: KubeObject, make: (old: KubeObject) => KubeObject): KubeObject {
  const { namespace, name } = object.metadata;
  return updateObject(api, { kind, namespace, name }, make, internalWrite);
}

export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

export function ownerReference(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

const eventKind = builtIn('', 'v1', { kind: 'Event', plural: 'events', storageKey: '/events' });

/** Records an Event about an object, as `kubectl describe` shows them. */
export function record(
  { api }: World,
  about: KubeObject,
  event: { readonly reason: string; readonly message: string; readonly type?: 'Warning'; readonly component: string },
): void {
  const { namespace = 'default', name, uid = '', resourceVersion = '' } = about.metadata;
  const now = timestamp(api.now());
  attempt(() =>
    createObject(
      api,
      eventKind,
      namespace,
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `${name}.${randomUUID().replaceAll('-', '').slice(0, 16)}` },
        involvedObject: { apiVersion: about.apiVersion, kind: about.kind, name, namespace, uid, resourceVersion },
        reason: event.reason,
        message: event.message,
        type: event.type ?? 'Normal',
        source: { component: event.component },
        reportingComponent: event.component,
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
      },
      { ...internalWrite, manager: event.component },
    ),
  );
}

/** A condition list with one set; its transition time moves only when its status does. */
export function withCondition(
  conditions: readonly JsonMap[],
  condition: { readonly type: string; readonly status: string; readonly reason: string; readonly message: string },
  now: number,
  extra: JsonMap = {},
): JsonMap[] {
  const before = conditions.find((one) => one.type === condition.type);
  const same = before?.status === condition.status;
  const unchanged = same && before.reason === condition.reason && before.message === condition.message;
  if (unchanged) return [...conditions];
  const lastTransitionTime = same ? before.lastTransitionTime : timestamp(now);
  const made = { ...condition, ...extra, lastTransitionTime };
  return before === undefined ? [...conditions, made] : conditions.map((one) => (one === before ? made : one));
}
