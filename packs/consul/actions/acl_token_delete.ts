import { defineAction, z } from 'petrel/sdk';
import { accessorOf, askAcl, findToken, keyOfToken, ownerOfToken } from '../lib/acl.ts';
import { RETRY } from '../lib/client.ts';

export default defineAction({
  description: 'Deletes an ACL token, by accessor or owner, and forgets the datastore key. A missing one is a success.',
  retry: RETRY,
  input: z.object({
    accessor: z.string().min(1).nullish().describe('Either this or owner.'),
    owner: ownerOfToken
      .nullish()
      .describe("An owner's token; one of this accessor that has another owner is left alone."),
    key: keyOfToken.nullish().describe('The datastore key to be removed with it.'),
  }),
  output: z.object({ existed: z.boolean().describe('False when there was nothing to delete.') }),
  async run(context) {
    const { owner, key } = context.input;
    const accessor = context.input.accessor ?? (owner ? accessorOf(owner) : '');
    if (accessor === '') throw new Error('Deleting an ACL token failed: it needs either "accessor" or "owner".');
    const what = `Deleting the ACL token ${accessor}`;
    const token = await findToken(accessor, what, context);
    const isMeant = token !== undefined && (!owner || token.Description === owner);
    if (isMeant) await askAcl('DELETE', `token/${accessor}`, undefined, what, context);
    if (key) await context.datastore.delete(key);
    return { existed: isMeant };
  },
});
