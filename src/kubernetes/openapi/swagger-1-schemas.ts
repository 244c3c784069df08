/**
 * Types of swagger 1.2 as JSON schemas. `any` is the reason for this file: Kubernetes' own files of 2015 and 2016 say it of every map
 * (limits, labels, selectors), and the generators of the time made a string of it. Here it is a value of any kind.
 */
import type { Json, JsonObject } from '../../model/index.ts';
import { at, broken, type Cursor, isTrue, membersOf, objectAt, textAt, textsAt } from './cursor.ts';

/** What a type name means where it is used. */
export interface TypeNames {
  /** The schema name of a model, by the name this declaration knows it by. Undefined when it has none of that name. */
  schemaOf(model: string): string | undefined;
  /** Told of a type that no one declares; it becomes a value of any kind. */
  unknown(cursor: Cursor, type: string): void;
}

const ANY: JsonObject = {};

/** The spellings of the specification, of its examples, and of the generators of its time. */
const SIMPLE: Readonly<Record<string, JsonObject>> = {
  any: ANY,
  json: ANY,
  object: { type: 'object' },
  map: { type: 'object' },
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  bool: { type: 'boolean' },
  integer: { type: 'integer' },
  int: { type: 'integer', format: 'int32' },
  long: { type: 'integer', format: 'int64' },
  number: { type: 'number' },
  float: { type: 'number', format: 'float' },
  double: { type: 'number', format: 'double' },
  byte: { type: 'string', format: 'byte' },
  date: { type: 'string', format: 'date' },
  'date-time': { type: 'string', format: 'date-time' },
  datetime: { type: 'string', format: 'date-time' },
  file: { type: 'string', format: 'binary' },
};

const LISTS: readonly string[] = ['array', 'list', 'set'];

/** `List[v1.Pod]`, `Set[string]`, `Map[string,int]`: how generators wrote type parameters. */
const GENERIC = /^(\w+)\[(.*)\]$/;

export const isVoid = (type: string | undefined): boolean => type === undefined || type === '' || type === 'void';

/** The schema of a data type: of a property, an item, a parameter or an operation's result. `void` has none and is the caller's matter. */
export function schemaOf(cursor: Cursor, names: TypeNames): JsonObject {
  const type = textAt(at(cursor, '$ref')) ?? textAt(at(cursor, 'type')) ?? 'any';
  const schema = { ...namedType(cursor, type, names) };
  const { value: format } = at(cursor, 'format');
  const { value: fallback } = at(cursor, 'defaultValue');
  const values = at(cursor, 'enum').value;
  const annotated: JsonObject = {
    ...(typeof format === 'string' && format !== '' ? { format } : {}),
    ...(Array.isArray(values) ? { enum: values } : {}),
    ...(fallback === undefined || fallback === '' ? {} : { default: fallback }),
    ...bound('minimum', cursor),
    ...bound('maximum', cursor),
  };
  const description = textAt(at(cursor, 'description')) ?? '';
  const said = description === '' ? {} : { description };
  // In OpenAPI 3.0 nothing may stand beside a reference.
  if (schema.$ref !== undefined) return description === '' ? schema : { ...said, allOf: [schema] };
  return { ...schema, ...annotated, ...said };
}

function bound(key: 'minimum' | 'maximum', cursor: Cursor): JsonObject {
  const { value } = at(cursor, key);
  const limit = typeof value === 'string' && value !== '' ? Number(value) : value; // 1.2 writes them as texts
  return typeof limit === 'number' && Number.isFinite(limit) ? { [key]: limit } : {};
}

function namedType(cursor: Cursor, written: string, names: TypeNames): JsonObject {
  // Go's generator left the star of a pointer in: `*versioned.Event`.
  const type = written.replace(/^\*/, '').trim();
  const model = names.schemaOf(type);
  if (model !== undefined) return reference(model);
  const lower = type.toLowerCase();
  if (LISTS.includes(lower)) {
    const items = at(cursor, 'items');
    const unique = isTrue(at(cursor, 'uniqueItems')) ? { uniqueItems: true } : {};
    return { type: 'array', items: items.value === undefined ? ANY : schemaOf(items, names), ...unique };
  }
  const [, container = '', inner = ''] = GENERIC.exec(type) ?? [];
  if (LISTS.includes(container.toLowerCase())) return { type: 'array', items: namedType(cursor, inner, names) };
  if (container.toLowerCase() === 'map') {
    const value = inner.split(',').at(-1) ?? 'any';
    return { type: 'object', additionalProperties: namedType(cursor, value, names) };
  }
  const simple = Object.hasOwn(SIMPLE, lower) ? SIMPLE[lower] : undefined;
  if (simple !== undefined) return simple;
  names.unknown(cursor, written);
  return ANY;
}

export function reference(schema: string): { readonly $ref: string } {
  return { $ref: `#/components/schemas/${schema.replaceAll('~', '~0').replaceAll('/', '~1')}` };
}

/**
 * A model. With `parent` (a model that names this one among its `subTypes`) it has all that the parent has. A model without
 * properties says nothing about its content: Kubernetes' `unversioned.Patch` is one.
 */
export function modelSchema(cursor: Cursor, names: TypeNames, parent: string | undefined): JsonObject {
  const properties = membersOf(at(cursor, 'properties')).map(([name, property]): [string, Json] => {
    objectAt(property);
    return [name, schemaOf(property, names)];
  });
  const known = new Set(properties.map(([name]) => name));
  const required = at(cursor, 'required');
  // The specification wants a list of names; some wrote `"required": true` on the property, as drafts before it did.
  const listed = Array.isArray(required.value) ? textsAt(required) : [];
  const marked = [...known].filter((name) => at(cursor, 'properties', name, 'required').value === true);
  const needed = [...new Set([...listed, ...marked])].filter((name) => known.has(name));
  const discriminator = textAt(at(cursor, 'discriminator')) ?? '';
  if (discriminator !== '' && parent === undefined && !known.has(discriminator)) {
    throw broken(at(cursor, 'discriminator'), `names "${discriminator}", which is none of the model's properties`);
  }
  const description = textAt(at(cursor, 'description')) ?? '';
  const own: JsonObject = {
    type: 'object',
    ...(description === '' ? {} : { description }),
    ...(needed.length === 0 ? {} : { required: needed }),
    ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
    ...(discriminator === '' ? {} : { discriminator: { propertyName: discriminator } }),
  };
  if (parent === undefined) return own;
  const { description: said, ...rest } = own;
  return { ...(said === undefined ? {} : { description: said }), allOf: [reference(parent), rest] };
}
