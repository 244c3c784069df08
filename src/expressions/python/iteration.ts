import { Dict, dictGet, dictKeys, dictSize, isDict, isRecord } from './dict.ts';
import { equals } from './equality.ts';
import { typeError } from './errors.ts';
import { checkItems } from './limits.ts';
import { PythonObject } from './object.ts';
import { PySet } from './set.ts';
import { characters, textLength } from './text.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './types.ts';

/** The iterator Python's `iter(value)` makes: characters of a text, keys of a dict. Undefined when there is none. */
export function tryIterate(value: unknown): Iterator<unknown> | undefined {
  if (Array.isArray(value)) return value[Symbol.iterator]();
  if (typeof value === 'string') return value[Symbol.iterator]();
  if (typeof value !== 'object' || value === null) return undefined;
  if (value instanceof Tuple) return value.items[Symbol.iterator]();
  if (value instanceof Dict) return value.keys();
  if (value instanceof PySet) return value.values();
  if (value instanceof PythonObject) return value.iterate();
  return isRecord(value) ? dictKeys(value)[Symbol.iterator]() : undefined;
}

export function isIterable(value: unknown): boolean {
  if (typeof value === 'string' || Array.isArray(value)) return true;
  if (value instanceof PythonObject) return tryIterate(value) !== undefined;
  return value instanceof Tuple || value instanceof PySet || isDict(value);
}

/** As Python's `for`. Throws TypeError (`'int' object is not iterable`). */
export function iterate(value: unknown): Iterable<unknown> {
  const iterator = tryIterate(value);
  if (iterator === undefined) throw typeError(`'${typeName(value)}' object is not iterable`);
  return { [Symbol.iterator]: () => iterator };
}

/** Python's `list(value)`: a new array. */
export function toList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.slice();
  if (typeof value === 'string') {
    checkItems(value.length);
    return [...characters(value)];
  }
  if (value instanceof Tuple) return [...value.items];
  const list: unknown[] = [];
  for (const item of iterate(value)) {
    list.push(item);
    checkItems(list.length);
  }
  return list;
}

/** Python's `len(value)`, undefined when the type has none. */
export function tryLength(value: unknown): number | undefined {
  if (typeof value === 'string') return textLength(value);
  if (Array.isArray(value)) return value.length;
  if (typeof value !== 'object' || value === null) return undefined;
  if (value instanceof Tuple) return value.items.length;
  if (value instanceof PySet) return value.size;
  if (value instanceof PythonObject) return value.length();
  return isDict(value) ? dictSize(value) : undefined;
}

/** Throws TypeError (`object of type 'int' has no len()`). */
export function length(value: unknown): number {
  const count = tryLength(value);
  if (count === undefined) throw typeError(`object of type '${typeName(value)}' has no len()`);
  return count;
}

/** Python's `item in container`: a key of a dict, a part of a text. */
export function contains(container: unknown, item: unknown): boolean {
  if (typeof container === 'string') {
    if (typeof item === 'string') return container.includes(item);
    throw typeError(`'in <string>' requires string as left operand, not ${typeName(item)}`);
  }
  if (Array.isArray(container)) return container.some((other) => equals(other, item));
  if (container instanceof Tuple) return container.items.some((other) => equals(other, item));
  if (container instanceof PySet) return container.has(item);
  if (isDict(container)) return dictGet(container, item) !== undefined;
  if (container instanceof PythonObject) {
    const answer = container.contains(item);
    if (answer !== undefined) return answer;
  }
  const iterator = tryIterate(container);
  if (iterator === undefined) throw typeError(`argument of type '${typeName(container)}' is not iterable`);
  for (let step = iterator.next(); step.done !== true; step = iterator.next()) {
    if (equals(step.value, item)) return true;
  }
  return false;
}
