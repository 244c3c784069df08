import { isJsonObject, type Json, type JsonObject } from '../model/index.ts';

type Path = readonly (string | number)[];
type Complain = (path: Path, message: string) => void;

/** Keywords that mean the same in a CustomResourceDefinition. Others (`$schema`, `secret`, `examples`) are left out. */
const KEPT: ReadonlySet<string> = new Set([
  'type',
  'description',
  'title',
  'default',
  'enum',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'required',
  'nullable',
]);

const TYPES: readonly string[] = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/**
 * A JSON schema in the structural form that Kubernetes asks of CustomResourceDefinitions: every field has one type, nothing refers
 * elsewhere. What has an equal there is translated (`const`, a type that may be null, text or whole number, `additionalProperties:
 * false`, which pruning does); what has none is complained of, with its path.
 */
export function structuralSchema(schema: JsonObject, complain: Complain): JsonObject {
  const root = node(schema, [], complain);
  if (root.type !== 'object') complain([], 'must be of type "object"');
  return root;
}

function node(schema: JsonObject, path: Path, complain: Complain): JsonObject {
  const merged = withoutNull(schema);
  if (isIntOrString(merged)) return { ...documentation(merged), 'x-kubernetes-int-or-string': true };
  for (const word of [
    '$ref',
    'patternProperties',
    'dependencies',
    'anyOf',
    'oneOf',
    'allOf',
    'not',
    'if',
    'prefixItems',
  ]) {
    if (merged[word] !== undefined)
      complain([...path, word], `uses "${word}", which a CustomResourceDefinition cannot say`);
  }
  const result: Record<string, Json> = {};
  for (const [keyword, value] of Object.entries(merged)) {
    if (value === undefined || isSafeIntegerBound(keyword, value)) continue;
    if (KEPT.has(keyword) || keyword.startsWith('x-kubernetes-')) result[keyword] = value;
    else if (keyword === 'const') result.enum = [value];
    else if (keyword === 'exclusiveMinimum' || keyword === 'exclusiveMaximum') exclusive(result, keyword, value);
  }
  if (result.required !== undefined && !Array.isArray(result.required)) {
    complain([...path, 'required'], 'must be a list of names of properties');
  }
  children(merged, result, path, complain);
  checkType(result, path, complain);
  return result;
}

function children(schema: JsonObject, result: Record<string, Json>, path: Path, complain: Complain): void {
  if (isJsonObject(schema.properties)) {
    const entries = Object.entries(schema.properties).map(([name, property]): [string, Json] => {
      const at = [...path, 'properties', name];
      if (isJsonObject(property)) return [name, node(property, at, complain)];
      complain(at, 'must be a schema');
      return [name, {}];
    });
    result.properties = Object.fromEntries(entries);
  }
  if (isJsonObject(schema.items)) result.items = node(schema.items, [...path, 'items'], complain);
  const { additionalProperties } = schema;
  if (isJsonObject(additionalProperties) && Object.keys(additionalProperties).length > 0) {
    if (result.properties !== undefined) {
      complain([...path, 'additionalProperties'], 'cannot have both "properties" and "additionalProperties"');
    }
    result.additionalProperties = node(additionalProperties, [...path, 'additionalProperties'], complain);
  } else if (additionalProperties === true || isJsonObject(additionalProperties)) {
    result['x-kubernetes-preserve-unknown-fields'] = true;
  }
}

function checkType(result: JsonObject, path: Path, complain: Complain): void {
  if (result.type === undefined) {
    if (result['x-kubernetes-preserve-unknown-fields'] !== true) complain(path, 'has no type');
    return;
  }
  if (typeof result.type !== 'string' || !TYPES.includes(result.type)) {
    complain([...path, 'type'], `has the type ${JSON.stringify(result.type)}; one of ${TYPES.join(', ')} is needed`);
  }
  if (result.type === 'array' && result.items === undefined)
    complain(path, 'is a list and does not say of what ("items")');
}

/** `type: [string, null]` and `anyOf` with null are what Kubernetes calls nullable. */
function withoutNull(schema: JsonObject): JsonObject {
  const isNull = (value: Json) => value === 'null' || (isJsonObject(value) && value.type === 'null');
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter((type: Json) => !isNull(type));
    const [only] = types;
    if (types.length === 1 && only !== undefined) {
      return { ...schema, type: only, ...(types.length < schema.type.length && { nullable: true }) };
    }
  }
  for (const word of ['anyOf', 'oneOf']) {
    const { [word]: choices, ...rest } = schema;
    if (!Array.isArray(choices)) continue;
    const others = choices.filter((choice: Json) => !isNull(choice));
    const [only] = others;
    if (others.length < choices.length && others.length === 1 && isJsonObject(only)) {
      return { ...rest, ...only, nullable: true };
    }
  }
  return schema;
}

function isIntOrString(schema: JsonObject): boolean {
  const { anyOf } = schema;
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return false;
  const types = anyOf.map((choice: Json) => (isJsonObject(choice) ? choice.type : undefined));
  return types.includes('string') && types.includes('integer');
}

function documentation({ description, default: value }: JsonObject): JsonObject {
  return { ...(description !== undefined && { description }), ...(value !== undefined && { default: value }) };
}

/** A number beside `exclusiveMinimum` is JSON schema's newer form; Kubernetes has the older one. */
function exclusive(result: Record<string, Json>, keyword: string, value: Json): void {
  result[keyword] = typeof value === 'number' ? true : value;
  if (typeof value === 'number') result[keyword === 'exclusiveMinimum' ? 'minimum' : 'maximum'] = value;
}

/** zod gives every integer the bounds of JavaScript's safe integers. */
function isSafeIntegerBound(keyword: string, value: Json): boolean {
  return (keyword === 'maximum' || keyword === 'minimum') && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER;
}
