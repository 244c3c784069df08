import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { call } from '../../src/cli/client.ts';
import { createKubernetesClient, type KubernetesClient, loadKubernetesConfig } from '../../src/kubernetes/index.ts';
import { isJsonObject, type JsonObject, PetrelError } from '../../src/model/index.ts';
import {
  type ConsulSandbox,
  type KubernetesSandbox,
  type RdsSandbox,
  startConsulSandbox,
  startKubernetesSandbox,
  startRdsSandbox,
  startVaultSandbox,
  type VaultSandbox,
} from '../../src/sandbox/index.ts';
import type { KubernetesObject } from '../../src/sdk/index.ts';
import { writeConfigs } from '../e2e/house.ts';
import { type PetrelProcess, startPetrelProcess } from '../e2e/petrel-process.ts';
import type { Outside, Owned, PostedDatabase } from './database-verdict.ts';

export const API_VERSION = 'databases.petrel.dev/v1';
export const KINDS = ['MysqlDb', 'PostgresDb'] as const;

/** Stand-ins for everything, and a Petrel that is killed and started again. */
export interface DatabaseWorld {
  readonly kubernetes: KubernetesSandbox;
  readonly rds: RdsSandbox;
  readonly consul: ConsulSandbox;
  readonly vault: VaultSandbox;
  readonly client: KubernetesClient;
  /** SIGKILL, and a start. */
  restart(): Promise<void>;
  objects(): Promise<readonly PostedDatabase[]>;
  outside(): Promise<Outside>;
  /** Asks for a look at everything now, as `petrel resource reconcile` does: what failed is not waited for. */
  hasten(): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds: states pass quickly, and descriptions are late. */
const DELAYS = { create: 150, backup: 60, modify: 80, reboot: 50, delete: 100, snapshot: 80, appear: 120 };

export async function openDatabaseWorld(directory: string, namespaces: readonly string[]): Promise<DatabaseWorld> {
  const [kubernetes, rds, consul, vault] = await Promise.all([
    startKubernetesSandbox(),
    startRdsSandbox({ delays: DELAYS }),
    startConsulSandbox(),
    startVaultSandbox(),
  ]);
  await writeConfigs(directory, {
    kubernetes: { url: kubernetes.url, token: kubernetes.token },
    rds: { url: rds.url },
    consul: { url: consul.url },
    vault: { url: vault.url, token: vault.token },
  });
  await hurry(directory);
  const config = await loadKubernetesConfig({ url: kubernetes.url, token: kubernetes.token, env: {} });
  if (config === undefined) throw new Error('an explicit URL is always a configuration');
  const client = createKubernetesClient(config);
  let petrel: PetrelProcess | undefined;
  const restart = async () => {
    await petrel?.kill();
    const cluster = ['--kubernetes-url', kubernetes.url, '--kubernetes-token', kubernetes.token];
    const place = ['--data', join(directory, 'data'), '--configs', join(directory, 'configs')];
    petrel = await startPetrelProcess([...place, ...cluster, '--log-level', 'error']);
  };
  const ask = async (method: 'GET' | 'POST', path: string, body?: JsonObject) => {
    const token = (await readFile(join(directory, 'data', 'admin.token'), 'utf8')).trim();
    return (await call({ url: petrel?.url ?? '', token }, method, path, body)).body;
  };
  await restart();
  for (const resource of ['databaseclass', 'mysqldb', 'postgresdb']) {
    const definition = await ask('GET', `/resources/databases.${resource}/crd`);
    await client.apply(definition as KubernetesObject); // a definition is an object
  }
  for (const kind of KINDS) await isServed(client, kind);
  for (const name of namespaces) await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

  return {
    kubernetes,
    rds,
    consul,
    vault,
    client,
    restart,
    objects: async () => (await Promise.all(KINDS.map((kind) => client.list(API_VERSION, kind)))).flat().map(posted),
    async outside() {
      const secrets = await client.list('v1', 'Secret', {
        labelSelector: 'app.kubernetes.io/managed-by=petrel-databases',
      });
      const keys = (await ask('GET', '/keys?limit=1000')) as readonly { name: string }[]; // lists answer arrays
      return {
        instances: rds.listInstances().map((one) => ({
          ...owned(one),
          instanceClass: one.instanceClass,
          storage: one.allocatedStorage,
        })),
        snapshots: rds.listSnapshots().map(owned),
        creations: rds.listCreations().map((one) => ({ ...owned(one), what: one.what })),
        consulKeys: consul.listKeys(),
        vaultSecrets: vault.listSecrets().filter((path) => vault.readSecret(path) !== undefined),
        vaultPolicies: vault.listPolicies(),
        kubernetesSecrets: secrets.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
        datastoreKeys: keys.map(({ name }) => name),
        logsIn({ namespace, name, instance }) {
          const secret = vault.readSecret(`databases/${namespace}/${name}`);
          return rds.hasPassword(instance ?? '', String(secret?.password)) && secret?.previous_password === undefined;
        },
      };
    },
    async hasten() {
      for (const kind of KINDS) await ask('POST', `/resources/databases.${kind.toLowerCase()}/reconcile`, {});
    },
    async close() {
      await petrel?.kill();
      await client.close();
      await Promise.all([kubernetes.close(), rds.close(), consul.close(), vault.close()]);
    },
  };
}

/** Looks follow each other as quickly as RDS is here, and what RDS does not show is not waited for longer than it may take. */
async function hurry(directory: string): Promise<void> {
  const aws = join(directory, 'configs', 'aws.yaml');
  const values: unknown = JSON.parse(await readFile(aws, 'utf8'));
  await writeFile(aws, JSON.stringify({ ...(isJsonObject(values) ? values : {}), consistency_seconds: 2 }));
  const waits = { first: 0.1, longest: 0.5, limit: 60 };
  await writeFile(join(directory, 'configs', 'databases.yaml'), JSON.stringify({ waits }));
}

async function isServed(client: KubernetesClient, kind: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await client.resolve(API_VERSION, kind);
      return;
    } catch (error) {
      if (!(error instanceof PetrelError) || tries > 200) throw error;
      await sleep(50);
    }
  }
}

function owned({ identifier, tags }: { identifier: string; tags: ReadonlyMap<string, string> }): Owned {
  return { id: identifier, uid: tags.get('petrel.dev/owner')?.split('/').at(-1) ?? '' };
}

/** What the API server has of a database. */
export function posted({ kind, metadata, spec, status }: KubernetesObject): PostedDatabase {
  const { conditions, observedGeneration, outputs } = isJsonObject(status) ? status : {};
  const list = Array.isArray(conditions) ? conditions.filter(isJsonObject) : [];
  const instance = isJsonObject(outputs) ? outputs.instance : undefined;
  return {
    uid: metadata.uid ?? '',
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    spec: spec as PostedDatabase['spec'], // the API server has checked it against the kind's schema
    ready:
      observedGeneration === metadata.generation && list.some((one) => one.type === 'Ready' && one.status === 'True'),
    deleting: metadata.deletionTimestamp !== undefined,
    instance: typeof instance === 'string' ? instance : undefined,
  };
}
