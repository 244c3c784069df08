import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKubernetesClient, type KubernetesClient, loadKubernetesConfig } from '../../src/kubernetes/index.ts';
import { isJsonObject, PetrelError } from '../../src/model/index.ts';
import {
  type ConsulSandbox,
  type KubernetesSandbox,
  startConsulSandbox,
  startKubernetesSandbox,
} from '../../src/sandbox/index.ts';
import type { KubernetesObject } from '../../src/sdk/index.ts';
import { type PetrelProcess, startPetrelProcess } from '../e2e/petrel-process.ts';
import { declaration, declareThings, GROUP, writeThings } from '../resources/things.ts';
import { type Kept, type PostedThing, thingProblems } from './thing-verdict.ts';

export interface ResourceChaosOptions {
  /** Each: objects created, changed and deleted, while one thing goes wrong. */
  readonly rounds: number;
  /** From 0 up to, not including, 1. */
  random(): number;
  report?(line: string): void;
}

const NAMES = Array.from({ length: 12 }, (_, index) => `t${index}`);
const SETTLE = 120_000;
const API_VERSION = `${GROUP}/v1`;
const POLICIES = 'resync: 2\ndriftPolicy: correct\norphanPolicy: delete\n';

/**
 * Creates, changes, deletes and re-creates objects at random while Petrel is killed with SIGKILL, the API server goes away or
 * forgets its history, and Consul fails, loses answers or goes away. In the end exactly what is wished must exist, and no object hang.
 * Answers how many objects were created. Throws where something is left over, missing or stuck.
 */
export async function resourceChaos({ rounds, random, report = () => {} }: ResourceChaosOptions): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'petrel-resource-chaos-'));
  const [kubernetes, consul] = await Promise.all([startKubernetesSandbox(), startConsulSandbox()]);
  let petrel: PetrelProcess | undefined;
  const config = await loadKubernetesConfig({ url: kubernetes.url, token: kubernetes.token, env: {} });
  if (config === undefined) throw new Error('an explicit URL is always a configuration');
  const client = createKubernetesClient(config);
  const place = [
    '--data',
    join(directory, 'data'),
    '--packs',
    join(directory, 'packs'),
    '--configs',
    join(directory, 'configs'),
  ];
  const cluster = ['--kubernetes-url', kubernetes.url, '--kubernetes-token', kubernetes.token];
  const start = async () => {
    petrel = await startPetrelProcess([...place, ...cluster, '--log-level', 'error']);
  };
  const restart = async () => {
    await petrel?.kill();
    await start();
  };
  try {
    await writeThings(directory, consul.url);
    await declareThings(directory, {
      // Both ways of looking at what exists, and one resource that needs another.
      base: declaration('Base', POLICIES, 'observe'),
      thing: declaration(
        'Thing',
        `${POLICIES}dependencies: [{kind: Base, name: "{{ desired.needs | default('') }}"}]\n`,
      ),
    });
    await start();
    await served(client);
    let created = 0;
    const wishes = new Map<string, string>();
    const taken = new Set<string>();
    for (let round = 1; round <= rounds; round += 1) {
      const trouble = makeTrouble(random, { kubernetes, consul, restart, taken });
      for (let count = 0; count < 6; count += 1) {
        created += (await wish(client, wishes, random)) ? 1 : 0;
        await sleep(random() * 60);
      }
      await trouble;
      if (round % 10 === 0) report(`${round} rounds, ${created} objects created`);
    }
    consul.faults.clear();
    await settled(client, consul, wishes, taken);
    // Everything that there is goes, too.
    for (const name of [...wishes.keys()]) {
      await client.delete(referenceOf(name));
      wishes.delete(name);
    }
    await settled(client, consul, wishes, taken);
    return created;
  } finally {
    await petrel?.kill();
    await client.close();
    await Promise.all([kubernetes.close(), consul.close()]);
    await rm(directory, { recursive: true, force: true });
  }
}

/** `Base/t1`: the first four names are of what others need. */
const kindOf = (name: string) => (NAMES.indexOf(name) < 4 ? 'Base' : 'Thing');
const referenceOf = (name: string) => ({ apiVersion: API_VERSION, kind: kindOf(name), namespace: 'default', name });

async function served(client: KubernetesClient): Promise<void> {
  for (const kind of ['Base', 'Thing']) {
    for (let tries = 0; ; tries += 1) {
      try {
        await client.resolve(API_VERSION, kind);
        break;
      } catch (error) {
        if (tries > 200) throw error;
        await sleep(50);
      }
    }
  }
}

