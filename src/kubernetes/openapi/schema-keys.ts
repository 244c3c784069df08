import { isJsonObject, type Json, type JsonObject } from '../../model/index.ts';

const SCHEMA_KEYS: readonly string[] = ['items', 'additionalProperties', 'not'];
const SCHEMA_LISTS: readonly string[] = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const SCHEMA_MAPS: readonly string[] = ['properties', 'patternProperties', 'definitions', '$defs'];

/** A copy of a schema in which `change` was applied to each schema, the innermost first; what is no schema (an example, a default) stays. */
export function mapSchemas(schema: Json, change: (schema: JsonObject) => Json): Json {
  if (!isJsonObject(schema)) return schema;
  const inner = (value: Json): Json => mapSchemas(value, change);
  const copy = Object.entries(schema).map(([key, value]): [string, Json] => {
    if (value === undefined) return [key, null];
    if (SCHEMA_KEYS.includes(key)) return [key, Array.isArray(value) ? value.map(inner) : inner(value)];
    if (SCHEMA_LISTS.includes(key) && Array.isArray(value)) return [key, value.map(inner)];
    if (SCHEMA_MAPS.includes(key) && isJsonObject(value)) {
      return [key, Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inner(one ?? null)]))];
    }
    return [key, value];
  });
  return change(Object.fromEntries(copy));
}
