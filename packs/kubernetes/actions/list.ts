import { defineAction, z } from 'petrel/sdk';
import { ask, RETRY } from '../lib/errors.ts';
import { kindParameters, objectSchema, optionalText } from '../lib/parameters.ts';
import { guard } from '../lib/secrets.ts';

export default defineAction({
  description: 'Lists the objects of a kind.',
  retry: RETRY,
  input: z.object({
    ...kindParameters,
    namespace: optionalText.describe('Only this namespace. Default: all of them.'),
    label_selector: optionalText.describe('Only objects with these labels, e.g. app=web,tier!=test.'),
    field_selector: optionalText.describe('Only objects with these fields, e.g. metadata.name=web.'),
  }),
  output: z.object({ count: z.number(), items: z.array(objectSchema) }),
  async run(context) {
    const { api_version, kind, namespace, label_selector, field_selector } = context.input;
    const items = await ask(
      context.kubernetes.list(api_version, kind, {
        signal: context.signal,
        ...(namespace === undefined ? {} : { namespace }),
        ...(label_selector === undefined ? {} : { labelSelector: label_selector }),
        ...(field_selector === undefined ? {} : { fieldSelector: field_selector }),
      }),
    );
    return { count: items.length, items: items.map((item) => guard(item, context)) };
  },
});
