import { isDeepStrictEqual } from 'node:util';
import { Registry as MetricsRegistry } from 'prom-client';
import type { EventSink } from '../events/index.ts';
import {
  type BackoffLimits,
  type Clock,
  type KubernetesClient,
  systemClock,
  type WatchClient,
  type WatchTarget,
  type WatchTiming,
} from '../kubernetes/index.ts';
import { messageOf } from '../model/index.ts';
import type { Registry } from '../packs/index.ts';
import type { Logger } from '../sdk/index.ts';
import { type DefinedKinds, followDefinedKinds } from './defined-kinds.ts';
import { persist } from './delivery.ts';
import { decideKinds, type KindRecord, kindKey, readRecord, storedRecord } from './kind-records.ts';
import {
  type BoundTrigger,
  boundTriggers,
  meansKind,
  problemOf,
  THIRD_PARTY_TRIGGER,
  targetKey,
  wantedWatches,
} from './kubernetes-triggers.ts';
import { createWatchMetrics } from './watch-metrics.ts';
import { startWatchedTarget, type WatchedTarget, type WatchReport, type WatchStore } from './watched-target.ts';

export interface KubernetesSensorOptions {
  readonly registry: Registry;
  readonly events: EventSink;
  readonly store: WatchStore;
  readonly client: WatchClient & Pick<KubernetesClient, 'clusterId'>;
  readonly log: Logger;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Default: Math.random. */
  readonly random?: () => number;
  readonly timing?: Partial<WatchTiming>;
  /** Waits between attempts to store, in milliseconds. */
  readonly retry?: BackoffLimits;
  /** Where the metrics of the watches are registered. Default: one of its own. */
  readonly metrics?: MetricsRegistry;
}

export interface KubernetesSensor {
  /** The watches that run now. */
  watches(): readonly WatchReport[];
  /** Ends all watches; their state stays in the store. */
  stop(): Promise<void>;
}

interface RunningWatch {
  readonly watch: WatchedTarget;
  /** Replaced when rules change. */
  triggers: readonly BoundTrigger[];
}

/**
 * Hosts the triggers `kubernetes.resource` and `kubernetes.thirdpartyobject`: keeps one watch per distinct target that an enabled rule
 * binds, whatever the number of rules. A watch whose last rule goes is ended, but its state is kept: when the rule comes back
 * (a pack under repair), what happened in between is noticed and nothing is repeated.
 */
