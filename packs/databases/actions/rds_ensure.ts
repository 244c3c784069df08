import { defineWorkflow, type StepContext, z } from 'petrel/sdk';
import { readApplied, writeApplied } from '../lib/applied.ts';
import { DATABASE } from '../lib/names.ts';
import { plan } from '../lib/plan.ts';
import { gone, type Instance, isSettled, isVersion, lookAt, settled } from '../lib/rds.ts';
import { owner } from '../lib/subject.ts';

const shape = plan.shape;

export default defineWorkflow({
  description:
    'Brings an RDS instance to what is wished: creates, restores or copies it, changes it, and waits for it.',
  input: z.object({
    owner,
    uid: z.string(),
    id: shape.id,
    engine: shape.engine,
    engine_version: shape.engine_version,
    instance: shape.instance.unwrap(),
    storage_gb: shape.storage_gb,
    username: shape.username,
    rotation: z.string(),
    password_key: z.string().describe('Datastore key of the password, which is there already.'),
    restore_from: shape.restore_from,
    replica_of: shape.replica_of,
  }),
  output: z.object({
    host: z.string(),
    port: z.number(),
    database: z.string(),
    username: z.string(),
    password_key: z.string(),
    engine_version: z.string(),
    storage_gb: z.number(),
    rotation: z.string(),
  }),
  async run({ input, config, step, child, sleep, now }) {
    const { id, uid, password_key, instance: wished, replica_of } = input;
    const { tag } = input.owner;
    const waiting = { config, child, sleep };
    const password = ({ datastore, secret }: StepContext) => readPassword(password_key, datastore, secret);
    const tell = (name: string, key = password_key) => {
      const at = now();
      return step(name, ({ datastore }) => writeApplied(datastore, uid, { key, at }));
    };

    const create = async () => {
      const { instance_class, multi_az, storage_type, subnet_group, security_groups, parameter_group } = wished;
      const place = { id, owner: tag, instance_class, multi_az, storage_type };
      const where = { subnet_group, security_groups, parameter_group };
      if (replica_of !== null) {
        await child('replicate', 'aws.rds_create_replica', { ...place, ...where, source: replica_of.id });
        // A replica has the users of its source.
        return await tell('tell');
      }
      if (input.restore_from !== null) {
        return await child('restore', 'aws.rds_restore', { ...place, ...where, snapshot: input.restore_from });
      }
      const master_password = await step('password', password);
      await tell('tell');
      const { backup_retention, storage_encrypted } = wished;
      return await child('create', 'aws.rds_create', {
        ...place,
        ...where,
        engine: input.engine,
        engine_version: input.engine_version,
        allocated_storage: input.storage_gb,
        master_username: input.username,
        master_password,
        db_name: DATABASE,
        backup_retention,
        storage_encrypted,
      });
    };

    const update = async (found: Instance): Promise<Instance> => {
      // RDS cannot take storage back, so more than is wished stays.
      const allocated_storage = Math.max(input.storage_gb, found.allocated_storage);
      const { instance_class, multi_az, storage_type, parameter_group, backup_retention } = wished;
      const told = await step('told', ({ datastore }) => readApplied(datastore, uid));
      const isNew = replica_of === null && told?.key !== password_key;
      // Whoever is cut short here, and is to have the former one again, must not believe that it holds.
      if (isNew) await tell('doubt', '');
      const { result } = await child<{ result: { changed: boolean } }>('modify', 'aws.rds_modify', {
        id,
        owner: tag,
        instance_class,
        multi_az,
        storage_type,
        parameter_group,
        ...(isVersion(found.engine_version, input.engine_version) ? {} : { engine_version: input.engine_version }),
        ...(replica_of === null ? { allocated_storage, backup_retention } : {}),
        ...(isNew ? { master_password: await step('password', password) } : {}),
      });
      if (isNew || replica_of !== null) await tell('tell');
      if (!result.changed) return found;
      const changed = await settled(
        id,
        waiting,
        (instance) =>
          instance.instance_class === instance_class &&
          isVersion(instance.engine_version, input.engine_version) &&
          (replica_of !== null || instance.allocated_storage >= allocated_storage),
      );
      // What RDS tells of a reset up to now was ours.
      if (isNew) await tell('taken');
      return changed;
    };

    let instance = await lookAt(id, waiting);
    if (instance !== null && instance.owner !== tag) {
      throw new Error(`The DB instance ${id} exists and is not ours: its owner is ${instance.owner ?? 'not said'}.`);
    }
    if (instance?.status === 'deleting') instance = await gone(id, waiting);
    if (instance === null) await create();
    if (!isSettled(instance)) instance = await settled(id, waiting);
    if (replica_of === null && (instance.replica_of ?? null) !== null) {
      const { backup_retention } = wished;
      await child('promote', 'aws.rds_promote', { id, owner: tag, backup_retention });
      instance = await settled(id, waiting, ({ replica_of: source }) => (source ?? null) === null);
    }
    const { host, port, engine_version, master_username, db_name, allocated_storage } = await update(instance);
    return {
      host: host ?? '',
      port: port ?? 0,
      database: db_name ?? DATABASE,
      username: master_username,
      password_key,
      engine_version: engine_version ?? '',
      storage_gb: allocated_storage,
      rotation: input.rotation,
    };
  },
});

async function readPassword(
  key: string,
  datastore: StepContext['datastore'],
  secret: StepContext['secret'],
): Promise<string> {
  const password = await datastore.get(key);
  if (password === undefined) throw new Error(`The datastore has no key ${key}, which is to hold the password.`);
  return secret(password);
}
