import { defineAction, z } from 'petrel/sdk';
import { listDatabases, listedDatabase } from '../lib/server/list.ts';
import { withServer } from '../lib/server/open.ts';
import { engineParameter, RETRY, serverParameter } from '../lib/server/parameters.ts';

export default defineAction({
  description: 'Lists the databases on an existing server that server_ensure has made, with their owners.',
  retry: RETRY,
  input: z.object({ engine: engineParameter, server: serverParameter }),
  output: z.object({ items: z.array(listedDatabase) }),
  async run(context) {
    const { engine, server } = context.input;
    const what = 'Listing the databases';
    return { items: await withServer({ engine, server, what }, context, listDatabases) };
  },
});
