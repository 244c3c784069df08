import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../model/index.ts';

/** What an external thing is called and marked with. Both come out the same whenever they are asked for. */
export interface Owner extends JsonObject {
  /** At most 63 characters: lower case letters, digits and "-". */
  readonly name: string;
  /** Says whose it is: cluster, resource, object. At most 256 characters. */
  readonly tag: string;
}

export interface ObjectName {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

const LONGEST = 63;
/** What AWS takes as the value of a tag; nobody takes less of what carries whole tags. */
const LONGEST_TAG = 256;

/** Deterministic from the uid: an object that is made anew under an old name gets a name of its own. */
export function ownerOf(cluster: string, resource: string, { uid, namespace, name }: ObjectName): Owner {
  const hash = createHash('sha256').update(uid).digest('hex').slice(0, 8);
  const readable = [namespace, name]
    .filter((part) => part !== '')
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST - hash.length - 1)
    .replace(/^-+|-+$/g, '');
  return { name: `${readable || 'x'}-${hash}`, tag: tagOf(prefixOf(cluster, resource), { uid, namespace, name }) };
}

/** Only the uid says whose a thing is; the names beside it are for people, and are cut where they are too long. */
function tagOf(prefix: readonly string[], { uid, namespace, name }: ObjectName): string {
  const room = LONGEST_TAG - [...prefix, '', '', uid].join('/').length;
  const shortened = shorten(name, room - Math.min(namespace.length, Math.floor(room / 2)));
  return [...prefix, shorten(namespace, room - shortened.length), shortened, uid].join('/');
}

/** Ends with a hash behind a `+`, which no name of Kubernetes has. */
function shorten(text: string, room: number): string {
  if (text.length <= room) return text;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return `${text.slice(0, Math.max(0, room - hash.length - 1))}+${hash}`;
}

/** Whose thing carries the tag, with names as they stand in it; undefined when it is none of this resource in this cluster. */
export function readTag(cluster: string, resource: string, tag: string): ObjectName | undefined {
  const parts = tag.split('/');
  if (parts.length !== 6 || prefixOf(cluster, resource).some((part, index) => parts[index] !== part)) return undefined;
  const [, , , namespace = '', name = '', uid = ''] = parts;
  return uid === '' ? undefined : { namespace, name, uid };
}

/** Two Petrels on one cloud account must not take each other's things for orphans. */
function prefixOf(cluster: string, resource: string): readonly string[] {
  return ['petrel', createHash('sha256').update(cluster).digest('hex').slice(0, 8), resource];
}

export function isOwner(value: unknown): value is Owner {
  return isJsonObject(value) && typeof value.name === 'string' && typeof value.tag === 'string';
}
