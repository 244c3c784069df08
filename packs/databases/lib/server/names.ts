import { createHash } from 'node:crypto';

/** MySQL's limit for users is 32, and they are called as the database with `_a` or `_b` behind it. */
const LONGEST = 30;

/** There are two users, so that one can take over from the other. */
export type Side = 'a' | 'b';

/**
 * What the database of an owner is called: the same at any time, different for any two owners, and valid as it is in every engine, whatever
 * the owner is called: `db_`, as much of the owner's name as there is room for, and a hash of it.
 */
export function databaseName(ownerName: string): string {
  const hash = createHash('sha256').update(ownerName).digest('hex').slice(0, 10);
  const readable = ownerName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+/, '')
    .slice(0, LONGEST - 'db_'.length - 1 - hash.length)
    .replace(/_+$/, '');
  return ['db', readable, hash].filter((part) => part !== '').join('_');
}

export const userName = (database: string, side: Side) => `${database}_${side}`;

export const otherSide = (side: Side | undefined): Side => (side === 'a' ? 'b' : 'a');

/** Below this lie the passwords of a database in the datastore. */
export const passwordPrefix = (database: string) => `databases.server.${database}.`;
