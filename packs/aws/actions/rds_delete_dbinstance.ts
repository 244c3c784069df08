import { defineAction, z } from 'petrel/sdk';
import { deleteInstance, deletionSchema } from '../lib/delete.ts';
import { idParameter, RETRY } from '../lib/instances.ts';
import { ownerParameter } from '../lib/owners.ts';

export default defineAction({
  description:
    'Starts the deletion of an RDS DB instance, without a last snapshot. The name of 2016; rds_delete can more.',
  retry: RETRY,
  input: z.object({ id: idParameter, owner: ownerParameter }),
  output: deletionSchema,
  run: (context) => deleteInstance(context.input, context),
});
