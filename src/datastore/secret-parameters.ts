import {
  isJsonObject,
  type Json,
  type JsonObject,
  type ParameterSchema,
  type ParameterSchemas,
} from '../model/index.ts';
import { type Cipher, MASKED, type Masker } from './datastore.ts';
import { isSeal, mapJson, mapProperties, maskValues, openValues, seal, stringsWithin } from './seals.ts';

/**
 * The parameters as they are stored: values whose schema says `secret: true` are sealed, whatever their type, also inside
 * `properties` and `items` (as StackStorm masks them). Their strings become known to the masker.
 */
export function sealParameters(
  parameters: JsonObject,
  schemas: ParameterSchemas,
  cipher: Cipher,
  masker?: Masker,
): JsonObject {
  return mapSecrets(parameters, schemas, (value) => {
    if (isSeal(value)) return value;
    const secrets = stringsWithin(value);
    for (const secret of secrets) masker?.add(secret);
    return seal(value, secrets, cipher);
  });
}

/** The parameters as an action gets them: every seal opened, the strings of secret values known to the masker. */
export function openParameters(
  parameters: JsonObject,
  schemas: ParameterSchemas,
  cipher: Cipher,
  masker: Masker,
): JsonObject {
  const opened = openValues(parameters, cipher, masker);
  return mapSecrets(opened, schemas, (value) => {
    for (const secret of stringsWithin(value)) masker.add(secret);
    return value;
  });
}

/** The parameters as they are shown: `********` for secret values, and for whatever is sealed. */
export function maskParameters(parameters: JsonObject, schemas: ParameterSchemas): JsonObject {
  return maskValues(mapSecrets(parameters, schemas, () => MASKED));
}

function mapSecrets(parameters: JsonObject, schemas: ParameterSchemas, map: (value: Json) => Json): JsonObject {
  return mapProperties(parameters, (value, name) => {
    const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    return schema === undefined ? value : mapSecret(value, schema, map);
  });
}

function mapSecret(value: Json, schema: ParameterSchema, map: (value: Json) => Json): Json {
  if (schema.secret === true) return map(value);
  const { properties, items } = schema;
  if (Array.isArray(value)) return isJsonObject(items) ? mapJson(value, (item) => mapSecret(item, items, map)) : value;
  // A schema's `properties` are schemas.
  if (isJsonObject(value) && isJsonObject(properties)) return mapSecrets(value, properties as ParameterSchemas, map);
  return value;
}
