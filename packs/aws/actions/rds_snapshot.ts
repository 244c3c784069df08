import { defineAction, isTransientError, TransientError, z } from 'petrel/sdk';
import { announce, withdraw } from '../lib/announcements.ts';
import { type AwsContext, codeOf, failureOf, withRds } from '../lib/client.ts';
import { getInstance, idParameter, RETRY } from '../lib/instances.ts';
import { ownerParameter, requireOurs, tagList, tagsParameter } from '../lib/owners.ts';
import {
  lookForSnapshot,
  type SnapshotView,
  snapshotParameter,
  snapshotSchema,
  snapshotViewOf,
} from '../lib/snapshots.ts';

export default defineAction({
  description:
    'Begins a snapshot of an RDS DB instance, or takes the one that an earlier attempt for the same owner has begun.',
  retry: RETRY,
  input: z.object({ id: idParameter, snapshot: snapshotParameter, owner: ownerParameter, tags: tagsParameter }),
  output: z.object({
    created: z.boolean().describe('False when the snapshot was there already and is ours.'),
    snapshot: snapshotSchema,
  }),
  run: (context) =>
    withRds(context, async (rds) => {
      const { id, snapshot, owner, tags } = context.input;
      const found = await lookForSnapshot(rds, snapshot, context);
      if (found !== undefined) return adopt(found, context.input, context);
      const { status } = await getInstance(rds, { id, owner }, 'take a snapshot of', context);
      const { CreateDBSnapshotCommand } = await import('@aws-sdk/client-rds');
      const command = new CreateDBSnapshotCommand({
        DBInstanceIdentifier: id,
        DBSnapshotIdentifier: snapshot,
        Tags: tagList(tags, owner),
      });
      await announce('DB snapshot', snapshot, context);
      try {
        const { DBSnapshot } = await rds.send(command, { abortSignal: context.signal });
        if (DBSnapshot === undefined)
          throw new Error(`RDS began the DB snapshot ${snapshot} and said nothing about it.`);
        return { created: true, snapshot: snapshotViewOf(DBSnapshot) };
      } catch (error) {
        const code = codeOf(error);
        if (code !== 'DBSnapshotAlreadyExists') {
          const failure =
            code === 'InvalidDBInstanceState'
              ? new TransientError(`No snapshot of the DB instance ${id} can be taken while it is ${status}.`)
              : failureOf(error, `Taking the DB snapshot ${snapshot} of ${id}`, context);
          if (!isTransientError(failure) && code !== undefined) await withdraw('DB snapshot', snapshot, context);
          throw failure;
        }
      }
      // Somebody was faster, perhaps our own request whose answer was lost.
      const other = await lookForSnapshot(rds, snapshot, context);
      if (other !== undefined) return adopt(other, context.input, context);
      throw new TransientError(`The DB snapshot ${snapshot} exists already, and RDS does not describe it yet.`);
    }),
});

async function adopt(
  found: SnapshotView,
  { id, owner }: { id: string; owner?: string | undefined },
  context: AwsContext,
): Promise<{ created: boolean; snapshot: SnapshotView }> {
  requireOurs('DB snapshot', found, owner);
  if (found.source !== id.toLowerCase()) {
    throw new Error(`The DB snapshot ${found.id} exists and is of ${found.source}, not of ${id}.`);
  }
  await withdraw('DB snapshot', found.id, context);
  context.logger.info(`The DB snapshot ${found.id} is there already and ours (${found.status}).`);
  return { created: false, snapshot: found };
}
