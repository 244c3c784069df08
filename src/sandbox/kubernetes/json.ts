/**
 * JSON as the API server holds it. Objects are plain and are shared between the storage, the watch history and answers,
 * so nobody changes one that has been stored: writers clone first.
 */
import { parse as parseYamlText } from 'yaml';

export type Json = null | boolean | number | string | Json[] | JsonMap;
export interface JsonMap {
  [key: string]: Json | undefined;
}

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A key's own value; inherited ones (`constructor`, `toString`) are not data. */
export function own(map: JsonMap, key: string): Json | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** The value at a path of keys, undefined as soon as something on the way is missing or is no map. */
export function valueAt(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let current = value;
  for (const key of path) {
    if (!isMap(current)) return undefined;
    current = own(current, key);
  }
  return current;
}

export function mapAt(value: Json | undefined, ...path: readonly string[]): JsonMap | undefined {
  const found = valueAt(value, ...path);
  return isMap(found) ? found : undefined;
}

export function listAt(value: Json | undefined, ...path: readonly string[]): Json[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function stringAt(value: Json | undefined, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** Sets a value at a path of keys, making the maps on the way. */
export function setAt(map: JsonMap, path: readonly string[], value: Json | undefined): void {
  let current = map;
  for (const [index, key] of path.entries()) {
    if (index === path.length - 1) {
      if (value === undefined) delete current[key];
      else current[key] = value;
      return;
    }
    const next = own(current, key);
    if (isMap(next)) {
      current = next;
    } else {
      const made: JsonMap = {};
      current[key] = made;
      current = made;
    }
  }
}

export function clone<T extends Json>(value: T): T {
  // The shape is kept, so the type is; TypeScript cannot follow a recursion over a type parameter.
  return copy(value) as T;
}

function copy(value: Json): Json {
  if (Array.isArray(value)) return value.map(copy);
  if (!isMap(value)) return value;
  const made: JsonMap = {};
  for (const [key, child] of Object.entries(value)) if (child !== undefined) made[key] = copy(child);
  return made;
}

export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equal(item, b[index]));
  }
  if (!isMap(a) || !isMap(b)) return false;
  const keys = Object.keys(a).filter((key) => a[key] !== undefined);
  if (keys.length !== Object.keys(b).filter((key) => b[key] !== undefined).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}

/** Parses JSON from outside. Keys named `__proto__` are dropped: they would become prototypes when copied. */
export function parseJson(text: string): Json {
  const value: Json = JSON.parse(text);
  return text.includes('__proto__') || text.includes('\\u') ? scrubbed(value) : value;
}

/** Parses YAML (one document, JSON's types) from outside, with `parseJson`'s care. */
export function parseYaml(text: string): Json {
  const value: unknown = parseYamlText(text, { schema: 'core', maxAliasCount: 100 });
  return parseJson(JSON.stringify(value ?? null));
}

function scrubbed(value: Json): Json {
  if (Array.isArray(value)) return value.map(scrubbed);
  if (!isMap(value)) return value;
  const made: JsonMap = {};
  for (const [key, child] of Object.entries(value)) {
    if (key !== '__proto__' && child !== undefined) made[key] = scrubbed(child);
  }
  return made;
}
