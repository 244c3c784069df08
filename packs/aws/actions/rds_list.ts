import { defineAction, z } from 'petrel/sdk';
import { rethrow, withRds } from '../lib/client.ts';
import { type InstanceView, instanceSchema, RETRY, viewOf } from '../lib/instances.ts';
import { ownerParameter } from '../lib/owners.ts';

export default defineAction({
  description: 'Lists the RDS DB instances of the region, all pages of them.',
  retry: RETRY,
  input: z.object({
    owner: ownerParameter,
    id_prefix: z.string().default('').describe('Only instances whose identifier starts with this.'),
  }),
  output: z.object({ instances: z.array(instanceSchema) }),
  run: (context) =>
    withRds(context, async (rds) => {
      const { owner, id_prefix } = context.input;
      const { paginateDescribeDBInstances } = await import('@aws-sdk/client-rds');
      const instances: InstanceView[] = [];
      try {
        // The paginator takes no abort signal, so it is looked at between pages.
        for await (const page of paginateDescribeDBInstances({ client: rds, pageSize: 100 }, {})) {
          context.signal.throwIfAborted();
          instances.push(...(page.DBInstances ?? []).map(viewOf));
        }
      } catch (error) {
        return rethrow(error, 'Listing the DB instances', context);
      }
      return {
        instances: instances.filter(
          (instance) =>
            instance.id.startsWith(id_prefix.toLowerCase()) && (owner === undefined || instance.owner === owner),
        ),
      };
    }),
});
