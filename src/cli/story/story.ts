import { ModifyDBInstanceCommand } from '@aws-sdk/client-rds';
import { isJsonObject, type JsonObject } from '../../model/index.ts';
import type { KubernetesObject, ObjectReference } from '../../sdk/index.ts';
import type { PetrelView } from './petrel.ts';
import { must, type Narrator, untilTrue } from './step.ts';
import type { World } from './world.ts';

export interface StorySetting {
  readonly world: World;
  readonly petrel: PetrelView;
  readonly narrator: Narrator;
  /** Namespace and name of the database. */
  readonly namespace: string;
  readonly name: string;
}

export const API_VERSION = 'databases.petrel.dev/v1';
/** The form of 2016. */
export const OLD_API_VERSION = 'prsn.io/v1';
const RESOURCE = 'databases.mysqldb';
const KINDS = ['mysqldb', 'postgresdb', 'databaseclass', 'prsn-mysqldb'];

/** Teaches the cluster the kinds, as the platform team does once. */
export async function installKinds({ world, petrel, narrator, namespace }: StorySetting): Promise<void> {
  narrator.chapter('The platform team teaches the cluster new kinds');
  for (const kind of KINDS) await world.kubernetes.apply(await petrel.definition(`databases.${kind}`));
  await world.kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await untilTrue(narrator, 'the API serves MysqlDb, and Petrel watches it', async () => {
    for (const apiVersion of [API_VERSION, OLD_API_VERSION]) {
      await world.kubernetes.list(apiVersion, 'MysqlDb', { namespace });
    }
    const kinds = await petrel.resources();
    const waiting = kinds.find(({ pack, problem }) => pack === 'databases' && (problem ?? '') !== '');
    must(waiting === undefined, `${waiting?.ref} is not watched yet: ${waiting?.problem}`);
    return { detail: KINDS.map((kind) => `databases.${kind}`).join(', ') };
  });
}

/** A team posts a MysqlDb, and everything else happens by itself. */
export async function createDatabase(setting: StorySetting): Promise<void> {
  const { world, petrel, narrator, namespace, name } = setting;
  narrator.chapter('A team posts a MysqlDb; everything else happens by itself');
  const posted = await world.kubernetes.create({
    apiVersion: API_VERSION,
    kind: 'MysqlDb',
    metadata: { name, namespace, labels: { team: 'shop' } },
    spec: { engine: 'mysql', engineVersion: '8.0', size: 'small', storageGb: 20 },
  });
  const uid = must(posted.metadata.uid, 'the posted object has no uid');
  narrator.done(`MysqlDb ${namespace}/${name} is posted`, `uid ${uid}`, 0);
  const execution = await workflowOf(setting, 'create');
  await untilTrue(narrator, 'the RDS instance is there, and ours', async () => {
    const found = await instanceOf(setting, uid);
    return { detail: `${found.DBInstanceIdentifier}, ${found.DBInstanceClass}, ${found.DBInstanceStatus}` };
  });
  await untilTrue(narrator, 'Consul has its configuration', async () => {
    const keys = await world.consulKeys(pathOf(setting));
    const host = must(keys.get(`${pathOf(setting)}/host`), 'no host in Consul yet');
    return { detail: `host ${host}, ${keys.size} keys` };
  });
  const password = await untilTrue(narrator, 'Vault has its credentials', async () => {
    const secret = must(await world.vaultSecret(pathOf(setting)), 'no secret in Vault yet');
    return { detail: `username ${secret.username}, password ********`, value: String(secret.password) };
  });
  await untilReady(setting, 'the object says Ready');
  await untilTrue(narrator, 'the workflow has succeeded', async () => {
    const { status } = await petrel.execution(execution);
    must(status === 'succeeded', `it is ${status}`);
    return { detail: tasksOf(await petrel.tasks(execution)) };
  });
  await shownNowhere(setting, password.value);
}

/** The team wants it bigger. */
export async function changeDatabase(setting: StorySetting): Promise<void> {
  const { world, narrator } = setting;
  narrator.chapter('The team asks for a huge one');
  const { uid } = await patched(setting, { size: 'huge', storageGb: 100 });
  await workflowOf(setting, 'update');
  await untilTrue(narrator, 'the RDS instance has grown', async () => {
    const found = await instanceOf(setting, uid);
    must(found.DBInstanceClass === 'db.r5.8xlarge', `its class is ${found.DBInstanceClass}`);
    must(found.AllocatedStorage === 100, `its storage is ${found.AllocatedStorage} GB`);
    return { detail: `${found.DBInstanceClass}, ${found.AllocatedStorage} GB` };
  });
  await untilReady(setting, 'the object says Ready again');
  must(await world.database(API_VERSION, setting.namespace, setting.name), 'the object is gone');
}

