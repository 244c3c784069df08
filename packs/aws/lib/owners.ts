import { z } from 'petrel/sdk';
import type { Kind } from './announcements.ts';

/** The tag that says whose an instance or a snapshot is; its value is the uid of the resource it was made for, or holds it. */
export const OWNER_TAG = 'petrel.dev/owner';

/** What AWS takes in tags, keys and values alike. */
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const TAG_CHARACTERS = 'only letters, digits, blanks and the characters _.:/=+-@';

const tagValue = z.string().max(256).regex(TAG_TEXT, `AWS takes ${TAG_CHARACTERS} in the values of tags`);
const tagKey = z.string().min(1).max(128).regex(TAG_TEXT, `AWS takes ${TAG_CHARACTERS} in the keys of tags`);

export const tagsParameter = z.record(tagKey, tagValue).optional().describe('Further tags.');

export const ownerParameter = tagValue
  .min(1)
  .optional()
  .describe(`Uid of the resource this belongs to, kept in the tag ${OWNER_TAG}. Nothing of another owner is touched.`);

export interface Owned {
  readonly id: string;
  readonly owner: string | null;
}

/** Throws unless the thing carries the owner's tag. Without an owner there is nothing to check. */
export function requireOwner(kind: Kind, { id, owner: found }: Owned, owner: string | undefined): void {
  if (owner === undefined || found === owner) return;
  throw new Error(
    `The ${kind} ${id} exists and is not ours: its tag ${OWNER_TAG} is ${
      found === null ? 'missing' : `"${found}"`
    }, not "${owner}". Nothing was changed.`,
  );
}

/** Throws unless the thing is known to be what an earlier attempt for the same owner has created. */
export function requireOurs(kind: Kind, found: Owned, owner: string | undefined): void {
  if (owner === undefined) {
    throw new Error(
      `The ${kind} ${found.id} exists already, and without an owner it cannot be known whether it is ours.`,
    );
  }
  requireOwner(kind, found, owner);
}

/** Tags in the form of the API. */
export function tagList(
  tags: Readonly<Record<string, string>> | undefined,
  owner: string | undefined,
): { Key: string; Value: string }[] {
  const all = { ...tags, ...(owner === undefined ? {} : { [OWNER_TAG]: owner }) };
  return Object.entries(all).map(([Key, Value]) => ({ Key, Value }));
}

export function tagsOf(list: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined) {
  const tags = Object.fromEntries((list ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
  return { tags, owner: tags[OWNER_TAG] ?? null };
}