export function startKubernetesSensor(options: KubernetesSensorOptions): KubernetesSensor {
  const { registry, client, store, log, clock = systemClock, random = Math.random } = options;
  const abort = new AbortController();
  const watches = () => [...running.values()].map(({ watch }) => watch.report());
  const metrics = createWatchMetrics(options.metrics ?? new MetricsRegistry(), watches, clock.now);
  const shared = { ...options, clock, random };
  const context = { ...shared, signal: abort.signal };
  const running = new Map<string, RunningWatch>();
  let definitions: DefinedKinds | undefined;
  let records: readonly KindRecord[] = [];
  const warned = new Set<string>();

  const watchId = (cluster: string, target: WatchTarget) => `kubernetes|${cluster}|${targetKey(target)}`;
  const kindsId = (cluster: string) => `kubernetes.kinds|${cluster}`;

  const start = (cluster: string, target: WatchTarget, triggers: readonly BoundTrigger[]): RunningWatch => {
    const entry: { triggers: readonly BoundTrigger[] } = { triggers };
    const watch = startWatchedTarget({
      ...shared,
      target,
      watchId: watchId(cluster, target),
      triggers: () => entry.triggers,
      metrics: metrics.of(target),
      isRegistered: (type) => registry.snapshot().triggerTypes.has(type),
    });
    return Object.assign(entry, { watch });
  };
  const stop = async (key: string) => {
    const entry = running.get(key);
    running.delete(key);
    await entry?.watch.stop();
  };

  /** The definition is gone: what is left of its objects is reported as deleted. */
  const retire = async (cluster: string, record: KindRecord, triggers: readonly BoundTrigger[]) => {
    const target = { apiVersion: record.apiVersion, kind: record.kind };
    const wanted = triggers.filter((trigger) => meansKind(trigger, record));
    const entry = running.get(targetKey(target)) ?? (wanted.length > 0 ? start(cluster, target, wanted) : undefined);
    running.delete(targetKey(target));
    await entry?.watch.retire(abort.signal);
    await persist(context, 'Forgetting a kind', () => store.deleteHandled(kindsId(cluster), [kindKey(record)]));
  };

  /** Another version shows the same objects with the same resource versions, so what was handled stays handled. */
  const move = async (cluster: string, from: KindRecord, to: KindRecord, triggers: readonly BoundTrigger[]) => {
    const [oldTarget, newTarget] = [from, to].map(({ apiVersion, kind }) => ({ apiVersion, kind }));
    if (oldTarget === undefined || newTarget === undefined) return;
    await stop(targetKey(oldTarget));
    await stop(targetKey(newTarget));
    const [oldId, newId] = [watchId(cluster, oldTarget), watchId(cluster, newTarget)];
    const alsoWanted = wantedWatches(triggers, []).has(targetKey(oldTarget));
    await persist(context, 'Moving a watch to another version', async () => {
      if ((await store.listHandled(newId)).length === 0) {
        await store.putHandled(newId, await store.listHandled(oldId));
      }
      if (!alsoWanted) await store.deleteWatch(oldId);
    });
  };

  const followKinds = async (cluster: string, triggers: readonly BoundTrigger[]): Promise<readonly KindRecord[]> => {
    if (!triggers.some((trigger) => trigger.type === THIRD_PARTY_TRIGGER)) {
      await definitions?.stop();
      definitions = undefined;
      return [];
    }
    if (definitions === undefined) {
      const stored = await persist(context, 'Reading the followed kinds', () => store.listHandled(kindsId(cluster)));
      records = stored.map(readRecord);
      definitions = followDefinedKinds({ ...shared, onChange: schedule });
    }
    const { isComplete, current } = definitions;
    const decision = decideKinds(records, current(), isComplete);
    for (const { from, to } of decision.moved) await move(cluster, from, to, triggers);
    for (const record of decision.vanished) await retire(cluster, record, triggers);
    const changed = decision.records.filter((record) => !records.some((known) => isDeepStrictEqual(known, record)));
    if (changed.length > 0) {
      const stored = changed.map(storedRecord);
      await persist(context, 'Storing the followed kinds', () => store.putHandled(kindsId(cluster), stored));
    }
    records = decision.records;
    return records;
  };

  const reconcile = async () => {
    const all = boundTriggers(registry.snapshot().rules.values());
    for (const trigger of all) {
      const problem = problemOf(trigger);
      if (problem === undefined || warned.has(trigger.key)) continue;
      log.warn(`A rule binds ${trigger.type} and will never fire, since ${problem}: ${trigger.key}`);
      warned.add(trigger.key);
    }
    if (all.length === 0 && running.size === 0) return;
    const cluster = await persist(context, 'Asking the Kubernetes API server which cluster it serves', () =>
      client.clusterId(abort.signal),
    );
    const wanted = wantedWatches(all, await followKinds(cluster, all));
    for (const key of [...running.keys()]) if (!wanted.has(key)) await stop(key);
    for (const [key, { target, triggers }] of wanted) {
      if (abort.signal.aborted) return;
      let entry = running.get(key);
      if (entry !== undefined && entry.watch.report().target.metadataOnly !== target.metadataOnly) {
        await stop(key); // more or less of each object is asked for from now on; the cursor stays
        entry = undefined;
      }
      if (entry === undefined) running.set(key, start(cluster, target, triggers));
      else entry.triggers = triggers;
    }
  };

  // Changes come in bursts and while a reconciliation waits: one runs at a time, and once more if anything came meanwhile.
  let dirty = false;
  let working: Promise<void> | undefined;
  const work = async () => {
    while (dirty && !abort.signal.aborted) {
      dirty = false;
      try {
        await reconcile();
      } catch (error) {
        if (!abort.signal.aborted)
          log.error(`The Kubernetes watches could not be adapted to the rules: ${messageOf(error)}`);
      }
    }
    working = undefined;
  };
  function schedule() {
    dirty = true;
    working ??= work();
  }

  const unsubscribe = registry.onChange(schedule);
  schedule();

  return {
    watches,
    async stop() {
      unsubscribe();
      abort.abort();
      await working;
      await definitions?.stop();
      await Promise.all([...running.values()].map(({ watch }) => watch.stop()));
      running.clear();
    },
  };
}
