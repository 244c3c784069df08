import { defineAction, z } from 'petrel/sdk';
import { askConsul, RETRY } from '../lib/client.ts';
import { entrySchema, parseEntry } from '../lib/keys.ts';

const operationSchema = z.object({
  verb: z
    .enum(['set', 'cas', 'get', 'get-tree', 'delete', 'delete-tree', 'delete-cas', 'check-index', 'check-not-exists'])
    .default('set')
    .describe('What to do with the key.'),
  key: z.string().min(1).describe('The key; for the -tree verbs a prefix.'),
  value: z.string().optional().describe('The value, for set and cas.'),
  flags: z.number().int().min(0).optional(),
  index: z.number().int().min(0).optional().describe('The modify_index, for cas, delete-cas and check-index.'),
});

const answerSchema = z.object({
  Results: z
    .array(z.object({ KV: z.unknown() }))
    .nullable()
    .default([]),
  Errors: z
    .array(z.object({ OpIndex: z.number(), What: z.string() }))
    .nullable()
    .default([]),
});

export default defineAction({
  description: 'Does several things with keys at once: all of them, or none when one is refused.',
  retry: RETRY,
  input: z.object({
    operations: z.array(operationSchema).min(1).max(64).describe('What to do, in order. Consul takes at most 64.'),
  }),
  output: z.object({ entries: z.array(entrySchema).describe('The keys written or read; values only of those read.') }),
  async run(context) {
    const operations = context.input.operations.map(({ verb, key, value, flags, index }) => ({
      KV: {
        Verb: verb,
        Key: key,
        ...(value === undefined ? {} : { Value: Buffer.from(value).toString('base64') }),
        ...(flags === undefined ? {} : { Flags: flags }),
        ...(index === undefined ? {} : { Index: index }),
      },
    }));
    const what = `The transaction of ${operations.length} operation${operations.length === 1 ? '' : 's'}`;
    const request = { method: 'PUT', path: '/v1/txn', body: JSON.stringify(operations), what, accept: [409] } as const;
    const { status, text } = await askConsul(request, context);
    const answer = answerSchema.parse(JSON.parse(text));
    if (status === 409) {
      const reasons = (answer.Errors ?? []).map(({ OpIndex, What }) => {
        const refused = context.input.operations[OpIndex];
        return `operation ${OpIndex + 1} (${refused?.verb} ${refused?.key}): ${What}`;
      });
      throw new Error(`${what} was rolled back: ${reasons.join('; ')}.`);
    }
    return { entries: (answer.Results ?? []).map((result) => parseEntry(result.KV)) };
  },
});
