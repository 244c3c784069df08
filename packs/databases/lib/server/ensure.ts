import { randomBytes } from 'node:crypto';
import type { Datastore } from 'petrel/sdk';
import { generatePassword } from '../password.ts';
import type { ServerAdapter } from './adapter.ts';
import { databaseName, otherSide, passwordPrefix, type Side, userName } from './names.ts';
import type { Owner } from './parameters.ts';
import { type DatabaseRecord, newRecord } from './record.ts';

export interface Wishes {
  readonly owner: Owner;
  readonly rotation: string;
  /** Seconds. */
  readonly overlap: number;
}

export interface Ensured {
  readonly database: string;
  readonly username: string;
  readonly password_key: string;
  readonly engine_version: string;
  readonly rotation: string;
  readonly retiring: string | null;
}

/**
 * Makes the database and its current user be there. Everything is looked up or may be done again, and the record says beforehand what is
 * about to be done: cut short at any point, the next run goes on from there.
 */
export async function ensureDatabase(wishes: Wishes, adapter: ServerAdapter, datastore: Datastore): Promise<Ensured> {
  const { owner, rotation, overlap } = wishes;
  const name = databaseName(owner.name);
  await adapter.lock(name);
  const found = await readOwn(name, owner, adapter);
  const record = await intend(name, found ?? (await claim(name, owner, adapter)), rotation, adapter, datastore);
  const account = record.next ?? record.current;
  if (account === null) throw new Error(`The record of the database ${name} names no user. Nothing was changed.`);
  // Kept before anybody has it, so that whoever is cut short goes on with the same.
  const known = await datastore.get(account.key);
  const password = known ?? generatePassword();
  if (known === undefined) await datastore.set(account.key, password, { secret: true });
  await adapter.makeDatabase(name);
  await adapter.makeUser(name, userName(name, account.side), password);
  const { next, current } = record;
  const old =
    next === null || current === null ? record.old : { side: current.side, key: current.key, overlap, since: null };
  if (next !== null) await adapter.writeRecord(name, { ...record, current: next, next: null, old });
  return {
    database: name,
    username: userName(name, account.side),
    password_key: account.key,
    engine_version: await adapter.version(),
    rotation: account.rotation,
    retiring: old === null ? null : userName(name, old.side),
  };
}

/** The record, when it is the owner's; undefined when there is none. Another owner's is refused. */
export async function readOwn(name: string, owner: Owner, adapter: ServerAdapter): Promise<DatabaseRecord | undefined> {
  const record = await adapter.readRecord(name);
  if (record !== undefined && record.owner !== owner.tag) {
    throw new Error(
      `The database ${name} on this server belongs to ${record.owner} and not to ${owner.tag}. Nothing was changed.`,
    );
  }
  return record;
}

async function claim(name: string, owner: Owner, adapter: ServerAdapter): Promise<DatabaseRecord> {
  const { databases, users } = await adapter.existing();
  const taken = [
    ...(databases.has(name) ? [`database ${name}`] : []),
    ...[name, userName(name, 'a'), userName(name, 'b')].filter((user) => users.has(user)).map((user) => `user ${user}`),
  ];
  if (taken.length > 0) {
    throw new Error(
      `The server has a ${taken.join(' and a ')} that Petrel did not make, so they were left alone. Rename or drop them.`,
    );
  }
  const record = newRecord(owner.tag);
  await adapter.claim(name, record);
  return record;
}

/** Decides which user is to be the current one and writes that down, before anything is done about it. */
async function intend(
  name: string,
  record: DatabaseRecord,
  rotation: string,
  adapter: ServerAdapter,
  datastore: Datastore,
): Promise<DatabaseRecord> {
  const { current, next, old } = record;
  if (next !== null && next.rotation === rotation) return record;
  if (next === null && current?.rotation === rotation) return record;
  // A rotation that was begun and is not wanted any more; nobody has been told of its user.
  if (next !== null) await datastore.delete(next.key);
  if (current?.rotation === rotation) {
    if (next !== null) await adapter.dropUser(name, userName(name, next.side));
    const settled = { ...record, next: null };
    await adapter.writeRecord(name, settled);
    return settled;
  }
  const side = otherSide(current?.side);
  // A third user there is none: the oldest is cut off before its time.
  if (old?.side === side) await datastore.delete(old.key);
  const intended = { ...record, next: { side, rotation, key: newKey(name, side) }, old: null };
  await adapter.writeRecord(name, intended);
  return intended;
}

/** A key of its own for each rotation, so that no password is ever taken for another one. */
function newKey(name: string, side: Side): string {
  return `${passwordPrefix(name)}${side}.${randomBytes(4).toString('hex')}`;
}
