import type { Datastore, StepContext } from 'petrel/sdk';
import { readNote } from './note.ts';
import { generatePassword, passwordPrefix } from './password.ts';

/** The key, with a password in it: kept before anything is made with it, so that whoever is cut short goes on with the same. */
export async function ownPassword(key: string, { datastore, logger }: Pick<StepContext, 'datastore' | 'logger'>) {
  if ((await datastore.get(key)) === undefined) {
    await datastore.set(key, generatePassword(), { secret: true });
    logger.info(`Generated a password; it is kept encrypted as ${key}.`);
  }
  return key;
}

/** The key of what a replica follows, whose users it has. */
export async function sourcePassword(
  { id, uid }: { readonly id: string; readonly uid: string },
  { datastore }: { readonly datastore: Datastore },
): Promise<string> {
  const key = (await readNote(datastore, uid))?.password_key ?? null;
  if (key === null) throw new Error(`Nothing is known of the password of ${id}, which is to be followed.`);
  return key;
}

/** Forgets passwords that hold no more. */
export async function settlePasswords(
  uid: string,
  current: string,
  { datastore }: { readonly datastore: Datastore },
): Promise<void> {
  for (const { name } of await datastore.list(passwordPrefix(uid))) if (name !== current) await datastore.delete(name);
}
