import { defineAction, z } from 'petrel/sdk';
import { RETRY } from '../lib/client.ts';
import {
  createToken,
  keyOfToken,
  lookupToken,
  ownerOfToken,
  policiesParameter,
  revokeOwned,
  type TokenView,
} from '../lib/tokens.ts';

export default defineAction({
  description:
    'Makes sure that an owner has one token with these policies, kept encrypted in the datastore. One that fits is kept; all others of the owner are revoked.',
  retry: RETRY,
  input: z.object({
    owner: ownerOfToken,
    policies: policiesParameter,
    key: keyOfToken,
    period: z.number().int().min(60).nullish().describe('Seconds: it lives as long as it is renewed that often.'),
    ttl: z.number().int().min(60).nullish().describe("Seconds that it lives; default Vault's own."),
    display_name: z.string().min(1).nullish().describe('What audit logs call it.'),
  }),
  output: z.object({
    accessor: z.string(),
    key: z.string(),
    policies: z.array(z.string()),
    created: z.boolean().describe('False when the one that was there has been kept.'),
  }),
  async run(context) {
    const { owner, key, period, ttl, display_name } = context.input;
    const policies = [...new Set(context.input.policies)].filter((policy) => policy !== 'default').sort();
    const what = `Making a token for ${owner}`;
    const known = await context.datastore.get(key);
    const found = known === undefined ? undefined : await lookupToken({ token: context.secret(known) }, what, context);
    const isFit = found?.owner === owner && sameWishes(found, policies, period ?? 0);
    const accessor = isFit ? found.accessor : await make();
    // Also those that were made by a run which was cut short before it could keep them.
    await revokeOwned(owner, accessor, what, context);
    return { accessor, key, policies, created: !isFit };

    async function make(): Promise<string> {
      const wishes = { owner, policies, period: period ?? undefined, ttl: ttl ?? undefined };
      const made = await createToken({ ...wishes, displayName: display_name ?? undefined }, what, context);
      context.secret(made.token);
      await context.datastore.set(key, made.token, { secret: true });
      return made.accessor;
    }
  },
});

function sameWishes(found: TokenView, policies: readonly string[], period: number): boolean {
  return found.policies.join() === policies.join() && found.period === period;
}
