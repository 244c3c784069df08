import {
  isJsonObject,
  type Json,
  type JsonObject,
  type ParameterSchema,
  type ParameterSchemas,
} from '../../model/index.ts';

const merged = new WeakMap<ParameterSchemas, WeakMap<ParameterSchemas, ParameterSchemas>>();

/**
 * The effective schemas of an action: the runner's, with what the action says about the same parameters on top
 * (stackstorm-packs.md, section 2.2). The same two objects always give the same object.
 */
export function mergeSchemas(runner: ParameterSchemas, action: ParameterSchemas): ParameterSchemas {
  let ofRunner = merged.get(runner);
  if (ofRunner === undefined) {
    ofRunner = new WeakMap();
    merged.set(runner, ofRunner);
  }
  let schemas = ofRunner.get(action);
  if (schemas === undefined) {
    // Both are maps of schemas, and so is their merge.
    schemas = mergeDeep(runner, action) as ParameterSchemas;
    ofRunner.set(action, schemas);
  }
  return schemas;
}

function mergeDeep(below: JsonObject, above: JsonObject): JsonObject {
  const result: Record<string, Json | undefined> = Object.assign(Object.create(null), below);
  for (const [key, value] of Object.entries(above)) {
    const other = result[key];
    result[key] = isJsonObject(value) && isJsonObject(other) ? mergeDeep(other, value) : value;
  }
  return result;
}

/** The schema of a parameter, undefined when there is none of that name. */
export function schemaOf(schemas: ParameterSchemas, name: string): ParameterSchema | undefined {
  return Object.hasOwn(schemas, name) ? schemas[name] : undefined;
}

/** Whether a value holds a template somewhere: text with `{{` or `{%`, in keys too. */
export function hasTemplate(value: Json | undefined): boolean {
  if (typeof value === 'string') return value.includes('{{') || value.includes('{%');
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasTemplate);
  return Object.entries(value).some(([key, item]) => hasTemplate(key) || hasTemplate(item));
}
