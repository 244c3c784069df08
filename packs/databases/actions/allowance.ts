import { defineAction, z } from 'petrel/sdk';
import { databasesIn, RETRY } from '../lib/cluster.ts';
import { readGrants, writeGrants } from '../lib/grants.ts';
import { refusalOf } from '../lib/limits.ts';
import { refusal } from '../lib/plan.ts';
import { specOf, subject } from '../lib/subject.ts';

export default defineAction({
  description: 'Takes for a database what the limits of its class leave to its namespace, or says why it must wait.',
  retry: RETRY,
  // One after the other, so that no two take the same room.
  concurrencyKey: 'databases/allowance/{{ namespace }}',
  input: z.object({
    namespace: z.string(),
    object: subject,
    class: z.string(),
    storage_gb: z.number(),
    limits: z.object({ databases: z.number().optional(), storage_gb: z.number().optional() }),
    release: z.boolean().default(false).describe('Give back what was taken instead.'),
  }),
  output: z.object({ refused: refusal.nullable() }),
  async run({ input, kubernetes, datastore, signal }) {
    const { namespace, object, limits, storage_gb } = input;
    const grants = await readGrants(datastore, namespace);
    if (input.release) {
      grants.delete(object.uid);
      await writeGrants(datastore, namespace, grants);
      return { refused: null };
    }
    const posted = await databasesIn(kubernetes, { namespace, signal });
    const claims = posted.flatMap(({ kind, metadata, spec, status }) => {
      const uid = metadata.uid ?? '';
      const wished = specOf(kind, spec);
      if (wished.class !== input.class && uid !== object.uid) return [];
      const granted = grants.get(uid) ?? givenBefore(status);
      return [{ uid, created: metadata.creationTimestamp ?? '', storageGb: wished.storageGb, granted }];
    });
    const why = refusalOf(object.uid, claims, { databases: limits.databases, storageGb: limits.storage_gb });
    if (why !== undefined) {
      const message = `The namespace ${namespace} has reached its limit of the class ${input.class}: ${why}. Delete what is not needed, or ask the platform team for more; it goes on by itself.`;
      return { refused: { reason: 'LimitReached', message } };
    }
    // What is gone has no claim any more.
    const present = new Set(posted.map(({ metadata }) => metadata.uid));
    for (const uid of grants.keys()) if (!present.has(uid)) grants.delete(uid);
    await writeGrants(datastore, namespace, grants.set(object.uid, Math.max(storage_gb, grants.get(object.uid) ?? 0)));
    return { refused: null };
  },
});

/** Of databases that were made before there was a limit. */
function givenBefore(status: unknown): number | undefined {
  const made = z.object({ outputs: z.object({ storageGb: z.number() }) }).safeParse(status);
  return made.success ? made.data.outputs.storageGb : undefined;
}
