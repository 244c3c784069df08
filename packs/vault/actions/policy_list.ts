import { defineAction, z } from 'petrel/sdk';
import { askVault, RETRY } from '../lib/client.ts';

const listSchema = z.object({ keys: z.array(z.string()) });

export default defineAction({
  description: 'Lists the names of all ACL policies.',
  retry: RETRY,
  input: z.object({}),
  output: z.object({ names: z.array(z.string()) }),
  async run(context) {
    const what = 'Listing the policies';
    const query = { list: 'true' };
    const { data } = await askVault({ method: 'GET', face: 'policies', path: '', query, what }, context);
    return { names: listSchema.parse(data).keys };
  },
});
