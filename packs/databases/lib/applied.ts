import type { Datastore } from 'petrel/sdk';

const nameOf = (uid: string) => `databases.${uid}.applied`;

/**
 * Which password an instance was told last, as the key that holds it; empty while it is told another one. Written before the instance is
 * made with it and after it was told, so that a run that was cut short tells it again rather than not at all.
 */
export const readApplied = (datastore: Datastore, uid: string) => datastore.get(nameOf(uid));

export const writeApplied = async (datastore: Datastore, uid: string, key: string): Promise<null> => {
  await datastore.set(nameOf(uid), key);
  return null;
};
