import { defineAction, z } from 'petrel/sdk';
import { askAcl } from '../lib/acl.ts';
import { RETRY } from '../lib/client.ts';

const listSchema = z.array(z.object({ ID: z.string(), Name: z.string(), Description: z.string() }));

export default defineAction({
  description: 'Lists all ACL policies, without their rules.',
  retry: RETRY,
  input: z.object({}),
  output: z.object({ policies: z.array(z.object({ name: z.string(), id: z.string(), description: z.string() })) }),
  async run(context) {
    const all = listSchema.parse(await askAcl('GET', 'policies', undefined, 'Listing the ACL policies', context));
    return { policies: all.map(({ ID, Name, Description }) => ({ name: Name, id: ID, description: Description })) };
  },
});
