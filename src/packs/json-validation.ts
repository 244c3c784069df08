import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type Json, type JsonObject } from '../model/index.ts';
import { oneOf } from './problems.ts';
import { describe } from './shape.ts';

/** One mismatch: where in the value, and a clause such as `must be a whole number`. Values are shown by type only where they may be secret. */
export interface Mismatch {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

type Report = (path: Mismatch['path'], message: string) => void;

/**
 * Holds an object against StackStorm schemas by property name: JSON schema draft 4 whose `required` may be true at each property, and null
 * is accepted for whatever is not required (stackstorm-packs.md, section 2.1). Names without a schema are accepted when
 * `additional` is set. `$ref`, `format` and `dependencies` are not looked at. Used for what packs configure; the parameters of
 * executions have their own, complete validation.
 */
export function validateProperties(
  properties: JsonObject,
  value: JsonObject,
  options: { readonly additional: boolean },
): readonly Mismatch[] {
  const mismatches: Mismatch[] = [];
  validate({ type: 'object', properties, additionalProperties: options.additional }, value, [], (path, message) => {
    mismatches.push({ path, message });
  });
  return mismatches;
}

function validate(schema: Json | undefined, value: Json, path: Mismatch['path'], report: Report): void {
  if (!isJsonObject(schema)) return;
  if (!checkType(schema, value, path, report)) return;
  if (Array.isArray(schema.enum) && !schema.enum.some((allowed) => isDeepStrictEqual(allowed, value))) {
    report(path, `must be ${oneOf(schema.enum.map(String))}`);
  }
  if (typeof value === 'number') checkNumber(schema, value, path, report);
  else if (typeof value === 'string') checkText(schema, value, path, report);
  else if (Array.isArray(value)) checkList(schema, value, path, report);
  else if (isJsonObject(value)) checkObject(schema, value, path, report);
  checkCombinations(schema, value, path, report);
}

function checkType(schema: JsonObject, value: Json, path: Mismatch['path'], report: Report): boolean {
  const { type } = schema;
  if (type === undefined || type === null) return true;
  const types: readonly Json[] = Array.isArray(type) ? type : [type];
  if (types.some((name) => isOfType(value, String(name)))) return true;
  const wanted =
    types.length === 1 ? `of type ${oneOf(types.map(String))}` : `one of the types ${oneOf(types.map(String))}`;
  // A text may be a secret in the wrong place.
  const found = typeof value === 'string' ? 'a text' : describe(value);
  report(path, `must be ${wanted}, but it is ${found}`);
  return false;
}

/** Whether a value is of a JSON schema type; whole numbers are integers, booleans are no numbers. */
export function isOfType(value: Json, type: string): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isJsonObject(value);
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}

function checkNumber(schema: JsonObject, value: number, path: Mismatch['path'], report: Report): void {
  const { minimum, maximum, multipleOf } = schema;
  if (typeof minimum === 'number' && (schema.exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    report(path, `must be ${schema.exclusiveMinimum === true ? 'more than' : 'at least'} ${minimum}`);
  }
  if (typeof maximum === 'number' && (schema.exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    report(path, `must be ${schema.exclusiveMaximum === true ? 'less than' : 'at most'} ${maximum}`);
  }
  if (typeof multipleOf === 'number' && !Number.isInteger(value / multipleOf)) {
    report(path, `must be a multiple of ${multipleOf}`);
  }
}

function checkText(schema: JsonObject, value: string, path: Mismatch['path'], report: Report): void {
  const length = [...value].length;
  if (typeof schema.minLength === 'number' && length < schema.minLength) {
    report(path, `must have at least ${schema.minLength} characters`);
  }
  if (typeof schema.maxLength === 'number' && length > schema.maxLength) {
    report(path, `must have at most ${schema.maxLength} characters`);
  }
  if (typeof schema.pattern === 'string' && matches(schema.pattern, value) === false) {
    report(path, `must match the pattern ${schema.pattern}`);
  }
}

function checkList(schema: JsonObject, value: readonly Json[], path: Mismatch['path'], report: Report): void {
  const { items, minItems, maxItems } = schema;
  for (const [index, item] of value.entries()) {
    if (!Array.isArray(items)) validate(items, item, [...path, index], report);
    else if (index < items.length) validate(items[index], item, [...path, index], report);
    else if (schema.additionalItems === false) report([...path, index], 'is one item too many');
    else validate(schema.additionalItems, item, [...path, index], report);
  }
  if (typeof minItems === 'number' && value.length < minItems) report(path, `must have at least ${minItems} items`);
  if (typeof maxItems === 'number' && value.length > maxItems) report(path, `must have at most ${maxItems} items`);
  if (schema.uniqueItems === true) {
    const twice = value.findIndex((item, index) =>
      value.slice(0, index).some((other) => isDeepStrictEqual(other, item)),
    );
    if (twice >= 0) report([...path, twice], 'is in the list already');
  }
}

function checkObject(schema: JsonObject, value: JsonObject, path: Mismatch['path'], report: Report): void {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  const patterns = isJsonObject(schema.patternProperties) ? Object.entries(schema.patternProperties) : [];
  const listed: readonly Json[] = Array.isArray(schema.required) ? schema.required : [];
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const matching = patterns.filter(([pattern]) => matches(pattern, name) === true).map(([, rest]) => rest);
    const schemas = own === undefined ? matching : [own, ...matching];
    const required = listed.includes(name) || (isJsonObject(own) && own.required === true);
    if (item === null && !required && own !== undefined) continue;
    for (const one of schemas) validate(one, item, [...path, name], report);
    if (schemas.length > 0) continue;
    if (schema.additionalProperties === false) report([...path, name], 'is not declared');
    else validate(schema.additionalProperties, item, [...path, name], report);
  }
  for (const [name, property] of Object.entries(properties)) {
    if (isJsonObject(property) && property.required === true && !Object.hasOwn(value, name)) {
      report(path, `must have "${name}"`);
    }
  }
  for (const name of listed) {
    if (typeof name === 'string' && !Object.hasOwn(value, name)) report(path, `must have "${name}"`);
  }
  const count = Object.keys(value).length;
  if (typeof schema.minProperties === 'number' && count < schema.minProperties) {
    report(path, `must have at least ${schema.minProperties} entries`);
  }
  if (typeof schema.maxProperties === 'number' && count > schema.maxProperties) {
    report(path, `must have at most ${schema.maxProperties} entries`);
  }
}

function checkCombinations(schema: JsonObject, value: Json, path: Mismatch['path'], report: Report): void {
  const fitting = (list: Json | undefined) =>
    Array.isArray(list) ? list.filter((one) => fits(one, value)).length : undefined;
  if (Array.isArray(schema.allOf)) for (const one of schema.allOf) validate(one, value, path, report);
  if (fitting(schema.anyOf) === 0) report(path, 'must fit one of the alternatives of its schema');
  const exactly = fitting(schema.oneOf);
  if (exactly === 0) report(path, 'must fit one of the alternatives of its schema');
  else if (exactly !== undefined && exactly > 1) report(path, 'must fit only one of the alternatives of its schema');
  if (isJsonObject(schema.not) && fits(schema.not, value)) report(path, 'must not be what its schema excludes');
}

function fits(schema: Json, value: Json): boolean {
  let good = true;
  validate(schema, value, [], () => {
    good = false;
  });
  return good;
}

/** Undefined when the pattern is no regular expression here: then nothing can be said. */
function matches(pattern: string, text: string): boolean | undefined {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return undefined;
  }
}
