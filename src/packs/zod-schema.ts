import {
  isJsonObject,
  type Json,
  type JsonObject,
  type ParameterSchema,
  type ParameterSchemas,
} from '../model/index.ts';
import { z } from '../sdk/index.ts';

/**
 * The parameter schemas of a zod object, as StackStorm writes them: JSON schema draft 4 whose `required` is true or false at
 * each property, on every level. `secret` and other `meta` entries are kept. Throws a plain `Error` for types that no caller
 * could send as JSON (functions, dates, maps) and for schemas that contain themselves.
 */
export function parameterSchemasOf(input: z.ZodObject): ParameterSchemas {
  const { properties } = booleanRequired(jsonSchemaOf(input));
  return isJsonObject(properties) ? (properties as ParameterSchemas) : {}; // each property of a JSON schema is one
}

/** The JSON schema (draft 4) of what an action's `run` answers, with `secret` marks. */
export function outputSchemaOf(output: z.ZodType): JsonObject {
  return booleanRequired(jsonSchemaOf(output));
}

/** The JSON schema of a resource's spec, before it is brought into the form of a CustomResourceDefinition. */
export function schemaOfSpec(spec: z.ZodObject): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(spec, {
    target: 'openapi-3.0',
    io: 'input',
    cycles: 'throw',
    reused: 'inline',
  });
  return rest as JsonObject; // a JSON schema is JSON
}

function jsonSchemaOf(schema: z.ZodType): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-4',
    io: 'input',
    cycles: 'throw',
    reused: 'inline',
  });
  return rest as JsonObject; // a JSON schema is JSON
}

/** Moves each `required: [names]` to the properties it names, and drops what zod adds that says nothing. */
function booleanRequired(schema: JsonObject): JsonObject {
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const entries: [string, Json][] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (value === undefined || keyword === 'required' || isSafeIntegerBound(keyword, value)) continue;
    if (keyword === 'type' && Array.isArray(value)) {
      // StackStorm takes one type only; several are an "anyOf".
      entries.push(['anyOf', value.map((type) => ({ type }))]);
    } else if (keyword === 'properties' && isJsonObject(value)) {
      const properties = Object.entries(value).map(([name, property]): [string, Json] => {
        const converted: ParameterSchema = isJsonObject(property) ? booleanRequired(property) : {};
        return [name, required.has(name) ? { ...converted, required: true } : converted];
      });
      entries.push([keyword, Object.fromEntries(properties)]);
    } else if (['items', 'additionalProperties', 'not'].includes(keyword) && isJsonObject(value)) {
      entries.push([keyword, booleanRequired(value)]);
    } else if (['anyOf', 'oneOf', 'allOf', 'items'].includes(keyword) && Array.isArray(value)) {
      entries.push([keyword, value.map((item) => (isJsonObject(item) ? booleanRequired(item) : item))]);
    } else {
      entries.push([keyword, value]);
    }
  }
  return Object.fromEntries(entries);
}

/** zod gives every integer the bounds of JavaScript's safe integers. */
function isSafeIntegerBound(keyword: string, value: Json): boolean {
  return (
    (keyword === 'maximum' && value === Number.MAX_SAFE_INTEGER) ||
    (keyword === 'minimum' && value === Number.MIN_SAFE_INTEGER)
  );
}
