import { defineWorkflow, isStepError, z } from 'petrel/sdk';
import { gone, lookAt, settled, until } from '../lib/rds.ts';
import { owner } from '../lib/subject.ts';

interface Snapshot {
  readonly result: { readonly found: boolean; readonly snapshot: { readonly status: string } | null };
}

export default defineWorkflow({
  description: 'Deletes an RDS instance, after a snapshot where one is asked for, and waits until it is gone.',
  input: z.object({
    owner,
    id: z.string().describe('The identifier of the instance.'),
    snapshot: z.string().nullable().describe('Name of the snapshot to take first; null: none.'),
  }),
  output: z.object({ existed: z.boolean() }),
  async run({ input, config, child, sleep }) {
    const { id, snapshot } = input;
    const { tag } = input.owner;
    const waiting = { config, child, sleep };
    const instance = await lookAt(id, waiting);
    // What is somebody else's was never made by us.
    if (instance === null || instance.owner !== tag) return { existed: false };

    if (snapshot !== null && instance.status !== 'deleting') {
      if (instance.status !== 'available') await settled(id, waiting);
      await child('snapshot', 'aws.rds_snapshot', { id, snapshot, owner: tag });
      await until(
        `The DB snapshot ${snapshot}`,
        async () => {
          const { result } = await child<Snapshot>('look_at_snapshot', 'aws.rds_snapshot_describe', { snapshot });
          const status = result.snapshot?.status ?? 'not there';
          if (status === 'failed') throw new Error(`The DB snapshot ${snapshot} failed, so ${id} is not deleted.`);
          return status === 'available' ? { done: null } : { yet: `it is ${status}` };
        },
        waiting,
      );
    }
    const remove = async () => {
      try {
        await child('delete', 'aws.rds_delete', { id, owner: tag });
        return { done: null };
      } catch (error) {
        // Not in every state can an instance be deleted; but states pass.
        if (!isStepError(error) || !error.message.includes('InvalidDBInstanceState')) throw error;
        return { yet: error.message };
      }
    };
    if ('yet' in (await remove())) await until(`The deletion of the DB instance ${id}`, remove, waiting);
    await gone(id, waiting);
    return { existed: true };
  },
});
