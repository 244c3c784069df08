import { MissingInput } from '../expressions/index.ts';
import {
  isJsonObject,
  type Json,
  type JsonObject,
  messageOf,
  type PackContent,
  type ParameterSchemas,
  PetrelError,
} from '../model/index.ts';
import { validateProperties } from './json-validation.ts';
import { checkParameterSchemas } from './parameter-schema.ts';
import { describe } from './shape.ts';
import { hasErrors, type Source } from './source.ts';

/** Reads config.schema.yaml: a mapping of property name to schema, not a schema itself (stackstorm-packs.md, section 1.2). */
export function readConfigSchema(source: Source): ParameterSchemas | undefined {
  const { value } = source;
  if (value === null) return {};
  if (!isJsonObject(value)) {
    source.error([], `Expected a mapping of configuration items to schemas, but found ${describe(value)}.`);
    return undefined;
  }
  const schemas = checkParameterSchemas(source, [], value, 'configuration item');
  return hasErrors(source.problems) ? undefined : schemas;
}

/**
 * Reads `<configs>/<pack>.yaml`: checks it against the schema and fills in the schema's defaults. Templates stay as they are. A
 * value that does not fit is an error, so that the last good configuration stays in force.
 */
export function readConfig(source: Source, schemas: ParameterSchemas): JsonObject | undefined {
  const value = source.value ?? {};
  if (!isJsonObject(value)) {
    source.error([], `Expected a mapping of configuration values, but found ${describe(value)}.`);
    return undefined;
  }
  const filled = withDefaults(schemas, value);
  for (const { path, message } of validateProperties(schemas, filled, { additional: true })) {
    const name = path.length === 0 ? 'The configuration' : `"${path.join('.')}"`;
    source.error(path, `${name} ${message}.`);
  }
  checkSecrets(source, schemas, value);
  checkReevaluation(source, value);
  return hasErrors(source.problems) ? undefined : filled;
}

/** A secret item is decrypted after rendering, so a template that decrypts by itself would be decrypted twice. */
function checkSecrets(source: Source, schemas: ParameterSchemas, value: JsonObject): void {
  for (const [name, schema] of Object.entries(schemas)) {
    const item = Object.hasOwn(value, name) ? value[name] : undefined;
    if (schema.secret === true && typeof item === 'string' && item.includes('decrypt_kv')) {
      source.error(
        [name],
        `"${name}" is secret in config.schema.yaml, so its value is decrypted by itself; leave out "decrypt_kv".`,
      );
    }
  }
}

/** Petrel's own item: whether data that workflows hand on is read as templates again. Not a template itself. */
function checkReevaluation(source: Source, { reevaluate_data: value }: JsonObject): void {
  if (value === undefined || typeof value === 'boolean') return;
  source.error(['reevaluate_data'], `"reevaluate_data" must be true or false, but found ${describe(value)}.`);
}

/**
 * The values with the schemas' defaults where a value is absent: also inside objects and lists, through `patternProperties`,
 * `additionalProperties` and `additionalItems`. An object with declared properties that is absent becomes `{}`, a list with
 * declared items `[]` (stackstorm-jinja-and-datastore.md, section 7).
 */
export function withDefaults(schemas: ParameterSchemas | JsonObject, values: JsonObject): JsonObject {
  return fillObject({ properties: schemas }, values);
}

function fillObject(schema: JsonObject, values: JsonObject): JsonObject {
  const filled = new Map<string, Json>();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) filled.set(name, fillValue(schemaOfProperty(schema, name), value));
  }
  for (const [name, property] of Object.entries(isJsonObject(schema.properties) ? schema.properties : {})) {
    if (filled.has(name) || !isJsonObject(property)) continue;
    const value = absent(property);
    if (value !== undefined) filled.set(name, value);
  }
  return Object.fromEntries(filled);
}

function fillValue(schema: JsonObject | undefined, value: Json): Json {
  if (schema === undefined) return value;
  if (Array.isArray(value)) return value.map((item, index) => fillValue(schemaOfItem(schema, index), item));
  return isJsonObject(value) ? fillObject(schema, value) : value;
}

