import { Dict, dictEntries, isDict } from './dict.ts';
import { PythonError, typeError, valueError } from './errors.ts';
import { iterate } from './iteration.ts';
import { checkItems, checkText, LIMITS } from './limits.ts';
import { asDouble, asInt, type Float, float, integer } from './numbers.ts';
import { accuratePower } from './power.ts';
import { PySet } from './set.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './types.ts';
import { isSetView } from './views.ts';

/** Python's binary operators on data: unbounded ints, `/` always float, `//` and `%` floored. Throw PythonError. */

export function add(left: unknown, right: unknown): unknown {
  if (typeof left === 'string' && typeof right === 'string') {
    checkText(left.length + right.length);
    return left + right;
  }
  const result = arithmetic(left, right, ADD);
  if (result !== undefined) return result;
  if (Array.isArray(left) && Array.isArray(right)) {
    checkItems(left.length + right.length);
    return [...left, ...right];
  }
  if (left instanceof Tuple && right instanceof Tuple) {
    checkItems(left.items.length + right.items.length);
    return new Tuple([...left.items, ...right.items]);
  }
  if (typeof left === 'string') throw typeError(`can only concatenate str (not "${typeName(right)}") to str`);
  if (Array.isArray(left)) throw typeError(`can only concatenate list (not "${typeName(right)}") to list`);
  if (left instanceof Tuple) throw typeError(`can only concatenate tuple (not "${typeName(right)}") to tuple`);
  throw unsupported('+', left, right);
}

export function subtract(left: unknown, right: unknown): unknown {
  const result = arithmetic(left, right, SUBTRACT);
  if (result !== undefined) return result;
  if (left instanceof PySet && right instanceof PySet) return new PySet([...left].filter((value) => !right.has(value)));
  if (isSetView(left) || isSetView(right)) {
    const kept = new PySet(iterate(left));
    for (const value of iterate(right)) kept.delete(value);
    return kept;
  }
  throw unsupported('-', left, right);
}

export function multiply(left: unknown, right: unknown): unknown {
  const result = arithmetic(left, right, MULTIPLY);
  if (result !== undefined) return result;
  const [sequence, count] = isSequence(left) ? [left, right] : [right, left];
  if (!isSequence(sequence)) throw unsupported('*', left, right);
  const int = asInt(count);
  if (int === undefined) throw typeError(`can't multiply sequence by non-int of type '${typeName(count)}'`);
  if (typeof int === 'bigint' && BigInt.asIntN(64, int) !== int) {
    throw new PythonError('OverflowError', "cannot fit 'int' into an index-sized integer");
  }
  return repeat(sequence, Number(int));
}

export function divide(left: unknown, right: unknown): number | Float {
  const a = asInt(left);
  const b = asInt(right);
  if (a !== undefined && b !== undefined) {
    if (b === 0) throw new PythonError('ZeroDivisionError', 'division by zero');
    return float(typeof a === 'number' && typeof b === 'number' ? (a + 0) / b : divideBig(BigInt(a), BigInt(b)));
  }
  const [x, y] = doubles('/', left, right);
  if (y === 0) throw new PythonError('ZeroDivisionError', 'float division by zero');
  return float(x / y);
}

export function floorDivide(left: unknown, right: unknown): unknown {
  const a = asInt(left);
  const b = asInt(right);
  if (a !== undefined && b !== undefined) {
    if (b === 0) throw new PythonError('ZeroDivisionError', 'integer division or modulo by zero');
    if (typeof a === 'number' && typeof b === 'number') return (a - intModulo(a, b)) / b + 0;
    return integer(floorDivideBig(BigInt(a), BigInt(b)));
  }
  const [x, y] = doubles('//', left, right);
  if (y === 0) throw new PythonError('ZeroDivisionError', 'float floor division by zero');
  const quotient = (x - floatModulo(x, y)) / y;
  return float(Math.round(quotient));
}

