import { defineAction, z } from 'petrel/sdk';
import { withRds } from '../lib/client.ts';
import { findInstance, idParameter, instanceSchema, RETRY } from '../lib/instances.ts';

export default defineAction({
  description: 'Shows one RDS DB instance. A missing one is an answer (exists is false), not a failure.',
  retry: RETRY,
  input: z.object({ id: idParameter }),
  output: z.object({ exists: z.boolean(), instance: instanceSchema.nullable() }),
  run: (context) =>
    withRds(context, async (rds) => {
      const instance = await findInstance(rds, context.input.id, context);
      return { exists: instance !== undefined, instance: instance ?? null };
    }),
});
