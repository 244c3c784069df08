import { defineAction, z } from 'petrel/sdk';
import { askFor, RETRY } from '../lib/errors.ts';
import { findSecret, ownedSecretParameters, ownerOf, referenceTo } from '../lib/owned-secret.ts';

export default defineAction({
  description:
    "Deletes a Secret that secret_write has written. A missing one is a success, and somebody else's is left alone.",
  retry: RETRY,
  input: z.object(ownedSecretParameters),
  output: z.object({ existed: z.boolean().describe('False when there was nothing to delete.') }),
  async run(context) {
    const { namespace, name, owner } = context.input;
    const found = await findSecret({ namespace, name }, context);
    if (found === undefined || ownerOf(found) !== owner) return { existed: false };
    const { uid } = found.metadata;
    const options = { signal: context.signal, ...(uid !== undefined && { uid }) };
    await askFor(context.kubernetes.delete(referenceTo({ namespace, name }), options));
    return { existed: true };
  },
});
