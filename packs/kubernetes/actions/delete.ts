import { defineAction, z } from 'petrel/sdk';
import { askFor, RETRY } from '../lib/errors.ts';
import { objectParameters, optionalText, referenceOf } from '../lib/parameters.ts';

export default defineAction({
  description: 'Deletes an object. One that is not there is as good as deleted: existed is false.',
  retry: RETRY,
  input: z.object({
    ...objectParameters,
    uid: optionalText.describe('Delete only the object with this uid, not a later one of the same name.'),
    propagation_policy: z
      .enum(['Foreground', 'Background', 'Orphan'])
      .optional()
      .describe('What happens to the objects it owns. Default: as the kind has it.'),
  }),
  output: z.object({ existed: z.boolean() }),
  async run({ input, kubernetes, signal }) {
    const { uid, propagation_policy: propagationPolicy } = input;
    const options = {
      signal,
      ...(uid === undefined ? {} : { uid }),
      ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    };
    const answer = await askFor(kubernetes.delete(referenceOf(input), options).then(() => true));
    return { existed: answer === true };
  },
});
