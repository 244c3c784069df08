import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKubernetesClient, type KubernetesClient, loadKubernetesConfig } from '../../src/kubernetes/index.ts';
import { type Execution, isJsonObject, type JsonObject } from '../../src/model/index.ts';
import type { Resources } from '../../src/resources/index.ts';
import {
  type ConsulSandbox,
  type KubernetesSandbox,
  startConsulSandbox,
  startKubernetesSandbox,
} from '../../src/sandbox/index.ts';
import type { KubernetesObject } from '../../src/sdk/index.ts';
import { type Server, startServer } from '../../src/server.ts';
import { declareThings, GROUP, writeThings } from './things.ts';

const API_VERSION = `${GROUP}/v1`;
const PATIENCE = 20_000;

export interface House {
  readonly directory: string;
  readonly kubernetes: KubernetesSandbox;
  readonly consul: ConsulSandbox;
  readonly client: KubernetesClient;
  server(): Server;
  resources(): Resources;
  create(kind: string, name: string, spec: JsonObject): Promise<KubernetesObject>;
  change(kind: string, name: string, spec: JsonObject): Promise<void>;
  remove(kind: string, name: string): Promise<void>;
  get(kind: string, name: string): Promise<KubernetesObject | undefined>;
  /** Waits until the condition has the status, for the present generation. */
  reaches(kind: string, name: string, type: string, status: string, reason?: string): Promise<JsonObject>;
  isGone(kind: string, name: string): Promise<void>;
  /** Values of the things that exist, by external name without its hash. */
  things(): Readonly<Record<string, string>>;
  thingNamed(name: string): { readonly key: string; readonly value: string; readonly owner: string } | undefined;
  write(key: string, value: string): Promise<void>;
  erase(key: string): Promise<void>;
  executions(action: string): Promise<readonly Execution[]>;
  open(gate: string): Promise<void>;
  gate(name: string): string;
  until<T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T>;
  restart(declarations?: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

/** `kubeconfig`: an API server instead of the stand-in. */
export async function openHouse(
  declarations: Readonly<Record<string, string>>,
  { kubeconfig }: { readonly kubeconfig?: string } = {},
): Promise<House> {
  const directory = await mkdtemp(join(tmpdir(), 'petrel-resources-'));
  const [kubernetes, consul] = await Promise.all([startKubernetesSandbox(), startConsulSandbox()]);
  await writeThings(directory, consul.url);
  const declare = (texts: Readonly<Record<string, string>>) => declareThings(directory, texts);
  await declare(declarations);
  const cluster = kubeconfig === undefined ? { url: kubernetes.url, token: kubernetes.token } : { kubeconfig };
  const config = await loadKubernetesConfig({ ...cluster, env: {} });
  if (config === undefined) throw new Error('an explicit URL is always a configuration');
  const client = createKubernetesClient(config);
  const start = () =>
    startServer({
      data: join(directory, 'data'),
      packs: [join(directory, 'packs')],
      configs: join(directory, 'configs'),
      kubernetes: cluster,
      port: 0,
      logFile: join(directory, 'petrel.log'),
    });
  let server: Server;

  const until: House['until'] = async (what, look) => {
    for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; ) {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`It never came to this: ${what}`);
  };
  /** The server with its first look at the cluster behind it. */
  const startAll = async () => {
    const started = await start();
    await until('resources are reconciled', () => {
      try {
        return started.resources?.objects() !== undefined;
      } catch {
        return false;
      }
    });
    return started;
  };
  server = await startAll();
  const reference = (kind: string, name: string) => ({ apiVersion: API_VERSION, kind, namespace: 'default', name });
  const get: House['get'] = async (kind, name) => {
    try {
      return await client.get(reference(kind, name));
    } catch {
      return undefined;
    }
  };
  const serves = (kind: string) =>
    until(`the kind ${kind} is served`, async () => {
      try {
        return await client.resolve(API_VERSION, kind);
      } catch {
        return undefined;
      }
    });

  return {
    directory,
    kubernetes,
    consul,
    client,
    until,
    get,
    server: () => server,
    resources() {
      if (server.resources === undefined) throw new Error('This server has no cluster.');
      return server.resources;
    },
    async create(kind, name, spec) {
      await serves(kind);
      return await client.create({ apiVersion: API_VERSION, kind, metadata: { name, namespace: 'default' }, spec });
    },
    async change(kind, name, spec) {
      await client.patch(reference(kind, name), { spec });
    },
    async remove(kind, name) {
      await client.delete(reference(kind, name));
    },
    async reaches(kind, name, type, status, reason) {
      let last: unknown;
      const found = until(`${kind} ${name}: ${type} is ${status} ${reason ?? ''}`, async () => {
        const object = await get(kind, name);
        last = object?.status ?? object;
        if (object === undefined || !isJsonObject(object.status)) return undefined;
        const { conditions } = object.status;
        const list = Array.isArray(conditions) ? conditions.filter(isJsonObject) : [];
        const condition = list.find((one) => one.type === type);
        const fits =
          condition?.status === status &&
          condition.observedGeneration === object.metadata.generation &&
          (reason === undefined || condition.reason === reason);
        return fits ? object.status : undefined;
      });
      return await found.catch((error: Error) => {
        throw new Error(`${error.message}; it was last ${JSON.stringify(last)}`);
      });
    },
    async isGone(kind, name) {
      await until(`${kind} ${name} is gone`, async () => (await get(kind, name)) === undefined);
    },
    things() {
      const entries = [...consul.listKeys()]
        .filter(([key]) => key.startsWith('things/'))
        .map(([key, text]) => [
          key.replace(/^things\/(?:default-)?/, '').replace(/-[0-9a-f]{8}$/, ''),
          (JSON.parse(text) as { value: string }).value,
        ]);
      return Object.fromEntries(entries);
    },
    thingNamed(name) {
      for (const [key, text] of consul.listKeys()) {
        if (key.startsWith(`things/default-${name}-`))
          return { key, ...(JSON.parse(text) as { value: string; owner: string }) };
      }
      return undefined;
    },
    async write(key, value) {
      await fetch(`${consul.url}/v1/kv/${key}`, { method: 'PUT', body: value });
    },
    async erase(key) {
      await fetch(`${consul.url}/v1/kv/${key}`, { method: 'DELETE' });
    },
    async executions(action) {
      const { items } = await server.store.listExecutions(
        { actionRef: `things.${action}` },
        { limit: 10_000, offset: 0 },
      );
      return items;
    },
    gate: (name) => join(directory, name),
    open: (name) => writeFile(join(directory, name), ''),
    async restart(texts) {
      await server.stop(0);
      if (texts !== undefined) await declare(texts);
      server = await startAll();
    },
    async close() {
      await server.stop(0);
      await client.close();
      await Promise.all([kubernetes.close(), consul.close()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
