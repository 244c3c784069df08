import { defineWorkflow, type StepContext, z } from 'petrel/sdk';
import { serverOf } from '../lib/admin.ts';
import { readClass } from '../lib/classes.ts';
import { deletionPolicy, policyOf } from '../lib/deletion.ts';
import { finalSnapshot, instanceId, placesOf } from '../lib/names.ts';
import { forget, readNote } from '../lib/note.ts';
import { ownerKey } from '../lib/publication.ts';
import { removeSecret } from '../lib/secrets.ts';
import { owner, specOf, subject } from '../lib/subject.ts';

export default defineWorkflow({
  description:
    'Takes a database away with all that was published of it, whatever of it exists; unless it is to be retained.',
  input: z.object({
    owner,
    object: subject,
    spec: z.record(z.string(), z.unknown()).describe('The spec of the object; empty when the object is not known.'),
    policy: deletionPolicy
      .optional()
      .describe('Default: what the object says, where its class allows it, or the class.'),
  }),
  output: z.object({
    snapshot: z.string().nullable(),
    retained: z.boolean().describe('Nothing was taken away, since that is the policy.'),
  }),
  async run({ input, config, step, child }) {
    const { owner, object, spec } = input;
    const { namespace, name, uid } = object;
    const { tag } = owner;
    const { note, place } = await step('place', async (context) => {
      const note = await readNote(context.datastore, uid);
      const said = await placeOf(object.kind, spec, { ...context, config });
      const deletion_policy = input.policy ?? said.deletion_policy ?? note?.deletion_policy ?? 'delete';
      return { note, place: { ...said, ...note, deletion_policy } };
    });
    if (place.deletion_policy === 'retain') return { snapshot: null, retained: true };
    const { consul_path, vault_path } = placesOf(config, namespace, name);

    const marked = await child<{ result: { value: string | null } }>('owner', 'consul.kv_get', {
      key: ownerKey(consul_path),
    });
    const { value } = marked.result;
    if (value === tag || (value === null && note?.claimed === true)) {
      await child('credentials', 'vault.kv_delete', { path: vault_path });
      await child('configuration', 'consul.kv_delete', { key: `${consul_path}/`, recurse: true });
    }
    const secrets = note?.secrets ?? [];
    if (secrets.length > 0) {
      await step('secrets', async ({ kubernetes, signal }) => {
        for (const name of secrets) await removeSecret({ namespace, name, tag }, { kubernetes, signal });
        return null;
      });
    }
    await child('policy', 'databases.policy', { namespace, without: uid });

    const id = instanceId(owner.name);
    const snapshot = place.deletion_policy === 'snapshot' && place.provider === 'rds' ? finalSnapshot(id) : null;
    if (place.provider === 'rds') {
      await child('withdraw', 'databases.rds_remove', { owner, id, snapshot });
    } else if (place.server !== null) {
      const server = await serverOf(place.server, { step, child });
      await child('withdraw', 'databases.server_remove', { owner, engine: place.server.engine, server });
    }

    const allowance = { namespace, object, class: '', storage_gb: 0, limits: {}, release: true };
    await child('allowance', 'databases.allowance', allowance);
    await step('forget', ({ datastore }) => forget(datastore, uid));
    return { snapshot, retained: false };
  },
});

/** Where a database of that spec is, and what is to become of it, as far as spec and class say. */
async function placeOf(kind: string, given: Record<string, unknown>, context: StepContext) {
  const spec = specOf(kind, given);
  const chosen = await readClass(spec.class, context);
  return {
    provider: chosen?.provider ?? ('rds' as const),
    server: chosen?.server ?? null,
    // Of an object that is not known only what was noted counts.
    deletion_policy:
      chosen === undefined || Object.keys(given).length === 0 ? undefined : policyOf(chosen, spec.deletionPolicy),
  };
}