export function modulo(left: unknown, right: unknown): unknown {
  const a = asInt(left);
  const b = asInt(right);
  if (a !== undefined && b !== undefined) {
    if (b === 0) throw new PythonError('ZeroDivisionError', 'integer modulo by zero');
    if (typeof a === 'number' && typeof b === 'number') return intModulo(a, b);
    const [x, y] = [BigInt(a), BigInt(b)];
    return integer(x - floorDivideBig(x, y) * y);
  }
  const [x, y] = doubles('%', left, right);
  if (y === 0) throw new PythonError('ZeroDivisionError', 'float modulo');
  return float(floatModulo(x, y));
}

export function power(left: unknown, right: unknown): unknown {
  const a = asInt(left);
  const b = asInt(right);
  if (a !== undefined && b !== undefined && b >= 0) return intPower(BigInt(a), b);
  const [x, y] = doubles('** or pow()', left, right);
  if (x === 0 && y < 0) throw new PythonError('ZeroDivisionError', '0.0 cannot be raised to a negative power');
  if (x < 0 && Number.isFinite(x) && Number.isFinite(y) && !Number.isInteger(y)) {
    throw valueError('a negative number cannot be raised to a fractional power (complex numbers are not supported)');
  }
  // JavaScript says NaN where C, and so Python, says 1.
  const result = x === 1 || (x === -1 && !Number.isFinite(y) && !Number.isNaN(y)) ? 1 : finitePower(x, y);
  if (!Number.isFinite(result) && Number.isFinite(x) && Number.isFinite(y)) {
    throw new PythonError('OverflowError', "(34, 'Numerical result out of range')");
  }
  return float(result);
}

function finitePower(x: number, y: number): number {
  const rough = x ** y;
  if (!Number.isFinite(x) || !Number.isFinite(y) || x === 0 || Number.isSafeInteger(rough)) return rough;
  return Math.sign(rough) * accuratePower(Math.abs(x), y);
}

export function negate(value: unknown): unknown {
  const int = asInt(value);
  if (int !== undefined) return typeof int === 'number' ? 0 - int : integer(-int);
  const double = asDouble(value);
  if (double === undefined) throw typeError(`bad operand type for unary -: '${typeName(value)}'`);
  return float(-double);
}

export function positive(value: unknown): unknown {
  const int = asInt(value);
  if (int !== undefined) return int;
  if (asDouble(value) === undefined) throw typeError(`bad operand type for unary +: '${typeName(value)}'`);
  return value;
}

/** `{**left, **right}`: Python's `|` of dicts. */
export function mergeDicts(left: unknown, right: unknown): Dict {
  if (!isDict(left) || !isDict(right)) throw unsupported('|', left, right);
  const merged = new Dict(dictEntries(left));
  for (const [key, value] of dictEntries(right)) merged.set(key, value);
  return merged;
}

interface Operation {
  readonly symbol: string;
  readonly number: (a: number, b: number) => number;
  readonly big: (a: bigint, b: bigint) => bigint;
}

const ADD: Operation = { symbol: '+', number: (a, b) => a + b, big: (a, b) => a + b };
const SUBTRACT: Operation = { symbol: '-', number: (a, b) => a - b, big: (a, b) => a - b };
const MULTIPLY: Operation = { symbol: '*', number: (a, b) => a * b, big: (a, b) => a * b };

/** Undefined when the operands are not both numbers. */
function arithmetic(left: unknown, right: unknown, operation: Operation): number | bigint | Float | undefined {
  const a = asInt(left);
  const b = asInt(right);
  if (a !== undefined && b !== undefined) {
    if (typeof a === 'number' && typeof b === 'number') {
      const result = operation.number(a, b);
      // A rounded result is never a safe integer, so this is exact. Adding 0 turns -0 into the int 0.
      if (Number.isSafeInteger(result)) return result + 0;
    }
    const result = integer(operation.big(BigInt(a), BigInt(b)));
    if (typeof result === 'bigint') checkBits(result);
    return result;
  }
  if (!isNumeric(left) || !isNumeric(right)) return undefined;
  const [x, y] = doubles(operation.symbol, left, right);
  return float(operation.number(x, y));
}

