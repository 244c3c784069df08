import { type JsonObject, messageOf, newId, PetrelError } from '../model/index.ts';
import { crdOf } from './crd.ts';
import { type Explanation, explain, findObject, type ObjectView, objectView, objectViews } from './insight.ts';
import { createResourceMetrics } from './metrics.ts';
import { contentOf, finalizerOf } from './objects.ts';
import { type Reconciler, startReconciler } from './reconciler.ts';
import type { ResourceServices } from './services.ts';

/** The resources room, running. Names of objects are those that `findObject` knows. */
export interface Resources {
  /** Takes the lease when it is free, and reconciles while it is held. */
  start(): void;
  stop(): Promise<void>;
  /** Declared resources with how their objects stand, and those that are not declared any more. */
  kinds(): readonly JsonObject[];
  /** One of them, with all it declares. Throws `not_found`, as `crd`. */
  kind(ref: string): JsonObject;
  crd(ref: string): JsonObject;
  objects(ref?: string): readonly ObjectView[];
  get(name: string): JsonObject;
  explain(name: string): Promise<Explanation>;
  /** Looks again and tries again: one object, or all of a resource. `dryRun`: only says what would be done and why. */
  reconcile(name: string, options: { readonly dryRun: boolean }): Promise<readonly JsonObject[]>;
  /** Releases an object on purpose: its finalizer goes, what it stands for stays. */
  abandon(name: string, user: string): Promise<JsonObject>;
  /** What carries our owner tag and belongs to no object; of one resource, or of all. */
  orphans(ref?: string): readonly JsonObject[];
}

const LEASE = 'resources';

