import { defineAction, z } from 'petrel/sdk';
import { askConsul, RETRY } from '../lib/client.ts';
import { keyParameter, keyPath } from '../lib/keys.ts';

export default defineAction({
  description: 'Writes one key. With cas, fails when somebody else has changed the key.',
  retry: RETRY,
  input: z.object({
    key: keyParameter,
    value: z.string().describe('The value. Write JSON as text.'),
    cas: z.number().int().min(0).optional().describe('The modify_index the key must still have; 0: it must not exist.'),
    flags: z.number().int().min(0).optional().describe('A number of your own that is kept with the key.'),
  }),
  output: z.object({ key: z.string(), written: z.literal(true) }),
  async run(context) {
    const { key, value, cas, flags } = context.input;
    const query = {
      ...(cas === undefined ? {} : { cas: String(cas) }),
      ...(flags === undefined ? {} : { flags: String(flags) }),
    };
    const request = { method: 'PUT', path: keyPath(key), query, body: value, what: `Writing the key ${key}` } as const;
    const { text } = await askConsul(request, context);
    if (text.trim() === 'true') return { key, written: true } as const;
    throw new Error(
      cas === 0
        ? `Writing the key ${key} failed: it exists already.`
        : `Writing the key ${key} failed: it is not at index ${cas ?? ''} any more; somebody else has changed it.`,
    );
  },
});
