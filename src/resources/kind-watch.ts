import {
  type Clock,
  compareVersions,
  runWatch,
  type WatchClient,
  type WatchHandlers,
  type WatchState,
  type WatchTiming,
} from '../kubernetes/index.ts';
import type { Resource } from '../model/index.ts';
import type { KubernetesObject, Logger } from '../sdk/index.ts';
import { storedVersion, writtenVersion } from './objects.ts';

/** An object as it was last seen. */
export interface Entry {
  /** Without managed fields. */
  readonly object: KubernetesObject;
  /** The apiVersion it was written in. */
  readonly written: string;
  /** When this process first saw it. Epoch milliseconds. */
  readonly seenAt: number;
}

export interface KindWatch {
  readonly objects: ReadonlyMap<string, Entry>;
  /** By `namespace/name`. */
  byName(namespace: string, name: string): Entry | undefined;
  /** Whether all objects have been seen once: before that nothing may be said to be gone. */
  isSynced(): boolean;
  state(): WatchState | undefined;
  /** What a write answered; older than what is known, it changes nothing. */
  learn(object: KubernetesObject): void;
  stop(): Promise<void>;
}

export interface KindWatchOptions {
  readonly resource: Resource;
  readonly client: WatchClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly timing?: Partial<WatchTiming>;
  /** An object came, changed, or went (then `entry` is undefined). */
  changed(uid: string, entry: Entry | undefined, before: Entry | undefined): void;
  synced(): void;
  /** The cluster was asked, and does not serve the kind. */
  missing(): void;
}

/**
 * Keeps all objects of a kind in memory. No cursor is stored: decisions depend on states and not on events, so a list at
 * the start is as good as all changes since, and finalizers keep what is deleted meanwhile.
 */
export function watchKind(options: KindWatchOptions): KindWatch {
  const { resource, clock, changed } = options;
  const abort = new AbortController();
  const objects = new Map<string, Entry>();
  const names = new Map<string, string>();
  let synced = false;
  let state: WatchState | undefined;

  /** A list is the truth, also of a cluster that was restored to an older state; anything else may come late. */
  const put = (object: KubernetesObject, isListed = false) => {
    const { uid = '', namespace = '', name, resourceVersion = '' } = object.metadata;
    const before = objects.get(uid);
    const isOlder =
      !isListed &&
      before !== undefined &&
      compareVersions(resourceVersion, before.object.metadata.resourceVersion ?? '') === 'older';
    if (isOlder) return;
    const { managedFields: _managedFields, ...metadata } = object.metadata;
    const entry = {
      object: { ...object, metadata },
      written: writtenVersion(resource, object),
      seenAt: before?.seenAt ?? clock.now(),
    };
    objects.set(uid, entry);
    names.set(`${namespace}/${name}`, uid);
    changed(uid, entry, before);
  };
  const remove = (uid: string) => {
    const before = objects.get(uid);
    if (before === undefined) return;
    objects.delete(uid);
    const key = `${before.object.metadata.namespace ?? ''}/${before.object.metadata.name}`;
    // A new object may have the name already.
    if (names.get(key) === uid) names.delete(key);
    changed(uid, undefined, before);
  };

  let listed = new Set<string>();
  const handlers: WatchHandlers = {
    onListStart() {
      listed = new Set();
    },
    onListPage(page) {
      for (const { type, object } of page) {
        const { uid = '' } = object.metadata;
        if (type === 'DELETED') {
          listed.delete(uid);
          remove(uid);
        } else {
          listed.add(uid);
          put(object, true);
        }
      }
    },
    onListEnd() {
      for (const uid of [...objects.keys()]) if (!listed.has(uid)) remove(uid);
      listed = new Set();
      if (synced) return;
      synced = true;
      options.synced();
    },
    onEvents(changes) {
      for (const { type, object } of changes) {
        if (type === 'DELETED') remove(object.metadata.uid ?? '');
        else put(object);
      }
    },
    onState(next) {
      state = next;
      if (next.phase === 'waiting' && next.missing) options.missing();
    },
  };
  const running = runWatch({
    ...options,
    target: { apiVersion: storedVersion(resource), kind: resource.kind },
    handlers,
    // Shipped packs declare kinds that not every cluster wants; `petrel resource list` says which are not there.
    optional: true,
    signal: abort.signal,
  });

  return {
    objects,
    byName(namespace, name) {
      const uid = names.get(`${namespace}/${name}`);
      return uid === undefined ? undefined : objects.get(uid);
    },
    isSynced: () => synced,
    state: () => state,
    learn(object) {
      // One that is known to be gone must not come back.
      if (objects.has(object.metadata.uid ?? '')) put(object);
    },
    async stop() {
      abort.abort();
      await running;
    },
  };
}
