import { defineAction, z } from 'petrel/sdk';
import { accessorOf, findToken, keyOfToken, ownerOfToken } from '../lib/acl.ts';
import { RETRY } from '../lib/client.ts';

export default defineAction({
  description: 'Reads an ACL token without its secret, by accessor or owner. A missing one is an answer, found: false.',
  retry: RETRY,
  input: z.object({
    accessor: z.string().min(1).nullish().describe('Either this or owner.'),
    owner: ownerOfToken.nullish(),
    key: keyOfToken.nullish().describe('The datastore key that should hold its secret.'),
  }),
  output: z.object({
    found: z.boolean(),
    accessor: z.string(),
    description: z.string(),
    policies: z.array(z.string()),
    kept: z.boolean().describe('Whether the datastore key holds its secret.'),
  }),
  async run(context) {
    const { owner, key } = context.input;
    const accessor = context.input.accessor ?? (owner ? accessorOf(owner) : '');
    if (accessor === '') throw new Error('Reading an ACL token failed: it needs either "accessor" or "owner".');
    const token = await findToken(accessor, `Reading the ACL token ${accessor}`, context);
    if (token === undefined) return { found: false, accessor, description: '', policies: [], kept: false };
    if (token.SecretID !== undefined) context.secret(token.SecretID);
    const kept = key ? (await context.datastore.get(key)) === token.SecretID : false;
    return { found: true, accessor, description: token.Description, policies: token.Policies, kept };
  },
});
