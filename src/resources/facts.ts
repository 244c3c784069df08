import { createHash } from 'node:crypto';
import type { Jinja } from '../expressions/index.ts';
import { isJsonObject, type Resource } from '../model/index.ts';
import type { Facts } from './decide.ts';
import { type HandlerSubject, handlerOf } from './handlers.ts';
import type { Entry } from './kind-watch.ts';
import type { KindState, Live } from './live.ts';
import { cycleOf, dependentsOf, unreadyOf } from './needs.ts';
import { ABANDONED_ANNOTATION, contentOf, desiredOf, finalizerOf } from './objects.ts';
import { deviationsOf } from './observation.ts';
import { ownerOf } from './owner.ts';

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
  const began = live.running.get(uid);
  const isDeleting = entry?.object.metadata.deletionTimestamp !== undefined;
  return {
    resource,
    looks: looksOf(resource),
    ...(entry && { object: objectFacts(resource, entry) }),
    ...(record && { record }),
    // The time that it waits for its turn, e.g. by a policy, is not the handler's.
    ...(intent && began !== undefined && { deadline: began + handlerOf(resource, intent.handler).timeout * 1000 }),
    ...(seen &&
      subject && {
        observed: {
          at: seen.at,
          exists: seen.exists,
          owner: seen.tag === undefined ? 'unknown' : seen.tag === subject.owner.tag ? 'ours' : 'foreign',
          difference: deviationsOf(subject.desired, seen),
        },
      }),
    // Not ahead of a clock that was set back.
    seenAt: Math.min(entry?.seenAt ?? 0, context.now),
    observing: context.observing,
    ...(context.lookFailure !== undefined && { lookFailure: context.lookFailure }),
    // What is being deleted waits for nothing that it needs, and needs no template for that.
    ...(entry === undefined || isDeleting
      ? { unready: [], cycle: [] }
      : { unready: unreadyOf(live, resource, entry, context.jinja), cycle: cycleOf(live, uid) }),
    dependents: entry === undefined || !isDeleting ? [] : dependentsOf(live, resource, entry),
    cutShort: live.cutShort.get(uid) ?? 0,
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