/** Somebody changes things in the provider's console, and somebody else deletes keys. */
export async function driftOfDatabase(setting: StorySetting): Promise<void> {
  const { world, petrel, narrator } = setting;
  narrator.chapter("Somebody changes the instance behind Petrel's back");
  const { uid } = await objectOf(setting);
  const { DBInstanceIdentifier } = await instanceOf(setting, uid);
  const larger = { DBInstanceIdentifier, DBInstanceClass: 'db.r5.24xlarge', ApplyImmediately: true };
  await world.rds.send(new ModifyDBInstanceCommand(larger));
  await untilTrue(narrator, 'in the console the instance is another one', async () => {
    const found = await instanceOf(setting, uid);
    must(found.DBInstanceClass === 'db.r5.24xlarge', `its class is ${found.DBInstanceClass}`);
    must(found.DBInstanceStatus === 'available', `it is ${found.DBInstanceStatus}`);
    return { detail: String(found.DBInstanceClass) };
  });
  await lookingAgain(petrel, narrator, 'Petrel sees it, and makes it as wished', async () => {
    const found = await instanceOf(setting, uid);
    must(found.DBInstanceClass === 'db.r5.8xlarge', `its class is ${found.DBInstanceClass}`);
    return { detail: String(found.DBInstanceClass) };
  });
  await untilReady(setting, 'the object says Ready again');

  narrator.chapter('Somebody deletes its keys in Consul and its secret in Vault');
  const before = await world.vaultSecret(pathOf(setting));
  await world.removePublished(pathOf(setting));
  narrator.done('they are deleted', '', 0);
  await lookingAgain(petrel, narrator, 'Petrel puts them back', async () => {
    const keys = await world.consulKeys(pathOf(setting));
    const secret = must(await world.vaultSecret(pathOf(setting)), 'no secret in Vault');
    must(keys.size > 1 && secret.password === before?.password, 'they are not what they were');
    return { detail: `${keys.size} keys, the same password` };
  });
  await untilReady(setting, 'the object says Ready again');
}

/** The team wants new credentials. */
export async function rotateCredentials(setting: StorySetting): Promise<void> {
  const { world, narrator } = setting;
  narrator.chapter('The team asks for new credentials');
  const before = must(await world.vaultSecret(pathOf(setting)), 'no secret in Vault');
  await patched(setting, { credentials: { rotation: 'once' } });
  await untilTrue(narrator, 'Vault has the new password beside the old one, as long as either may hold', async () => {
    const secret = must(await world.vaultSecret(pathOf(setting)), 'no secret in Vault');
    must(secret.password !== before.password, 'it is the old password');
    const isOver = secret.previous_password === undefined;
    return { detail: isOver ? 'the instance was faster' : 'password ********, previous_password ********' };
  });
  const after = await untilTrue(narrator, 'the old one is gone when the instance has applied the new one', async () => {
    const secret = must(await world.vaultSecret(pathOf(setting)), 'no secret in Vault');
    must(secret.previous_password === undefined, 'the old one is there');
    return { detail: 'password ********', value: String(secret.password) };
  });
  await untilReady(setting, 'the object says Ready again');
  await shownNowhere(setting, after.value);
}

/** The team deletes the object, and everything is gone. */
export async function deleteDatabase(setting: StorySetting, apiVersion = API_VERSION): Promise<void> {
  const { world, narrator, namespace, name } = setting;
  narrator.chapter('The team deletes the object, and everything is gone');
  const { uid } = await objectOf(setting, apiVersion);
  await world.kubernetes.delete({ apiVersion, kind: 'MysqlDb', namespace, name });
  narrator.done(`MysqlDb ${namespace}/${name} is deleted; it stays until the rest is gone`, '', 0);
  await untilTrue(narrator, 'Vault has forgotten the credentials', async () => {
    must((await world.vaultSecret(pathOf(setting))) === undefined, 'the secret is still in Vault');
    return { detail: '' };
  });
  await untilTrue(narrator, 'Consul has forgotten the configuration', async () => {
    must((await world.consulKeys(`${pathOf(setting)}/`)).size === 0, 'keys are still in Consul');
    return { detail: '' };
  });
  await untilTrue(narrator, 'the RDS instance is gone', async () => {
    must((await instancesOf(setting, uid)).length === 0, 'the instance is still there');
    return { detail: '' };
  });
  await untilTrue(narrator, 'the object is gone', async () => {
    must((await world.database(apiVersion, namespace, name)) === undefined, 'it is still there');
    return { detail: '' };
  });
}

