import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { JsonObject } from '../../model/index.ts';
import type { KubernetesObject } from '../../sdk/index.ts';
import type { PetrelView } from './petrel.ts';
import { must, StoryFailed, untilTrue } from './step.ts';
import type { StorySetting } from './story.ts';

export interface ChainSetting extends StorySetting {
  /** Directory of the pack mysqldb. */
  readonly chainPack: string;
}

const API_VERSION = 'example.dev/v1';
const TRIGGER = 'kubernetes.resource';

/** Teaches the cluster the kind, as the platform team does once. */
export async function installChainKind({ world, narrator, chainPack, namespace }: ChainSetting): Promise<void> {
  narrator.chapter('The same by rules and an action-chain (the example pack mysqldb)');
  const definition = parse(await readFile(join(chainPack, 'crds', 'mysqldb.yaml'), 'utf8'));
  await world.kubernetes.apply(definition);
  await world.kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await untilTrue(narrator, 'the API serves MysqlDb (mysqldbs.example.dev)', async () => {
    const list = await world.kubernetes.list(API_VERSION, 'MysqlDb', { namespace });
    return { detail: `${list.length} in namespace ${namespace}` };
  });
}

/** A team posts a MysqlDb, and everything else happens by itself. */
export async function createByChain(setting: ChainSetting): Promise<void> {
  const { world, petrel, narrator, namespace, name } = setting;
  const posted = await world.kubernetes.create({
    apiVersion: API_VERSION,
    kind: 'MysqlDb',
    metadata: { name, namespace, labels: { team: 'shop', note: 'sum-7x7' } },
    spec: { engine: 'mysql', engineVersion: '8.0', size: 'small', storageGb: 20 },
  });
  const uid = must(posted.metadata.uid, 'the posted resource has no uid');
  narrator.done(`MysqlDb ${namespace}/${name} is posted`, `uid ${uid}`, 0);

  const execution = await chainOf(setting, uid, 'ADDED');
  await untilTrue(narrator, 'the RDS instance is there, and ours', async () => {
    const found = await instanceOf(setting, uid);
    return { detail: `${found.DBInstanceIdentifier}, ${found.DBInstanceClass}, ${found.DBInstanceStatus}` };
  });
  await untilTrue(narrator, 'Consul has its configuration', async () => {
    const keys = await world.consulKeys(`mysqldb/${namespace}/${name}/`);
    const host = must(keys.get(`mysqldb/${namespace}/${name}/host`), 'no host in Consul yet');
    return { detail: `host ${host}, ${keys.size} keys` };
  });
  const password = await untilTrue(narrator, 'Vault has its credentials', async () => {
    const secret = must(await world.vaultSecret(`mysqldb/${namespace}/${name}`), 'no secret in Vault yet');
    return { detail: `username ${secret.username}, password ********`, value: String(secret.password) };
  });
  await untilTrue(narrator, 'the resource says Ready', async () => {
    const ready = readyOf(must(await world.database(API_VERSION, namespace, name), 'the resource is gone'));
    must(ready.status === 'True', `condition Ready is ${ready.status}: ${ready.message}`);
    return { detail: `endpoint ${ready.endpoint}` };
  });
  await untilTrue(narrator, 'the chain has succeeded', () => succeeded(petrel, execution));
  await untilTrue(narrator, 'the password is shown nowhere', async () => {
    must(!(await petrel.everythingShown()).includes(password.value), 'the password is in what the API shows');
    return { detail: 'not in any parameter, result, output line or event' };
  });
}

/** The team wants it bigger. */
export async function changeByChain(setting: ChainSetting): Promise<void> {
  const { world, petrel, narrator, namespace, name } = setting;
  narrator.chapter('The team asks for a huge one');
  const patched = await world.kubernetes.patch(
    { apiVersion: API_VERSION, kind: 'MysqlDb', namespace, name },
    { spec: { size: 'huge', storageGb: 100 } },
  );
  const uid = must(patched.metadata.uid, 'the resource has no uid');
  const execution = await chainOf(setting, uid, 'MODIFIED');
  await untilTrue(narrator, 'the RDS instance has grown', async () => {
    const found = await instanceOf(setting, uid);
    must(found.DBInstanceClass === 'db.r5.8xlarge', `its class is ${found.DBInstanceClass}`);
    must(found.AllocatedStorage === 100, `its storage is ${found.AllocatedStorage} GB`);
    return { detail: `${found.DBInstanceClass}, ${found.AllocatedStorage} GB` };
  });
  await untilTrue(narrator, 'the chain has succeeded', () => succeeded(petrel, execution));
}

