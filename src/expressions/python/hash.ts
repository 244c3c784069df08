import { typeError } from './errors.ts';
import { checkText, Visit } from './limits.ts';
import { Float } from './numbers.ts';
import { PythonObject } from './object.ts';
import { Tuple } from './tuple.ts';
import { isTyped } from './typed.ts';
import { typeName } from './types.ts';

/** What stands for a key in a JavaScript Map: equal for values that Python calls equal (1, 1.0 and True are one key). */
export type HashKey = string | number | bigint | null | object;

/** Throws TypeError (`unhashable type: 'list'`) for values that cannot be keys. */
export function hashKey(value: unknown, visit?: Visit): HashKey {
  // Texts are their own keys; those that begin like the keys made below are kept apart.
  if (typeof value === 'string') return value.charCodeAt(0) === 0 ? `\0s${value}` : value;
  if (typeof value === 'number') {
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) return BigInt(value);
    return value;
  }
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'bigint' || value === null) return value;
  if (value instanceof Float) return value.value + 0;
  if (value instanceof Tuple) return `\0t${hashParts(value.items, visit)}`;
  if (isTyped(value)) {
    const hash = value.hash();
    if (hash !== undefined) return hash;
  }
  if (value instanceof PythonObject) {
    const hash = value.hash();
    return hash === undefined ? value : `\0o${value.typeName}:${hash}`;
  }
  throw typeError(`unhashable type: '${typeName(value)}'`);
}

/** A text that is equal for equal values in equal order. Throws TypeError for values that cannot be keys. */
export function hashParts(values: Iterable<unknown>, visit = new Visit()): string {
  let text = '';
  visit.enter();
  for (const value of values) {
    text += partKey(hashKey(value, visit));
    checkText(text.length);
  }
  visit.leave();
  return text;
}

const identities = new WeakMap<object, number>();
let lastIdentity = 0;

/** Length-prefixed, so that no two sequences of parts make the same text. */
function partKey(key: HashKey): string {
  if (typeof key === 'object' && key !== null) {
    let identity = identities.get(key);
    if (identity === undefined) {
      lastIdentity += 1;
      identity = lastIdentity;
      identities.set(key, identity);
    }
    return `i${identity};`;
  }
  const text = String(key);
  return `${typeof key === 'string' ? 's' : 'n'}${text.length}:${text}`;
}
