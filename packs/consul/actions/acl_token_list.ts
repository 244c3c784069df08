import { defineAction, z } from 'petrel/sdk';
import { askAcl, tokenSchema } from '../lib/acl.ts';
import { RETRY } from '../lib/client.ts';

export default defineAction({
  description: 'Lists all ACL tokens, without their secrets.',
  retry: RETRY,
  input: z.object({}),
  output: z.object({
    tokens: z.array(z.object({ accessor: z.string(), description: z.string(), policies: z.array(z.string()) })),
  }),
  async run(context) {
    const all = z.array(tokenSchema).parse(await askAcl('GET', 'tokens', undefined, 'Listing the ACL tokens', context));
    return {
      tokens: all.map(({ AccessorID, Description, Policies }) => ({
        accessor: AccessorID,
        description: Description,
        policies: Policies,
      })),
    };
  },
});
