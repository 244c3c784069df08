import { type Datastore, z } from 'petrel/sdk';

const grants = z.record(z.string(), z.number());

const nameOf = (namespace: string) => `databases.grants.${namespace}`;

/** Storage in GB that each database of a namespace was given, by uid; only of classes that have limits. */
export async function readGrants(datastore: Datastore, namespace: string): Promise<Map<string, number>> {
  const text = await datastore.get(nameOf(namespace));
  return new Map(text === undefined ? [] : Object.entries(grants.parse(JSON.parse(text))));
}

export async function writeGrants(
  datastore: Datastore,
  namespace: string,
  given: ReadonlyMap<string, number>,
): Promise<void> {
  if (given.size === 0) await datastore.delete(nameOf(namespace));
  else await datastore.set(nameOf(namespace), JSON.stringify(Object.fromEntries(given)));
}
