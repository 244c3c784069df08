import type { Resource } from '../model/index.ts';
import { isJsonObject } from '../model/index.ts';
import type { Entry } from './kind-watch.ts';

/** Who needs whom, by uid and by the key of what is needed (`kind.group|namespace/name`). */
export interface DependencyIndex {
  set(uid: string, needs: readonly string[]): void;
  delete(uid: string): void;
  needsOf(uid: string): readonly string[];
  neededBy(key: string): readonly string[];
}

export function createDependencyIndex(): DependencyIndex {
  const needs = new Map<string, readonly string[]>();
  const dependents = new Map<string, Set<string>>();
  const drop = (uid: string) => {
    for (const key of needs.get(uid) ?? []) {
      const set = dependents.get(key);
      set?.delete(uid);
      if (set?.size === 0) dependents.delete(key);
    }
    needs.delete(uid);
  };
  return {
    set(uid, keys) {
      drop(uid);
      if (keys.length === 0) return;
      needs.set(uid, keys);
      for (const key of keys) {
        const set = dependents.get(key) ?? new Set();
        set.add(uid);
        dependents.set(key, set);
      }
    },
    delete: drop,
    needsOf: (uid) => needs.get(uid) ?? [],
    neededBy: (key) => [...(dependents.get(key) ?? [])],
  };
}

export function dependencyKey(
  { kind, group, scope }: Pick<Resource, 'kind' | 'group' | 'scope'>,
  namespace: string,
  name: string,
): string {
  return `${kind}.${group}|${scope === 'Cluster' ? '' : namespace}/${name}`;
}

/** Why an object is no ground to build on; undefined when it is. */
export function unreadiness(what: string, entry: Entry | undefined): string | undefined {
  if (entry === undefined) return `${what} does not exist.`;
  const { metadata, status } = entry.object;
  if (metadata.deletionTimestamp !== undefined) return `${what} is being deleted.`;
  const conditions =
    isJsonObject(status) && Array.isArray(status.conditions) ? status.conditions.filter(isJsonObject) : [];
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True' && ready.observedGeneration === (metadata.generation ?? 0)) return undefined;
  const reason = typeof ready?.reason === 'string' ? ` (${ready.reason})` : '';
  return `${what} is not ready${reason}.`;
}