function isNumeric(value: unknown): boolean {
  if (typeof value === 'object') return value !== null && !Array.isArray(value) && typeName(value) === 'float';
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
}

function doubles(symbol: string, left: unknown, right: unknown): [number, number] {
  if (!isNumeric(left) || !isNumeric(right)) throw unsupported(symbol, left, right);
  return [asDouble(left) ?? Number.NaN, asDouble(right) ?? Number.NaN];
}

export function unsupported(symbol: string, left: unknown, right: unknown): PythonError {
  return typeError(`unsupported operand type(s) for ${symbol}: '${typeName(left)}' and '${typeName(right)}'`);
}

function intModulo(a: number, b: number): number {
  const remainder = a % b;
  return remainder !== 0 && remainder < 0 !== b < 0 ? remainder + b : remainder + 0;
}

function floatModulo(x: number, y: number): number {
  if (!Number.isFinite(y) && Number.isFinite(x)) return x !== 0 && x < 0 !== y < 0 ? y : x;
  const remainder = x % y;
  if (remainder === 0) return y < 0 ? -0 : 0;
  return remainder < 0 !== y < 0 ? remainder + y : remainder;
}

function floorDivideBig(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

/** Correctly rounded, as Python's: 66 bits of quotient and a sticky bit, then one rounding to a double. */
function divideBig(a: bigint, b: bigint): number {
  const negative = a < 0n !== b < 0n;
  const x = a < 0n ? -a : a;
  const y = b < 0n ? -b : b;
  const shift = Math.max(0, 66 + bitLength(y) - bitLength(x));
  const scaled = x << BigInt(shift);
  const quotient = scaled / y;
  const sticky = scaled % y === 0n ? quotient : quotient | 1n;
  // Two steps, because 2 ** -shift alone may be below the smallest double.
  const half = Math.floor(shift / 2);
  const result = Number(sticky) / 2 ** half / 2 ** (shift - half);
  if (!Number.isFinite(result)) throw new PythonError('OverflowError', 'integer division result too large for a float');
  return negative ? -result : result;
}

export function bitLength(value: bigint): number {
  return value === 0n ? 0 : (value < 0n ? -value : value).toString(2).length;
}

function checkBits(value: bigint): void {
  if (BigInt.asIntN(LIMITS.bits, value) !== value) {
    throw new PythonError('MemoryError', `an integer of more than ${LIMITS.bits} bits`);
  }
}

function intPower(base: bigint, exponent: number | bigint): unknown {
  if (base === 0n || base === 1n || base === -1n) {
    if (BigInt(exponent) === 0n) return 1;
    return integer(base === -1n && BigInt(exponent) % 2n === 0n ? 1n : base);
  }
  if (typeof exponent === 'bigint' || (bitLength(base) - 1) * exponent > LIMITS.bits) {
    throw new PythonError('MemoryError', `an integer of more than ${LIMITS.bits} bits`);
  }
  return integer(base ** BigInt(exponent));
}

type Sequence = string | unknown[] | Tuple;

function isSequence(value: unknown): value is Sequence {
  return typeof value === 'string' || Array.isArray(value) || value instanceof Tuple;
}

function repeat(sequence: Sequence, times: number): Sequence {
  const count = Math.max(0, times);
  if (typeof sequence === 'string') {
    checkText(sequence.length * count);
    return sequence.repeat(sequence === '' ? 0 : count);
  }
  const items = Array.isArray(sequence) ? sequence : sequence.items;
  checkItems(items.length * count);
  const repeated: unknown[] = [];
  if (items.length > 0) for (let index = 0; index < count; index += 1) repeated.push(...items);
  return Array.isArray(sequence) ? repeated : new Tuple(repeated);
}