function absent(schema: JsonObject): Json | undefined {
  if (schema.default !== undefined) return schema.default;
  if (
    schema.type === 'object' &&
    (schema.properties ?? schema.patternProperties ?? schema.additionalProperties) !== undefined
  ) {
    return fillObject(schema, {});
  }
  if (schema.type === 'array' && schema.items !== undefined) return [];
  return undefined;
}

/** What a schema says of the property of that name; undefined: nothing. */
export function schemaOfProperty(schema: JsonObject, name: string): JsonObject | undefined {
  const { properties, patternProperties, additionalProperties } = schema;
  if (isJsonObject(properties) && Object.hasOwn(properties, name)) return asSchema(properties[name]);
  if (isJsonObject(patternProperties)) {
    for (const [pattern, property] of Object.entries(patternProperties)) {
      if (isPattern(pattern) && new RegExp(pattern, 'u').test(name)) return asSchema(property);
    }
  }
  return asSchema(additionalProperties);
}

/** Likewise of an item of a list. */
export function schemaOfItem(schema: JsonObject, index: number): JsonObject | undefined {
  const { items, additionalItems } = schema;
  if (!Array.isArray(items)) return asSchema(items);
  return asSchema(index < items.length ? items[index] : additionalItems);
}

function asSchema(value: Json | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}

export interface ConfigRendering {
  /** Renders one template text with `st2kv.system` and `st2kv.user` in reach. May throw `MissingInput`, which passes through. */
  render(template: string): string;
  decrypt(ciphertext: string): string;
  /** Is told every value of an item that the schema calls secret. */
  markSecret?(value: string): void;
}

/**
 * A pack's configuration as its actions see it (stackstorm-jinja-and-datastore.md, section 7): templates rendered to text, empty text to
 * null, what came from a template for a secret item decrypted. Nothing is cast to the schema's type. Throws `PetrelError`
 * (`expression`) that names the item.
 */
export function resolveConfig(
  pack: Pick<PackContent, 'manifest' | 'config' | 'configSchema'>,
  rendering: ConfigRendering,
): JsonObject {
  const resolve = (value: Json, schema: JsonObject | undefined, path: readonly (string | number)[]): Json => {
    if (Array.isArray(value))
      return value.map((item, index) => resolve(item, schemaOfItem(schema ?? {}, index), [...path, index]));
    if (isJsonObject(value)) {
      const entries = Object.entries(value).map(([name, item]): [string, Json] => [
        name,
        resolve(item ?? null, schemaOfProperty(schema ?? {}, name), [...path, name]),
      ]);
      return Object.fromEntries(entries);
    }
    // As StackStorm: defaults are not rendered.
    const dynamic = typeof value === 'string' && isTemplate(value) && value !== schema?.default;
    const resolved = dynamic ? render(value, schema, path) : value;
    if (schema?.secret === true && typeof resolved === 'string') rendering.markSecret?.(resolved);
    return resolved;
  };

  const render = (template: string, schema: JsonObject | undefined, path: readonly (string | number)[]): Json => {
    try {
      const text = rendering.render(template);
      if (text === '') return null;
      return schema?.secret === true ? rendering.decrypt(text) : text;
    } catch (error) {
      // Not a failure but a request for a value that has to be loaded first.
      if (error instanceof MissingInput) throw error;
      throw new PetrelError(
        'expression',
        `Failed to render dynamic configuration value for key "${path.join('.')}" of pack "${pack.manifest.ref}": ${messageOf(error)}`,
        { cause: error },
      );
    }
  };

  return resolve(pack.config, { properties: pack.configSchema }, []) as JsonObject; // an object in, an object out
}

/** What is shown instead of a secret. */
const MASK = '********';

/** The values with those of secret items masked; a secret that is absent stays so. */
export function maskedConfig(values: JsonObject, schemas: ParameterSchemas): JsonObject {
  const masked = (value: Json, schema: JsonObject | undefined): Json => {
    if (schema?.secret === true && value !== null) return MASK;
    if (Array.isArray(value)) return value.map((item, index) => masked(item, schemaOfItem(schema ?? {}, index)));
    if (!isJsonObject(value)) return value;
    const entries = Object.entries(value).map(([name, item]): [string, Json] => [
      name,
      masked(item ?? null, schemaOfProperty(schema ?? {}, name)),
    ]);
    return Object.fromEntries(entries);
  };
  return masked(values, { properties: schemas }) as JsonObject; // an object in, an object out
}

function isTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('{%');
}
