import {
  add,
  asDouble,
  asInt,
  float,
  integer,
  isFloat,
  isNumber,
  modulo,
  multiply,
  negate,
  ordered,
  PythonError,
  positive,
  power,
  round,
  subtract,
  toFloat,
  toInt,
  truthy,
  typeError,
  typeName,
  valueError,
} from '../../python/index.ts';
import { define } from '../definition.ts';
import { invoke } from '../invoke.ts';
import { any, count, int, number, numberOrNull, only, optional } from '../parameters.ts';
import { quotient } from '../shortcuts.ts';

const LEFT_RIGHT = [number('left'), number('right')] as const;
const isWhole = (value: unknown) => asInt(value) !== undefined;
const WHOLE_LEFT_RIGHT = [only(any('left'), isWhole), only(any('right'), isWhole)] as const;
/** Bits an integer may be shifted by. */
const MAX_SHIFT = 100_000;

function shift(value: number | bigint, bits: number | bigint): number | bigint {
  const amount = BigInt(bits);
  if (amount < 0n) throw valueError('negative shift count');
  if (amount > MAX_SHIFT && value !== 0) {
    throw new PythonError('MemoryQuotaExceededException', 'Expression consumed too much memory');
  }
  return integer(BigInt(value) << (value === 0 ? 0n : amount));
}

function shiftRight(value: number | bigint, bits: number | bigint): number | bigint {
  const amount = BigInt(bits);
  if (amount < 0n) throw valueError('negative shift count');
  return integer(BigInt(value) >> amount);
}

/** The number whose product with `value` leaves 1, by Euclid's algorithm. */
function inverse(value: bigint, modulus: bigint): bigint {
  const size = modulus < 0n ? -modulus : modulus;
  let [previous, rest] = [((value % size) + size) % size, size];
  let [factor, next] = [1n, 0n];
  while (rest !== 0n) {
    const quotient = previous / rest;
    [previous, rest] = [rest, previous - quotient * rest];
    [factor, next] = [next, factor - quotient * next];
  }
  if (previous !== 1n) throw valueError('base is not invertible for the given modulus');
  return factor;
}

/** `pow` with a modulus: ints only. */
function modularPower(base: unknown, exponent: unknown, modulus: unknown): unknown {
  const [a, b, m] = [asInt(base), asInt(exponent), asInt(modulus)];
  if (a === undefined || b === undefined || m === undefined) {
    throw typeError('pow() 3rd argument not allowed unless all arguments are integers');
  }
  const size = BigInt(m);
  if (size === 0n) throw valueError('pow() 3rd argument cannot be 0');
  const times = BigInt(b);
  let result = 1n;
  let factor = times < 0n ? inverse(BigInt(a), size) : BigInt(a) % size;
  for (let rest = times < 0n ? -times : times; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * factor) % size;
    factor = (factor * factor) % size;
  }
  // As Python's: the sign is that of the modulus.
  return modulo(integer(result % size), m);
}

/** Of two booleans it makes a boolean. */
function bitwise(name: string, compute: (left: bigint, right: bigint) => bigint) {
  return define(name, 'function', WHOLE_LEFT_RIGHT, (_context, left, right) => {
    const result = compute(BigInt(asInt(left) ?? 0), BigInt(asInt(right) ?? 0));
    return typeof left === 'boolean' && typeof right === 'boolean' ? result === 1n : integer(result);
  });
}

function hexadecimal(value: unknown): string {
  const whole = asInt(value);
  if (whole === undefined) {
    throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
  }
  const big = BigInt(whole);
  return big < 0n ? `-0x${(-big).toString(16)}` : `0x${big.toString(16)}`;
}

export const MATH = [
  define('#operator_+', 'function', LEFT_RIGHT, (_context, left, right) => add(left, right)),
  define('#operator_-', 'function', LEFT_RIGHT, (_context, left, right) => subtract(left, right)),
  define('#operator_*', 'function', LEFT_RIGHT, (_context, left, right) => multiply(left, right)),
  define('#operator_/', 'function', LEFT_RIGHT, (_context, left, right) => quotient(left, right)),
  define('#operator_mod', 'function', LEFT_RIGHT, (_context, left, right) => modulo(left, right)),
  define('#unary_operator_+', 'function', [number('op')], (_context, value) => positive(value)),
  define('#unary_operator_-', 'function', [number('op')], (_context, value) => negate(value)),
  define('abs', 'function', [number('op')], (_context, value) => {
    const double = isFloat(value) ? asDouble(value) : undefined;
    if (double !== undefined) return float(Math.abs(double));
    return ordered('<', value, 0) ? negate(value) : value;
  }),
  define('int', 'function', [any('value')], (_context, value) => (value === null ? 0 : toInt(value))),
  define('float', 'function', [any('value')], (_context, value) => (value === null ? float(0) : toFloat(value))),
  define('random', 'function', [], (context) => float(context.run.surroundings.random())),
  define('random', 'function', [any('from'), any('to')], (context, from, to) => {
    const [low, high] = [asInt(from), asInt(to)];
    if (low === undefined || high === undefined) throw valueError('non-integer arguments for randint()');
    const width = BigInt(high) - BigInt(low) + 1n;
    if (width <= 0n) throw valueError(`empty range for randrange() (${low}, ${BigInt(high) + 1n}, ${width})`);
    const scale = 1n << 53n;
    const part = BigInt(Math.floor(context.run.surroundings.random() * Number(scale)));
    return integer(BigInt(low) + (width * part) / scale);
  }),
  bitwise('bitwiseAnd', (left, right) => left & right),
  bitwise('bitwiseOr', (left, right) => left | right),
  bitwise('bitwiseXor', (left, right) => left ^ right),
  define('bitwiseNot', 'function', [int('arg')], (_context, value) => integer(~BigInt(value))),
  define('shiftBitsLeft', 'function', [int('value'), int('bitsNumber')], (_context, value, bits) => shift(value, bits)),
  define('shiftBitsRight', 'function', [int('value'), int('bitsNumber')], (_context, value, bits) => {
    return shiftRight(value, bits);
  }),
  define('max', 'function', [any('a'), any('b')], (context, a, b) => {
    return truthy(invoke(context, '#operator_>', [b, a])) ? b : a;
  }),
  define('min', 'function', [any('a'), any('b')], (context, a, b) => {
    return truthy(invoke(context, '#operator_>', [b, a])) ? a : b;
  }),
  define('pow', 'function', [number('a'), number('b'), optional(numberOrNull('c'), null)], (_context, a, b, c) => {
    return c === null ? power(a, b) : modularPower(a, b, c);
  }),
  define('sign', 'function', [number('num')], (_context, value) => {
    if (ordered('>', value, 0)) return 1;
    return ordered('<', value, 0) ? -1 : 0;
  }),
  define('round', 'function', [number('number'), optional(count('ndigits'), 0)], (_context, value, digits) => {
    return round(value, digits);
  }),
  define('isInteger', 'function', [any('value')], (_context, value) => {
    return typeof value !== 'boolean' && asInt(value) !== undefined;
  }),
  define('isNumber', 'function', [any('value')], (_context, value) => isNumber(value)),
  define('hex', 'function', [numberOrNull('num')], (_context, value) => hexadecimal(value)),
];
