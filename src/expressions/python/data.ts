import { Dict, dictEntries, isDict } from './dict.ts';
import { Visit } from './limits.ts';
import { Float } from './numbers.ts';
import { PythonObject } from './object.ts';
import { PySet } from './set.ts';
import { str } from './text.ts';
import { Tuple } from './tuple.ts';

/** What JSON can say. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/**
 * A copy of JSON-like data that an expression may change in place (`append`, `update`): arrays are copied, objects become dicts.
 * Without such methods no conversion is needed at all: plain data is read as it is.
 */
export function fromJson(value: unknown): unknown {
  return copied(value, new Visit());
}

function copied(value: unknown, visit: Visit): unknown {
  if (typeof value !== 'object' || value === null) return value;
  visit.enter();
  let copy: unknown = value;
  if (Array.isArray(value)) copy = value.map((item) => copied(item, visit));
  else if (value instanceof Tuple)
    copy = new Tuple(
      value.items.map((item) => copied(item, visit)),
      value.names,
    );
  else if (value instanceof PySet) copy = new PySet(value);
  else if (isDict(value)) {
    const dict = new Dict();
    for (const [key, item] of dictEntries(value)) dict.set(key, copied(item, visit));
    copy = dict;
  }
  visit.leave();
  return copy;
}

/**
 * Plain JSON of a value: tuples and sets become arrays, ints beyond 2^53 and floats numbers (`1.0` becomes `1`), NaN and infinities
 * null, keys text, and whatever has no JSON the text Python prints. Object keys that look like integers lose their place in the
 * order: JavaScript's objects cannot keep it.
 */
export function toJson(value: unknown): JsonValue {
  return json(value, new Visit());
}

function json(value: unknown, visit: Visit): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'bigint':
      return Number(value);
    default:
  }
  if (value === null || value === undefined) return null;
  if (value instanceof Float) return value.value;
  visit.enter();
  const result = containerJson(value, visit);
  visit.leave();
  return result;
}

function containerJson(value: unknown, visit: Visit): JsonValue {
  if (Array.isArray(value)) return value.map((item) => json(item, visit));
  if (value instanceof Tuple) return value.items.map((item) => json(item, visit));
  if (value instanceof PySet) return [...value].map((item) => json(item, visit));
  if (isDict(value)) {
    const object: { [key: string]: JsonValue } = {};
    for (const [key, item] of dictEntries(value)) setOwn(object, str(key), json(item, visit));
    return object;
  }
  if (value instanceof PythonObject) {
    const iterator = value.iterate();
    if (iterator === undefined) return value.str();
    const items: JsonValue[] = [];
    for (let step = iterator.next(); step.done !== true; step = iterator.next()) {
      visit.enter();
      items.push(json(step.value, visit));
      visit.leave();
    }
    return items;
  }
  return null;
}

/** Sets an own key whatever its name: plain assignment to `__proto__` would change the object's prototype instead. */
export function setOwn<T>(object: { [key: string]: T }, key: string, value: T): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else object[key] = value;
}

/** The same value as JSON can print it, numbers as they are: sets and iterators become lists, other objects Python's text. */
export function printable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Float) return value;
  if (Array.isArray(value)) return value.map(printable);
  if (value instanceof Tuple) return value.items.map(printable);
  if (value instanceof PySet) return [...value].map(printable);
  if (isDict(value)) {
    return new Dict(
      [...dictEntries(value)].map(([key, item]) => [typeof key === 'string' ? key : str(key), printable(item)]),
    );
  }
  const items = value instanceof PythonObject ? value.iterate() : undefined;
  return items === undefined ? str(value) : [...{ [Symbol.iterator]: () => items }].map(printable);
}
