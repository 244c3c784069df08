import { defineAction, z } from 'petrel/sdk';
import { withRds } from '../lib/client.ts';
import { RETRY } from '../lib/instances.ts';
import { findSnapshot, snapshotParameter, snapshotSchema } from '../lib/snapshots.ts';

export default defineAction({
  description: 'Shows one DB snapshot. A missing one is an answer (found is false), not a failure.',
  retry: RETRY,
  input: z.object({ snapshot: snapshotParameter }),
  output: z.object({ found: z.boolean(), snapshot: snapshotSchema.nullable() }),
  run: (context) =>
    withRds(context, async (rds) => {
      const snapshot = await findSnapshot(rds, context.input.snapshot, context);
      return { found: snapshot !== undefined, snapshot: snapshot ?? null };
    }),
});
