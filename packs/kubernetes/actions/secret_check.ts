import { defineAction, z } from 'petrel/sdk';
import { RETRY } from '../lib/errors.ts';
import {
  contentParameters,
  findSecret,
  ownedSecretParameters,
  ownerOf,
  says,
  wishedSecret,
} from '../lib/owned-secret.ts';

export default defineAction({
  description: 'Says whether a Secret is as secret_write would write it, without showing it.',
  retry: RETRY,
  input: z.object({ ...ownedSecretParameters, ...contentParameters }),
  output: z.object({
    existed: z.boolean(),
    owned: z.boolean().describe("Whether it is the owner's."),
    matches: z.boolean().describe('Whether nothing would be written.'),
  }),
  async run(context) {
    const { namespace, name, owner } = context.input;
    const wished = await wishedSecret(context.input, context);
    const found = await findSecret({ namespace, name }, context);
    if (found === undefined) return { existed: false, owned: false, matches: false };
    const owned = ownerOf(found) === owner;
    return { existed: true, owned, matches: owned && 'data' in wished && says(found, wished.data) };
  },
});
