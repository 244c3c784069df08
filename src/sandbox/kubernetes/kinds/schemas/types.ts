/**
 * The types of Kubernetes itself, read once from kubernetes.json (scripts/kubernetes-types.mjs made it and says what a row holds), as schemas
 * and as protobuf messages. Types are shared between schemas as they are in Go, so that OpenAPI documents can name them.
 */
import type { Json } from '../../json.ts';
import type { Schema } from '../../schema/schema.ts';
import table from './kubernetes.json' with { type: 'json' };

interface Rules {
  readonly p?: 1;
  readonly r?: 1;
  readonly k?: string[];
  readonly t?: string;
  readonly m?: string;
  readonly s?: string;
  readonly a?: 1;
  readonly d?: Json;
}

export interface TypeField {
  /** In JSON; empty for a struct whose fields lie in the outer one there. */
  readonly name: string;
  /** In protobuf. */
  readonly number: number;
  /** `[]T` a list, `{}T` a map by strings. */
  readonly type: string;
  readonly rules: Rules;
  readonly description: string;
}

interface TypeRow {
  readonly description: string;
  readonly atomic: boolean;
  readonly fields: readonly TypeField[];
}

// The file is our own and made by our own script; its rows are tuples of different things, which TypeScript reads as a union.
const rows = table.types as unknown as Readonly<Record<string, readonly [string, ...FieldTuple[]]>>;
type FieldTuple = readonly [name: string, number: number, type: string, rules: Rules, description: string];

/** A type such as `core.v1.Pod`; undefined when there is none of the name. */
export function typeRow(name: string): TypeRow | undefined {
  if (!Object.hasOwn(rows, name)) return undefined;
  const [about = '', ...fields] = rows[name] ?? [''];
  return {
    description: about.replace(/^!/, ''),
    atomic: about.startsWith('!'),
    fields: fields.map(([field, number, type, rules, description]) => ({
      name: field,
      number,
      type,
      rules,
      description,
    })),
  };
}

const PLAIN: Readonly<Record<string, Schema>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  float: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
  byte: { type: 'integer', format: 'byte' },
  time: { type: 'string', format: 'date-time' },
  microTime: { type: 'string', format: 'date-time' },
  quantity: { 'x-kubernetes-int-or-string': true },
  intOrString: { 'x-kubernetes-int-or-string': true },
  any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
};

const made = new Map<string, Schema>();
const names = new WeakMap<Schema, string>();
// Text or a number, and named in documents all the same.
for (const [type, name] of [
  ['quantity', 'resource.Quantity'],
  ['intOrString', 'intstr.IntOrString'],
] as const) {
  const schema = PLAIN[type];
  if (schema !== undefined) names.set(schema, name);
}

/** The schema of a type; the same object each time. Throws for a name that kubernetes.json does not have. */
export function schemaOf(name: string): Schema {
  const known = made.get(name);
  if (known !== undefined) return known;
  const row = typeRow(name);
  if (row === undefined) throw new Error(`kubernetes.json has no type ${name}; add it to scripts/kubernetes-types.mjs`);
  const schema: Schema = { type: 'object', description: row.description };
  made.set(name, schema);
  names.set(schema, name);
  const properties: { [name: string]: Schema } = wholeObjects.has(name) ? { ...typeMeta } : {};
  const required: string[] = [];
  for (const field of row.fields) {
    if (field.name === '') {
      const inner = schemaOf(field.type);
      Object.assign(properties, inner.properties);
      required.push(...(inner.required ?? []));
      continue;
    }
    properties[field.name] = fieldSchema(field);
    if (field.rules.r === 1) required.push(field.name);
  }
  schema.properties = properties;
  if (required.length > 0) schema.required = required;
  if (row.atomic) schema['x-kubernetes-map-type'] = 'atomic';
  return schema;
}

/** The name of a schema that `schemaOf` made. */
export function schemaName(schema: Schema): string | undefined {
  return names.get(schema);
}

const typeMeta = {
  apiVersion: {
    type: 'string',
    description: 'APIVersion defines the versioned schema of this representation of an object.',
  },
  kind: {
    type: 'string',
    description: 'Kind is a string value representing the REST resource this object represents.',
  },
};

/** Those with metadata of their own are whole objects, and say what they are. */
const wholeObjects = new Set(
  Object.entries(rows).flatMap(([name, [, first]]) =>
    first?.[0] === 'metadata' &&
    (first[2] === 'meta.v1.ObjectMeta' || first[2] === 'meta.v1.ListMeta') &&
    !name.endsWith('TemplateSpec')
      ? [name]
      : [],
  ),
);

function fieldSchema({ type, rules, description }: TypeField): Schema {
  const inner = typeSchema(type);
  const schema: Schema = { ...inner };
  // A copy with the field's own words is still of the named type.
  const name = schemaName(inner);
  if (name !== undefined) names.set(schema, name);
  if (description !== '') schema.description = description;
  if (rules.a === 1) schema['x-kubernetes-map-type'] = 'atomic';
  if (rules.d !== undefined) schema.default = rules.d;
  if (schema.type === 'array') {
    schema['x-kubernetes-list-type'] = rules.k === undefined ? (rules.t ?? 'atomic') : 'map';
    if (rules.k !== undefined) schema['x-kubernetes-list-map-keys'] = rules.k;
  }
  if (rules.m !== undefined) schema['x-kubernetes-patch-merge-key'] = rules.m;
  if (rules.s !== undefined) schema['x-kubernetes-patch-strategy'] = rules.s;
  return schema;
}

function typeSchema(type: string): Schema {
  if (type.startsWith('[]')) return { type: 'array', items: typeSchema(type.slice(2)) };
  if (type.startsWith('{}')) return { type: 'object', additionalProperties: typeSchema(type.slice(2)) };
  const plain = PLAIN[type];
  return plain ?? schemaOf(type);
}
