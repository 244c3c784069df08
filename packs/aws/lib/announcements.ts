/**
 * RDS is eventually consistent: what was just created may not be described for a while, and whoever takes that for "there is none"
 * leaves it behind for ever. So what is about to be created is noted in the datastore first, and for a minute, or until it has been
 * seen, its absence is no answer. The note outlives a crash between the request and its answer, and goes by itself.
 */
import { TransientError } from 'petrel/sdk';
import { type AwsContext, consistencySeconds } from './client.ts';

export type Kind = 'DB instance' | 'DB snapshot';

const keyOf = (kind: Kind, id: string) =>
  `aws.announced.${kind === 'DB instance' ? 'instance' : 'snapshot'}.${id.toLowerCase()}`;

export function announce(kind: Kind, id: string, context: AwsContext): Promise<void> {
  return context.datastore.set(keyOf(kind, id), 'its creation was asked for', { ttl: consistencySeconds(context) });
}

/** It has been seen, or it is certain that it was not created. */
export async function withdraw(kind: Kind, id: string, { datastore }: AwsContext): Promise<void> {
  const key = keyOf(kind, id);
  // A look is cheaper than a deletion of nothing, and nearly always there is nothing.
  if ((await datastore.get(key)) !== undefined) await datastore.delete(key);
}

/** What `look` finds; undefined only when it is certain that there is none. Throws `TransientError` as long as it is not. */
export async function findSurely<Thing>(
  kind: Kind,
  id: string,
  look: () => Promise<Thing | undefined>,
  context: AwsContext,
): Promise<Thing | undefined> {
  const found = await look();
  if (found !== undefined) {
    await withdraw(kind, id, context);
    return found;
  }
  if ((await context.datastore.get(keyOf(kind, id))) === undefined) return undefined;
  throw new TransientError(
    `RDS does not show the ${kind} ${id}, whose creation was asked for less than ${consistencySeconds(context)} seconds ago: it may be there all the same.`,
  );
}
