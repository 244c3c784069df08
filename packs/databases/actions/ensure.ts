import { defineWorkflow, z } from 'petrel/sdk';
import { serverOf } from '../lib/admin.ts';
import { readNote, writeNote } from '../lib/note.ts';
import { passwordKey } from '../lib/password.ts';
import { ownPassword, settlePasswords, sourcePassword } from '../lib/passwords.ts';
import type { Plan, Refusal } from '../lib/plan.ts';
import { claimPaths, publish } from '../lib/publication.ts';
import { outputs as outputsSchema, owner, spec, subject } from '../lib/subject.ts';

interface Made {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  readonly password_key: string;
  readonly engine_version: string;
  readonly storage_gb?: number;
  readonly retiring?: string | null;
}

export default defineWorkflow({
  description: 'Brings a database to what its object wishes, wherever it stands, and tells its users where it is.',
  input: z.object({
    owner,
    object: subject,
    spec: spec.describe('The spec of the object.'),
    outputs: outputsSchema.partial().describe('What this answered last.'),
  }),
  output: z.object({
    outputs: outputsSchema.optional(),
    waiting: z.object({ reason: z.string(), message: z.string() }).optional(),
  }),
  async run({ input, config, step, child, sleep, race, now }) {
    const { owner, object, outputs: before } = input;
    const { uid, namespace } = object;
    const calls = { config, step, child };

    const specified = await child<{ result: { plan: Plan | null; refused: Refusal | null } }>(
      'specification',
      'databases.specification',
      { owner, object, spec: input.spec },
    );
    const { plan, refused } = specified.result;
    if (plan === null) return { waiting: refused ?? { reason: 'Refused', message: 'It was refused.' } };
    const { limits, storage_gb } = plan;
    if (limits.databases !== undefined || limits.storage_gb !== undefined) {
      const request = { namespace, object, class: plan.class, storage_gb, limits };
      const { result } = await child<{ result: { refused: Refusal | null } }>(
        'allowance',
        'databases.allowance',
        request,
      );
      if (result.refused !== null) return { waiting: result.refused };
    }

    const { provider, server, deletion_policy } = plan;
    const note = await step('note', async ({ datastore }) => {
      const known = await readNote(datastore, uid);
      if (known !== null && known.provider !== provider) {
        throw new Error(
          `This database was made by the provider ${known.provider}, and its class ${plan.class} says ${provider} now. Give it back its class, or make another database.`,
        );
      }
      const others = (known?.secrets ?? []).filter((name) => name !== plan.secret);
      const secrets = [...others, ...(plan.secret === null ? [] : [plan.secret])];
      const { tag } = owner;
      return await writeNote(datastore, uid, { ...known, owner: tag, provider, server, deletion_policy, secrets });
    });
    const claim = { tag: owner.tag, path: plan.consul_path, known: note.claimed };
    await claimPaths(claim, calls);
    if (!note.claimed) {
      await step('claimed', ({ datastore }) => writeNote(datastore, uid, { ...note, claimed: true }));
    }

    const former = note.password_key;
    const outputsOf = (made: Made) => ({
      provider,
      instance: provider === 'rds' ? plan.id : made.database,
      engine: plan.engine,
      engineVersion: made.engine_version,
      endpoint: made.host,
      port: made.port,
      database: made.database,
      storageGb: made.storage_gb ?? storage_gb,
      consulPath: plan.consul_path,
      vaultPath: plan.vault_path,
      vaultPolicy: plan.policy,
      ...(plan.secret !== null && { secret: plan.secret }),
      ...(deletion_policy === 'snapshot' && provider === 'rds' && { snapshot: `${plan.id}-final` }),
    });
    const ensureOnRds = async (): Promise<Made> => {
      const { id, engine, engine_version, instance, username, rotation, restore_from, replica_of } = plan;
      const password_key =
        replica_of === null
          ? await step('password', (context) => ownPassword(passwordKey(uid, rotation), context))
          : await step('password', (context) => sourcePassword(replica_of, context));
      const known = outputsSchema.safeParse(before);
      if (former !== null && former !== password_key && replica_of === null && known.success) {
        // Whoever reads now finds both: which one holds is not known until the instance has applied the new one.
        const now = { made: known.data, username, password_key, previous_key: former };
        await publish({ plan, object, tag: owner.tag, formerSecrets: note.secrets, ...now }, calls);
      }
      const request = { owner, uid, id, engine, engine_version, instance, storage_gb, username, rotation };
      const asked = { ...request, password_key, restore_from, replica_of };
      return (await child<{ result: Made }>('provide', 'databases.rds_ensure', asked)).result;
    };
    const ensureOnServer = async (): Promise<Made> => {
      if (server === null) throw new Error(`The class ${plan.class} says no server.`);
      const { rotation } = plan;
      const { engine, overlap } = server;
      const place = { owner, engine, server: await serverOf(server, calls), rotation, overlap };
      const asked = { ...place, previous_rotation: note.rotation };
      return (await child<{ result: Made }>('provide', 'databases.server_ensure', asked)).result;
    };
    const made = provider === 'rds' ? await ensureOnRds() : await ensureOnServer();

    const { username, password_key } = made;
    const result = outputsOf(made);
    const publication = { plan, object, tag: owner.tag, formerSecrets: note.secrets };
    const seal = await publish({ ...publication, made: result, username, password_key, previous_key: null }, calls);

    let retire_at: number | null = null;
    if (server !== null && (made.retiring ?? null) !== null) {
      const { engine, overlap } = server;
      const request = { owner, engine, server: await serverOf(server, calls) };
      // From now on the former user's time runs out; the look at all databases says when it is over.
      const begun = note.rotation === plan.rotation ? note.retire_at : null;
      retire_at = begun ?? now() + overlap * 1000;
      const retired = await race([
        child('retire', 'databases.server_retire', request),
        sleep('patience', Math.min(5, overlap + 5)),
      ]);
      if (retired !== undefined && retired !== null) retire_at = null;
    }
    await step('remember', async ({ datastore }) => {
      const secrets = plan.secret === null ? [] : [plan.secret];
      const published = { password_key, rotation: plan.rotation, secrets, retire_at, ...seal };
      await writeNote(datastore, uid, { ...note, claimed: true, ...published });
      await settlePasswords(uid, password_key, { datastore });
      return null;
    });
    return { outputs: result };
  },
});
