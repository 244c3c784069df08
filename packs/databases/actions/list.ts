import { defineWorkflow, type WorkflowContext, z } from 'petrel/sdk';
import { serverOf } from '../lib/admin.ts';
import { type DatabaseClass, readClasses } from '../lib/classes.ts';
import { found } from '../lib/cluster.ts';
import { itemsOf, type ServerDatabase } from '../lib/drift.ts';
import { INSTANCE_PREFIX } from '../lib/names.ts';
import type { Instance } from '../lib/rds.ts';
import { MANAGED, ownerOfSecret } from '../lib/secrets.ts';
import { wishesOf } from '../lib/wishes.ts';

/** Seconds that Consul, Vault and servers have to answer: without them it is still known which instances there are. */
const PATIENCE = 15;

type Calls = Pick<WorkflowContext<unknown>, 'step' | 'child' | 'sleep' | 'race' | 'logger'>;

export default defineWorkflow({
  description:
    'All databases of one kind as they are: instances, databases on servers, and what was published of them.',
  input: z.object({ api_version: z.string(), kind: z.string() }),
  output: z.object({
    items: z.array(
      z.object({
        owner: z.string(),
        state: z.record(z.string(), z.union([z.string(), z.number()])),
        drift: z.array(z.string()),
      }),
    ),
  }),
  async run({ input, config, step, child, sleep, race, all, logger, now }) {
    const { consul_prefix, vault_prefix } = z
      .object({ consul_prefix: z.string(), vault_prefix: z.string() })
      .parse(config);
    const calls = { step, child, sleep, race, logger };
    const time = now();
    const wished = await step('wishes', async (context) => {
      const classes = Object.fromEntries(await readClasses({ ...context, config }));
      const wishes = await wishesOf({ apiVersion: input.api_version, kind: input.kind }, context, time);
      const options = { signal: context.signal, labelSelector: labels(MANAGED) };
      const usesSecrets = wishes.some(({ made }) => made?.secret !== undefined);
      const secrets = usesSecrets ? await found(context.kubernetes.list('v1', 'Secret', options)) : [];
      return {
        classes,
        wishes,
        kubernetesSecrets: (secrets ?? []).map((secret): [string, string] => [
          `${secret.metadata.namespace}/${secret.metadata.name}`,
          ownerOfSecret(secret) ?? '',
        ]),
      };
    });
    const { wishes } = wished;
    const classes = new Map<string, DatabaseClass>(Object.entries(wished.classes));
    const published = wishes.filter(({ made }) => made !== null);
    const namespaces = [...new Set(published.map(({ namespace }) => namespace))];
    const usesRds = [...classes.values()].some(({ provider }) => provider === 'rds');
    const servers = [...classes].filter(([, { provider }]) => provider === 'server');

    const instances = async () => {
      const request = { id_prefix: INSTANCE_PREFIX };
      const { result } = await child<{ result: { instances: Instance[] } }>('instances', 'aws.rds_list', request);
      return result.instances;
    };
    const keys = () =>
      child<{ result: { entries: { key: string; value: string }[] } }>('keys', 'consul.kv_list', {
        prefix: `${consul_prefix}/`,
        values: true,
      });
    const policies = () => child<{ result: { names: string[] } }>('policies', 'vault.policy_list');
    const secretsOf = (namespace: string) =>
      child<{ result: { keys: string[] } }>('secrets', 'vault.kv_list', { path: `${vault_prefix}/${namespace}` });
    const nothing = published.length === 0;

    const listed = await all([
      usesRds ? instances() : Promise.resolve([]),
      nothing ? Promise.resolve(undefined) : patiently('Consul', keys, calls),
      nothing ? Promise.resolve(undefined) : patiently("Vault's policies", policies, calls),
      all(namespaces.map((namespace) => patiently(`Vault's secrets`, () => secretsOf(namespace), calls))),
      all(
        servers.map(([name, chosen]) =>
          patiently(`The server of the class ${name}`, () => databasesOn(chosen, calls), calls),
        ),
      ),
    ]);
    const [present, consul, vaultPolicies, folders, onServers] = listed;
    const isWhole = folders.every((folder) => folder !== undefined);
    const paths = folders.flatMap((folder, index) =>
      (folder?.result.keys ?? []).map((key) => `${vault_prefix}/${namespaces[index]}/${key}`),
    );
    const seen = {
      instances: present,
      servers: new Map(servers.map(([name], index) => [name, onServers[index]])),
      keys: consul && new Map(consul.result.entries.map(({ key, value }) => [key, value])),
      secrets: isWhole && !nothing ? new Set(paths) : undefined,
      policies: vaultPolicies && new Set(vaultPolicies.result.names),
      kubernetesSecrets: new Map(wished.kubernetesSecrets),
    };
    return { items: itemsOf(wishes, classes, seen).map((item) => ({ ...item, drift: [...item.drift] })) };
  },
});

const labels = (pairs: Readonly<Record<string, string>>) =>
  Object.entries(pairs)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

/** What a call answers in time; undefined when it does not, or fails. */
async function patiently<T>(
  what: string,
  ask: () => Promise<T>,
  { race, sleep, logger }: Calls,
): Promise<T | undefined> {
  try {
    const answer = await race<Promise<T> | Promise<void>>([ask(), sleep('patience', PATIENCE)]);
    // A sleep answers nothing; in a journal that is null.
    if (answer !== undefined && answer !== null) return answer;
    logger.warn(`${what} did not answer in ${PATIENCE} seconds; nothing is said about it.`);
  } catch (error) {
    logger.warn(`${what} could not be looked at: ${error instanceof Error ? error.message : String(error)}`);
  }
  return undefined;
}

async function databasesOn({ server }: DatabaseClass, calls: Calls): Promise<readonly ServerDatabase[]> {
  if (server === undefined) return [];
  const request = { engine: server.engine, server: await serverOf(server, calls) };
  const { result } = await calls.child<{ result: { items: ServerDatabase[] } }>(
    'databases',
    'databases.server_list',
    request,
  );
  return result.items;
}
