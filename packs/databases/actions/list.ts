import { defineWorkflow, z } from 'petrel/sdk';
import { type DatabaseClass, readClasses } from '../lib/classes.ts';
import { found } from '../lib/cluster.ts';
import { type About, inTurn, noteAnswers, readDoubts } from '../lib/doubts.ts';
import { itemsOf } from '../lib/drift.ts';
import { type Answer, accountsOf, databasesOn, loginsOn, patiently } from '../lib/looking.ts';
import { INSTANCE_PREFIX } from '../lib/names.ts';
import { readNote } from '../lib/note.ts';
import type { Instance } from '../lib/rds.ts';
import { foreignResets, type RdsEvent, RESET, WINDOW } from '../lib/resets.ts';
import { digestOfSecret, MANAGED, ownerOfSecret } from '../lib/secrets.ts';
import { wishesOf } from '../lib/wishes.ts';

/** How many secrets in Vault, and how many logins on each server, one look asks for beside those that are doubted. */
const SECRETS = 50;
const LOGINS = 20;
/** Milliseconds after which it is the next ones' turn: about as long as from one look to the next. */
const TURN = 60_000;

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
    const turn = Math.floor(time / TURN);
    const wished = await step('wishes', async (context) => {
      const classes = Object.fromEntries(await readClasses({ ...context, config }));
      const wishes = await wishesOf({ apiVersion: input.api_version, kind: input.kind }, context, time);
      const options = { signal: context.signal, labelSelector: labels(MANAGED) };
      const usesSecrets = wishes.some(({ made }) => made?.secret !== undefined);
      const secrets = usesSecrets ? await found(context.kubernetes.list('v1', 'Secret', options)) : [];
      const doubts = await readDoubts(context.datastore);
      const versions: { uid: string; path: string; version: number }[] = [];
      const published = wishes.filter(({ made }) => made !== null);
      for (const { uid, made } of inTurn(published, doubts.secret, { room: SECRETS, turn })) {
        const version = (await readNote(context.datastore, uid))?.vault_version ?? null;
        if (made !== null && version !== null) versions.push({ uid, path: made.vaultPath, version });
      }
      return {
        classes,
        wishes,
        doubts,
        versions,
        kubernetesSecrets: (secrets ?? []).map((secret) => ({
          path: `${secret.metadata.namespace}/${secret.metadata.name}`,
          owner: ownerOfSecret(secret) ?? '',
          digest: digestOfSecret(secret),
        })),
      };
    });
    const { wishes, doubts } = wished;
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
    const events = async () => {
      const request = { minutes: WINDOW, categories: ['configuration change'], message: RESET };
      return (await child<{ result: { events: RdsEvent[] } }>('events', 'aws.rds_events', request)).result.events;
    };
    const versions = async () => {
      const request = { paths: wished.versions.map(({ path }) => path) };
      const { result } = await child<{ result: { versions: { version: number | null }[] } }>(
        'versions',
        'vault.kv_versions',
        request,
      );
      return wished.versions.map(({ uid, version }, index) => ({
        uid,
        good: result.versions[index]?.version === version,
      }));
    };

    const listed = await all([
      usesRds ? instances() : Promise.resolve([]),
      usesRds && !nothing ? patiently("RDS's events", events, calls) : Promise.resolve(undefined),
      wished.versions.length === 0 ? Promise.resolve(undefined) : patiently("Vault's versions", versions, calls),
      nothing ? Promise.resolve(undefined) : patiently('Consul', keys, calls),
      nothing ? Promise.resolve(undefined) : patiently("Vault's policies", policies, calls),
      all(namespaces.map((namespace) => patiently(`Vault's secrets`, () => secretsOf(namespace), calls))),
      all(
        servers.map(([name, chosen]) =>
          patiently(`The server of the class ${name}`, () => databasesOn(chosen, calls), calls),
        ),
      ),
    ]);
    const [present, resets, secretAnswers, consul, vaultPolicies, folders, onServers] = listed;
    const loginAnswers = await all(
      servers.map(([name, chosen], index) => {
        const accounts = inTurn(accountsOf(onServers[index] ?? [], wishes), doubts.login, { room: LOGINS, turn });
        if (accounts.length === 0) return Promise.resolve(undefined);
        return patiently(`The logins of the class ${name}`, () => loginsOn(chosen, accounts, calls), calls);
      }),
    );
    const doubted = await step('doubts', async ({ datastore }) => {
      const judge = (about: About, answers: readonly Answer[]) =>
        noteAnswers(about, new Map(answers.map(({ uid, good }) => [uid, good])), doubts[about], datastore);
      return {
        secret: await judge('secret', secretAnswers ?? []),
        login: await judge(
          'login',
          loginAnswers.flatMap((answers) => answers ?? []),
        ),
        reset: await foreignResets(resets ?? [], wishes, config, datastore),
      };
    });
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
      kubernetesSecrets: new Map(wished.kubernetesSecrets.map(({ path, ...secret }) => [path, secret])),
      doubted: {
        secret: new Set(doubted.secret),
        login: new Set(doubted.login),
        reset: new Set(doubted.reset),
      },
    };
    return { items: itemsOf(wishes, classes, seen).map((item) => ({ ...item, drift: [...item.drift] })) };
  },
});

const labels = (pairs: Readonly<Record<string, string>>) =>
  Object.entries(pairs)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