/** Clients of 2016 post what they always posted. */
export async function oldForm(setting: StorySetting): Promise<void> {
  const { world, narrator, namespace, name } = setting;
  narrator.chapter('A client of 2016 posts a MysqlDb of prsn.io');
  const metadata = { name, namespace };
  await world.kubernetes.create({ apiVersion: OLD_API_VERSION, kind: 'MysqlDb', metadata, spec: { size: 'medium' } });
  narrator.done(`MysqlDb ${namespace}/${name} of ${OLD_API_VERSION} is posted`, '', 0);
  await untilReady(setting, 'the same workflow has made it', OLD_API_VERSION);
  await deleteDatabase(setting, OLD_API_VERSION);
}

const pathOf = ({ namespace, name }: StorySetting) => `databases/${namespace}/${name}`;

async function objectOf({ world, namespace, name }: StorySetting, apiVersion = API_VERSION): Promise<{ uid: string }> {
  const object = must(await world.database(apiVersion, namespace, name), 'the object is gone');
  return { uid: must(object.metadata.uid, 'the object has no uid') };
}

async function patched(setting: StorySetting, spec: JsonObject): Promise<{ uid: string }> {
  const { world, narrator, namespace, name } = setting;
  const reference: ObjectReference = { apiVersion: API_VERSION, kind: 'MysqlDb', namespace, name };
  const { metadata } = await world.kubernetes.patch(reference, { spec });
  narrator.done(`the spec is changed`, JSON.stringify(spec), 0);
  return { uid: must(metadata.uid, 'the object has no uid') };
}

/** The execution that the reconciler has requested for the newest generation. */
async function workflowOf(setting: StorySetting, handler: string): Promise<string> {
  const { world, petrel, narrator, namespace, name } = setting;
  const seen = await untilTrue(narrator, `the reconciler has compared, and decided to ${handler}`, async () => {
    const object = must(await world.database(API_VERSION, namespace, name), 'the object is gone');
    const { execution, observedGeneration } = isJsonObject(object.status) ? object.status : {};
    must(observedGeneration === object.metadata.generation, 'nothing is decided about the newest generation');
    const id = String(must(execution, 'no execution yet'));
    const { action, context } = await petrel.execution(id);
    const resource = isJsonObject(context) && isJsonObject(context.resource) ? context.resource : {};
    must(resource.handler === handler, `it runs ${resource.handler}`);
    const ref = isJsonObject(action) ? action.ref : '';
    return { detail: `${ref}, execution ${id}`, id };
  });
  return seen.id;
}

const tasksOf = (tasks: readonly JsonObject[]) => [...new Set(tasks.map(({ task_name }) => task_name))].join(' → ');

async function untilReady(setting: StorySetting, text: string, apiVersion = API_VERSION): Promise<void> {
  const { world, narrator, namespace, name } = setting;
  await untilTrue(narrator, text, async () => {
    const object = must(await world.database(apiVersion, namespace, name), 'the object is gone');
    const { status, message, endpoint } = readyOf(object);
    must(status === 'True', `condition Ready is ${status}: ${message}`);
    return { detail: `endpoint ${endpoint}` };
  });
}

/** Petrel looks every minute; nobody wants to wait that long. */
async function lookingAgain<T extends { readonly detail: string }>(
  petrel: PetrelView,
  narrator: Narrator,
  text: string,
  check: () => Promise<T>,
): Promise<void> {
  let asked = 0;
  await untilTrue(narrator, text, async () => {
    try {
      return await check();
    } catch (error) {
      if (asked + 1000 < Date.now()) {
        asked = Date.now();
        await petrel.reconcile(RESOURCE);
      }
      throw error;
    }
  });
}

async function shownNowhere({ petrel, narrator }: StorySetting, password: string): Promise<void> {
  await untilTrue(narrator, 'the password is shown nowhere', async () => {
    must(!(await petrel.everythingShown()).includes(password), 'the password is in what the API shows');
    return { detail: 'not in any parameter, result, output line, status or event' };
  });
}

const OWNER_TAG = 'petrel.dev/owner';

async function instancesOf({ world }: StorySetting, uid: string) {
  const instances = await world.instances();
  const tags = await Promise.all(instances.map((instance) => world.tagsOf(instance)));
  return instances.filter((_, index) => tags[index]?.get(OWNER_TAG)?.endsWith(uid) === true);
}

async function instanceOf(setting: StorySetting, uid: string) {
  return must((await instancesOf(setting, uid))[0], 'no RDS instance carries the tag of the object');
}

function readyOf({ status, metadata }: KubernetesObject): { status: string; message: string; endpoint: string } {
  const { conditions, outputs } = isJsonObject(status) ? status : {};
  const list = Array.isArray(conditions) ? conditions.filter(isJsonObject) : [];
  const ready = list.find(({ type }) => type === 'Ready');
  const isNew = ready?.observedGeneration === metadata.generation;
  const endpoint = isJsonObject(outputs) ? String(outputs.endpoint) : '';
  return { status: isNew ? String(ready?.status) : 'not set', message: String(ready?.message ?? ''), endpoint };
}
