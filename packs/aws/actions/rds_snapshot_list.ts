import { defineAction, z } from 'petrel/sdk';
import { rethrow, withRds } from '../lib/client.ts';
import { idParameter, RETRY } from '../lib/instances.ts';
import { ownerParameter } from '../lib/owners.ts';
import { type SnapshotView, snapshotSchema, snapshotViewOf } from '../lib/snapshots.ts';

export default defineAction({
  description: 'Lists the manual DB snapshots of the region, all pages of them.',
  retry: RETRY,
  input: z.object({
    owner: ownerParameter,
    source: idParameter.optional().describe('Only snapshots of this DB instance.'),
  }),
  output: z.object({ snapshots: z.array(snapshotSchema) }),
  run: (context) =>
    withRds(context, async (rds) => {
      const { owner, source } = context.input;
      const { paginateDescribeDBSnapshots } = await import('@aws-sdk/client-rds');
      const snapshots: SnapshotView[] = [];
      try {
        const request = { SnapshotType: 'manual', DBInstanceIdentifier: source };
        // The paginator takes no abort signal, so it is looked at between pages.
        for await (const page of paginateDescribeDBSnapshots({ client: rds, pageSize: 100 }, request)) {
          context.signal.throwIfAborted();
          snapshots.push(...(page.DBSnapshots ?? []).map(snapshotViewOf));
        }
      } catch (error) {
        return rethrow(error, 'Listing the DB snapshots', context);
      }
      return { snapshots: snapshots.filter((snapshot) => owner === undefined || snapshot.owner === owner) };
    }),
});
