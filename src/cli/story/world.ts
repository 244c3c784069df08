import {
  type DBInstance,
  DescribeDBInstancesCommand,
  ListTagsForResourceCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import {
  createKubernetesClient,
  isNotFound,
  type KubernetesClient,
  loadKubernetesConfig,
} from '../../kubernetes/index.ts';
import { type JsonObject, PetrelError } from '../../model/index.ts';
import type { KubernetesObject } from '../../sdk/index.ts';

/** Where the services of the story are, stand-ins or real ones. */
export interface Addresses {
  readonly kubernetes: { readonly url: string; readonly token?: string } | { readonly kubeconfig: string };
  readonly rds: { readonly url: string };
  readonly consul: { readonly url: string };
  /** Absent where there is no Vault: the story then leaves it out. */
  readonly vault: { readonly url: string; readonly token: string };
}

/**
 * The world outside Petrel, looked at through its own protocols and never through Petrel: what the story says happened is
 * checked here.
 */
export interface World {
  readonly kubernetes: KubernetesClient;
  readonly rds: RDSClient;
  database(apiVersion: string, namespace: string, name: string): Promise<KubernetesObject | undefined>;
  instances(): Promise<readonly DBInstance[]>;
  tagsOf(instance: DBInstance): Promise<ReadonlyMap<string, string>>;
  /** Consul's keys below a prefix, as text. */
  consulKeys(prefix: string): Promise<ReadonlyMap<string, string>>;
  /** The data of a secret; undefined when there is none. */
  vaultSecret(path: string): Promise<JsonObject | undefined>;
  /** Deletes a database's keys in Consul and its secret in Vault, as somebody who should not. */
  removePublished(path: string): Promise<void>;
  close(): Promise<void>;
}

/** What a pack needs to be told to reach these addresses: pack name to configuration. */
export function packConfigs({ rds, consul, vault }: Addresses): Readonly<Record<string, JsonObject>> {
  return {
    aws: {
      endpoint: rds.url,
      region: 'eu-west-1',
      access_key_id: 'sandbox',
      secret_access_key: 'anything-is-taken-here',
    },
    consul: { url: consul.url },
    vault: { url: vault.url, token: vault.token },
    // The stand-in is faster than RDS.
    databases: { waits: { first: 0.2, longest: 5, limit: 600 } },
  };
}

export async function openWorld(addresses: Addresses): Promise<World> {
  const config = await loadKubernetesConfig({ ...addresses.kubernetes, env: process.env });
  if (config === undefined) throw new PetrelError('invalid', 'No Kubernetes cluster was found for the story.');
  const kubernetes = createKubernetesClient(config);
  // As the aws pack: the SDK's notice about Node 20 is nothing its reader can act on.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const rds = new RDSClient({
    endpoint: addresses.rds.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'story', secretAccessKey: 'story' },
  });

  return {
    kubernetes,
    rds,
    async database(apiVersion, namespace, name) {
      try {
        return await kubernetes.get({ apiVersion, kind: 'MysqlDb', namespace, name });
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    async instances() {
      return (await rds.send(new DescribeDBInstancesCommand({}))).DBInstances ?? [];
    },
    async tagsOf(instance) {
      const { TagList = [] } = await rds.send(new ListTagsForResourceCommand({ ResourceName: instance.DBInstanceArn }));
      return new Map(TagList.map(({ Key = '', Value = '' }) => [Key, Value]));
    },
    async consulKeys(prefix) {
      const response = await fetch(`${addresses.consul.url}/v1/kv/${prefix}?recurse=true`);
      if (response.status === 404) return new Map();
      const entries = (await response.json()) as readonly { Key: string; Value: string | null }[]; // Consul's documented answer
      return new Map(entries.map(({ Key, Value }) => [Key, Buffer.from(Value ?? '', 'base64').toString()]));
    },
    async vaultSecret(path) {
      const { url, token } = addresses.vault;
      const response = await fetch(`${url}/v1/secret/data/${path}`, { headers: { 'x-vault-token': token } });
      if (response.status === 404) return undefined;
      const answer = (await response.json()) as { data?: { data?: JsonObject } }; // Vault's documented answer
      return answer.data?.data;
    },
    async removePublished(path) {
      const { consul, vault } = addresses;
      await fetch(`${consul.url}/v1/kv/${path}/?recurse=true`, { method: 'DELETE' });
      const headers = { 'x-vault-token': vault.token };
      await fetch(`${vault.url}/v1/secret/metadata/${path}`, { method: 'DELETE', headers });
    },
    async close() {
      rds.destroy();
      await kubernetes.close();
    },
  };
}
