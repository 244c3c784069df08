import { defineAction, TransientError, z } from 'petrel/sdk';
import { codeOf, rethrow, withRds } from '../lib/client.ts';
import { getInstance, idParameter, instanceSchema, RETRY, retentionParameter, viewOf } from '../lib/instances.ts';
import { ownerParameter } from '../lib/owners.ts';

export default defineAction({
  description: 'Makes a read replica an RDS DB instance of its own. One that is none is left as it is.',
  retry: RETRY,
  input: z.object({ id: idParameter, owner: ownerParameter, backup_retention: retentionParameter }),
  output: instanceSchema.extend({ changed: z.boolean() }),
  run: (context) =>
    withRds(context, async (rds) => {
      const { id, backup_retention } = context.input;
      const found = await getInstance(rds, context.input, 'promote', context);
      if (found.replica_of === null) return { ...found, changed: false };
      const { PromoteReadReplicaCommand } = await import('@aws-sdk/client-rds');
      const command = new PromoteReadReplicaCommand({
        DBInstanceIdentifier: id,
        BackupRetentionPeriod: backup_retention,
      });
      try {
        const { DBInstance } = await rds.send(command, { abortSignal: context.signal });
        return { ...(DBInstance === undefined ? found : viewOf(DBInstance)), changed: true };
      } catch (error) {
        if (codeOf(error) !== 'InvalidDBInstanceState') {
          return rethrow(error, `Promoting the read replica ${id}`, context);
        }
        // Perhaps our own request whose answer was lost.
        const now = await getInstance(rds, context.input, 'promote', context);
        if (now.replica_of === null) return { ...now, changed: true };
        throw new TransientError(`The read replica ${id} cannot be promoted while it is ${now.status}.`);
      }
    }),
});
