import { z } from 'petrel/sdk';
import { type AwsContext, codeOf, rethrow, withRds } from './client.ts';
import { findInstance } from './instances.ts';
import { requireOwner } from './owners.ts';

export const deletionSchema = z.object({
  id: z.string(),
  existed: z.boolean().describe('False when there was nothing to delete.'),
  status: z.enum(['deleting', 'gone']),
});

export type Deletion = z.output<typeof deletionSchema>;

/** Starts the deletion of an instance. One that is not there, or on its way out already, is no error. */
export function deleteInstance(
  request: { id: string; owner?: string | undefined; final_snapshot?: string | undefined },
  context: AwsContext,
): Promise<Deletion> {
  const { id, owner, final_snapshot } = request;
  return withRds(context, async (rds) => {
    const found = await findInstance(rds, id, context);
    if (found === undefined) return { id, existed: false, status: 'gone' };
    requireOwner('DB instance', found, owner);
    if (found.status === 'deleting') return { id, existed: true, status: 'deleting' };
    const { DeleteDBInstanceCommand } = await import('@aws-sdk/client-rds');
    const snapshot =
      final_snapshot === undefined ? { SkipFinalSnapshot: true } : { FinalDBSnapshotIdentifier: final_snapshot };
    try {
      await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: id, ...snapshot }), {
        abortSignal: context.signal,
      });
    } catch (error) {
      // Its own answer may have been lost: then the second request finds the instance gone or on its way.
      if (codeOf(error) === 'DBInstanceNotFound') return { id, existed: true, status: 'gone' };
      const now = codeOf(error) === 'InvalidDBInstanceState' ? await findInstance(rds, id, context) : found;
      if (now === undefined || now.status === 'deleting') return { id, existed: true, status: 'deleting' };
      return rethrow(error, `Deleting the DB instance ${id}`, context);
    }
    return { id, existed: true, status: 'deleting' };
  });
}
