import { defineAction, z } from 'petrel/sdk';
import { accessorOf, askAcl, findToken, keyOfToken, ownerOfToken, policyName, tokenSchema } from '../lib/acl.ts';
import { RETRY } from '../lib/client.ts';

export default defineAction({
  description:
    'Makes sure that an owner has an ACL token with these policies, its secret kept encrypted in the datastore. One that is there gets the policies.',
  retry: RETRY,
  input: z.object({
    owner: ownerOfToken,
    policies: z.array(policyName).min(1).describe('What the token may do.'),
    key: keyOfToken,
  }),
  output: z.object({
    accessor: z.string(),
    key: z.string(),
    policies: z.array(z.string()),
    created: z.boolean().describe('False when there was one.'),
  }),
  async run(context) {
    const { owner, key } = context.input;
    const policies = [...new Set(context.input.policies)].sort();
    const what = `Making an ACL token for ${owner}`;
    const accessor = accessorOf(owner);
    const found = await findToken(accessor, what, context);
    if (found !== undefined && found.Description !== owner) {
      throw new Error(
        `${what} failed: the token ${accessor} is there and belongs to "${found.Description}". It was left alone.`,
      );
    }
    const body = { AccessorID: accessor, Description: owner, Policies: policies.map((Name) => ({ Name })) };
    const isFit = found !== undefined && found.Policies.join() === policies.join();
    const path = found === undefined ? 'token' : `token/${accessor}`;
    const token = isFit ? found : tokenSchema.parse(await askAcl('PUT', path, body, what, context));
    if (token.SecretID === undefined) throw new Error(`${what} failed: Consul does not show its secret.`);
    const secret = context.secret(token.SecretID);
    if ((await context.datastore.get(key)) !== secret) await context.datastore.set(key, secret, { secret: true });
    return { accessor, key, policies, created: found === undefined };
  },
});
