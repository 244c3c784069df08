import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Addresses, packConfigs } from '../../src/cli/story/world.ts';
import { createKubernetesClient, type KubernetesClient, loadKubernetesConfig } from '../../src/kubernetes/index.ts';
import { isJsonObject, type JsonObject, PetrelError } from '../../src/model/index.ts';
import type { KubernetesObject } from '../../src/sdk/index.ts';
import { call } from '../call.ts';
import { writeConfigs } from '../e2e/house.ts';
import { type PetrelProcess, startPetrelProcess } from '../e2e/petrel-process.ts';
import type { Outside, PostedDatabase } from './database-verdict.ts';

export const API_VERSION = 'databases.petrel.dev/v1';
export const KINDS = ['MysqlDb', 'PostgresDb'] as const;

/** A Petrel with the pack databases, and the cluster it serves. */
export interface DatabasePetrel {
  readonly client: KubernetesClient;
  /** SIGKILL, and a start. */
  restart(): Promise<void>;
  objects(): Promise<readonly PostedDatabase[]>;
  /** What the cluster and Petrel themselves hold of databases. */
  inside(): Promise<Pick<Outside, 'kubernetesSecrets' | 'datastoreKeys'>>;
  /** Asks for a look at everything now, as `petrel resource reconcile` does: what failed is not waited for. */
  hasten(): Promise<void>;
  close(): Promise<void>;
}

/** Starts it, installs the kinds, and makes the namespaces. `directory` gets configuration and data. */
export async function openDatabasePetrel(
  directory: string,
  addresses: Addresses,
  namespaces: readonly string[],
): Promise<DatabasePetrel> {
  const { kubernetes } = addresses;
  await writeConfigs(directory, addresses);
  // What RDS does not show is not waited for longer than it may take here, and looks follow each other quickly.
  const configs = { aws: { ...packConfigs(addresses).aws, consistency_seconds: 4 }, databases: { waits: WAITS } };
  for (const [pack, values] of Object.entries(configs)) {
    await writeFile(join(directory, 'configs', `${pack}.yaml`), JSON.stringify(values));
  }
  const config = await loadKubernetesConfig({ ...kubernetes, env: {} });
  if (config === undefined) throw new Error('an explicit address is always a configuration');
  const client = createKubernetesClient(config);
  let petrel: PetrelProcess | undefined;
  const restart = async () => {
    await petrel?.kill();
    const cluster =
      'kubeconfig' in kubernetes
        ? ['--kubeconfig', kubernetes.kubeconfig]
        : ['--kubernetes-url', kubernetes.url, '--kubernetes-token', kubernetes.token ?? ''];
    const place = ['--data', join(directory, 'data'), '--configs', join(directory, 'configs')];
    petrel = await startPetrelProcess([...place, ...cluster, '--log-level', 'error']);
  };
  const ask = async (method: 'GET' | 'POST', path: string, body?: JsonObject) => {
    const token = (await readFile(join(directory, 'data', 'admin.token'), 'utf8')).trim();
    return (await call({ url: petrel?.url ?? '', token }, method, path, body)).body;
  };
  const close = async () => {
    await petrel?.kill();
    await client.close();
  };
  try {
    await restart();
    for (const resource of ['databaseclass', 'mysqldb', 'postgresdb']) {
      const definition = await ask('GET', `/resources/databases.${resource}/crd`);
      // Servers before 1.25 know no rules in CEL: they refuse to apply them, and leave them out of what is created.
      await client.create(definition as KubernetesObject); // a definition is an object
    }
    for (const kind of [...KINDS, 'DatabaseClass']) await isServed(client, kind);
    for (const name of namespaces) await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  } catch (error) {
    await close();
    throw error;
  }

  return {
    client,
    restart,
    objects: async () => (await Promise.all(KINDS.map((kind) => client.list(API_VERSION, kind)))).flat().map(posted),
    async inside() {
      const labelSelector = 'app.kubernetes.io/managed-by=petrel-databases';
      const secrets = await client.list('v1', 'Secret', { labelSelector });
      const keys = (await ask('GET', '/keys?limit=1000')) as readonly { name: string }[]; // lists answer arrays
      return {
        kubernetesSecrets: secrets.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
        datastoreKeys: keys.map(({ name }) => name),
      };
    },
    async hasten() {
      for (const kind of KINDS) await ask('POST', `/resources/databases.${kind.toLowerCase()}/reconcile`, {});
    },
    close,
  };
}

/** Seconds: from the first look at an instance that changes to the longest pause between two. */
const WAITS = { first: 0.1, longest: 0.5, limit: 60 };

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

/** The uid in the tag of an owner. */
export function uidOf(tag: string | undefined): string {
  return tag?.split('/').at(-1) ?? '';
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
