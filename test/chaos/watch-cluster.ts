import { setTimeout as sleep } from 'node:timers/promises';
import { createKubernetesClient, loadKubernetesConfig } from '../../src/kubernetes/index.ts';
import type { KubernetesObject } from '../../src/sdk/index.ts';
import type { Written } from './watch-verdict.ts';

export const WIDGETS = { apiVersion: 'chaos.example.org/v1', kind: 'Widget' };
/** Writers that work at the same time, so that changes come in batches; each has its own names. */
const LANES = 8;
const NAMES_OF_LANE = 6;

const DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.chaos.example.org' },
  spec: {
    group: 'chaos.example.org',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

/** A cluster that is written to, and remembers what was written. */
export interface BusyCluster {
  readonly written: Written[];
  /** `spec.size` of each object that lives, by uid. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Makes that many changes of random objects, several at a time. */
  write(changes: number): Promise<void>;
  /** Changes the marker. Answers its new version. */
  mark(): Promise<string>;
  /** While nobody writes. */
  exclusively(work: () => Promise<void>): Promise<void>;
  nextRound(): void;
  close(): Promise<void>;
}

/** By this kubeconfig; random numbers are from 0 up to, not including, 1. */
export async function startBusyCluster(kubeconfig: string, random: () => number): Promise<BusyCluster> {
  const config = await loadKubernetesConfig({ kubeconfig, env: {} });
  if (config === undefined) throw new Error('an explicit kubeconfig is always a configuration');
  const client = createKubernetesClient(config);
  await client.create(DEFINITION);
  const written: Written[] = [];
  const sizes = new Map<string, number>();
  const alive = new Map<string, { readonly uid: string; readonly size: number }>();
  let round = 0;
  let closed = false;
  let writing = 0;

  const reference = (name: string) => ({ ...WIDGETS, name, namespace: 'default' });
  const note = (type: Written['type'], object: KubernetesObject, size: number) => {
    const { name, uid = '', resourceVersion: version = '' } = object.metadata;
    written.push({ uid, type, version, round });
    alive.set(name, { uid, size });
    sizes.set(uid, size);
  };
  const create = async (name: string) => {
    const metadata = { name, namespace: 'default' };
    note('ADDED', await client.create({ ...WIDGETS, metadata, spec: { size: 0, turn: written.length } }), 0);
  };
  const patch = async (name: string, size: number) => {
    note('MODIFIED', await client.patch(reference(name), { spec: { size, turn: random() } }), size);
  };
  const remove = async (name: string) => {
    const { uid = '' } = alive.get(name) ?? {};
    await client.delete(reference(name));
    written.push({ uid, type: 'DELETED', version: '', round });
    alive.delete(name);
    sizes.delete(uid);
  };
  /** Answers how many changes it made. */
  const change = async (name: string): Promise<number> => {
    const known = alive.get(name);
    const dice = random();
    if (known === undefined) await create(name);
    else if (dice < 0.75) await patch(name, dice < 0.4 ? known.size : known.size + 1);
    else {
      await remove(name);
      if (dice < 0.87) return 1;
      await create(name); // another object of the same name
      return 2;
    }
    return 1;
  };

  // A real API server takes a moment to serve a new kind.
  for (const end = Date.now() + 30_000; ; await sleep(100)) {
    const made = await create('marker').catch((error: unknown) => error);
    if (made === undefined) break;
    if (Date.now() > end) throw made;
  }
  return {
    written,
    sizes,
    async write(changes) {
      let left = changes;
      const lane = async (index: number) => {
        while (left > 0) {
          if (closed) {
            await sleep(5);
            continue;
          }
          left -= 1;
          writing += 1;
          const made = await change(`w-${index}-${Math.floor(random() * NAMES_OF_LANE)}`);
          left -= made - 1;
          writing -= 1;
          // Bursts and pauses: a watch has to do with both.
          if (random() < 0.3) await sleep(random() * 100);
        }
      };
      await Promise.all(Array.from({ length: LANES }, (_, index) => lane(index)));
    },
    async mark() {
      await patch('marker', alive.get('marker')?.size ?? 0);
      return written.at(-1)?.version ?? '';
    },
    async exclusively(work) {
      closed = true;
      while (writing > 0) await sleep(1);
      await work();
      closed = false;
    },
    nextRound() {
      round += 1;
    },
    close: () => client.close(),
  };
}