export function createResources(services: ResourceServices): Resources {
  const { store, registry, clock, log } = services;
  const owner = newId();
  const leaseDuration = services.leaseDuration ?? 15_000;
  let reconciler: Reconciler | undefined;
  let stopped = true;
  let heldUntil = 0;
  let beating: Promise<void> | undefined;
  let cancelBeat = () => {};
  let said = '';

  /** Only one process can open a SQLite store, so whoever held the lease there is dead. */
  const alone = store.dialect === 'sqlite';

  const beat = async () => {
    const now = clock.now();
    const until = now + leaseDuration;
    try {
      const held = await store.acquireLease(LEASE, { owner, now, until, alone });
      if (held) heldUntil = until;
      if (held && !stopped) reconciler ??= await startReconciler(services, metrics);
      said = '';
    } catch (error) {
      if (messageOf(error) !== said) log.error(`Resources are not reconciled for now: ${messageOf(error)}`);
      said = messageOf(error);
    }
    if (reconciler !== undefined && clock.now() >= heldUntil) {
      log.warn('The lease of the resources was lost; another node goes on with them.');
      await end();
    }
  };
  const beatOn = () => {
    beating = beat().finally(() => {
      beating = undefined;
      if (!stopped)
        cancelBeat = clock.after(
          reconciler === undefined ? Math.min(1_000, leaseDuration / 3) : leaseDuration / 3,
          beatOn,
        );
    });
  };
  const end = async () => {
    const ending = reconciler;
    reconciler = undefined;
    await ending?.stop();
  };

  const working = (): Reconciler => {
    if (reconciler !== undefined) return reconciler;
    throw new PetrelError(
      'unavailable',
      'This node does not reconcile resources now: the cluster cannot be reached, or another node does it. Ask that one, or try again.',
    );
  };
  const declared = (ref: string) => {
    const resource = registry.snapshot().resources.get(ref);
    if (resource !== undefined) return resource;
    const known = [...registry.snapshot().resources.keys()].join(', ') || 'none';
    throw new PetrelError('not_found', `No pack declares the resource "${ref}". Declared: ${known}.`);
  };
  const found = (name: string): ObjectView => findObject(objectViews(working()), name);

  /** How many objects of each resource stand how. */
  const stateCounts = (): ReadonlyMap<string, Readonly<Record<string, number>>> => {
    const counts = new Map<string, Record<string, number>>();
    for (const { resource, state } of reconciler === undefined ? [] : objectViews(reconciler)) {
      const count = counts.get(resource) ?? {};
      count[state] = (count[state] ?? 0) + 1;
      counts.set(resource, count);
    }
    return counts;
  };
  const metrics = createResourceMetrics(services.metrics, () =>
    [...stateCounts()].map(([ref, states]) => ({
      ref,
      states,
      orphans: reconciler?.live.kinds.get(ref)?.orphans.size ?? 0,
    })),
  );
  const summaries = (): readonly JsonObject[] => {
    const views = reconciler === undefined ? [] : objectViews(reconciler);
    const counts = stateCounts();
    const snapshot = registry.snapshot().resources;
    const kinds = [...snapshot.values()].map(({ ref, kind, group, versions, pack, description }) => {
      const state = reconciler?.live.kinds.get(ref);
      const orphans = state?.orphans.size ?? 0;
      const watch = state?.watch.state();
      return {
        ref,
        pack,
        kind,
        api_version: `${group}/${versions[0]?.name}`,
        description: description ?? '',
        declared: true,
        objects: counts.get(ref) ?? {},
        orphans,
        watch: watch?.phase ?? 'none',
        ...(watch?.phase === 'waiting' && { problem: watch.reason }),
      };
    });
    const gone = [...counts.keys()].filter((ref) => !snapshot.has(ref));
    const left = gone.map((ref) => ({
      ref,
      pack: ref.slice(0, ref.indexOf('.')),
      kind: views.find(({ resource }) => resource === ref)?.kind ?? '',
      api_version: '',
      description: '',
      declared: false,
      objects: counts.get(ref) ?? {},
      orphans: 0,
      watch: 'none',
      problem: 'No pack declares it any more; its objects cannot be deleted until one does, or they are abandoned.',
    }));
    return [...kinds, ...left];
  };

  /** Without its declaration there is nothing to watch: the finalizer is taken from the object as it is now. */
  const releaseUndeclared = async (live: Reconciler, view: ObjectView): Promise<void> => {
    const record = live.live.records.get(view.uid);
    if (record === undefined) return;
    const { apiVersion, kind } = record.object as { apiVersion: string; kind: string }; // of an object
    const reference = {
      apiVersion,
      kind,
      name: view.name,
      ...(view.namespace !== null && { namespace: view.namespace }),
    };
    try {
      const object = await services.client.get(reference);
      if (object.metadata.uid === view.uid) {
        const ours = finalizerOf({ name: view.resource.slice(view.resource.indexOf('.') + 1) });
        const finalizers = (object.metadata.finalizers ?? []).filter((finalizer) => finalizer !== ours);
        await live.cluster.setFinalizers({ object, written: apiVersion, seenAt: 0 }, finalizers);
      }
    } catch (error) {
      if (!(error instanceof PetrelError) || error.code !== 'not_found') throw error;
    }
    await store.deleteResource(record.uid, record.revision);
    live.live.records.delete(record.uid);
  };

  return {
    start() {
      stopped = false;
      beatOn();
    },
    async stop() {
      stopped = true;
      cancelBeat();
      await beating;
      await end();
      await store.releaseLease(LEASE, owner);
    },
    kinds: summaries,
    kind: (ref) => ({
      ...summaries().find((kind) => kind.ref === ref),
      declaration: { ...declared(ref) } as unknown as JsonObject,
    }), // plain data
    crd: (ref) => crdOf(declared(ref)),
    objects(ref) {
      if (ref !== undefined && !objectViews(working()).some(({ resource }) => resource === ref)) declared(ref);
      return objectViews(working(), ref);
    },
    get(name) {
      const view = found(name);
      const entry = working().live.kinds.get(view.resource)?.watch.objects.get(view.uid);
      return {
        ...view,
        object:
          entry === undefined
            ? null
            : { ...contentOf(entry), status: (entry.object.status ?? null) as JsonObject | null },
      }; // of JSON
    },
    explain: async (name) => await explain(working(), services, found(name)),
    async reconcile(name, { dryRun }) {
      const live = working();
      const isKind = registry.snapshot().resources.has(name);
      const views = isKind ? objectViews(live, name) : [found(name)];
      const planned = views.map((view) => {
        const kind = live.live.kinds.get(view.resource);
        if (kind === undefined) return { ...view, step: 'none' };
        const { state, step, reason, message } = live.decisionFor(kind, view.uid);
        return { ...view, state, step, reason, message };
      });
      const orphans = isKind ? orphansOf(live, name) : [];
      if (dryRun) return [...planned, ...orphans];
      // All at once: the store commits together what waits together.
      await Promise.all(
        views.map(async ({ resource, uid }) => {
          const kind = live.live.kinds.get(resource);
          if (kind === undefined) return;
          await live.refresh(kind, uid);
          if (!isKind) live.refreshList(kind);
        }),
      );
      const kind = isKind ? live.live.kinds.get(name) : undefined;
      if (kind !== undefined) live.refreshList(kind);
      return [...planned, ...orphans];
    },
    async abandon(name, user) {
      const live = working();
      const view = found(name);
      const kind = live.live.kinds.get(view.resource);
      const record = live.live.records.get(view.uid);
      if (record?.intent !== undefined) await live.acting.cancel(record.intent.executionId, user);
      log.warn(`${view.kind} ${view.namespace ?? ''}/${view.name} is abandoned by ${user}: what it stands for stays.`);
      if (kind === undefined) {
        await releaseUndeclared(live, view);
        return { ...view, reason: 'Abandoned', state: 'blocked' };
      }
      const entry = kind.watch.objects.get(view.uid);
      if (entry === undefined) {
        if (record !== undefined && record.intent === undefined) {
          await store.deleteResource(record.uid, record.revision);
          live.live.records.delete(record.uid);
        }
        return { ...view, reason: 'Abandoned', state: 'orphaned' };
      }
      const message = `Released by ${user}: Petrel does nothing for it any more, and what it stands for stays.`;
      await live.cluster.tell(contentOf(entry), { type: 'Warning', reason: 'Abandoned', message });
      const answer = await live.cluster.abandon(entry);
      if (answer !== undefined) kind.watch.learn(answer);
      return { ...objectView(live, kind, view.uid), reason: 'Abandoned' };
    },
    orphans(ref) {
      if (ref !== undefined) declared(ref);
      const live = working();
      const refs = ref === undefined ? [...live.live.kinds.keys()] : [ref];
      return refs.flatMap((one) => orphansOf(live, one));
    },
  };
}

/** What only a list knows of, and what is known to be left of objects that are gone. */
function orphansOf(reconciler: Reconciler, ref: string): readonly JsonObject[] {
  const kind = reconciler.live.kinds.get(ref);
  if (kind === undefined) return [];
  const { resource } = kind;
  const step = resource.orphanPolicy === 'delete' ? 'delete' : 'none';
  const found = [...kind.orphans.values()].map(({ uid, namespace, name, observation }) => ({
    uid,
    resource: ref,
    kind: resource.kind,
    namespace: namespace || null,
    name,
    state: 'orphaned',
    step,
    reason: 'Orphaned',
    message: `It carries our owner tag (${observation.tag}), and its object does not exist.`,
  }));
  const left = objectViews(reconciler, ref).filter(({ uid, state }) => state === 'orphaned' && !kind.orphans.has(uid));
  return [...found, ...left.map((view) => ({ ...view, step: reconciler.decisionFor(kind, view.uid).step }))];
}
