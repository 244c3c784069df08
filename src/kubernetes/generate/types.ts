/**
 * Prints the schemas of OpenAPI 3.0, 3.1 and Kubernetes' structural schemas as TypeScript types.
 *
 * Why our own and not openapi-typescript (7.13, MIT): it needs the TypeScript compiler of major version 5 at run time (tens of megabytes for
 * a command-line tool, and this project is at 7, which has no such API), Redocly's parser beside it, and names types by index access
 * (`components['schemas']['Pod']`) where a client reads better with names. What is needed here is the few functions below.
 */
import { type Json, PetrelError } from '../../model/index.ts';
import {
  at,
  broken,
  type Cursor,
  follow,
  itemsOf,
  membersOf,
  objectAt,
  pointerKeys,
  refOf,
  textAt,
} from '../openapi/cursor.ts';
import { literal, propertyKey } from './names.ts';
import { objectType } from './object-types.ts';

export interface TypeScope {
  readonly root: Cursor;
  /** The type's name for a schema of `components`. Told of each use. Undefined for none. */
  nameOf(schema: string): string | undefined;
  /** Schemas that refer to themselves without an object or a list between: TypeScript has no such types. */
  readonly circular: ReadonlySet<string>;
}

/** Where a type is printed. */
export interface Spot {
  readonly indent: string;
  /** The schema of which this is the type itself, and not that of a part. */
  readonly direct?: string | undefined;
  /** Pointers of references being printed in place. */
  readonly within?: readonly string[];
}

/** The members of a union; most types are one. */
export type Type = readonly string[];

export const UNKNOWN: Type = ['unknown'];

const SCHEMAS = '#/components/schemas/';

export function union(types: readonly Type[]): Type {
  const members = [...new Set(types.flat())].filter((member) => member !== 'never');
  if (members.includes('unknown')) return UNKNOWN;
  return members.length === 0 ? ['never'] : members;
}

function intersection(types: readonly Type[]): Type {
  const told = types.filter((type) => !type.includes('unknown'));
  const [first] = told;
  if (first !== undefined && told.length === 1) return first;
  const parts = [...new Set(told.map((type) => (type.length > 1 ? `(${textOf(type)})` : textOf(type))))];
  return parts.length === 0 ? UNKNOWN : [parts.join(' & ')];
}

/** One line, or one line per member when that is too long. */
export function textOf(type: Type, indent?: string): string {
  const line = type.join(' | ');
  if (indent === undefined || type.length < 3 || line.length < 100 || line.includes('\n')) return line;
  return type.map((member) => `\n${indent}  | ${member}`).join('');
}

export function arrayOf(item: Type): Type {
  const text = textOf(item);
  return [/^[\w$.]+(\[\])*$/.test(text) ? `${text}[]` : `Array<${text}>`];
}

/** The type of a schema. Throws `invalid` with file and pointer for what is no schema. */
export function typeOf(scope: TypeScope, cursor: Cursor, spot: Spot): Type {
  const { value } = cursor;
  if (value === undefined || value === true) return UNKNOWN;
  if (value === false) return ['never'];
  objectAt(cursor);
  const reference = refOf(cursor);
  if (reference !== undefined) return referenceType(scope, cursor, reference, spot);
  const type = bareType(scope, cursor, spot);
  return at(cursor, 'nullable').value === true ? union([type, ['null']]) : type;
}

function referenceType(scope: TypeScope, cursor: Cursor, reference: string, spot: Spot): Type {
  const [, , schema = '', ...deeper] = pointerKeys(reference);
  if (reference.startsWith(SCHEMAS) && deeper.length === 0) {
    const name = scope.nameOf(schema);
    if (name === undefined) throw broken(cursor, `refers to the schema "${schema}", which is not there`);
    if (spot.direct !== undefined && scope.circular.has(spot.direct) && scope.circular.has(schema)) return UNKNOWN;
    return [name];
  }
  // A reference into the middle of something has no name: its type is printed here.
  const within = spot.within ?? [];
  if (within.includes(reference)) return UNKNOWN;
  return typeOf(scope, follow(scope.root, cursor), { ...spot, direct: undefined, within: [...within, reference] });
}

function bareType(scope: TypeScope, cursor: Cursor, spot: Spot): Type {
  if (at(cursor, 'x-kubernetes-int-or-string').value === true) return ['number', 'string'];
  if (textAt(at(cursor, 'format')) === 'int-or-string') return ['number', 'string'];
  const constant = at(cursor, 'const').value;
  if (constant !== undefined) return literalType(constant);
  const values = itemsOf(at(cursor, 'enum'));
  if (values.length > 0) return union(values.map((one) => literalType(one.value ?? null)));
  const parts = [ownType(scope, cursor, spot), ...composed(scope, cursor, spot)];
  return parts.length === 1 ? (parts[0] ?? UNKNOWN) : intersection(parts);
}

function literalType(value: Json): Type {
  if (typeof value === 'string') return [literal(value)];
  return typeof value === 'object' && value !== null ? UNKNOWN : [String(value)];
}

function composed(scope: TypeScope, cursor: Cursor, spot: Spot): readonly Type[] {
  const all = itemsOf(at(cursor, 'allOf')).map((one) => typeOf(scope, one, spot));
  const either = ['oneOf', 'anyOf'].flatMap((key) => {
    const members = itemsOf(at(cursor, key));
    return members.length === 0 ? [] : [union(members.map((one) => alternative(scope, cursor, one, spot)))];
  });
  return [...all, ...either];
}