/** One wish, as a team would utter it; what the API server refuses or does not hear is none. Answers whether an object was created. */
async function wish(client: KubernetesClient, wishes: Map<string, string>, random: () => number): Promise<boolean> {
  const name = NAMES[Math.floor(random() * NAMES.length)] ?? 't0';
  const value = String(Math.floor(random() * 1e9));
  // Drawn in any case: what is drawn next must not depend on what there is.
  const [choice, which, delay] = [random(), Math.floor(random() * 4), Math.floor(random() * 80)];
  const known = wishes.has(name);
  try {
    if (!known) {
      const needs = kindOf(name) === 'Thing' && choice < 0.3 ? { needs: NAMES[which] } : {};
      const metadata = { name, namespace: 'default' };
      await client.create({
        apiVersion: API_VERSION,
        kind: kindOf(name),
        metadata,
        spec: { value, delay, ...needs },
      });
      wishes.set(name, value);
      return true;
    }
    if (choice < 0.5) {
      await client.patch(referenceOf(name), { spec: { value } });
      wishes.set(name, value);
    } else {
      await client.delete(referenceOf(name));
      wishes.delete(name);
      // Made again at once, as soon as the old one has gone.
      if (choice < 0.75) await sleep(100);
    }
  } catch (error) {
    if (!(error instanceof PetrelError)) throw error;
    // Without an answer nobody knows: look at what became of it.
    if (error.code === 'unavailable' || error.code === 'conflict' || error.code === 'not_found')
      await learn(client, wishes, name);
  }
  return false;
}

async function learn(client: KubernetesClient, wishes: Map<string, string>, name: string): Promise<void> {
  for (;;) {
    try {
      const object = await client.get(referenceOf(name));
      if (object.metadata.deletionTimestamp === undefined) wishes.set(name, wishedBy(object));
      else wishes.delete(name);
      return;
    } catch (error) {
      if (error instanceof PetrelError && error.code === 'not_found') {
        wishes.delete(name);
        return;
      }
      await sleep(50);
    }
  }
}

interface World {
  readonly kubernetes: KubernetesSandbox;
  readonly consul: ConsulSandbox;
  restart(): Promise<void>;
  /** Names of what was taken away behind Petrel's back. */
  readonly taken: Set<string>;
}

async function makeTrouble(random: () => number, { kubernetes, consul, restart, taken }: World): Promise<void> {
  const [when, which] = [random(), random()];
  const troubles: readonly (() => Promise<void>)[] = [
    restart,
    restart,
    restart,
    async () => consul.faults.fail({ status: 500, count: 5 }),
    async () => consul.faults.loseAnswers({ count: 3 }),
    async () => {
      await consul.stop();
      await sleep(200);
      await consul.start();
    },
    async () => {
      await kubernetes.faults.stop();
      await sleep(200);
      await kubernetes.faults.start();
    },
    async () => {
      kubernetes.faults.compact();
      kubernetes.faults.expireOpenWatches();
    },
    async () => {
      kubernetes.faults.closeWatches();
    },
    async () => {
      // Somebody takes something away behind Petrel's back.
      const [one] = [...consul.listKeys()].filter(([key]) => key.startsWith('things/')).map(keptOf);
      if (one === undefined) return;
      taken.add(one.owner);
      await fetch(`${consul.url}/v1/kv/${one.key}`, { method: 'DELETE' });
    },
  ];
  await sleep(when * 300);
  await troubles[Math.floor(which * troubles.length)]?.();
}

function wishedBy({ spec }: KubernetesObject): string {
  return isJsonObject(spec) ? String(spec.value) : '';
}

function isReady({ metadata, status }: KubernetesObject): boolean {
  const { conditions, observedGeneration } = isJsonObject(status) ? status : {};
  const list = Array.isArray(conditions) ? conditions.filter(isJsonObject) : [];
  return (
    observedGeneration === metadata.generation && list.some((one) => one.type === 'Ready' && one.status === 'True')
  );
}

/** Waits until what there is is exactly what is wished. Throws where it does not come to that. */
async function settled(
  client: KubernetesClient,
  consul: ConsulSandbox,
  wishes: ReadonlyMap<string, string>,
  taken: ReadonlySet<string>,
): Promise<void> {
  const deadline = Date.now() + SETTLE;
  for (;;) {
    const objects = (await Promise.all(['Base', 'Thing'].map((kind) => client.list(API_VERSION, kind)))).flat();
    const problems = thingProblems(objects.map(postedOf), [...consul.listKeys()].map(keptOf), wishes, taken);
    if (problems.length === 0) return;
    if (Date.now() > deadline) {
      const stuck = objects.filter((object) => !isReady(object));
      throw new Error(`Not as wished: ${problems.join('; ')}\n${stuck.map(described).join('\n')}`);
    }
    await sleep(200);
  }
}

function postedOf(object: KubernetesObject): PostedThing {
  const { metadata, spec } = object;
  const needs = isJsonObject(spec) && typeof spec.needs === 'string' ? { needs: spec.needs } : {};
  return {
    name: metadata.name,
    ...needs,
    deleting: metadata.deletionTimestamp !== undefined,
    ready: isReady(object),
  };
}

function keptOf([key, text]: readonly [string, string]): Kept {
  const { value, owner } = JSON.parse(text) as { value: string; owner: string }; // as the actions write it
  return { key, value, owner: owner.split('/')[4] ?? '' };
}

/** `t1, generation 2: False WaitingForDependents: Deletion waits until ...` */
function described({ metadata, status }: KubernetesObject): string {
  const conditions = isJsonObject(status) && Array.isArray(status.conditions) ? status.conditions : [];
  const ready = conditions.filter(isJsonObject).find(({ type }) => type === 'Ready') ?? {};
  return `${metadata.name}, generation ${metadata.generation}: ${ready.status} ${ready.reason}: ${ready.message}`;
}
