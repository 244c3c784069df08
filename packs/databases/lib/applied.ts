import { type Datastore, z } from 'petrel/sdk';

/**
 * Which password an instance was told last, as the key that holds it, and when it is known to have taken it. The key is empty while it is told
 * another one, or when somebody else has reset it. Written before the instance is made with it and after it was told, so that a run that was cut
 * short tells it again rather than not at all.
 */
const applied = z.object({ key: z.string(), at: z.number().describe('Epoch milliseconds.') });

export type Applied = z.output<typeof applied>;

const nameOf = (uid: string) => `databases.${uid}.applied`;

export async function readApplied(datastore: Datastore, uid: string): Promise<Applied | null> {
  const text = await datastore.get(nameOf(uid));
  return text === undefined ? null : applied.parse(JSON.parse(text));
}

export const writeApplied = async (datastore: Datastore, uid: string, value: Applied): Promise<null> => {
  await datastore.set(nameOf(uid), JSON.stringify(value));
  return null;
};