/** One of several: with its discriminator's value beside it, so that a comparison tells the alternatives apart. */
function alternative(scope: TypeScope, cursor: Cursor, member: Cursor, spot: Spot): Type {
  const type = typeOf(scope, member, spot);
  const property = textAt(at(cursor, 'discriminator', 'propertyName'));
  const reference = refOf(member);
  if (property === undefined || reference === undefined || !reference.startsWith(SCHEMAS)) return type;
  const [, , schema = ''] = pointerKeys(reference);
  const mapped = membersOf(at(cursor, 'discriminator', 'mapping'))
    .filter(([, target]) => target.value === reference || target.value === schema)
    .map(([value]) => value);
  const own = at(follow(scope.root, member), 'properties', property);
  // A property that has its values in the schema itself tells them apart already.
  if (at(own, 'enum').value !== undefined || at(own, 'const').value !== undefined) return type;
  const values = union((mapped.length === 0 ? [schema] : mapped).map((value) => [literal(value)]));
  return intersection([type, [`{ ${propertyKey(property)}: ${textOf(values)} }`]]);
}

/** What the schema says itself, apart from what it is composed of. */
function ownType(scope: TypeScope, cursor: Cursor, spot: Spot): Type {
  const { value: type } = at(cursor, 'type');
  // OpenAPI 3.1: several types.
  if (Array.isArray(type)) {
    return union(itemsOf(at(cursor, 'type')).map((one) => simpleType(scope, cursor, textAt(one) ?? '', spot)));
  }
  const named = textAt(at(cursor, 'type'));
  if (named !== undefined) return simpleType(scope, cursor, named, spot);
  const has = (...keys: readonly string[]) => keys.some((key) => at(cursor, key).value !== undefined);
  if (has('properties', 'additionalProperties', 'patternProperties')) return simpleType(scope, cursor, 'object', spot);
  if (has('required') && Array.isArray(at(cursor, 'required').value)) return simpleType(scope, cursor, 'object', spot);
  if (has('items', 'prefixItems')) return simpleType(scope, cursor, 'array', spot);
  if (at(cursor, 'x-kubernetes-preserve-unknown-fields').value === true) return ['Record<string, unknown>'];
  return UNKNOWN;
}

function simpleType(scope: TypeScope, cursor: Cursor, type: string, spot: Spot): Type {
  const inner: Spot = { indent: spot.indent, within: spot.within ?? [] };
  switch (type) {
    case 'string':
      return [textAt(at(cursor, 'format')) === 'binary' ? 'Blob' : 'string'];
    case 'integer':
    case 'number':
      return ['number'];
    case 'boolean':
    case 'null':
      return [type];
    case 'array':
      return listType(scope, cursor, inner);
    case 'object':
      return [objectType(cursor, inner.indent, (part, indent) => typeOf(scope, part, { ...inner, indent }))];
    case 'file':
      return ['Blob'];
    case 'any': // of no specification, and in many a file
      return UNKNOWN;
    default:
      throw broken(
        at(cursor, 'type'),
        `is "${type}"; a schema's type is string, number, integer, boolean, array, object or null`,
      );
  }
}

function listType(scope: TypeScope, cursor: Cursor, spot: Spot): Type {
  const first = itemsOf(at(cursor, 'prefixItems')).map((one) => textOf(typeOf(scope, one, spot)));
  const items = at(cursor, 'items');
  if (first.length === 0) return arrayOf(typeOf(scope, items, spot));
  const rest = items.value === false ? [] : [`...${textOf(arrayOf(typeOf(scope, items, spot)))}`];
  return [`[${[...first, ...rest].join(', ')}]`];
}

/** Schemas that reach themselves through references, allOf, anyOf and oneOf alone. */
export function circularSchemas(root: Cursor): ReadonlySet<string> {
  const schemas = at(root, 'components', 'schemas');
  const names = Object.keys(objectAt(schemas));
  const direct = new Map(names.map((name) => [name, directReferences(at(schemas, name), 0)]));
  const reaches = (from: string, to: string): boolean => {
    const seen = new Set<string>();
    const queue = [...(direct.get(from) ?? [])];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (next === to) return true;
      if (!seen.has(next)) queue.push(...(direct.get(next) ?? []));
      seen.add(next);
    }
    return false;
  };
  return new Set(names.filter((name) => reaches(name, name)));
}

function directReferences(cursor: Cursor, depth: number): readonly string[] {
  if (depth > 500) throw new PetrelError('invalid', `${cursor.file}: "${cursor.pointer}" is nested too deeply.`);
  const reference = refOf(cursor);
  if (reference !== undefined) {
    const [, , schema = '', ...deeper] = pointerKeys(reference);
    return reference.startsWith(SCHEMAS) && deeper.length === 0 ? [schema] : [];
  }
  if (typeof cursor.value !== 'object' || cursor.value === null) return [];
  return ['allOf', 'anyOf', 'oneOf'].flatMap((key) =>
    itemsOf(at(cursor, key)).flatMap((one) => directReferences(one, depth + 1)),
  );
}
