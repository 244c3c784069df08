import { defineAction, TransientError, z } from 'petrel/sdk';
import { codeOf, rethrow, withRds } from '../lib/client.ts';
import { RETRY } from '../lib/instances.ts';
import { ownerParameter, requireOwner } from '../lib/owners.ts';
import { findSnapshot, snapshotParameter } from '../lib/snapshots.ts';

export default defineAction({
  description: 'Deletes a DB snapshot. A missing one is a success.',
  retry: RETRY,
  input: z.object({ snapshot: snapshotParameter, owner: ownerParameter }),
  output: z.object({ id: z.string(), existed: z.boolean().describe('False when there was nothing to delete.') }),
  run: (context) =>
    withRds(context, async (rds) => {
      const { snapshot: id, owner } = context.input;
      const found = await findSnapshot(rds, id, context);
      if (found === undefined) return { id, existed: false };
      requireOwner('DB snapshot', found, owner);
      const { DeleteDBSnapshotCommand } = await import('@aws-sdk/client-rds');
      try {
        await rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: id }), { abortSignal: context.signal });
      } catch (error) {
        const code = codeOf(error);
        if (code === 'InvalidDBSnapshotState') {
          throw new TransientError(`The DB snapshot ${id} cannot be deleted while it is ${found.status}.`);
        }
        // Its own answer may have been lost: then the second request finds the snapshot gone.
        if (code !== 'DBSnapshotNotFound') return rethrow(error, `Deleting the DB snapshot ${id}`, context);
      }
      return { id, existed: true };
    }),
});
