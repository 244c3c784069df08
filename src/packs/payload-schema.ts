import { isJsonObject, type Json, type JsonObject } from '../model/index.ts';
import { SIMPLE_TYPES } from './parameter-schema.ts';
import { oneOf } from './problems.ts';
import { describe } from './shape.ts';
import type { Path, Source } from './source.ts';

/** Keywords whose value is a schema or a list of schemas, and those whose value is a map of names to schemas. */
const SCHEMAS = new Set(['additionalItems', 'additionalProperties', 'items', 'not', 'allOf', 'anyOf', 'oneOf']);
const NAMED = new Set(['properties', 'patternProperties', 'definitions']);

/**
 * A trigger type's schema without the types that JSON does not know (`type: obj`): what has one is not checked for its type. StackStorm did not
 * check payloads in 2016, so packs of that time have such schemas and work; to refuse their events would lose them.
 */
export function readPayloadSchema(source: Source, path: Path, schema: JsonObject): JsonObject {
  const unknown: { readonly at: Path; readonly value: Json }[] = [];
  const read = withoutUnknown(schema, path, (at, value) => unknown.push({ at, value }));
  const [first] = unknown;
  if (first !== undefined) {
    const more = unknown.length === 1 ? '' : `, as ${unknown.length - 1} more of this schema are`;
    const message = `A type must be ${oneOf(SIMPLE_TYPES)}, but this is ${describe(first.value)}${more}. It is not checked.`;
    source.warning(first.at, message);
  }
  return read;
}

type Tell = (at: Path, value: Json) => void;

function withoutUnknown(schema: JsonObject, path: Path, tell: Tell): JsonObject {
  const entries = Object.entries(schema).flatMap(([keyword, value = null]): [string, Json][] => {
    const at = [...path, keyword];
    if (keyword === 'type' && !isType(value)) {
      tell(at, value);
      return [];
    }
    if (SCHEMAS.has(keyword)) return [[keyword, each(value, at, tell)]];
    if (NAMED.has(keyword) && isJsonObject(value)) return [[keyword, named(value, at, tell)]];
    return [[keyword, value]];
  });
  return Object.fromEntries(entries);
}

function each(value: Json, path: Path, tell: Tell): Json {
  if (Array.isArray(value)) return value.map((item, index) => each(item, [...path, index], tell));
  return isJsonObject(value) ? withoutUnknown(value, path, tell) : value;
}

function named(value: JsonObject, path: Path, tell: Tell): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([name, item = null]) => [name, each(item, [...path, name], tell)]),
  );
}

function isType(value: Json): boolean {
  const names = Array.isArray(value) ? value : [value];
  return names.length > 0 && names.every((name) => typeof name === 'string' && SIMPLE_TYPES.includes(name));
}
