import { defineAction, z } from 'petrel/sdk';
import { RETRY } from '../lib/client.ts';
import { keyOfToken, ownerOfToken, revokeOwned, revokeToken } from '../lib/tokens.ts';

export default defineAction({
  description:
    'Revokes a token by its accessor, or all tokens of an owner, and forgets the datastore key. A missing one is a success.',
  retry: RETRY,
  input: z.object({
    accessor: z.string().min(1).nullish().describe('Either this or owner.'),
    owner: ownerOfToken.nullish(),
    key: keyOfToken.nullish().describe('The datastore key to be removed with it.'),
  }),
  output: z.object({ revoked: z.number().describe('How many there were.') }),
  async run(context) {
    const { accessor, owner, key } = context.input;
    const what = `Revoking the token ${accessor ?? `of ${owner}`}`;
    if ((accessor ? 1 : 0) + (owner ? 1 : 0) !== 1) {
      throw new Error(`${what} failed: it needs either "accessor" or "owner", and not both.`);
    }
    const ofOwner = owner ? await revokeOwned(owner, undefined, what, context) : 0;
    const isRevoked = accessor ? await revokeToken(accessor, what, context) : false;
    if (key) await context.datastore.delete(key);
    return { revoked: ofOwner + Number(isRevoked) };
  },
});
