import { compare, dictEntries, equals, Float, isDict, repr, str } from '../../../expressions/index.ts';
import type { JsonType, Schema } from './schema.ts';

type Step = string | number;

/** What does not fit a schema, in python-jsonschema's words. */
export interface Misfit {
  readonly message: string;
  readonly path: readonly Step[];
  readonly schemaPath: readonly Step[];
}

/** Everything in a value that does not fit. Of alternatives (`oneOf`, `anyOf`) only that none fits, as python-jsonschema. */
export function misfits(value: unknown, schema: Schema): Misfit[] {
  return [...check(value, schema, [], [])];
}

function* check(value: unknown, schema: Schema, path: readonly Step[], at: readonly Step[]): Generator<Misfit> {
  for (const [keyword, holds] of Object.entries(CHECKS)) {
    if (schema[keyword as keyof Schema] === undefined) continue;
    const message = holds(value, schema);
    if (message !== undefined) yield { message, path, schemaPath: [...at, keyword] };
  }
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const alternatives = schema[keyword];
    // No two alternatives of our schemas fit the same value, so for `oneOf` one that fits is the only one.
    if (alternatives === undefined || alternatives.some((one) => misfits(value, one).length === 0)) continue;
    const message = `${repr(value)} is not valid under any of the given schemas`;
    yield { message, path, schemaPath: [...at, keyword] };
  }
  if (Array.isArray(value) && schema.items !== undefined) {
    for (const [index, item] of value.entries()) yield* check(item, schema.items, [...path, index], [...at, 'items']);
  }
  if (isDict(value)) yield* checkProperties(value, schema, path, at);
}

function* checkProperties(
  value: Parameters<typeof dictEntries>[0],
  schema: Schema,
  path: readonly Step[],
  at: readonly Step[],
): Generator<Misfit> {
  for (const [key, item] of dictEntries(value)) {
    if (typeof key !== 'string') continue;
    const own = propertyOf(schema, key);
    if (own !== undefined) yield* check(item, own, [...path, key], [...at, 'properties', key]);
    for (const [written, { pattern, schema: matching }] of schema.patternProperties ?? []) {
      if (!pattern.test(key)) continue;
      yield* check(item, matching, [...path, key], [...at, 'patternProperties', written]);
    }
  }
}

function propertyOf({ properties }: Schema, key: string): Schema | undefined {
  return properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
}

/** What a keyword has against a value, if anything. */
const CHECKS: Readonly<Record<string, (value: unknown, schema: Schema) => string | undefined>> = {
  type: (value, { type }) =>
    type === undefined || isOf(type, value) ? undefined : `${repr(value)} is not of type '${type}'`,
  enum: (value, { enum: allowed = [] }) =>
    allowed.some((one) => same(one, value)) ? undefined : `${repr(value)} is not one of ${enumText(allowed)}`,
  minimum: (value, { minimum = 0 }) => {
    if (!isOf('number', value) || Number(value instanceof Float ? value.value : value) >= minimum) return undefined;
    return `${repr(value)} is less than the minimum of ${minimum}`;
  },
  minLength: (value, { minLength = 0 }) =>
    typeof value === 'string' && value.length < minLength ? tooSmall(value, minLength, 'is too short') : undefined,
  pattern: (value, { pattern }) =>
    typeof value !== 'string' || pattern?.test(value) !== false
      ? undefined
      : `${repr(value)} does not match ${repr(pattern.written)}`,
  minItems: (value, { minItems = 0 }) =>
    Array.isArray(value) && value.length < minItems ? tooSmall(value, minItems, 'is too short') : undefined,
  uniqueItems: (value) =>
    Array.isArray(value) && hasEqual(value) ? `${repr(value)} has non-unique elements` : undefined,
  required: (value, { required = [] }) => {
    const missing = isDict(value) ? required.find((name) => !names(value).includes(name)) : undefined;
    return missing === undefined ? undefined : `${repr(missing)} is a required property`;
  },
  additionalProperties: (value, schema) => {
    const extra = isDict(value) ? keys(value).filter((key) => !isKnown(schema, key)) : [];
    if (extra.length === 0) return undefined;
    const shown = extra.sort((left, right) => compare(str(left), str(right))).map((key) => repr(key));
    return `Additional properties are not allowed (${shown.join(', ')} ${extra.length === 1 ? 'was' : 'were'} unexpected)`;
  },
  minProperties: (value, { minProperties = 0 }) =>
    isDict(value) && keys(value).length < minProperties
      ? tooSmall(value, minProperties, 'does not have enough properties')
      : undefined,
  maxProperties: (value, { maxProperties = 0 }) =>
    isDict(value) && keys(value).length > maxProperties ? `${repr(value)} has too many properties` : undefined,
};

function tooSmall(value: unknown, least: number, otherwise: string): string {
  return `${repr(value)} ${least === 1 ? 'should be non-empty' : otherwise}`;
}

/** The version's number is a float in Orquesta's schema. */
function enumText(allowed: readonly unknown[]): string {
  return repr(allowed.map((one) => (typeof one === 'number' ? new Float(one) : one)));
}

function isOf(type: JsonType, value: unknown): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      // In draft 4 a whole float is none. Beyond the safe integers a number is a float, and an int a bigint.
      return typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
    case 'null':
      return value === null;
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' || value instanceof Float;
    case 'object':
      return isDict(value);
    case 'string':
      return typeof value === 'string';
  }
}

/** Equal as JSON: unlike in Python, true is not 1, however deep it stands. */
function same(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((one, index) => same(one, right[index]));
  }
  if (isDict(left) && isDict(right)) {
    const others = new Map(dictEntries(right));
    const own = [...dictEntries(left)];
    return own.length === others.size && own.every(([key, one]) => others.has(key) && same(one, others.get(key)));
  }
  return (typeof left === 'boolean') === (typeof right === 'boolean') && equals(left, right);
}

function hasEqual(items: readonly unknown[]): boolean {
  return items.some((item, index) => items.slice(0, index).some((earlier) => same(earlier, item)));
}

function isKnown(schema: Schema, key: unknown): boolean {
  return typeof key === 'string' && propertyOf(schema, key) !== undefined;
}

function keys(value: Parameters<typeof dictEntries>[0]): unknown[] {
  return [...dictEntries(value)].map(([key]) => key);
}

function names(value: Parameters<typeof dictEntries>[0]): string[] {
  return keys(value).filter((key) => typeof key === 'string');
}