/** The team deletes the resource, and everything is gone. */
export async function deleteByChain(setting: ChainSetting): Promise<void> {
  const { world, petrel, narrator, namespace, name } = setting;
  const before = must(await world.database(API_VERSION, namespace, name), 'the resource is gone already');
  const uid = must(before.metadata.uid, 'the resource has no uid');
  await world.kubernetes.delete({ apiVersion: API_VERSION, kind: 'MysqlDb', namespace, name });
  narrator.done(`MysqlDb ${namespace}/${name} is deleted`, '', 0);
  const execution = await chainOf(setting, uid, 'DELETED');
  await untilTrue(narrator, 'Vault has forgotten the credentials', async () => {
    must((await world.vaultSecret(`mysqldb/${namespace}/${name}`)) === undefined, 'the secret is still in Vault');
    return { detail: '' };
  });
  await untilTrue(narrator, 'Consul has forgotten the configuration', async () => {
    must((await world.consulKeys(`mysqldb/${namespace}/${name}/`)).size === 0, 'keys are still in Consul');
    return { detail: '' };
  });
  await untilTrue(narrator, 'the RDS instance is gone', async () => {
    const owners = await Promise.all(
      (await world.instances()).map(async (found) => (await world.tagsOf(found)).get(OWNER_TAG)),
    );
    must(!owners.includes(uid), 'the instance is still there');
    return { detail: '' };
  });
  await untilTrue(narrator, 'the chain has succeeded', () => succeeded(petrel, execution));
}

const OWNER_TAG = 'petrel.dev/owner';

/** From the event to the execution, as Petrel recorded it. Answers the execution's id. */
async function chainOf({ petrel, narrator }: StorySetting, uid: string, type: string): Promise<string> {
  const event = await untilTrue(narrator, `the sensor has seen it (${type})`, async () => {
    const instances = await petrel.triggerInstances(TRIGGER);
    const found = instances.find(({ payload }) => {
      const { uid: owner, type: seen, generation_changed } = payload as JsonObject; // this trigger's payload
      return owner === uid && seen === type && (type !== 'MODIFIED' || generation_changed === true);
    });
    const { id } = must(found, `no trigger instance ${type} yet`);
    return { detail: `trigger instance ${id}`, id: String(id) };
  });
  const rule = await untilTrue(narrator, 'a rule has matched', async () => {
    const [enforcement] = await petrel.enforcements(event.id);
    const { rule, execution_id, failure_reason } = must(enforcement, 'no enforcement yet');
    const execution = must(execution_id, `the rule could not request its action: ${failure_reason}`);
    return { detail: String((rule as JsonObject).ref), execution: String(execution) }; // an enforcement names its rule
  });
  await untilTrue(narrator, 'an action-chain is running', async () => {
    const { action, status } = await petrel.execution(rule.execution);
    must(status !== 'requested', 'the execution is not claimed yet');
    return { detail: `${(action as JsonObject).ref}, execution ${rule.execution}` }; // an execution has its action
  });
  return rule.execution;
}

async function succeeded(petrel: PetrelView, id: string): Promise<{ detail: string }> {
  const { status, result } = await petrel.execution(id);
  const outcome = `the execution is ${status}: ${JSON.stringify(result)}`;
  if (['failed', 'timeout', 'canceled', 'abandoned'].includes(String(status))) throw new StoryFailed(outcome);
  must(status === 'succeeded', outcome);
  const tasks = await petrel.tasks(id);
  return { detail: tasks.map(({ task_name }) => task_name).join(' → ') };
}

async function instanceOf({ world }: StorySetting, uid: string) {
  for (const instance of await world.instances()) {
    if ((await world.tagsOf(instance)).get(OWNER_TAG) === uid) return instance;
  }
  throw new Error('no RDS instance carries the tag of the resource');
}

function readyOf({ status }: KubernetesObject): { status: string; message: string; endpoint: string } {
  const {
    conditions = [],
    endpoint,
    message,
  } = (status ?? {}) as {
    conditions?: readonly { type: string; status: string; message?: string }[];
    endpoint?: string;
    message?: string;
  }; // the status that the pack's CRD describes
  const ready = conditions.find(({ type }) => type === 'Ready');
  return { status: ready?.status ?? 'not set', message: ready?.message ?? message ?? '', endpoint: endpoint ?? '' };
}
