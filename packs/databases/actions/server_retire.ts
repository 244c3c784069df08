import { defineWorkflow, z } from 'petrel/sdk';
import { withServer } from '../lib/server/open.ts';
import { engineParameter, ownerParameter, RETRY, serverParameter } from '../lib/server/parameters.ts';
import { beginRetiring, retire } from '../lib/server/retire.ts';

export default defineWorkflow({
  description:
    'Drops the former user of a database on an existing server when the overlap is over, which begins now: call it when the new credentials are published.',
  input: z.object({ owner: ownerParameter, engine: engineParameter, server: serverParameter }),
  output: z.object({ retired: z.string().nullable().describe('The user that was dropped, if any.') }),
  async run({ input, step, sleep }) {
    const { owner, engine, server } = input;
    const task = { engine, server, what: `Retiring the former user of ${owner.name}` };
    const retiring = await step(
      'begin',
      (context) => withServer(task, context, (adapter) => beginRetiring(owner, adapter, Date.now())),
      { retry: RETRY },
    );
    if (retiring === null) return { retired: null };
    await sleep('overlap', retiring.seconds);
    const isDropped = await step(
      'drop',
      (context) => withServer(task, context, (adapter) => retire(owner, retiring, adapter, context.datastore)),
      { retry: RETRY },
    );
    return { retired: isDropped ? retiring.username : null };
  },
});
