import { defineAction, z } from 'petrel/sdk';
import { askConsul, RETRY } from '../lib/client.ts';
import { keyParameter, keyPath, prefixParameter } from '../lib/keys.ts';

export default defineAction({
  description: 'Deletes one key, or with recurse all keys that begin with it. Keys that are not there are no error.',
  retry: RETRY,
  input: z.object({
    key: prefixParameter.min(1),
    recurse: z
      .boolean()
      .default(false)
      .describe('Deletes every key that begins with this text: "app" takes "apple" along, "app/" does not.'),
    cas: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('The modify_index the key must still have. Not together with recurse.'),
  }),
  output: z.object({ key: z.string(), deleted: z.literal(true) }),
  async run(context) {
    const { key, recurse, cas } = context.input;
    if (recurse && cas !== undefined)
      throw new Error(`Deleting below ${key} failed: cas and recurse do not go together.`);
    if (!recurse) keyParameter.parse(key);
    const query = { ...(recurse ? { recurse: 'true' } : {}), ...(cas === undefined ? {} : { cas: String(cas) }) };
    const what = recurse ? `Deleting all keys below ${key}` : `Deleting the key ${key}`;
    const { text } = await askConsul({ method: 'DELETE', path: keyPath(key), query, what }, context);
    if (text.trim() === 'true') return { key, deleted: true } as const;
    throw new Error(`${what} failed: it is not at index ${cas ?? ''} any more; somebody else has changed it.`);
  },
});
