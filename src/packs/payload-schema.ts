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
  const entries = Object.entries(schema).flatMap(([keyword, value = null]): [string, Json][] => {
    const at = [...path, keyword];
    if (keyword === 'type' && !isType(value)) {
      const message = `The type of "${String(path.at(-1))}" must be ${oneOf(SIMPLE_TYPES)}, but it is ${describe(value)}. It is not checked.`;
      source.warning(at, message);
      return [];
    }
    if (SCHEMAS.has(keyword)) return [[keyword, readEach(source, at, value)]];
    if (NAMED.has(keyword) && isJsonObject(value)) return [[keyword, readNamed(source, at, value)]];
    return [[keyword, value]];
  });
  return Object.fromEntries(entries);
}

function readEach(source: Source, path: Path, value: Json): Json {
  if (Array.isArray(value)) return value.map((item, index) => readEach(source, [...path, index], item));
  return isJsonObject(value) ? readPayloadSchema(source, path, value) : value;
}

function readNamed(source: Source, path: Path, value: JsonObject): JsonObject {
  const entries = Object.entries(value).map(([name, item = null]) => [name, readEach(source, [...path, name], item)]);
  return Object.fromEntries(entries);
}

function isType(value: Json): boolean {
  const names = Array.isArray(value) ? value : [value];
  return names.length > 0 && names.every((name) => typeof name === 'string' && SIMPLE_TYPES.includes(name));
}
