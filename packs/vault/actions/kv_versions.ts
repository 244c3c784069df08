import { defineAction, z } from 'petrel/sdk';
import { askVault, RETRY } from '../lib/client.ts';
import { pathParameter } from '../lib/paths.ts';

const metadataSchema = z.object({
  current_version: z.number(),
  versions: z.record(z.string(), z.object({ deletion_time: z.string(), destroyed: z.boolean() })),
});

/** Asked at once; Vault answers each from memory. */
const AT_ONCE = 8;

export default defineAction({
  description:
    'Says which version of each secret is the current one, without reading any: one request for the metadata of each.',
  retry: RETRY,
  input: z.object({ paths: z.array(pathParameter) }),
  output: z.object({
    versions: z.array(
      z.object({
        path: z.string(),
        version: z.number().nullable().describe('Null: there is none, or the current one is deleted.'),
      }),
    ),
  }),
  async run(context) {
    const { paths } = context.input;
    const found = new Map<string, number | null>();
    const left = paths.values();
    const ask = async () => {
      for (const path of left) {
        const what = `Looking at the versions of the secret ${path}`;
        const { data, status } = await askVault({ method: 'GET', face: 'metadata', path, what }, context);
        found.set(path, status === 404 ? null : currentOf(metadataSchema.parse(data)));
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, paths.length) }, ask));
    return { versions: paths.map((path) => ({ path, version: found.get(path) ?? null })) };
  },
});

function currentOf({ current_version, versions }: z.output<typeof metadataSchema>): number | null {
  const current = versions[String(current_version)];
  if (current === undefined || current.destroyed) return null;
  // A time in the future is one at which it will be deleted.
  const isDeleted = current.deletion_time !== '' && Date.parse(current.deletion_time) <= Date.now();
  return isDeleted ? null : current_version;
}
