import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry as MetricsRegistry } from 'prom-client';
import { onTestFinished } from 'vitest';
import type { Dispatched, EventSink } from '../../src/events/index.ts';
import { createKubernetesClient, type KubernetesClient, loadKubernetesConfig } from '../../src/kubernetes/index.ts';
import { newId, type TriggerEvent, type TriggerInstance } from '../../src/model/index.ts';
import { type KubernetesSandbox, startKubernetesSandbox } from '../../src/sandbox/index.ts';
import { type KubernetesSensor, startKubernetesSensor } from '../../src/sensors/index.ts';
import { openSqliteStore, type Store } from '../../src/store/index.ts';
import { quick, silent, type TestRegistry, until } from './support.ts';

/** A sandbox API server, a SQLite store, and a sensor between them that can be stopped and started. */
export interface SandboxSystem {
  readonly sandbox: KubernetesSandbox;
  readonly client: KubernetesClient;
  readonly store: Store;
  start(registry: TestRegistry, metrics?: MetricsRegistry): KubernetesSensor;
  /** Stored events as `TYPE name`, oldest first; of one trigger type, if given. */
  seen(trigger?: string): Promise<string[]>;
  payloads(trigger?: string): Promise<TriggerInstance['payload'][]>;
  /** Waits until exactly these were seen, in this order. */
  sees(...expected: string[]): Promise<void>;
}

export async function startSandboxSystem(): Promise<SandboxSystem> {
  const sandbox = await startKubernetesSandbox({ port: 0 });
  const config = await loadKubernetesConfig({ url: sandbox.url, token: sandbox.token, env: {} });
  if (config === undefined) throw new Error('an explicit URL is always a configuration');
  const client = createKubernetesClient(config);
  const directory = mkdtempSync(join(tmpdir(), 'petrel-sensors-'));
  const store = await openSqliteStore({ directory });
  const sensors = new Set<KubernetesSensor>();
  onTestFinished(async () => {
    for (const sensor of sensors) await sensor.stop();
    await client.close();
    await store.close();
    await sandbox.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const instances = async (trigger?: string) => {
    const filter = trigger === undefined ? {} : { trigger };
    const { items } = await store.listTriggerInstances(filter, { limit: 1000, offset: 0 });
    return items.toReversed();
  };
  const seen = async (trigger?: string) =>
    (await instances(trigger)).map(({ payload }) => `${payload.type ?? payload.resource} ${payload.name}`);
  return {
    sandbox,
    client,
    store,
    start(registry, metrics = new MetricsRegistry()) {
      const services = { registry, events: sinkOf(store), store, client, log: silent, metrics };
      const sensor = startKubernetesSensor({ ...quick, ...services });
      sensors.add(sensor);
      return sensor;
    },
    seen,
    payloads: async (trigger) => (await instances(trigger)).map(({ payload }) => payload),
    async sees(...expected) {
      let last: string[] = [];
      await until(
        async () => {
          last = await seen();
          return last.length >= expected.length;
        },
        `${expected.join(', ')} (seen: ${last.join(', ')})`,
      );
      const text = (await seen()).join(', ');
      if (text !== expected.join(', '))
        throw new Error(`Expected ${expected.join(', ')}, but these were seen: ${text}`);
    },
  };
}

/** Stores events as the events room does, without rules. */
function sinkOf(store: Store): EventSink {
  return {
    async dispatch(events, also): Promise<readonly Dispatched[]> {
      const instances = events.map(instanceOf);
      const stored = await store.transaction(async (tx) => {
        const ids = await tx.insertTriggerInstances(instances);
        await also?.(tx, []);
        return ids;
      });
      return instances.map(({ id }) => (stored.has(id) ? { outcome: 'accepted', id } : { outcome: 'duplicate' }));
    },
  };
}

function instanceOf(event: TriggerEvent): TriggerInstance {
  return { ...event, id: newId(), occurrenceTime: Date.now(), status: 'processed' };
}
