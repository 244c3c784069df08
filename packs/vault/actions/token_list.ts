import { defineAction, z } from 'petrel/sdk';
import { RETRY } from '../lib/client.ts';
import { listTokens, tokenView } from '../lib/tokens.ts';

export default defineAction({
  description: 'Lists tokens without their secrets: all that there are, or those whose owner begins so.',
  retry: RETRY,
  input: z.object({ owner_prefix: z.string().nullish().describe('Only tokens whose owner begins with this.') }),
  output: z.object({ tokens: z.array(tokenView) }),
  async run(context) {
    const { owner_prefix: prefix } = context.input;
    const all = await listTokens('Listing the tokens', context);
    return { tokens: prefix ? all.filter(({ owner }) => owner?.startsWith(prefix)) : all };
  },
});
