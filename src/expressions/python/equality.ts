import { Dict, dictEntries, dictGet, dictSize, isDict, isRecord } from './dict.ts';
import { typeError } from './errors.ts';
import { Visit } from './limits.ts';
import { Float } from './numbers.ts';
import { PythonObject } from './object.ts';
import { PySet } from './set.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './types.ts';

/** Python's `==`: `1 == 1.0 == True`, lists and dicts by content, a list is never a tuple. */
export function equals(left: unknown, right: unknown): boolean {
  if (typeof left === 'string' || typeof right === 'string') {
    if (left === right) return true;
    if (typeof left !== 'object' && typeof right !== 'object') return false;
  } else if (typeof left === 'number' && typeof right === 'number') return left === right;
  return deepEquals(left, right, new Visit());
}

/** The number that takes part in comparisons: bool and float unwrapped. bigint and number compare exactly in JavaScript. */
function numeric(value: unknown): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value instanceof Float ? value.value : undefined;
}

function deepEquals(left: unknown, right: unknown, visit: Visit): boolean {
  if (left instanceof PythonObject) {
    // What one side does not know, the other may.
    if (left.equals(right)) return true;
    return right instanceof PythonObject && right.constructor !== left.constructor && right.equals(left);
  }
  if (right instanceof PythonObject) return right.equals(left);
  if (left === right) return true;
  const a = numeric(left);
  if (a !== undefined) {
    const b = numeric(right);
    // Loose on purpose: it is how JavaScript compares a bigint with a number by value.
    // biome-ignore lint/suspicious/noDoubleEquals: see above
    return b !== undefined && a == b;
  }
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  visit.enter();
  const same = containersEqual(left, right, visit);
  visit.leave();
  return same;
}

function containersEqual(left: object, right: object, visit: Visit): boolean {
  if (Array.isArray(left)) return Array.isArray(right) && itemsEqual(left, right, visit);
  if (left instanceof Tuple) return right instanceof Tuple && itemsEqual(left.items, right.items, visit);
  if (left instanceof PySet) {
    if (!(right instanceof PySet) || left.size !== right.size) return false;
    for (const value of left) if (!right.has(value)) return false;
    return true;
  }
  if (!(left instanceof Dict || isRecord(left)) || !isDict(right) || dictSize(left) !== dictSize(right)) return false;
  for (const [key, value] of dictEntries(left)) {
    const other = dictGet(right, key);
    if (other === undefined || !deepEquals(value, other, visit)) return false;
  }
  return true;
}

function itemsEqual(left: readonly unknown[], right: readonly unknown[], visit: Visit): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1) {
    if (!deepEquals(left[index], right[index], visit)) return false;
  }
  return true;
}

/**
 * Python's order of two values: negative, zero, positive, or NaN where no comparison holds. Text goes by code point, lists and
 * tuples by their first difference. Throws TypeError (`'<' not supported between instances of 'int' and 'str'`).
 */
export function compare(left: unknown, right: unknown, operator = '<'): number {
  return compareDeep(left, right, operator, new Visit());
}

function compareDeep(left: unknown, right: unknown, operator: string, visit: Visit): number {
  const a = numeric(left);
  if (a !== undefined) {
    const b = numeric(right);
    if (b !== undefined) return a < b ? -1 : a > b ? 1 : Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : 0;
  }
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  if (Array.isArray(left) && Array.isArray(right)) return compareItems(left, right, operator, visit);
  if (left instanceof Tuple && right instanceof Tuple) return compareItems(left.items, right.items, operator, visit);
  if (left instanceof PythonObject) {
    const order = left.compare(right);
    if (order !== undefined) return order;
  }
  if (right instanceof PythonObject) {
    const order = right.compare(left);
    if (order !== undefined) return -order;
  }
  throw typeError(`'${operator}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`);
}

function compareItems(left: readonly unknown[], right: readonly unknown[], operator: string, visit: Visit): number {
  visit.enter();
  const shared = Math.min(left.length, right.length);
  let order = left.length - right.length;
  for (let index = 0; index < shared; index += 1) {
    if (deepEquals(left[index], right[index], visit)) continue;
    order = compareDeep(left[index], right[index], operator, visit);
    break;
  }
  visit.leave();
  return order;
}

/** By code point. UTF-16 order differs only where surrogates meet U+E000 to U+FFFF. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a === b) continue;
    const aHigh = a >= 0xd800 && a < 0xe000;
    const bHigh = b >= 0xd800 && b < 0xe000;
    return aHigh === bHigh ? a - b : aHigh ? 1 : -1;
  }
  return left.length - right.length;
}

/** The four orderings, sets by inclusion. */
export function ordered(operator: '<' | '<=' | '>' | '>=', left: unknown, right: unknown): boolean {
  if (left instanceof PySet && right instanceof PySet) return setOrdered(operator, left, right);
  const order = compare(left, right, operator);
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

function setOrdered(operator: '<' | '<=' | '>' | '>=', left: PySet, right: PySet): boolean {
  const [small, large] = operator.startsWith('<') ? [left, right] : [right, left];
  if (operator.length === 1 && small.size >= large.size) return false;
  for (const value of small) if (!large.has(value)) return false;
  return true;
}

/** Python's truth: false are None, False, zeros, and whatever is empty. */
export function truthy(value: unknown): boolean {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return value !== '';
    case 'number':
      return value !== 0;
    case 'bigint':
      return value !== 0n;
    default:
  }
  if (value === null || value === undefined) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Float) return value.value !== 0;
  if (value instanceof Tuple) return value.items.length > 0;
  if (value instanceof Dict || value instanceof PySet) return value.size > 0;
  if (value instanceof PythonObject) return value.truth();
  return isRecord(value) ? dictSize(value) > 0 : true;
}
