import { defineAction, z } from 'petrel/sdk';
import { ask, RETRY } from '../lib/errors.ts';
import {
  contentParameters,
  findSecret,
  ownedSecretParameters,
  ownerOf,
  says,
  wishedSecret,
} from '../lib/owned-secret.ts';

export default defineAction({
  description: "Writes values of the datastore into a Secret, without showing them. Somebody else's Secret is refused.",
  retry: RETRY,
  input: z.object({ ...ownedSecretParameters, ...contentParameters }),
  output: z.object({ namespace: z.string(), name: z.string(), changed: z.boolean() }),
  async run(context) {
    const { namespace, name, owner } = context.input;
    const wished = await wishedSecret(context.input, context);
    if ('missing' in wished) {
      throw new Error(`The Secret ${namespace}/${name} cannot be written: the datastore has no key ${wished.missing}.`);
    }
    const found = await findSecret({ namespace, name }, context);
    if (found !== undefined && ownerOf(found) !== owner) {
      throw new Error(
        `The Secret ${namespace}/${name} is there and belongs to ${ownerOf(found) ?? 'somebody else'}. It was left alone; remove it, or use another name.`,
      );
    }
    if (found !== undefined && says(found, wished.data)) return { namespace, name, changed: false };
    const options = { fieldManager: 'petrel-secrets', force: true, signal: context.signal };
    await ask(context.kubernetes.apply(wished.object, options));
    return { namespace, name, changed: true };
  },
});
