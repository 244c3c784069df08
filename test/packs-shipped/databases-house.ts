import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RDSClient } from '@aws-sdk/client-rds';
import { createKubernetesClient, type KubernetesClient, loadKubernetesConfig } from '../../src/kubernetes/index.ts';
import { isJsonObject, type JsonObject } from '../../src/model/index.ts';
import type { Resources } from '../../src/resources/index.ts';
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
import { type Server, startServer } from '../../src/server.ts';

const GROUP = 'databases.petrel.dev/v1';
const PATIENCE = 20_000;

export interface Reference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** A database in the namespace `shop`. */
export const mysql = (name: string, namespace = 'shop'): Reference => ({
  apiVersion: GROUP,
  kind: 'MysqlDb',
  name,
  namespace,
});
export const postgres = (name: string): Reference => ({ ...mysql(name), kind: 'PostgresDb' });
export const ofOldForm = (name: string): Reference => ({ ...mysql(name), apiVersion: 'prsn.io/v1' });
export const databaseClass = (name: string): Reference => ({ apiVersion: GROUP, kind: 'DatabaseClass', name });

/** Sandbox servers, a Petrel that knows them, and the kinds of the pack databases. */
export interface DatabasesHouse {
  readonly kubernetes: KubernetesSandbox;
  readonly rds: RdsSandbox;
  readonly consul: ConsulSandbox;
  readonly vault: VaultSandbox;
  readonly client: KubernetesClient;
  server(): Server;
  resources(): Resources;
  create(ref: Reference, spec?: JsonObject): Promise<KubernetesObject>;
  change(ref: Reference, spec: JsonObject): Promise<void>;
  get(ref: Reference): Promise<KubernetesObject | undefined>;
  /** Waits until the condition is so, for the present generation. Answers the status. */
  reaches(ref: Reference, type: string, status: string, reason?: string): Promise<JsonObject>;
  ready(ref: Reference): Promise<JsonObject>;
  remove(ref: Reference): Promise<void>;
  /** Deletes it and waits until it is gone. */
  removed(...refs: readonly Reference[]): Promise<void>;
  isGone(ref: Reference): Promise<void>;
  /** Looks at all that exists, again and again, until what was changed outside is as wished. */
  corrected(what: string, isSo: () => unknown): Promise<void>;
  /** For somebody who has RDS's console. */
  readonly console: RDSClient;
  askVault(method: string, path: string, body?: JsonObject): Promise<void>;
  /** What Consul holds below the path of a database. */
  keys(path: string): Readonly<Record<string, string>>;
  /** The text of everything that Petrel shows of what it did. */
  shown(): Promise<string>;
  until<T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T>;
  /** Deletes all objects, of a test that has failed. Throws unless nothing is left then, be it outside or in Petrel. */
  nothingLeft(): Promise<void>;
  close(): Promise<void>;
}

