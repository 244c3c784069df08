import { defineAction, z } from 'petrel/sdk';
import { askAcl, findPolicy, policyName } from '../lib/acl.ts';
import { RETRY } from '../lib/client.ts';

export default defineAction({
  description: 'Deletes an ACL policy; tokens that have it lose it. A missing one is a success.',
  retry: RETRY,
  input: z.object({
    name: policyName,
    description: z.string().nullish().describe('Delete it only if this is its description; any other is left alone.'),
  }),
  output: z.object({ name: z.string(), existed: z.boolean().describe('False when there was nothing to delete.') }),
  async run(context) {
    const { name, description } = context.input;
    const what = `Deleting the ACL policy ${name}`;
    const found = await findPolicy(name, what, context);
    if (found === undefined || (description && found.Description !== description)) return { name, existed: false };
    await askAcl('DELETE', `policy/${found.ID}`, undefined, what, context);
    return { name, existed: true };
  },
});
