import { defineAction, z } from 'petrel/sdk';
import { deleteInstance, deletionSchema } from '../lib/delete.ts';
import { idParameter, RETRY } from '../lib/instances.ts';
import { ownerParameter } from '../lib/owners.ts';

export default defineAction({
  description: 'Starts the deletion of an RDS DB instance. A missing one is a success.',
  retry: RETRY,
  input: z.object({
    id: idParameter,
    owner: ownerParameter,
    final_snapshot: z
      .string()
      .optional()
      .describe('Identifier of a snapshot to take last. Without it the data is gone with the instance.'),
  }),
  output: deletionSchema,
  run: (context) => deleteInstance(context.input, context),
});
