import { defineAction, z } from 'petrel/sdk';
import { askConsul, RETRY } from '../lib/client.ts';
import { entrySchema, keyParameter, keyPath, parseEntries } from '../lib/keys.ts';

export default defineAction({
  description: 'Reads one key. A missing one is an answer (found is false, value is null), not a failure.',
  retry: RETRY,
  input: z.object({ key: keyParameter }),
  output: z.object({
    key: z.string(),
    found: z.boolean(),
    value: z.string().nullable(),
    entry: entrySchema.nullable(),
  }),
  async run(context) {
    const { key } = context.input;
    const request = { method: 'GET', path: keyPath(key), what: `Reading the key ${key}`, accept: [404] } as const;
    const { status, text } = await askConsul(request, context);
    const [entry] = status === 404 ? [] : parseEntries(text);
    return { key, found: entry !== undefined, value: entry?.value ?? null, entry: entry ?? null };
  },
});
