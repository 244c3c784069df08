import { defineAction, z } from 'petrel/sdk';
import { askVault, RETRY } from '../lib/client.ts';
import { keyOfToken, lookupToken, tokenView } from '../lib/tokens.ts';

export default defineAction({
  description:
    'Looks up a token, by its accessor or by the datastore key that holds it. A missing one is an answer, found: false.',
  retry: RETRY,
  input: z.object({
    accessor: z.string().min(1).nullish().describe('Either this or key.'),
    key: keyOfToken.nullish(),
    renew: z.boolean().default(false).describe('Renew a periodic token of which less than half of its period is left.'),
  }),
  output: z.object({ found: z.boolean(), token: tokenView.nullable() }),
  async run(context) {
    const { accessor, key, renew } = context.input;
    const what = `Looking up the token ${accessor ?? `in ${key}`}`;
    if ((accessor ?? null) === null && (key ?? null) === null) {
      throw new Error(`${what} failed: it needs either "accessor" or "key".`);
    }
    const known = key ? await context.datastore.get(key) : undefined;
    if (known !== undefined) context.secret(known);
    const by = accessor ? { accessor } : known === undefined ? undefined : { token: known };
    const token = by === undefined ? undefined : await lookupToken(by, what, context);
    if (token === undefined) return { found: false, token: null };
    if (!renew || token.period === 0 || token.ttl > token.period / 2) return { found: true, token };
    const body = { accessor: token.accessor };
    await askVault({ method: 'POST', face: 'tokens', path: 'renew-accessor', body, what: `Renewing ${what}` }, context);
    return { found: true, token: { ...token, ttl: token.period } };
  },
});
