/** Garbage collection by ownerReferences: background, foreground and orphaning deletion. */
import { type Api, internalWrite } from '../api.ts';
import type { Kind } from '../kinds/kind.ts';
import { type DeleteOptions, deleteObject, plainDelete } from '../objects/delete.ts';
import { updateObject } from '../objects/update.ts';
import { isTerminating, type KubeObject } from '../objects.ts';
import type { StoredEvent } from '../watch-cache.ts';

interface Place {
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

export interface GarbageCollector {
  /** Reacts to one stored event; called after the write that caused it is complete. */
  follow(resource: string, event: StoredEvent): void;
}

export function createGarbageCollector(api: Api): GarbageCollector {
  /** The dependents of each owner's uid, by uid of the dependent. */
  const dependents = new Map<string, Map<string, Place>>();
  /** Every living object's uid. */
  const alive = new Set<string>();

  const ownersOf = (object: KubeObject | undefined): string[] =>
    (object?.metadata.ownerReferences ?? []).map((reference) => reference.uid);

  const index = (resource: string, event: StoredEvent): void => {
    const { uid, namespace, name } = event.object.metadata;
    if (uid === undefined) return;
    if (event.type === 'DELETED') alive.delete(uid);
    else alive.add(uid);
    for (const owner of ownersOf(event.previous)) dependents.get(owner)?.delete(uid);
    if (event.type === 'DELETED') return;
    for (const owner of ownersOf(event.object)) {
      const known = dependents.get(owner) ?? new Map<string, Place>();
      known.set(uid, { resource, namespace, name });
      dependents.set(owner, known);
    }
  };

  const each = (owner: string, act: (kind: Kind, dependent: KubeObject) => void): void => {
    for (const place of [...(dependents.get(owner)?.values() ?? [])]) {
      const kind = api.registry.findByStorage(place.resource);
      const dependent = api.storage.get(place.resource, place.namespace, place.name);
      if (kind !== undefined && dependent !== undefined) act(kind, dependent);
    }
  };

  const remove = (kind: Kind, object: KubeObject, options: DeleteOptions = plainDelete): void => {
    if (!isTerminating(object)) deleteObject(api, kind, object.metadata.namespace, object.metadata.name, options);
  };

  const disown = (kind: Kind, object: KubeObject, owner: string): void => {
    change(api, kind, object, (old) => ({
      ...old.metadata,
      ownerReferences: (old.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== owner),
    }));
  };

  const release = (resource: string, object: KubeObject, finalizer: string): void => {
    const kind = api.registry.findByStorage(resource);
    if (kind === undefined) return;
    change(api, kind, object, (old) => ({
      ...old.metadata,
      finalizers: (old.metadata.finalizers ?? []).filter((one) => one !== finalizer),
    }));
  };

  /** Goes on with a deletion that waits for the collector. */
  const proceed = (resource: string, object: KubeObject): void => {
    const { uid, finalizers = [] } = object.metadata;
    if (uid === undefined || !isTerminating(object)) return;
    if (finalizers.includes('orphan')) {
      each(uid, (kind, dependent) => disown(kind, dependent, uid));
      release(resource, object, 'orphan');
    } else if (finalizers.includes('foregroundDeletion')) {
      let blocking = 0;
      each(uid, (kind, dependent) => {
        remove(kind, dependent, { ...plainDelete, propagation: 'Foreground' });
        const blocks = dependent.metadata.ownerReferences?.some(
          (one) => one.uid === uid && one.blockOwnerDeletion === true,
        );
        const stillThere = api.storage.get(kind.storageKey, dependent.metadata.namespace, dependent.metadata.name);
        if (blocks === true && stillThere !== undefined) blocking++;
      });
      if (blocking === 0) release(resource, object, 'foregroundDeletion');
    }
  };

  /** The owners that wait for a dependent that has just gone. */
  const proceedOwners = (gone: KubeObject): void => {
    for (const reference of gone.metadata.ownerReferences ?? []) {
      const kind = api.registry.findByKind(reference.apiVersion, reference.kind);
      if (kind === undefined) continue;
      const namespace = kind.namespaced ? gone.metadata.namespace : undefined;
      const owner = api.storage.get(kind.storageKey, namespace, reference.name);
      if (owner !== undefined && owner.metadata.uid === reference.uid) proceed(kind.storageKey, owner);
    }
  };

  return {
    follow(resource, event) {
      index(resource, event);
      const { uid, namespace, name } = event.object.metadata;
      if (uid === undefined) return;
      if (event.type !== 'DELETED') {
        const present = api.storage.get(resource, namespace, name);
        if (present !== undefined && present.metadata.uid === uid) proceed(resource, present);
        return;
      }
      each(uid, (kind, dependent) => {
        const others = ownersOf(dependent).some((owner) => owner !== uid && alive.has(owner));
        if (others) disown(kind, dependent, uid);
        else remove(kind, dependent);
      });
      dependents.delete(uid);
      proceedOwners(event.object);
    },
  };
}

function change(api: Api, kind: Kind, object: KubeObject, metadata: (old: KubeObject) => KubeObject['metadata']): void {
  const { namespace, name } = object.metadata;
  updateObject(api, { kind, namespace, name }, (old) => ({ ...old, metadata: metadata(old) }), internalWrite);
}
