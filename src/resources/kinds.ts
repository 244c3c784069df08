import { isDeepStrictEqual } from 'node:util';
import { pause } from '../kubernetes/index.ts';
import { messageOf, PetrelError, type Resource } from '../model/index.ts';
import type { ClusterWrites } from './cluster.ts';
import { dependencyKey } from './dependencies.ts';
import { type Entry, watchKind } from './kind-watch.ts';
import { type KindState, type Live, uidOf } from './live.ts';
import { needKeysOf } from './needs.ts';
import { finalizerOf } from './objects.ts';
import type { ResourceServices } from './services.ts';

export interface Kinds {
  /** Adapts watches to what the packs declare now. */
  follow(): void;
  /** Whether every kind that was ever reachable has been seen completely; one that is not served does not count. */
  areSynced(): boolean;
  /** Something was seen of an object: where nobody knew whether it exists, whatever it needs may have waited for that. */
  touchNeeded(uid: string): void;
  stop(): Promise<void>;
}

export interface KindsOptions {
  readonly services: ResourceServices;
  readonly live: Live;
  readonly cluster: Pick<ClusterWrites, 'install'>;
  /** Something about this object is to be decided. */
  touch(uid: string): void;
  synced(kind: KindState): void;
  /** All is known again: nothing is being asked about a kind that is not served. */
  settled(): void;
  /** The resource is not declared any more. */
  left(ref: string): void;
}

/** Milliseconds between attempts to apply a definition. */
const INSTALL = { first: 1_000, max: 60_000 };

/** One watch for each declared resource, and the index of who needs whom. */
export function createKinds({ services, live, cluster, touch, synced, settled, left }: KindsOptions): Kinds {
  const { registry, log, jinja, clock } = services;
  const abort = new AbortController();
  const stopping = new Set<Promise<void>>();

  /** Whoever needs this object, and whatever it needs, may have waited for the change. */
  const changed = (resource: Resource, uid: string, entry: Entry | undefined, before: Entry | undefined) => {
    const needed = live.dependencies.needsOf(uid);
    if (entry === undefined) live.dependencies.delete(uid);
    else if (resource.dependencies.length > 0) live.dependencies.set(uid, keysOf(resource, entry));
    touch(uid);
    const some = entry ?? before;
    if (some !== undefined) {
      const { namespace = '', name } = some.object.metadata;
      for (const dependent of live.dependencies.neededBy(dependencyKey(resource, namespace, name))) touch(dependent);
    }
    const still = new Set(live.dependencies.needsOf(uid));
    for (const key of needed) if (!still.has(key)) touchByKey(key);
  };
  /** A template that fails is reported when the object is decided on. */
  const keysOf = (resource: Resource, entry: Entry): readonly string[] => {
    try {
      return needKeysOf(live, resource, entry, jinja);
    } catch (error) {
      if (error instanceof PetrelError) return [];
      throw error;
    }
  };
  const touchByKey = (key: string) => {
    const uid = uidOf(live, key);
    if (uid !== undefined) touch(uid);
  };

  /** A kind that was not declared when an object came, and that it needs, may be so now. */
  const indexAgain = () => {
    for (const { resource, watch } of live.kinds.values()) {
      if (resource.dependencies.length === 0) continue;
      for (const [uid, entry] of watch.objects) live.dependencies.set(uid, keysOf(resource, entry));
    }
  };

  /** Tries until it is applied, or something else is declared. */
  const install = async (resource: Resource) => {
    for (let tries = 0; !abort.signal.aborted; tries += 1) {
      if (registry.snapshot().resources.get(resource.ref) !== resource) return;
      try {
        return await cluster.install(resource);
      } catch (error) {
        const what = `The CustomResourceDefinition of ${resource.ref} could not be applied and is tried again`;
        if (tries === 0) log.error(`${what}: ${messageOf(error)}`);
        await pause(clock, Math.min(INSTALL.first * 2 ** Math.min(tries, 20), INSTALL.max), abort.signal);
      }
    }
  };

  const add = (resource: Resource) => {
    if (resource.install) void install(resource);
    const kind: KindState = {
      resource,
      orphans: new Map(),
      watch: watchKind({
        ...services,
        resource,
        changed: (uid, entry, before) => changed(kind.resource, uid, entry, before),
        synced: () => {
          // What waited for this kind to be known can be decided now.
          for (const other of live.kinds.values()) for (const uid of other.watch.objects.keys()) touch(uid);
          synced(kind);
        },
        missing: () => {
          if (areSynced()) settled();
        },
      }),
    };
    live.kinds.set(resource.ref, kind);
  };

  const remove = (ref: string, kind: KindState) => {
    live.kinds.delete(ref);
    const stop = kind.watch.stop();
    stopping.add(stop);
    void stop.finally(() => stopping.delete(stop));
    left(ref);
  };

  const areSynced = () =>
    [...live.kinds.values()].every(({ watch }) => {
      const state = watch.state();
      return watch.isSynced() || (state?.phase === 'waiting' && state.missing);
    });

  const warned = new Set<string>();
  const warn = () => {
    const counts = new Map<string, number>();
    for (const { resource } of live.records.values()) counts.set(resource, (counts.get(resource) ?? 0) + 1);
    for (const [ref, count] of counts) {
      if (live.kinds.has(ref) || warned.has(ref)) continue;
      warned.add(ref);
      const finalizer = finalizerOf({ name: ref.split('.').slice(1).join('.') });
      log.warn(
        `No pack declares the resource ${ref} any more, but ${count} of its objects are known. They cannot be deleted while they carry the finalizer ${finalizer}: bring the pack back, or release them with \`petrel resource abandon\`.`,
      );
    }
  };

  return {
    follow() {
      const wanted = registry.snapshot().resources;
      for (const [ref, kind] of [...live.kinds]) {
        const next = wanted.get(ref);
        const isSame = next !== undefined && isDeepStrictEqual(watchedPart(next), watchedPart(kind.resource));
        if (!isSame) remove(ref, kind);
        else if (!isDeepStrictEqual(next, kind.resource)) {
          if (next.install) void install(next);
          kind.resource = next;
        }
      }
      const added = [...wanted].filter(([ref]) => !live.kinds.has(ref));
      for (const [, resource] of added) add(resource);
      if (added.length > 0) indexAgain();
      warn();
    },
    areSynced,
    touchNeeded(uid) {
      if (live.records.get(uid)?.exists !== 'maybe') return;
      for (const key of live.dependencies.needsOf(uid)) touchByKey(key);
    },
    async stop() {
      abort.abort();
      for (const [ref, kind] of [...live.kinds]) remove(ref, kind);
      await Promise.all(stopping);
    },
  };
}

/** What a watch depends on; with anything else it goes on. */
function watchedPart({ group, kind, versions, dependencies, scope }: Resource): unknown {
  return { group, kind, versions: versions.map(({ name }) => name), dependencies, scope };
}
