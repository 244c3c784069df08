import type { ErrorObject, ValidateFunction } from 'ajv';
import AjvDraft04 from 'ajv-draft-04';
import { repr } from '../../expressions/index.ts';
import {
  isJsonObject,
  type Json,
  type JsonObject,
  messageOf,
  type ParameterSchemas,
  PetrelError,
} from '../../model/index.ts';
import { hasTemplate, schemaOf } from './schemas.ts';

const validators = new WeakMap<ParameterSchemas, ValidateFunction>();

/**
 * Holds the parameters of a request against the effective schemas of the action (stackstorm-packs.md, section 2.1): JSON schema
 * draft 4 with a boolean `required` at each property. Unknown parameters are refused, defaults count as supplied, null is taken for
 * whatever is optional, and immutable parameters may not be supplied at all. Stored parameters stay as they are.
 *
 * Throws `PetrelError` (`invalid`) that names the parameter; values are not shown, they may be secrets.
 */
export function validateParameters(schemas: ParameterSchemas, values: JsonObject, actionRef?: string): void {
  let validate = validators.get(schemas);
  if (validate === undefined) {
    validate = compile(schemas, actionRef);
    validators.set(schemas, validate);
  }
  if (!validate(withDefaults({ type: 'object', properties: schemas }, values))) {
    throw invalid(describe(validate.errors?.[0], schemas), actionRef);
  }
  const overridden = Object.keys(values).filter((name) => schemaOf(schemas, name)?.immutable === true);
  if (overridden.length > 0) {
    throw invalid(`Override of immutable parameter(s) ${repr(overridden)} is unsupported.`, actionRef);
  }
}

/** Compiled schemas; a text says why one is none. */
const payloadValidators = new WeakMap<JsonObject, ValidateFunction | string>();

/**
 * What is wrong with an answer (`what` says of which fields), held against its schema: the same reading of schemas, but what the schema does not
 * name is accepted. Undefined when nothing is. A schema that is not valid is what is wrong.
 */
export function payloadProblem(schema: JsonObject, payload: JsonObject, what = 'payload field'): string | undefined {
  const validate = payloadValidator(schema);
  if (typeof validate === 'string') return `its schema is not valid: ${validate}`;
  return validate(withDefaults(schema, payload)) ? undefined : describe(validate.errors?.[0], {}, what);
}

/**
 * The same of an event's payload and its trigger type's schema (stackstorm-rules.md, section 2). By a schema that is not valid nothing can be
 * checked: packs from before StackStorm did carry such ones, and an event is not lost for it.
 */
export function eventProblem(schema: JsonObject, payload: JsonObject): string | undefined {
  return typeof payloadValidator(schema) === 'string' ? undefined : payloadProblem(schema, payload);
}

function payloadValidator(schema: JsonObject): ValidateFunction | string {
  const known = payloadValidators.get(schema);
  if (known !== undefined) return known;
  let validate: ValidateFunction | string;
  try {
    validate = createAjv().compile(draft4(schema));
  } catch (cause) {
    validate = messageOf(cause);
  }
  payloadValidators.set(schema, validate);
  return validate;
}

