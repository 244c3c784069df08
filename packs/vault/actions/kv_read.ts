import { type ActionContext, defineAction, secret, z } from 'petrel/sdk';
import { askVault, RETRY } from '../lib/client.ts';
import { pathParameter } from '../lib/paths.ts';

const foundSchema = z.object({
  data: z.record(z.string(), z.unknown()),
  metadata: z.object({ version: z.number(), created_time: z.string() }),
});

const removedSchema = z.object({
  metadata: z.object({ version: z.number(), deletion_time: z.string(), destroyed: z.boolean() }),
});

export default defineAction({
  description:
    'Reads a secret. Every text in it is treated as secret from then on: masked in results, logs and errors.',
  retry: RETRY,
  input: z.object({
    path: pathParameter,
    names: z
      .array(z.string())
      .optional()
      .describe('Answer only these names: what is not answered is not masked everywhere either. Default: all.'),
    version: z.number().int().min(1).optional().describe('Which version. Default: the current one.'),
  }),
  output: z.object({
    path: z.string(),
    data: secret(z.record(z.string(), z.unknown())),
    version: z.number(),
    created_time: z.string(),
  }),
  async run(context) {
    const { path, version, names } = context.input;
    const what = `Reading the secret ${path}`;
    const query: Record<string, string> = version === undefined ? {} : { version: String(version) };
    const { data, status } = await askVault({ method: 'GET', face: 'data', path, query, what }, context);
    if (status === 404) {
      const removed = removedSchema.safeParse(data);
      if (!removed.success)
        throw new Error(`${what} failed: there is no such secret${version === undefined ? '' : ' or version'}.`);
      const { metadata } = removed.data;
      throw new Error(
        `${what} failed: version ${metadata.version} is ${metadata.destroyed ? 'destroyed' : `deleted since ${metadata.deletion_time}`}.`,
      );
    }
    const found = foundSchema.parse(data);
    const wanted = Object.entries(found.data).filter(([name]) => names === undefined || names.includes(name));
    const answered = Object.fromEntries(wanted);
    markTexts(answered, context);
    return { path, data: answered, version: found.metadata.version, created_time: found.metadata.created_time };
  },
});

function markTexts(value: unknown, context: Pick<ActionContext<unknown>, 'secret'>): void {
  if (typeof value === 'string' && value !== '') context.secret(value);
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) markTexts(inner, context);
}
