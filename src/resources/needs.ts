import type { Jinja } from '../expressions/index.ts';
import type { JsonObject, Resource } from '../model/index.ts';
import { dependencyKey, unreadiness } from './dependencies.ts';
import type { Entry } from './kind-watch.ts';
import { kindNamed, kindOf, type Live, titleOf, uidOf } from './live.ts';
import { contentOf, desiredOf } from './objects.ts';
import { mayExist } from './record.ts';
import { evaluateText } from './templates.ts';

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

export function unreadyOf(live: Live, resource: Resource, entry: Entry, jinja: Jinja): readonly string[] {
  return needsOf(resource, entry, jinja).flatMap(({ kind, name }) => {
    const needed = kindNamed(live, kind);
    if (needed === undefined) return [`No pack declares the kind ${kind}, which it depends on.`];
    const namespace = needed.resource.scope === 'Cluster' ? '' : (entry.object.metadata.namespace ?? '');
    if (needed.resource.scope === 'Namespaced' && namespace === '') {
      return [`It is in no namespace, and so cannot need a ${kind}, which is in one.`];
    }
    const title = `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
    return unreadiness(title, needed.watch.byName(namespace, name)) ?? [];
  });
}

/** Objects that stand on this one and have something outside. Of those that need each other none waits, or all would for ever. */
export function dependentsOf(live: Live, resource: Resource, entry: Entry): readonly string[] {
  const { namespace = '', name, uid: own = '' } = entry.object.metadata;
  const needed = neededFrom(live, own);
  return live.dependencies.neededBy(dependencyKey(resource, namespace, name)).flatMap((uid) => {
    const record = live.records.get(uid);
    if (needed.has(uid) || record === undefined || !mayExist(record, live.observations.get(uid))) return [];
    const kind = live.kinds.get(record.resource);
    const dependent = kind?.watch.objects.get(uid);
    return kind === undefined || dependent === undefined ? [] : [titleOf(kind.resource, dependent)];
  });
}

/** The objects on the way from one that needs itself back to it, by their titles; none where it does not. */
export function cycleOf(live: Live, uid: string): readonly string[] {
  const path = neededFrom(live, uid).get(uid);
  if (path === undefined) return [];
  return [uid, ...path].flatMap((one) => {
    const kind = kindOf(live, one);
    const entry = kind?.watch.objects.get(one);
    return kind === undefined || entry === undefined ? [] : [titleOf(kind.resource, entry)];
  });
}

/** Everything that an object needs, and what that needs in turn, with the way there. */
function neededFrom(live: Live, uid: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const next: [string, readonly string[]][] = [[uid, []]];
  for (const [from, path] of next) {
    for (const key of live.dependencies.needsOf(from)) {
      const needed = uidOf(live, key);
      if (needed === undefined || found.has(needed)) continue;
      found.set(needed, [...path, needed]);
      next.push([needed, [...path, needed]]);
    }
  }
  return found;
}
