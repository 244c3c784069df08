import { createHash } from 'node:crypto';
import type { Jinja } from '../expressions/index.ts';
import { isJsonObject, type JsonObject, type Resource, type ResourceRecord } from '../model/index.ts';
import type { Facts } from './decide.ts';
import { dependencyKey, unreadiness } from './dependencies.ts';
import { type HandlerSubject, handlerOf } from './handlers.ts';
import type { Entry } from './kind-watch.ts';
import { type KindState, kindNamed, type Live, titleOf } from './live.ts';
import { ABANDONED_ANNOTATION, contentOf, desiredOf, finalizerOf } from './objects.ts';
import { deviationsOf } from './observation.ts';
import { ownerOf } from './owner.ts';
import { evaluateText } from './templates.ts';

/** How a resource's outside can be looked at. */
export function looksOf({ list, observe }: Resource): Facts['looks'] {
  if (list !== undefined) return 'list';
  return observe === undefined ? 'never' : 'each';
}

/** What handlers work on. Undefined when nothing is known of the uid. Throws `PetrelError` where a conversion fails. */
export function subjectOf(
  live: Live,
  { resource, watch }: KindState,
  uid: string,
  jinja: Jinja,
): HandlerSubject | undefined {
  const entry = watch.objects.get(uid);
  const record = live.records.get(uid);
  const object = entry === undefined ? record?.object : contentOf(entry);
  if (object === undefined) return undefined;
  const { namespace, name } = isJsonObject(object.metadata) ? object.metadata : {};
  const named = { uid, namespace: String(namespace ?? ''), name: String(name ?? record?.name ?? '') };
  return {
    resource,
    object,
    desired: desiredOf(jinja, resource, object),
    observed: live.observations.get(uid),
    outputs: record?.outputs ?? {},
    owner: ownerOf(live.cluster, resource.ref, named),
    uid,
    generation: entry?.object.metadata.generation ?? record?.generation ?? 0,
  };
}

/** Gathers what `decide` depends on. Throws `PetrelError` where a template of the declaration fails. */
export function factsOf(
  live: Live,
  kind: KindState,
  uid: string,
  context: {
    readonly jinja: Jinja;
    readonly now: number;
    readonly observing: boolean;
    readonly lookFailure: string | undefined;
  },
): Facts {
  const { resource, watch } = kind;
  const entry = watch.objects.get(uid);
  const record = live.records.get(uid);
  const subject = subjectOf(live, kind, uid, context.jinja);
  const seen = live.observations.get(uid);
  const intent = record?.intent;
  return {
    resource,
    looks: looksOf(resource),
    ...(entry && { object: objectFacts(resource, entry) }),
    ...(record && { record }),
    ...(intent && { deadline: intent.startedAt + handlerOf(resource, intent.handler).timeout * 1000 }),
    ...(seen &&
      subject && {
        observed: {
          at: seen.at,
          exists: seen.exists,
          owner: seen.tag === undefined ? 'unknown' : seen.tag === subject.owner.tag ? 'ours' : 'foreign',
          difference: deviationsOf(subject.desired, seen),
        },
      }),
    seenAt: entry?.seenAt ?? 0,
    observing: context.observing,
    ...(context.lookFailure !== undefined && { lookFailure: context.lookFailure }),
    unready: entry === undefined ? [] : unreadyOf(live, resource, entry, context.jinja),
    dependents: entry?.object.metadata.deletionTimestamp === undefined ? [] : dependentsOf(live, resource, entry),
    spread: createHash('sha1').update(uid).digest().readUInt32BE(0) / 2 ** 32,
    now: context.now,
  };
}

function objectFacts(resource: Resource, { object }: Entry): NonNullable<Facts['object']> {
  const { generation = 0, deletionTimestamp, finalizers = [], annotations = {} } = object.metadata;
  return {
    generation,
    deleting: deletionTimestamp !== undefined,
    finalizer: finalizers.includes(finalizerOf(resource)),
    abandoned: annotations[ABANDONED_ANNOTATION] !== undefined,
  };
}

/** Kinds and names that an object needs. Throws `PetrelError` where a template fails. */
function needsOf(resource: Resource, entry: Entry, jinja: Jinja): readonly { kind: string; name: string }[] {
  if (resource.dependencies.length === 0) return [];
  const content = contentOf(entry);
  const variables: JsonObject = { resource: content, desired: desiredOf(jinja, resource, content) };
  return resource.dependencies
    .map(({ kind, name }) => ({ kind, name: String(evaluateText(jinja, name, variables) ?? '') }))
    .filter(({ name }) => name !== '');
}

/** The same as keys for the index. */
export function needKeysOf(live: Live, resource: Resource, entry: Entry, jinja: Jinja): readonly string[] {
  return needsOf(resource, entry, jinja).flatMap(({ kind, name }) => {
    const needed = kindNamed(live, kind);
    return needed === undefined ? [] : [dependencyKey(needed.resource, entry.object.metadata.namespace ?? '', name)];
  });
}

function unreadyOf(live: Live, resource: Resource, entry: Entry, jinja: Jinja): readonly string[] {
  return needsOf(resource, entry, jinja).flatMap(({ kind, name }) => {
    const needed = kindNamed(live, kind);
    if (needed === undefined) return [`No pack declares the kind ${kind}, which it depends on.`];
    const namespace = needed.resource.scope === 'Cluster' ? '' : (entry.object.metadata.namespace ?? '');
    const title = `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
    return unreadiness(title, needed.watch.byName(namespace, name)) ?? [];
  });
}

/** Objects that stand on this one and have something outside. */
function dependentsOf(live: Live, resource: Resource, entry: Entry): readonly string[] {
  const { namespace = '', name } = entry.object.metadata;
  return live.dependencies.neededBy(dependencyKey(resource, namespace, name)).flatMap((uid) => {
    const record = live.records.get(uid);
    if (record === undefined || !mayExist(live, record)) return [];
    const kind = live.kinds.get(record.resource);
    const dependent = kind?.watch.objects.get(uid);
    return kind === undefined || dependent === undefined ? [] : [titleOf(kind.resource, dependent)];
  });
}

/** What a handler left in doubt does not exist when a look since then has not shown it. */
function mayExist(live: Live, { uid, exists, settledAt, intent }: ResourceRecord): boolean {
  if (exists !== 'maybe' || intent !== undefined) return exists !== 'no';
  const seen = live.observations.get(uid);
  return seen === undefined || seen.exists || seen.at <= settledAt;
}
