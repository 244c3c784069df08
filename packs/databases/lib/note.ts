import { type Datastore, z } from 'petrel/sdk';
import { server } from './classes.ts';
import { deletionPolicy } from './deletion.ts';

/**
 * What Petrel must know of a database whatever became of its class and its object. It is written before anything is made, and goes
 * last.
 */
const note = z.object({
  owner: z.string(),
  provider: z.enum(['rds', 'server']),
  /** Of the provider `server`. */
  server: server.nullable(),
  deletion_policy: deletionPolicy.default('delete'),
  /** Whether the paths in Consul and Vault are ours. */
  claimed: z.boolean().default(false),
  /** Names of the Secrets in the namespace that may be there; the last is the one that is wished. */
  secrets: z.array(z.string()).default([]),
  /** Where the password is that is published. */
  password_key: z.string().nullable().default(null),
  rotation: z.string().nullable().default(null),
  /** Which version of the secret in Vault is ours. */
  vault_version: z.number().nullable().default(null),
  /** Of the Secret in the namespace, as it was written. */
  secret_digest: z.string().nullable().default(null),
  /** When the former user of a server is to go. Epoch milliseconds. */
  retire_at: z.number().nullable().default(null),
});

export type Note = z.output<typeof note>;

const nameOf = (uid: string) => `databases.${uid}.note`;

export async function readNote(datastore: Datastore, uid: string): Promise<Note | null> {
  const text = await datastore.get(nameOf(uid));
  return text === undefined ? null : note.parse(JSON.parse(text));
}

export async function writeNote(datastore: Datastore, uid: string, value: z.input<typeof note>): Promise<Note> {
  const parsed = note.parse(value);
  await datastore.set(nameOf(uid), JSON.stringify(parsed));
  return parsed;
}

export const hasNote = async (datastore: Datastore, uid: string) => (await datastore.get(nameOf(uid))) !== undefined;

/** Below this lies what a look was not sure of, by what it is about and uid. */
export const DOUBTS = 'databases.doubts.';

/** Everything that is kept of a database. */
export async function forget(datastore: Datastore, uid: string): Promise<null> {
  for (const { name } of await datastore.list(`databases.${uid}.`)) await datastore.delete(name);
  for (const { name } of await datastore.list(DOUBTS)) if (name.endsWith(`.${uid}`)) await datastore.delete(name);
  return null;
}
