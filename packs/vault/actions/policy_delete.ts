import { defineAction, z } from 'petrel/sdk';
import { askVault, RETRY } from '../lib/client.ts';
import { commentParameter, policyName, readPolicy, splitComment } from '../lib/policies.ts';

export default defineAction({
  description: 'Deletes an ACL policy. A missing one is a success.',
  retry: RETRY,
  input: z.object({
    name: policyName,
    comment: commentParameter.describe('Delete it only if this is the line above its text; any other is left alone.'),
  }),
  output: z.object({ name: z.string(), existed: z.boolean().describe('False when there was nothing to delete.') }),
  async run(context) {
    const { name, comment } = context.input;
    const what = `Deleting the policy ${name}`;
    const text = await readPolicy(name, what, context);
    const isMeant = comment === undefined || (text !== undefined && splitComment(text).comment === comment);
    if (!isMeant) return { name, existed: false };
    await askVault({ method: 'DELETE', face: 'policies', path: name, what }, context);
    return { name, existed: text !== undefined };
  },
});
