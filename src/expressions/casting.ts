import { isJsonObject, type Json, type ParameterSchema, PetrelError } from '../model/index.ts';
import { parseJsonOrLiteral } from './json-or-literal.ts';
import {
  literalEval,
  PythonError,
  str,
  toFloat,
  toInt,
  toJson,
  typeError,
  typeName,
  valueError,
} from './python/index.ts';

/** What the filter `use_none` prints for null: a text that casting turns back. */
export const NONE_MARKER = '%*****__%NONE%__*****%';

/**
 * Casts a parameter's value by its schema's `type` (stackstorm-jinja-and-datastore.md, section 3.2). No type, an unknown type
 * and null leave it as it is. Throws `PetrelError` (`invalid`) in StackStorm's words, naming the parameter.
 */
export function castParameter(name: string, schema: ParameterSchema | undefined, value: Json): Json {
  try {
    return castValue(schema, value);
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    throw new PetrelError(
      'invalid',
      `Failed to cast value "${str(value)}" (type: ${typeName(value)}) for parameter "${name}" of type "${schema?.type}": ${error.message}. Perhaps the value is of an invalid type?`,
      { cause: error },
    );
  }
}

/** The same without naming the parameter. Throws PythonError. */
export function castValue(schema: ParameterSchema | undefined, value: Json): Json {
  if (value === null || value === undefined) return null;
  const isMarker = value === NONE_MARKER;
  switch (schema?.type) {
    case 'string':
      if (isMarker) return null;
      if (typeof value === 'string') return value;
      throw valueError(`Value "${str(value)}" must either be a string or None. Got "${typeName(value)}".`);
    case 'integer':
      return toJson(toInt(isMarker ? null : value));
    case 'number':
      return toNumber(isMarker ? null : value);
    case 'boolean':
      if (isMarker) return null;
      return typeof value === 'string' ? toJson(literalEval(capitalized(value))) : value;
    case 'array':
    case 'object':
      if (isMarker) return null;
      return typeof value === 'string' ? parseJsonOrLiteral(value) : value;
    default:
      return value;
  }
}

function toNumber(value: Json): Json {
  if (value === null || Array.isArray(value) || isJsonObject(value)) {
    throw typeError(`float() argument must be a string or a real number, not '${typeName(value)}'`);
  }
  return toJson(toFloat(value));
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
}
