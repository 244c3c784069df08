import type { Json, JsonObject } from '../model/index.ts';
import type { z } from '../sdk/index.ts';

/**
 * What the action's schema gets to see. StackStorm hands optional parameters over as null; a field that takes no null
 * is treated as not given, so that `z.string().optional()` and `.default()` mean what they say.
 */
export function inputOf(schema: z.ZodObject, parameters: JsonObject): Record<string, Json> {
  const shape = new Map(Object.entries(schema.shape));
  const entries = Object.entries(parameters).flatMap(([name, value]): [string, Json][] => {
    if (value === undefined || (value === null && !acceptsNull(shape.get(name)))) return [];
    return [[name, value]];
  });
  return Object.fromEntries(entries);
}

function acceptsNull(field: z.core.$ZodType | undefined): boolean {
  // The fields of a zod object are zod types; the core's base type only lacks the method.
  const type = field as z.ZodType | undefined;
  return type?.safeParse(null).success ?? true;
}

/** `issues` as one sentence; values are left out, they may be secret. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`))
    .join('; ');
}

/** The JSON an action's answer is stored as: dates as text, undefined as null. Throws for what JSON cannot say. */
export function storable(value: unknown): Json {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) return null;
  return JSON.parse(text) as Json; // what JSON.parse answers is JSON
}
