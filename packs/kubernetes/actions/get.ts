import { defineAction, z } from 'petrel/sdk';
import { ask, askFor, RETRY } from '../lib/errors.ts';
import { objectParameters, objectSchema, referenceOf } from '../lib/parameters.ts';
import { guard } from '../lib/secrets.ts';

export default defineAction({
  description: 'Reads one object.',
  retry: RETRY,
  input: z.object({
    ...objectParameters,
    ignore_not_found: z
      .boolean()
      .default(false)
      .describe('Answer existed: false instead of failing when there is none.'),
  }),
  output: z.object({ existed: z.boolean(), object: objectSchema.nullable() }),
  async run(context) {
    const { input, kubernetes, signal } = context;
    const call = kubernetes.get(referenceOf(input), signal);
    const object = input.ignore_not_found ? await askFor(call) : await ask(call);
    return { existed: object !== undefined, object: object === undefined ? null : guard(object, context) };
  },
});