export async function openDatabasesHouse(): Promise<DatabasesHouse> {
  const directory = await mkdtemp(join(tmpdir(), 'petrel-databases-'));
  const delays = { create: 60, modify: 60, reboot: 60, delete: 60, snapshot: 60 };
  const [kubernetes, rds, consul, vault] = await Promise.all([
    startKubernetesSandbox(),
    startRdsSandbox({ delays }),
    startConsulSandbox(),
    startVaultSandbox(),
  ]);
  const configs = join(directory, 'configs');
  await mkdir(configs);
  const texts = {
    aws: { endpoint: rds.url, region: 'eu-west-1', access_key_id: 'test', secret_access_key: 'test' },
    consul: { url: consul.url },
    vault: { url: vault.url, token: vault.token },
    // The sandbox tells of a reset by the clock that Petrel has, and no later than it is done.
    databases: { waits: { first: 0.05, longest: 1, limit: 60 }, reset_grace: 0 },
  };
  for (const [pack, text] of Object.entries(texts))
    await writeFile(join(configs, `${pack}.yaml`), JSON.stringify(text));
  const cluster = { url: kubernetes.url, token: kubernetes.token };
  const config = await loadKubernetesConfig({ ...cluster, env: {} });
  if (config === undefined) throw new Error('an explicit URL is always a configuration');
  const client = createKubernetesClient(config);
  const data = join(directory, 'data');
  const server = await startServer({
    data,
    configs,
    kubernetes: cluster,
    port: 0,
    logFile: join(directory, 'petrel.log'),
  });
  const resources = () => {
    if (server.resources === undefined) throw new Error('This server has no cluster.');
    return server.resources;
  };
  const until: DatabasesHouse['until'] = async (what, look) => {
    for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; ) {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`It never came to this: ${what}`);
  };
  for (const name of ['mysqldb', 'postgresdb', 'databaseclass', 'prsn-mysqldb']) {
    await client.apply(resources().crd(`databases.${name}`));
  }
  for (const name of ['shop', 'stock']) await client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  await until('the kinds are watched', () =>
    resources()
      .kinds()
      .filter(({ pack }) => pack === 'databases')
      .every(({ problem }) => (problem ?? null) === null),
  );

  const get: DatabasesHouse['get'] = (ref) => client.get(ref).catch(() => undefined);
  const reaches: DatabasesHouse['reaches'] = async (ref, type, status, reason) => {
    let last: unknown;
    const found = until(`${ref.kind} ${ref.name}: ${type} is ${status} ${reason ?? ''}`, async () => {
      const object = await get(ref);
      last = object?.status ?? object;
      if (object === undefined || !isJsonObject(object.status)) return undefined;
      const { conditions } = object.status;
      const list = Array.isArray(conditions) ? conditions.filter(isJsonObject) : [];
      const condition = list.find((one) => one.type === type);
      const isNew = condition?.observedGeneration === object.metadata.generation;
      const isMeant = reason === undefined || condition?.reason === reason;
      return condition?.status === status && isNew && isMeant ? object.status : undefined;
    });
    return await found.catch((error: Error) => {
      throw new Error(`${error.message}; it was last ${JSON.stringify(last)}`);
    });
  };
  const isGone: DatabasesHouse['isGone'] = async (ref) => {
    let last: unknown;
    await until(`${ref.kind} ${ref.name} is gone`, async () => {
      last = (await get(ref))?.status;
      return last === undefined && (await get(ref)) === undefined;
    }).catch((error: Error) => {
      throw new Error(`${error.message}; it was last ${JSON.stringify(last)}`);
    });
  };

  const console = new RDSClient({
    endpoint: rds.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

  const house: DatabasesHouse = {
    console,
    kubernetes,
    rds,
    consul,
    vault,
    client,
    server: () => server,
    resources,
    until,
    get,
    reaches,
    isGone,
    async create({ apiVersion, kind, name, namespace }, spec = {}) {
      const metadata = { name, ...(namespace !== undefined && { namespace }) };
      return await client.create({ apiVersion, kind, metadata, spec });
    },
    async change(ref, spec) {
      await client.patch(ref, { spec });
    },
    async ready(ref) {
      const { outputs } = await reaches(ref, 'Ready', 'True');
      return isJsonObject(outputs) ? outputs : {};
    },
    async remove(ref) {
      await client.delete(ref);
    },
    async removed(...refs) {
      await Promise.all(refs.map((ref) => client.delete(ref)));
      await Promise.all(refs.map(isGone));
    },
    async corrected(what, isSo) {
      await until(what, async () => {
        if (await isSo()) return true;
        for (const name of ['mysqldb', 'postgresdb'])
          await resources().reconcile(`databases.${name}`, { dryRun: false });
        await new Promise((resolve) => setTimeout(resolve, 300));
        return false;
      });
    },
    async askVault(method, path, body) {
      const response = await fetch(`${vault.url}/v1/${path}`, {
        method,
        headers: { 'x-vault-token': vault.token },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`Vault answered ${method} ${path} with ${response.status}.`);
    },
    keys: (path) =>
      Object.fromEntries(
        [...consul.listKeys()]
          .filter(([key]) => key.startsWith(`${path}/`))
          .map(([key, value]) => [key.slice(path.length + 1), value]),
      ),
    async shown() {
      const { url, token } = server;
      const ask = async (path: string) =>
        await (await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })).text();
      const executions = JSON.parse(await ask('/executions?limit=-1')) as { id: string }[]; // a list answers an array
      const outputs = await Promise.all(executions.map(({ id }) => ask(`/executions/${id}/output`)));
      return [JSON.stringify(executions), ...outputs, await ask('/resources/objects?limit=-1')].join('\n');
    },
    async nothingLeft() {
      for (const ref of [mysql(''), postgres(''), ofOldForm(''), databaseClass('')]) {
        for (const { metadata } of await client.list(ref.apiVersion, ref.kind)) {
          const { name, namespace } = metadata;
          await house.removed({ ...ref, name, ...(namespace !== undefined && { namespace }) });
        }
      }
      const left = async () => ({
        instances: rds.listInstances().map(({ identifier }) => identifier),
        keys: [...consul.listKeys().keys()],
        secrets: vault.listSecrets(),
        policies: vault.listPolicies().filter((name) => name.startsWith('databases-')),
        records: (await server.store.listResources()).map(({ name }) => name),
        datastore: (await server.store.listKeys('system', '', '', { limit: 10, offset: 0 })).items.map(
          ({ name }) => name,
        ),
      });
      await until('nothing is left', async () =>
        Object.values(await left()).every((things) => things.length === 0),
      ).catch(async (error: Error) => {
        throw new Error(`${error.message}: ${JSON.stringify(await left())}`);
      });
    },
    async close() {
      console.destroy();
      await server.stop(0);
      await client.close();
      await Promise.all([kubernetes.close(), rds.close(), consul.close(), vault.close()]);
      if (process.env.KEEP === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
  return house;
}
