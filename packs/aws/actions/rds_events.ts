import { defineAction, z } from 'petrel/sdk';
import { rethrow, withRds } from '../lib/client.ts';
import { RETRY } from '../lib/instances.ts';

export default defineAction({
  description: 'Lists what RDS tells of DB instances, the oldest first, all pages of it. RDS keeps two weeks.',
  retry: RETRY,
  input: z.object({
    minutes: z.number().int().min(1).max(20_160).default(60).describe('How far back.'),
    categories: z.array(z.string()).default([]).describe('E.g. [configuration change]. Default: all.'),
    message: z.string().optional().describe('Only events whose message contains this.'),
  }),
  output: z.object({
    events: z.array(z.object({ id: z.string(), at: z.string(), message: z.string() })),
  }),
  run: (context) =>
    withRds(context, async (rds) => {
      const { minutes, categories, message = '' } = context.input;
      const { paginateDescribeEvents } = await import('@aws-sdk/client-rds');
      const asked = {
        SourceType: 'db-instance' as const,
        Duration: minutes,
        ...(categories.length > 0 && { EventCategories: categories }),
      };
      const events: { id: string; at: string; message: string }[] = [];
      try {
        // The paginator takes no abort signal, so it is looked at between pages.
        for await (const { Events = [] } of paginateDescribeEvents({ client: rds, pageSize: 100 }, asked)) {
          context.signal.throwIfAborted();
          for (const { SourceIdentifier: id, Date: at, Message: said = '' } of Events) {
            if (id !== undefined && at !== undefined && said.includes(message))
              events.push({ id, at: at.toISOString(), message: said });
          }
        }
      } catch (error) {
        return rethrow(error, 'Listing the events of DB instances', context);
      }
      return { events };
    }),
});
