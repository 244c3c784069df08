import { defineAction, z } from 'petrel/sdk';
import { askConsul, RETRY } from '../lib/client.ts';
import { entrySchema, keyPath, parseEntries, prefixParameter } from '../lib/keys.ts';

export default defineAction({
  description: 'Lists the keys that begin with a prefix, with their values when asked for.',
  retry: RETRY,
  input: z.object({
    prefix: prefixParameter.default(''),
    separator: z
      .string()
      .default('')
      .describe('Cut names off behind this, as a folder listing does: "/" lists one level.'),
    values: z.boolean().default(false).describe('Whether to answer the entries too. Not together with separator.'),
  }),
  output: z.object({ keys: z.array(z.string()), entries: z.array(entrySchema) }),
  async run(context) {
    const { prefix, separator, values } = context.input;
    const what = `Listing the keys below "${prefix}"`;
    if (values && separator !== '') throw new Error(`${what} failed: values and separator do not go together.`);
    const query: Record<string, string> = values
      ? { recurse: 'true' }
      : { keys: 'true', ...(separator === '' ? {} : { separator }) };
    const { status, text } = await askConsul(
      { method: 'GET', path: keyPath(prefix), query, what, accept: [404] },
      context,
    );
    if (status === 404) return { keys: [], entries: [] };
    if (!values) return { keys: z.array(z.string()).parse(JSON.parse(text)), entries: [] };
    const entries = parseEntries(text);
    return { keys: entries.map((entry) => entry.key), entries };
  },
});
