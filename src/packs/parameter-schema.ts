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

const NAME = /^[\p{L}\p{N}_]+$/u;
/** Of old, StackStorm took dashes too: scripts get them as `--the-name=value`. */
const FORMER_NAME = /^[\p{L}\p{N}_-]+$/u;

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
 * Answers the schemas that are right, in the words of the table above: what only other programs understand (types of other languages,
 * `choices`, `min`) is warned of and read as far as its meaning is plain, because packs of the past carry it and worked.
 * `what` is e.g. `parameter` or `configuration item`.
 */
export function checkParameterSchemas(source: Source, path: Path, value: JsonObject, what: string): ParameterSchemas {
  const schemas: [string, ParameterSchema][] = [];
  for (const [name, schema] of Object.entries(value)) {
    if (!NAME.test(name)) {
      const message = `The ${what} name "${name}" may only hold letters, digits and underscores`;
      if (!FORMER_NAME.test(name)) {
        source.error([...path, name], `${message}.`, 'key');
        continue;
      }
      source.warning([...path, name], `${message}; no template can name it.`, 'key');
    }
    if (checkSchema(source, [...path, name], schema ?? {}, `the ${what} "${name}"`, true)) {
      schemas.push([name, plainSchema(schema ?? {}, true) as ParameterSchema]); // checkSchema has seen that every keyword has its type
    }
  }
  return Object.fromEntries(schemas);
}

/**
 * Checks one schema, at the `top` of a parameter or within; answers whether all of it is right. `what` is e.g. `the parameter "size"`.
 */
export function checkSchema(source: Source, path: Path, value: Json, what: string, top: boolean): boolean {
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
      const hint = didYouMean(keyword, Object.keys(KEYWORDS));
      const message = `Unknown keyword "${keyword}" in ${what}`;
      // A slip of the pen leaves out what was meant; a word of somebody else's leaves out nothing.
      if (hint === '') source.warning(at, `${message}; it has no effect.`, 'key');
      else source.error(at, `${message}.${hint}`, 'key');
      good = good && hint === '';
    } else if (isForeign(keyword, item ?? null)) {
      source.warning(at, `"${keyword}" of ${what} is ${describe(item ?? null)}, ${FOREIGN[keyword]}`);
    } else if (keyword === 'type') {
      good = checkType(source, at, item ?? null, what, top) && good;
    } else {
      good = checkKeyword(source, at, keyword, check, item ?? null, what) && good;
    }
  }
  if (good) {
    checkDefault(source, path, value, what);
    checkChoices(source, path, value, what);
  }
  return good;
}

function checkType(source: Source, path: Path, value: Json, what: string, top: boolean): boolean {
  if (typeof value === 'string' && SIMPLE_TYPES.includes(value)) return true;
  const message = `The type of ${what} must be ${oneOf(SIMPLE_TYPES)}, but it is ${describe(value)}.`;
  if (Array.isArray(value) && value.length > 0 && value.every((item) => SIMPLE_TYPES.includes(typeNameOf(item)))) {
    // As StackStorm, which takes several types at once only below the top.
    if (top) source.warning(path, `${message} It is read as "anyOf" with one schema each; write that.`);
    return true;
  }
  if (typeof value === 'string') {
    const plain = typeNameOf(value);
    const hint = didYouMean(value, SIMPLE_TYPES);
    if (plain !== value) source.warning(path, `${message} It is read as "${plain}"; write that.`);
    else if (hint === '') source.warning(path, `${message} Values are not checked for their type.`);
    else source.error(path, `${message}${hint}`);
    return plain !== value || hint === '';
  }
  source.error(path, message);
  return false;
}

/** What people of other languages write. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  int: 'integer',
  str: 'string',
  text: 'string',
  password: 'string',
  bool: 'boolean',
  float: 'number',
  double: 'number',
  dict: 'object',
  dictionary: 'object',
  map: 'object',
  list: 'array',
};

function typeNameOf(word: Json): string {
  const name = String(word);
  const plain = name.toLowerCase();
  if (SIMPLE_TYPES.includes(plain)) return plain;
  return (Object.hasOwn(TYPE_NAMES, plain) ? TYPE_NAMES[plain] : undefined) ?? name;
}

/** Values that only mean something elsewhere, and how they are read here. */
const FOREIGN: Readonly<Record<string, string>> = {
  required: 'which has no effect: write "required: true" at each property instead.',
  description: 'not text; it is left out.',
  title: 'not text; it is left out.',
  enum: 'so any value is taken.',
};

function isForeign(keyword: string, value: Json): boolean {
  switch (keyword) {
    case 'required':
      return Array.isArray(value);
    case 'description':
    case 'title':
      return value !== null && typeof value !== 'string';
    case 'enum':
      return value === null || (Array.isArray(value) && value.length === 0);
    default:
      return false;
  }
}

/** A schema that was let through, in plain words: what was warned of is left out or said as here. */
function plainSchema(value: Json, top: boolean): Json {
  if (!isJsonObject(value)) return value;
  const entries: [string, Json][] = [];
  for (const [keyword, item = null] of Object.entries(value)) {
    const check = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : undefined;
    if (check === undefined || isForeign(keyword, item)) continue;
    if (keyword === 'type') entries.push(...plainType(item, top));
    else entries.push([keyword, plainKeyword(check, item)]);
  }
  return Object.fromEntries(entries);
}

function plainType(value: Json, top: boolean): [string, Json][] {
  if (Array.isArray(value)) {
    const names = value.map(typeNameOf);
    return top ? [['anyOf', names.map((type) => ({ type }))]] : [['type', names]];
  }
  const name = typeNameOf(value);
  return SIMPLE_TYPES.includes(name) ? [['type', name]] : [];
}

function plainKeyword(check: Check, value: Json): Json {
  switch (check) {
    case 'schema':
    case 'schema or flag':
      return plainSchema(value, false);
    case 'schemas':
    case 'items':
      return Array.isArray(value) ? value.map((item) => plainSchema(item, false)) : plainSchema(value, false);
    case 'named':
      return isJsonObject(value)
        ? Object.fromEntries(Object.entries(value).map(([name, item = null]) => [name, plainSchema(item ?? {}, false)]))
        : value;
    default:
      return value;
  }
}

function checkKeyword(source: Source, path: Path, keyword: string, check: Check, value: Json, what: string): boolean {
  const wrong = (expected: string): boolean => {
    source.error(path, `"${keyword}" of ${what} must be ${expected}, but it is ${describe(value)}.`);
    return false;
  };
  switch (check) {
    case 'any':
      return true;
    case 'text':
      return typeof value === 'string' || value === null || wrong('text');
    case 'flag':
      return typeof value === 'boolean' || wrong('true or false');
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
  const type = typeNameOf(schema.type);
  if (SIMPLE_TYPES.includes(type) && !isOfType(value, type)) {
    source.warning(
      [...path, 'default'],
      `The default of ${what} is ${describe(value)}, which is not of its type "${schema.type}".`,
    );
  }
}

/** Choices that the type refuses can never be chosen. */
function checkChoices(source: Source, path: Path, schema: JsonObject, what: string): void {
  const { enum: choices, type } = schema;
  if (!Array.isArray(choices) || typeof type !== 'string' || !SIMPLE_TYPES.includes(typeNameOf(type))) return;
  for (const [index, choice] of choices.entries()) {
    if (choice === null || isOfType(choice, typeNameOf(type))) continue;
    const message = `The choice ${describe(choice)} of ${what} is not of its type "${type}", so it cannot be chosen.`;
    source.warning([...path, 'enum', index], message);
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
