import { defineAction, z } from 'petrel/sdk';
import { ask, RETRY } from '../lib/errors.ts';
import { objectSchema, optionalText } from '../lib/parameters.ts';
import { guard } from '../lib/secrets.ts';

export default defineAction({
  description:
    'Creates an object or brings it to the given state by server-side apply. Fields not given are left alone.',
  retry: RETRY,
  input: z.object({
    object: objectSchema.describe('The object: apiVersion, kind, metadata.name and the fields to be owned.'),
    field_manager: z.string().min(1).default('petrel').describe('In whose name the fields are owned.'),
    force: z.boolean().default(false).describe('Take over fields that others own, instead of failing.'),
    subresource: optionalText.describe('E.g. status.'),
  }),
  output: z.object({ object: objectSchema }),
  async run(context) {
    const { object, field_manager: fieldManager, force, subresource } = context.input;
    const options = {
      fieldManager,
      force,
      signal: context.signal,
      ...(subresource === undefined ? {} : { subresource }),
    };
    return { object: guard(await ask(context.kubernetes.apply(object, options)), context) };
  },
});
