import type { Datastore } from 'petrel/sdk';

/**
 * Which password an instance was told last, as the key that holds it, and when it is known to have taken it. The key is empty while it is told
 * another one, or when somebody else has reset it. Written before the instance is made with it and after it was told, so that a run that was cut
 * short tells it again rather than not at all.
 */
export interface Applied {
  readonly key: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

const nameOf = (uid: string) => `databases.${uid}.applied`;

export async function readApplied(datastore: Datastore, uid: string): Promise<Applied | null> {
  const [, at, key] = /^(\d+) (.*)$/.exec((await datastore.get(nameOf(uid))) ?? '') ?? [];
  return key === undefined ? null : { at: Number(at), key };
}

export const writeApplied = async (datastore: Datastore, uid: string, { key, at }: Applied): Promise<null> => {
  await datastore.set(nameOf(uid), `${at} ${key}`);
  return null;
};
