import type { Datastore } from 'petrel/sdk';
import type { ServerAdapter } from './adapter.ts';
import { readOwn } from './ensure.ts';
import { databaseName, passwordPrefix, userName } from './names.ts';
import type { Owner } from './parameters.ts';

/** Takes away all that there is of an owner's database; the record goes last, since it is what says that the rest is ours. */
export async function removeDatabase(owner: Owner, adapter: ServerAdapter, datastore: Datastore): Promise<boolean> {
  const name = databaseName(owner.name);
  await adapter.lock(name);
  const record = await readOwn(name, owner, adapter);
  if (record !== undefined) {
    await adapter.dropUser(name, userName(name, 'a'));
    await adapter.dropUser(name, userName(name, 'b'));
    await adapter.dropDatabase(name);
  }
  for (const key of await datastore.list(passwordPrefix(name))) await datastore.delete(key.name);
  if (record !== undefined) await adapter.forget(name);
  return record !== undefined;
}
