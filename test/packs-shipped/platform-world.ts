import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKubernetesClient, type KubernetesClient, loadKubernetesConfig } from '../../src/kubernetes/index.ts';
import { isJsonObject, type JsonObject } from '../../src/model/index.ts';
import type { Resources } from '../../src/resources/index.ts';
import {
  type ConsulSandbox,
  startConsulSandbox,
  startKubernetesSandbox,
  startVaultSandbox,
  type VaultSandbox,
} from '../../src/sandbox/index.ts';
import { type Server, startServer } from '../../src/server.ts';

export const API_VERSION = 'platform.petrel.dev/v1';

const KINDS = ['consulconfig', 'consulpolicy', 'consultoken', 'vaultpolicy', 'vaulttoken', 'teamnamespace'];
const PATIENCE = 20_000;

export interface Reference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

export const reference = (kind: string, name: string, namespace?: string, apiVersion = API_VERSION): Reference => ({
  apiVersion,
  kind,
  name,
  ...(namespace !== undefined && { namespace }),
});

/** Petrel with the pack platform, and all that it works on. */
export interface PlatformWorld {
  readonly directory: string;
  readonly consul: ConsulSandbox;
  readonly vault: VaultSandbox;
  readonly client: KubernetesClient;
  readonly server: Server;
  readonly resources: Resources;
  get(ref: Reference): Promise<JsonObject | undefined>;
  create(ref: Reference, spec: JsonObject): Promise<void>;
  /** Waits until a condition has that status for the newest generation, and answers the condition. */
  reaches(ref: Reference, type: string, status: string, reason?: string): Promise<JsonObject>;
  isGone(ref: Reference): Promise<unknown>;
  /** Looks now instead of at the next resync. */
  look(resource: string): Promise<unknown>;
  /** Looks until what was changed outside is as wished again. */
  corrected(resource: string, what: string, isSo: () => boolean | Promise<boolean>): Promise<unknown>;
  stop(): Promise<void>;
}

export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; ) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`It never came to this: ${what}`);
}

/** Starts it with every kind of the pack in the cluster. With `consulToken` Consul has access control, and teams get tokens there. */
export async function startPlatform(options: { readonly consulToken?: string } = {}): Promise<PlatformWorld> {
  const { consulToken: token } = options;
  const directory = await mkdtemp(join(tmpdir(), 'petrel-platform-'));
  const [kubernetes, consul, vault] = await Promise.all([
    startKubernetesSandbox(),
    startConsulSandbox(token === undefined ? {} : { token }),
    startVaultSandbox(),
  ]);
  const configs = join(directory, 'configs');
  await mkdir(configs);
  const write = (pack: string, config: JsonObject) => writeFile(join(configs, `${pack}.yaml`), JSON.stringify(config));
  await write('consul', { url: consul.url, ...(token !== undefined && { token }) });
  await write('vault', { url: vault.url, token: vault.token });
  if (token !== undefined) await write('platform', { consul_acls: true });
  const cluster = { url: kubernetes.url, token: kubernetes.token };
  const config = await loadKubernetesConfig({ ...cluster, env: {} });
  if (config === undefined) throw new Error('an explicit URL is always a configuration');
  const client = createKubernetesClient(config);
  const logFile = join(directory, 'petrel.log');
  const server = await startServer({ data: join(directory, 'data'), configs, kubernetes: cluster, port: 0, logFile });
  const { resources } = server;
  if (resources === undefined) throw new Error('This server has no cluster.');
  const installed = await client.list('apiextensions.k8s.io/v1', 'CustomResourceDefinition');
  if (installed.length > 0) throw new Error('Something of the pack is in a cluster that did not ask for it.');
  for (const kind of KINDS) await client.apply(resources.crd(`platform.${kind}`));
  await until('the kinds are watched', () =>
    resources
      .kinds()
      .filter(({ pack }) => pack === 'platform')
      .every(({ problem }) => (problem ?? null) === null),
  );

  const get = (ref: Reference) => client.get(ref).catch(() => undefined);
  const look = (resource: string) => resources.reconcile(`platform.${resource}`, { dryRun: false });
  return {
    directory,
    consul,
    vault,
    client,
    server,
    resources,
    look,
    // an object that came as JSON
    get: async (ref) => (await get(ref)) as JsonObject | undefined,
    async create({ apiVersion, kind, name, namespace }, spec) {
      const metadata = { name, ...(namespace !== undefined && { namespace }) };
      await client.create({ apiVersion, kind, metadata, spec });
    },
    async reaches(ref, type, status, reason) {
      let last: unknown;
      const found = until(`${ref.kind} ${ref.name}: ${type} is ${status} ${reason ?? ''}`, async () => {
        const object = await get(ref);
        last = object?.status;
        const conditions = isJsonObject(object?.status) ? object.status.conditions : [];
        const list = Array.isArray(conditions) ? conditions.filter(isJsonObject) : [];
        const condition = list.find((one) => one.type === type);
        const isMeant = reason === undefined || condition?.reason === reason;
        const isNew = condition?.observedGeneration === object?.metadata.generation;
        return condition?.status === status && isNew && isMeant ? condition : undefined;
      });
      return await found.catch((error: Error) => {
        throw new Error(`${error.message}; it was last ${JSON.stringify(last)}`);
      });
    },
    isGone: (ref) => until(`${ref.kind} ${ref.name} is gone`, async () => (await get(ref)) === undefined),
    corrected: (resource, what, isSo) =>
      until(what, async () => {
        if (await isSo()) return true;
        await look(resource);
        await new Promise((resolve) => setTimeout(resolve, 200));
        return false;
      }),
    async stop() {
      await server.stop(0);
      await client.close();
      await Promise.all([kubernetes.close(), consul.close(), vault.close()]);
      if (process.env.KEEP === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}
