import { defineAction, z } from 'petrel/sdk';
import { ask, RETRY } from '../lib/errors.ts';
import { objectParameters, objectSchema, optionalText, referenceOf } from '../lib/parameters.ts';
import { guard } from '../lib/secrets.ts';

export default defineAction({
  description: 'Changes some fields of an object.',
  retry: RETRY,
  input: z.object({
    ...objectParameters,
    patch: z
      .union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown()))])
      .describe('An object for the types merge and strategic, a list of operations for json.'),
    type: z.enum(['merge', 'json', 'strategic']).default('merge').describe('How the patch is read.'),
    subresource: optionalText.describe('E.g. status or scale.'),
  }),
  output: z.object({ object: objectSchema }),
  async run(context) {
    const { patch, type, subresource } = context.input;
    const options = { type, signal: context.signal, ...(subresource === undefined ? {} : { subresource }) };
    const patched = await ask(context.kubernetes.patch(referenceOf(context.input), patch, options));
    return { object: guard(patched, context) };
  },
});
