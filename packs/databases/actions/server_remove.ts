import { defineAction, z } from 'petrel/sdk';
import { withServer } from '../lib/server/open.ts';
import { engineParameter, ownerParameter, RETRY, serverParameter } from '../lib/server/parameters.ts';
import { removeDatabase } from '../lib/server/remove.ts';

export default defineAction({
  description:
    "Drops an owner's database on an existing server, with its users, their sessions and passwords. A missing one is a success.",
  retry: RETRY,
  input: z.object({ owner: ownerParameter, engine: engineParameter, server: serverParameter }),
  output: z.object({ existed: z.boolean().describe('False when there was nothing to drop.') }),
  async run(context) {
    const { owner, engine, server } = context.input;
    const what = `Dropping the database of ${owner.name}`;
    const existed = await withServer({ engine, server, what }, context, (adapter) =>
      removeDatabase(owner, adapter, context.datastore),
    );
    return { existed };
  },
});
