/** Validation of a value against a structural schema, with the messages and reasons of the real server. */
import { RE2JS } from 're2js';
import { type Cause, cause } from '../errors.ts';
import { equal, isMap, type Json, type JsonMap, own } from '../json.ts';
import { hasFormat } from './formats.ts';
import { childSchema, isSetList, listMapKeys, type Schema, under } from './schema.ts';

/** Every complaint about a value; none means that it is valid. `path` is what the complaints' fields start with. */
export function validate(value: Json | undefined, schema: Schema | undefined, path = ''): Cause[] {
  if (schema === undefined || value === undefined) return [];
  if (value === null) {
    return schema.nullable === true || schema.type === undefined ? [] : [wrongType(value, schema, path)];
  }
  if (!hasType(value, schema)) return [wrongType(value, schema, path)];
  const complaints = [...ofEnum(value, schema, path), ...ofCombinations(value, schema, path)];
  if (typeof value === 'string') complaints.push(...ofString(value, schema, path));
  else if (typeof value === 'number') complaints.push(...ofNumber(value, schema, path));
  else if (Array.isArray(value)) complaints.push(...ofList(value, schema, path));
  else if (isMap(value)) complaints.push(...ofMap(value, schema, path));
  return complaints;
}

function hasType(value: Json, schema: Schema): boolean {
  if (schema['x-kubernetes-int-or-string'] === true) return typeof value === 'string' || Number.isInteger(value);
  switch (schema.type) {
    case 'object':
      return isMap(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    default:
      return true;
  }
}

function typeName(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function wrongType(value: Json, schema: Schema, path: string): Cause {
  const wanted = schema['x-kubernetes-int-or-string'] === true ? 'integer,string' : (schema.type ?? '');
  // The real server shows the type where a value would not fit on the line.
  const shown = typeof value === 'object' ? typeName(value) : value;
  return cause.type(path, shown, `${path} in body must be of type ${wanted}: ${JSON.stringify(typeName(value))}`);
}

function ofEnum(value: Json, schema: Schema, path: string): Cause[] {
  if (schema.enum === undefined || schema.enum.some((allowed) => equal(allowed, value))) return [];
  return [cause.notSupported(path, value, schema.enum)];
}

function ofString(value: string, schema: Schema, path: string): Cause[] {
  const complaints: Cause[] = [];
  const length = [...value].length;
  if (schema.maxLength !== undefined && length > schema.maxLength)
    complaints.push(cause.tooLong(path, schema.maxLength));
  if (schema.minLength !== undefined && length < schema.minLength) {
    complaints.push(cause.invalid(path, value, `${path} in body should be at least ${schema.minLength} chars long`));
  }
  if (schema.pattern !== undefined && !matches(schema.pattern, value)) {
    complaints.push(cause.invalid(path, value, `${path} in body should match '${schema.pattern}'`));
  }
  const misformed = schema.format !== undefined && !hasFormat(schema.format, value);
  if (misformed) {
    complaints.push(
      cause.invalid(path, value, `${path} in body must be of type ${schema.format}: ${JSON.stringify(value)}`),
    );
  }
  return complaints;
}

const compiled = new Map<string, RE2JS>();

// RE2, as the real server uses: linear time, so that no pattern in a CRD can hang the sandbox.
function matches(pattern: string, value: string): boolean {
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    expression = RE2JS.compile(pattern);
    if (compiled.size > 1000) compiled.clear();
    compiled.set(pattern, expression);
  }
  return expression.matcher(value).find();
}

function ofNumber(value: number, schema: Schema, path: string): Cause[] {
  const complaints: Cause[] = [];
  const { minimum, maximum, multipleOf } = schema;
  if (minimum !== undefined && (schema.exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    const words = schema.exclusiveMinimum === true ? 'greater than' : 'greater than or equal to';
    complaints.push(cause.invalid(path, value, `${path} in body should be ${words} ${minimum}`));
  }
  if (maximum !== undefined && (schema.exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    const words = schema.exclusiveMaximum === true ? 'less than' : 'less than or equal to';
    complaints.push(cause.invalid(path, value, `${path} in body should be ${words} ${maximum}`));
  }
  if (multipleOf !== undefined && !Number.isInteger(Number((value / multipleOf).toPrecision(12)))) {
    complaints.push(cause.invalid(path, value, `${path} in body should be a multiple of ${multipleOf}`));
  }
  if (schema.format === 'int32' && Math.abs(value) > 2 ** 31) {
    complaints.push(cause.invalid(path, value, `${path} in body must be of type int32: "${value}"`));
  }
  return complaints;
}

function ofList(items: readonly Json[], schema: Schema, path: string): Cause[] {
  const complaints: Cause[] = [];
  if (schema.maxItems !== undefined && items.length > schema.maxItems) {
    complaints.push(cause.tooMany(path, items.length, schema.maxItems));
  }
  if (schema.minItems !== undefined && items.length < schema.minItems) {
    complaints.push(cause.invalid(path, items.length, `${path} in body should have at least ${schema.minItems} items`));
  }
  for (const [index, item] of items.entries()) complaints.push(...validate(item, schema.items, `${path}[${index}]`));
  return [...complaints, ...duplicates(items, schema, path)];
}

function duplicates(items: readonly Json[], schema: Schema, path: string): Cause[] {
  const keys = listMapKeys(schema);
  if (keys === undefined && !isSetList(schema)) return [];
  const seen = new Set<string>();
  const complaints: Cause[] = [];
  for (const [index, item] of items.entries()) {
    const identity: Json =
      keys !== undefined && isMap(item) ? Object.fromEntries(keys.map((key) => [key, own(item, key)])) : item;
    const text = JSON.stringify(identity);
    if (seen.has(text)) {
      complaints.push({
        reason: 'FieldValueDuplicate',
        message: `Duplicate value: ${text}`,
        field: `${path}[${index}]`,
      });
    }
    seen.add(text);
  }
  return complaints;
}

function ofMap(map: JsonMap, schema: Schema, path: string): Cause[] {
  const complaints: Cause[] = [];
  for (const name of schema.required ?? []) {
    if (own(map, name) === undefined) complaints.push(cause.required(under(path, name)));
  }
  const size = Object.keys(map).length;
  if (schema.maxProperties !== undefined && size > schema.maxProperties) {
    complaints.push(cause.tooMany(path, size, schema.maxProperties));
  }
  if (schema.minProperties !== undefined && size < schema.minProperties) {
    complaints.push(
      cause.invalid(path, size, `${path} in body should have at least ${schema.minProperties} properties`),
    );
  }
  for (const [key, child] of Object.entries(map)) {
    complaints.push(...validate(child, childSchema(schema, key), under(path, key)));
  }
  return complaints;
}

function ofCombinations(value: Json, schema: Schema, path: string): Cause[] {
  const complaints: Cause[] = [];
  const fits = (one: Schema) => validate(value, one, path).length === 0;
  if (schema.allOf !== undefined) {
    const failed = schema.allOf.flatMap((one) => validate(value, one, path));
    if (failed.length > 0) {
      complaints.push(...failed, cause.invalid('', shown(value), `"${path}" must validate all the schemas (allOf)`));
    }
  }
  if (schema.anyOf !== undefined && !schema.anyOf.some(fits)) {
    const closest = schema.anyOf[0] === undefined ? [] : validate(value, schema.anyOf[0], path);
    complaints.push(cause.invalid('', shown(value), `"${path}" must validate at least one schema (anyOf)`), ...closest);
  }
  if (schema.oneOf !== undefined) {
    const fitting = schema.oneOf.filter(fits).length;
    if (fitting !== 1) {
      const found = fitting === 0 ? 'Found none valid' : `Found ${fitting} valid alternatives`;
      const words = `"${path}" must validate one and only one schema (oneOf). ${found}`;
      complaints.push(cause.invalid('', shown(value), words));
    }
  }
  if (schema.not !== undefined && fits(schema.not)) {
    complaints.push(cause.invalid('', shown(value), `"${path}" must not validate the schema (not)`));
  }
  return complaints;
}

function shown(value: Json): Json {
  return typeof value === 'object' ? typeName(value) : value;
}
