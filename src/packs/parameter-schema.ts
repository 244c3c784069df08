import {
  isJsonObject,
  type Json,
  type JsonObject,
  type ParameterSchema,
  type ParameterSchemas,
} from '../model/index.ts';
import { isOfType } from './json-validation.ts';
import { didYouMean, oneOf } from './problems.ts';
import { describe } from './shape.ts';
import type { Path, Source } from './source.ts';

export const SIMPLE_TYPES: readonly string[] = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

type Check =
  | 'text'
  | 'flag'
  | 'number'
  | 'count'
  | 'list'
  | 'any'
  | 'schema'
  | 'schemas'
  | 'named'
  | 'schema or flag'
  | 'items';

/** JSON schema draft 4 plus StackStorm's own words (stackstorm-packs.md, section 2.1). */
const KEYWORDS: Readonly<Record<string, Check>> = {
  type: 'any',
  description: 'text',
  title: 'text',
  default: 'any',
  required: 'flag',
  secret: 'flag',
  immutable: 'flag',
  position: 'count',
  enum: 'list',
  pattern: 'text',
  format: 'text',
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'flag',
  exclusiveMaximum: 'flag',
  multipleOf: 'number',
  minLength: 'count',
  maxLength: 'count',
  items: 'items',
  additionalItems: 'schema or flag',
  minItems: 'count',
  maxItems: 'count',
  uniqueItems: 'flag',
  properties: 'named',
  patternProperties: 'named',
  additionalProperties: 'schema or flag',
  minProperties: 'count',
  maxProperties: 'count',
  dependencies: 'any',
  definitions: 'named',
  anyOf: 'schemas',
  oneOf: 'schemas',
  allOf: 'schemas',
  not: 'schema',
  id: 'text',
  $schema: 'text',
  $ref: 'text',
};

/**
 * Checks a mapping of parameter names to schemas, as an action's `parameters` or a pack's configuration schema hold it.
 * Answers the schemas that are right. `what` is e.g. `parameter` or `configuration item`.
 */
export function checkParameterSchemas(source: Source, path: Path, value: JsonObject, what: string): ParameterSchemas {
  const schemas: [string, ParameterSchema][] = [];
  for (const [name, schema] of Object.entries(value)) {
    if (!/^[\p{L}\p{N}_]+$/u.test(name)) {
      source.error([...path, name], `The ${what} name "${name}" may only hold letters, digits and underscores.`, 'key');
    } else if (checkSchema(source, [...path, name], schema ?? {}, `the ${what} "${name}"`, true)) {
      schemas.push([name, (schema ?? {}) as ParameterSchema]); // checkSchema has seen that every keyword has its type
    }
  }
  return Object.fromEntries(schemas);
}

function checkSchema(source: Source, path: Path, value: Json, what: string, top: boolean): boolean {
  if (!isJsonObject(value)) {
    source.error(
      path,
      `${capital(what)} must be described by a mapping such as "type: string", but it is ${describe(value)}.`,
    );
    return false;
  }
  let good = true;
  for (const [keyword, item] of Object.entries(value)) {
    const at = [...path, keyword];
    const check = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : undefined;
    if (check === undefined) {
      source.error(at, `Unknown keyword "${keyword}" in ${what}.${didYouMean(keyword, Object.keys(KEYWORDS))}`, 'key');
      good = false;
    } else if (keyword === 'type') {
      good = checkType(source, at, item ?? null, what, top) && good;
    } else {
      good = checkKeyword(source, at, keyword, check, item ?? null, what) && good;
    }
  }
  if (good) checkDefault(source, path, value, what);
  return good;
}

function checkType(source: Source, path: Path, value: Json, what: string, top: boolean): boolean {
  if (typeof value === 'string' && SIMPLE_TYPES.includes(value)) return true;
  if (Array.isArray(value) && !top && value.every((item) => SIMPLE_TYPES.includes(String(item)))) return true;
  const hint = Array.isArray(value)
    ? ' For several types write "anyOf" with one schema each.'
    : didYouMean(typeNameOf(String(value)), SIMPLE_TYPES);
  source.error(path, `The type of ${what} must be ${oneOf(SIMPLE_TYPES)}, but it is ${describe(value)}.${hint}`);
  return false;
}

/** What people of other languages write. */
function typeNameOf(word: string): string {
  const names: Readonly<Record<string, string>> = {
    int: 'integer',
    str: 'string',
    text: 'string',
    bool: 'boolean',
    float: 'number',
    dict: 'object',
    list: 'array',
  };
  return (Object.hasOwn(names, word) ? names[word] : undefined) ?? word;
}

function checkKeyword(source: Source, path: Path, keyword: string, check: Check, value: Json, what: string): boolean {
  const wrong = (expected: string, hint = ''): boolean => {
    source.error(path, `"${keyword}" of ${what} must be ${expected}, but it is ${describe(value)}.${hint}`);
    return false;
  };
  switch (check) {
    case 'any':
      return true;
    case 'text':
      return typeof value === 'string' || value === null || wrong('text');
    case 'flag':
      if (typeof value === 'boolean') return true;
      return wrong(
        'true or false',
        keyword === 'required' && Array.isArray(value) ? ' Write "required: true" at each property instead.' : '',
      );
    case 'number':
      return typeof value === 'number' || wrong('a number');
    case 'count':
      return (Number.isInteger(value) && Number(value) >= 0) || wrong('a whole number, 0 or more');
    case 'list':
      return (Array.isArray(value) && value.length > 0) || wrong('a list with at least one item');
    case 'schema':
      return checkSchema(source, path, value, what, false);
    case 'schema or flag':
      return typeof value === 'boolean' || checkSchema(source, path, value, what, false);
    case 'schemas':
      if (!Array.isArray(value)) return wrong('a list of schemas');
      return value.map((item, index) => checkSchema(source, [...path, index], item, what, false)).every(Boolean);
    case 'items':
      if (!Array.isArray(value)) return checkSchema(source, path, value, what, false);
      return value.map((item, index) => checkSchema(source, [...path, index], item, what, false)).every(Boolean);
    case 'named':
      if (!isJsonObject(value)) return wrong('a mapping of names to schemas');
      return Object.entries(value)
        .map(([name, item]) => checkSchema(source, [...path, name], item ?? null, `"${name}" of ${what}`, false))
        .every(Boolean);
  }
}

/** A default that the declared type refuses fails every call that relies on it; a template is cast later, so it may be anything. */
function checkDefault(source: Source, path: Path, schema: JsonObject, what: string): void {
  const value = schema.default;
  if (value === undefined || value === null || typeof schema.type !== 'string') return;
  if (typeof value === 'string' && /\{\{|\{%/.test(value)) return;
  if (!isOfType(value, schema.type)) {
    source.warning(
      [...path, 'default'],
      `The default of ${what} is ${describe(value)}, which is not of its type "${schema.type}".`,
    );
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
