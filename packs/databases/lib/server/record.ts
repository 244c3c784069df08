import { z } from 'petrel/sdk';

const side = z.enum(['a', 'b']);

/** One of the two users, and the datastore key of the password that it has. */
const account = z.object({ side, key: z.string() });

/**
 * What the server keeps about a database: whose it is, which user is the current one, and what is under way. It is written before
 * anything else is done, so whoever was cut short goes on from it. There is no secret in it.
 */
const recordSchema = z.object({
  owner: z.string(),
  current: account.extend({ rotation: z.string() }).nullable(),
  /** The user that is being made, to become the current one. */
  next: account.extend({ rotation: z.string() }).nullable(),
  /** The user that was the current one. It works for `overlap` seconds from `since` on, which is set once its successor is known to others. */
  old: account.extend({ overlap: z.number(), since: z.number().nullable() }).nullable(),
});

export type DatabaseRecord = z.output<typeof recordSchema>;

export function newRecord(owner: string): DatabaseRecord {
  return { owner, current: null, next: null, old: null };
}

/** Undefined for a text that is no record: then it is somebody else's. */
export function readRecord(text: string): DatabaseRecord | undefined {
  try {
    const parsed = recordSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

export const writeRecord = (record: DatabaseRecord): string => JSON.stringify(record);
