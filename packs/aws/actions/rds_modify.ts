import { defineAction, secret, TransientError, z } from 'petrel/sdk';
import { codeOf, rethrow, withRds } from '../lib/client.ts';
import {
  findInstance,
  idParameter,
  instanceSchema,
  ownerParameter,
  passwordParameter,
  RETRY,
  requireOwner,
  viewOf,
} from '../lib/instances.ts';

export default defineAction({
  description: 'Changes an RDS DB instance. Without a difference nothing is asked of RDS.',
  retry: RETRY,
  input: z.object({
    id: idParameter,
    owner: ownerParameter,
    instance_class: z.string().optional().describe('New size of the machine.'),
    allocated_storage: z.number().int().positive().optional().describe('New storage in GiB; it can only grow.'),
    engine_version: z.string().optional().describe('New version of the engine.'),
    backup_retention_days: z.number().int().min(0).max(35).optional().describe('Days that backups are kept.'),
    master_password: secret(passwordParameter.optional()),
    apply_immediately: z.boolean().default(true).describe('False: in the next maintenance window.'),
  }),
  output: instanceSchema.extend({ changed: z.boolean() }),
  run: (context) =>
    withRds(context, async (rds) => {
      const { id, owner, master_password, apply_immediately, ...wanted } = context.input;
      const found = await findInstance(rds, id, context);
      if (found === undefined) throw new Error(`There is no DB instance ${id} to change.`);
      requireOwner(found, owner);
      const same = {
        instance_class: wanted.instance_class ?? found.instance_class,
        allocated_storage: wanted.allocated_storage ?? found.allocated_storage,
        engine_version: wanted.engine_version ?? found.engine_version,
      };
      const differs =
        master_password !== undefined ||
        wanted.backup_retention_days !== undefined ||
        same.instance_class !== found.instance_class ||
        same.allocated_storage !== found.allocated_storage ||
        same.engine_version !== found.engine_version;
      if (!differs) return { ...found, changed: false };
      const { ModifyDBInstanceCommand } = await import('@aws-sdk/client-rds');
      const command = new ModifyDBInstanceCommand({
        DBInstanceIdentifier: id,
        DBInstanceClass: wanted.instance_class,
        AllocatedStorage: wanted.allocated_storage,
        EngineVersion: wanted.engine_version,
        BackupRetentionPeriod: wanted.backup_retention_days,
        MasterUserPassword: master_password,
        ApplyImmediately: apply_immediately,
      });
      try {
        const { DBInstance } = await rds.send(command, { abortSignal: context.signal });
        return { ...(DBInstance === undefined ? found : viewOf(DBInstance)), changed: true };
      } catch (error) {
        if (codeOf(error) === 'InvalidDBInstanceState') {
          throw new TransientError(`The DB instance ${id} cannot be changed while it is ${found.status}.`);
        }
        return rethrow(error, `Changing the DB instance ${id}`, context, [master_password ?? '']);
      }
    }),
});
