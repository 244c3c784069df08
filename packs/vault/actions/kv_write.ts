import { defineAction, secret, z } from 'petrel/sdk';
import { askVault, RETRY } from '../lib/client.ts';
import { pathParameter } from '../lib/paths.ts';

const writtenSchema = z.object({ version: z.number(), created_time: z.string() });

export default defineAction({
  description: 'Writes a new version of a secret. With cas, fails when somebody else has written in between.',
  retry: RETRY,
  input: z.object({
    path: pathParameter,
    data: secret(
      z.record(z.string(), z.unknown()).describe('The names and values of the secret, every text of which is masked.'),
    ),
    open: z
      .record(z.string(), z.unknown())
      .default({})
      .describe('Further names and values that everybody may see, e.g. a host.'),
    cas: z
      .number()
      .int()
      .min(0)
      .optional()
      .describe('The version that must be the current one; 0: there must be none.'),
  }),
  output: z.object({ path: z.string(), version: z.number(), created_time: z.string() }),
  async run(context) {
    const { path, data, open, cas } = context.input;
    const body = { data: { ...open, ...data }, ...(cas === undefined ? {} : { options: { cas } }) };
    const what = `Writing the secret ${path}`;
    const answer = await askVault({ method: 'POST', face: 'data', path, body, what }, context);
    const written = writtenSchema.parse(answer.data);
    return { path, version: written.version, created_time: written.created_time };
  },
});
