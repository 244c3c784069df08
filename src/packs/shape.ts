import { isJsonObject, type Json, type JsonObject } from '../model/index.ts';
import { didYouMean, oneOf } from './problems.ts';
import type { Path, Source } from './source.ts';

export type Kind = 'text' | 'boolean' | 'number' | 'integer' | 'mapping' | 'list';

/** What a key of a mapping may hold. Null counts as absent, as StackStorm tolerates it for whatever is optional. */
export interface Field {
  readonly kind: Kind;
  readonly required?: boolean;
  /** The only texts allowed. */
  readonly values?: readonly string[];
  /** For mappings: their keys. Absent: any. */
  readonly fields?: Fields;
  /** For lists: what each item is. Absent: anything. */
  readonly items?: Field;
  readonly minimum?: number;
}

export type Fields = Readonly<Record<string, Field>>;

/** What a mapping is called in complaints, e.g. `an action`, and what becomes of keys that are not in the table: refused by default. */
export interface MappingName {
  readonly what: string;
  /** They are let through. */
  readonly open?: boolean;
  /**
   * They are warned of and left out, unless one looks like a slip of the pen: packs carry words of their own and of other releases, which
   * take nothing away from the rest, while a misspelt key leaves out what was meant.
   */
  readonly lenient?: boolean;
}

/**
 * Checks that the value at `path` is a mapping with these fields. Answers the mapping with only those entries that passed,
 * or undefined when it is no mapping at all; complaints go to the source, which therefore also says whether all was well.
 */
export function checkMapping(
  source: Source,
  path: Path,
  value: Json | undefined,
  fields: Fields,
  name: MappingName,
): JsonObject | undefined {
  if (!isJsonObject(value)) {
    source.error(path, `Expected ${name.what} (a mapping of keys to values), but found ${describe(value)}.`);
    return undefined;
  }
  const checked: [string, Json][] = [];
  for (const [key, item] of Object.entries(value)) {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field === undefined) {
      if (name.open) checked.push([key, item ?? null]);
      else complainOfKey(source, path, key, Object.keys(fields), name);
    } else if (item !== null && item !== undefined && checkField(source, [...path, key], key, item, field, name)) {
      checked.push([key, item]);
    }
  }
  const present = new Set(checked.map(([key]) => key));
  for (const [key, field] of Object.entries(fields)) {
    if (!field.required || present.has(key)) continue;
    const given = Object.hasOwn(value, key) ? value[key] : undefined;
    if (given === undefined) source.error(path, `The key "${key}" is missing; ${name.what} needs it.`);
    else if (given === null)
      source.error([...path, key], `The key "${key}" is empty; ${name.what} needs a value here.`, 'key');
  }
  return Object.fromEntries(checked);
}

function complainOfKey(source: Source, path: Path, key: string, known: readonly string[], name: MappingName): void {
  const message = unknownKey(key, name.what, known);
  if (name.lenient !== true || didYouMean(key, known) !== '') source.error([...path, key], message, 'key');
  else source.warning([...path, key], `Unknown key "${key}" in ${name.what}; it has no effect.`, 'key');
}

export function unknownKey(key: string, what: string, known: readonly string[]): string {
  const hint = didYouMean(key, known);
  return `Unknown key "${key}" in ${what}.${hint === '' ? ` Known keys are ${oneOf(known)}.` : hint}`;
}

function checkField(source: Source, path: Path, key: string, value: Json, field: Field, name: MappingName): boolean {
  if (!isKind(value, field.kind)) {
    source.error(path, `"${key}" must be ${KINDS[field.kind]}, but it is ${describe(value)}.`);
    return false;
  }
  if (field.values !== undefined && !field.values.includes(String(value))) {
    const hint = didYouMean(String(value), field.values);
    source.error(path, `"${key}" must be ${oneOf(field.values)}, but it is ${describe(value)}.${hint}`);
    return false;
  }
  if (field.minimum !== undefined && typeof value === 'number' && value < field.minimum) {
    source.error(path, `"${key}" must be at least ${field.minimum}, but it is ${value}.`);
    return false;
  }
  if (field.fields !== undefined) {
    checkMapping(source, path, value, field.fields, {
      what: `"${key}"`,
      ...(name.lenient === true && { lenient: true }),
    });
  }
  if (field.items !== undefined && Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      checkField(source, [...path, index], `${key}[${index}]`, item, field.items, name);
    }
  }
  return true;
}

const KINDS: Readonly<Record<Kind, string>> = {
  text: 'text',
  boolean: 'true or false',
  number: 'a number',
  integer: 'a whole number',
  mapping: 'a mapping of keys to values',
  list: 'a list',
};

function isKind(value: Json, kind: Kind): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'number':
      return typeof value === 'number';
    case 'integer':
      return Number.isInteger(value);
    case 'mapping':
      return isJsonObject(value);
    case 'list':
      return Array.isArray(value);
  }
}

/** A value in a sentence. Long texts are cut; nothing below the top level is shown. */
export function describe(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return `the text "${value.length > 40 ? `${value.slice(0, 40)}...` : value}"`;
  return typeof value === 'number' ? `the number ${value}` : String(value);
}

/** The entry when it is text. For mappings that `checkMapping` has passed. */
export function textOf(mapping: JsonObject, key: string): string | undefined {
  const value = mapping[key];
  return typeof value === 'string' ? value : undefined;
}

/** The entry when it is a mapping, otherwise `{}`. */
export function mappingOf(mapping: JsonObject, key: string): JsonObject {
  const value = mapping[key];
  return isJsonObject(value) ? value : {};
}
