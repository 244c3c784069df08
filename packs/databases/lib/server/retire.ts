import type { Datastore } from 'petrel/sdk';
import type { ServerAdapter } from './adapter.ts';
import { readOwn } from './ensure.ts';
import { databaseName, userName } from './names.ts';
import type { Owner } from './parameters.ts';

/** A user whose time is running out. */
export interface Retiring {
  readonly username: string;
  readonly key: string;
  /** Until it is to be dropped. */
  readonly seconds: number;
}

/** Lets the time of the former user run from now on, if it does not yet; null when there is none. `now` in epoch milliseconds. */
export async function beginRetiring(owner: Owner, adapter: ServerAdapter, now: number): Promise<Retiring | null> {
  const name = databaseName(owner.name);
  await adapter.lock(name);
  const record = await readOwn(name, owner, adapter);
  if (record === undefined || record.old === null) return null;
  const { old } = record;
  const since = old.since ?? now;
  if (old.since === null) await adapter.writeRecord(name, { ...record, old: { ...old, since } });
  return {
    username: userName(name, old.side),
    key: old.key,
    seconds: Math.max(0, Math.ceil(since / 1000 + old.overlap - now / 1000)),
  };
}

/** Drops the former user, unless that is not the one any more whose time has run out. */
export async function retire(
  owner: Owner,
  retiring: Retiring,
  adapter: ServerAdapter,
  datastore: Datastore,
): Promise<boolean> {
  const name = databaseName(owner.name);
  await adapter.lock(name);
  const record = await readOwn(name, owner, adapter);
  if (record === undefined || record.old?.key !== retiring.key) return false;
  await adapter.dropUser(name, retiring.username);
  await datastore.delete(retiring.key);
  await adapter.writeRecord(name, { ...record, old: null });
  return true;
}
