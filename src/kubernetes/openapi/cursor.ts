import { isJsonObject, type Json, type JsonObject, PetrelError } from '../../model/index.ts';

/** A place in a document: its value, and what an error needs to name it. */
export interface Cursor {
  /** File or URL that holds the document. */
  readonly file: string;
  /** JSON pointer, e.g. `#/paths/~1pets/get`. */
  readonly pointer: string;
  /** Undefined where the document has nothing. */
  readonly value: Json | undefined;
}

export function rootOf(file: string, value: Json): Cursor {
  return { file, pointer: '#', value };
}

/** The member of an object or item of an array; one without a value where there is none. */
export function at(cursor: Cursor, ...keys: readonly (string | number)[]): Cursor {
  let { pointer, value } = cursor;
  for (const key of keys) {
    pointer += `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (Array.isArray(value)) value = value[Number(key)];
    else value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return { file: cursor.file, pointer, value };
}

/** The object here; an empty one where there is nothing. Throws `invalid` for anything else. */
export function objectAt(cursor: Cursor): JsonObject {
  if (cursor.value === undefined || cursor.value === null) return {};
  if (isJsonObject(cursor.value)) return cursor.value;
  throw broken(cursor, 'must be an object');
}

/** Name and place of each member of the object here. */
export function membersOf(cursor: Cursor): readonly (readonly [string, Cursor])[] {
  return Object.keys(objectAt(cursor)).map((key) => [key, at(cursor, key)]);
}

/** The places of the items of the array here; none where there is nothing. Throws `invalid` for anything else. */
export function itemsOf(cursor: Cursor): readonly Cursor[] {
  if (cursor.value === undefined || cursor.value === null) return [];
  if (Array.isArray(cursor.value)) return cursor.value.map((_, index) => at(cursor, index));
  throw broken(cursor, 'must be an array');
}

/** The text here, if any. Throws `invalid` for anything but text. */
export function textAt(cursor: Cursor): string | undefined {
  if (cursor.value === undefined || cursor.value === null) return undefined;
  if (typeof cursor.value === 'string') return cursor.value;
  throw broken(cursor, 'must be a text');
}

export function requiredText(cursor: Cursor): string {
  const text = textAt(cursor);
  if (text === undefined || text === '') throw broken(cursor, 'must be a text that is not empty');
  return text;
}

/** Texts of an array; what is no text is refused. */
export function textsAt(cursor: Cursor): readonly string[] {
  return itemsOf(cursor).map(requiredText);
}

/** Generators of 2015 wrote booleans as texts, too. */
export function isTrue(cursor: Cursor): boolean {
  return cursor.value === true || cursor.value === 'true';
}

/** `message` goes on after the place: `FILE: "#/pointer" must be an object.` */
export function broken(cursor: Cursor, message: string): PetrelError {
  return new PetrelError('invalid', `${cursor.file}: ${JSON.stringify(cursor.pointer)} ${message}.`, {
    details: { file: cursor.file, pointer: cursor.pointer },
  });
}

/** Follows a local `$ref`, as often as needed. Throws `invalid` for one that leads nowhere, out of the document or in a circle. */
export function follow(root: Cursor, cursor: Cursor): Cursor {
  const seen = new Set<string>();
  let current = cursor;
  for (let ref = refOf(current); ref !== undefined; ref = refOf(current)) {
    if (seen.has(ref)) throw broken(cursor, `refers to itself through ${JSON.stringify(ref)}`);
    seen.add(ref);
    const target = resolvePointer(root, current, ref);
    if (target.value === undefined) throw broken(current, `refers to ${JSON.stringify(ref)}, which is not there`);
    current = target;
  }
  return current;
}

export function refOf(cursor: Cursor): string | undefined {
  return isJsonObject(cursor.value) && typeof cursor.value.$ref === 'string' ? cursor.value.$ref : undefined;
}

function resolvePointer(root: Cursor, from: Cursor, ref: string): Cursor {
  if (ref !== '#' && !ref.startsWith('#/')) {
    throw broken(
      from,
      `refers to ${JSON.stringify(ref)}, outside of this document. Bundle the files into one document first`,
    );
  }
  return at(root, ...pointerKeys(ref));
}

/** `#/components/schemas/a~1b` to its keys; browsers' percent-encoding is undone, too. */
export function pointerKeys(ref: string): readonly string[] {
  return ref
    .split('/')
    .slice(1)
    .map((part) => decodePart(part).replaceAll('~1', '/').replaceAll('~0', '~'));
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a name with a bare per cent sign
  }
}