/** Why a schema is none; undefined when it is one. */
export function schemaProblem(schema: JsonObject): string | undefined {
  try {
    createAjv().compile(draft4(schema));
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function createAjv() {
  // Formats are names only, as to StackStorm; `strict` would refuse what packs add to their schemas.
  return new AjvDraft04.default({ strict: false, validateFormats: false, logger: false, validateSchema: false });
}

function invalid(message: string, actionRef: string | undefined): PetrelError {
  return new PetrelError('invalid', message, actionRef === undefined ? {} : { details: { action: actionRef } });
}

function compile(schemas: ParameterSchemas, actionRef: string | undefined): ValidateFunction {
  const schema = { ...draft4({ type: 'object', properties: schemas }), additionalProperties: false };
  try {
    return createAjv().compile(schema);
  } catch (cause) {
    throw new PetrelError(
      'invalid',
      `The parameter schemas${actionRef === undefined ? '' : ` of action "${actionRef}"`} are not valid: ${messageOf(cause)}`,
      { cause },
    );
  }
}

/** Keywords whose value is a schema, a list of schemas, or a map of them. */
const ONE = new Set(['additionalItems', 'additionalProperties', 'items', 'not']);
const MANY = new Set(['allOf', 'anyOf', 'oneOf', 'items']);
const MAPS = new Set(['definitions', 'patternProperties']);
/** StackStorm's own keywords. */
const OWN = new Set(['default', 'immutable', 'position', 'required', 'secret']);

/** The same schema in draft 4's own words. */
function draft4(schema: JsonObject): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (OWN.has(keyword) || value === undefined) continue;
    if (MANY.has(keyword) && Array.isArray(value)) result[keyword] = value.map(inner);
    else if (ONE.has(keyword)) result[keyword] = inner(value);
    else if (MAPS.has(keyword) && isJsonObject(value)) {
      result[keyword] = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, inner(item ?? null)]));
    } else if (keyword === 'properties' && isJsonObject(value)) Object.assign(result, properties(value));
    else result[keyword] = value;
  }
  return result;
}

function inner(value: Json): unknown {
  return isJsonObject(value) ? draft4(value) : value;
}

function properties(schemas: JsonObject): Record<string, unknown> {
  const required: string[] = [];
  const entries = Object.entries(schemas).map(([name, schema]): [string, unknown] => {
    if (!isJsonObject(schema)) return [name, {}];
    const { default: otherwise = null } = schema;
    const isRequired = schema.required === true;
    // A default that is a template is rendered later: it is as good as a value.
    if (isRequired && otherwise === null) required.push(name);
    const plain = draft4(schema);
    return [name, isRequired && otherwise !== null ? plain : nullable(plain, isRequired)];
  });
  return { properties: Object.fromEntries(entries), ...(required.length > 0 && { required }) };
}

function nullable(schema: Record<string, unknown>, isRequired: boolean): Record<string, unknown> {
  return isRequired || Object.keys(schema).length === 0 ? schema : { anyOf: [schema, { type: 'null' }] };
}

/** A copy of the value with defaults where something is absent or null, in objects and list items too. */
function withDefaults(schema: JsonObject, value: Json): Json {
  if (Array.isArray(value)) {
    const { items } = schema;
    return isJsonObject(items) ? value.map((item) => withDefaults(items, item)) : value;
  }
  if (!isJsonObject(value) || !isJsonObject(schema.properties)) return value;
  const copy: Record<string, Json | undefined> = Object.assign(Object.create(null), value);
  for (const [name, property] of Object.entries(schema.properties)) {
    if (!isJsonObject(property)) continue;
    const given = copy[name];
    if (given === undefined || given === null) {
      const otherwise = property.default;
      if (otherwise !== undefined && otherwise !== null && !hasTemplate(otherwise)) copy[name] = otherwise;
      else if (hasTemplate(otherwise)) delete copy[name];
    } else copy[name] = withDefaults(property, given);
  }
  return copy;
}

/** What is wrong, in the words of Python's jsonschema where they show no value. */
function describe(error: ErrorObject | undefined, schemas: ParameterSchemas, what = 'parameter'): string {
  if (error === undefined) return `The ${what}s are not valid.`;
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const params: Record<string, unknown> = error.params;
  const where = path.length === 0 ? `the ${what}s` : `${what} "${path.join('.')}"`;
  if (error.keyword === 'additionalProperties') {
    const known =
      path.length === 0 && Object.keys(schemas).length > 0
        ? ` Known parameters: ${Object.keys(schemas).join(', ')}.`
        : '';
    return `Additional properties are not allowed ('${String(params.additionalProperty)}' was unexpected in ${where}).${known}`;
  }
  if (error.keyword === 'required') return `'${String(params.missingProperty)}' is a required property of ${where}.`;
  if (error.keyword === 'enum') return `Invalid value for ${where}: it must be one of ${repr(params.allowedValues)}.`;
  return `Invalid value for ${where}: it ${error.message ?? 'does not match its schema'}.`;
}
