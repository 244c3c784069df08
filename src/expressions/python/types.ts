import { Float } from './numbers.ts';
import { PythonObject } from './object.ts';
import { Tuple } from './tuple.ts';
import { isTyped } from './typed.ts';

/** Name of Python's type of a value, as error messages print it. */
export function typeName(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return Number.isSafeInteger(value) ? 'int' : 'float';
    default:
  }
  if (value === null || value === undefined) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Float) return 'float';
  if (value instanceof Tuple) return 'tuple';
  if (isTyped(value)) return value.typeName;
  if (value instanceof PythonObject) return value.typeName;
  return 'dict';
}
