import { PythonError, typeError, valueError } from './errors.ts';
import { asInt, Float, float, integer } from './numbers.ts';
import { PythonObject } from './object.ts';
import { textRepr } from './text.ts';
import { typeName } from './types.ts';
import { strip } from './white-space.ts';

const DECIMAL = /^[+-]?\d+(_\d+)*$/;
const FLOAT = /^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$/i;
const DIGIT = /\p{Nd}/u;
const FLOAT_NAME = /^([+-]?)(inf|infinity|nan)$/i;

/** The digits of all scripts as those of ASCII: Unicode has them in runs from 0 to 9, one after the other. */
export function asciiDigits(text: string): string {
  if (!/[\u0080-\uffff]/.test(text)) return text;
  return text.replace(/[^\P{Nd}0-9]/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    let start = code;
    while (DIGIT.test(String.fromCodePoint(start - 1))) start -= 1;
    return String((code - start) % 10);
  });
}

/** Python's `int(value)`. Throws ValueError, TypeError, OverflowError. */
export function toInt(value: unknown): number | bigint {
  const int = asInt(value);
  if (int !== undefined) return int;
  if (typeof value === 'number' || value instanceof Float) {
    const double = typeof value === 'number' ? value : value.value;
    if (Number.isNaN(double)) throw valueError('cannot convert float NaN to integer');
    if (!Number.isFinite(double)) throw new PythonError('OverflowError', 'cannot convert float infinity to integer');
    return integer(BigInt(Math.trunc(double)));
  }
  if (typeof value === 'string') {
    const digits = asciiDigits(strip(value));
    if (DECIMAL.test(digits)) return integer(decimal(digits));
    throw valueError(`invalid literal for int() with base 10: ${textRepr(value)}`);
  }
  if (value instanceof PythonObject) {
    const number = value.number();
    if (number !== undefined) return toInt(number);
  }
  throw typeError(`int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`);
}

/** Python's `int(text, base)`; base 0 reads the prefix, as in a literal. */
export function toIntWithBase(text: string, base: number): number | bigint {
  if (base !== 0 && (base < 2 || base > 36)) throw valueError('int() base must be >= 2 and <= 36, or 0');
  const invalid = () => valueError(`invalid literal for int() with base ${base}: ${textRepr(text)}`);
  const match = /^([+-]?)(0[xob](?:_)?)?([0-9a-z]+(?:_[0-9a-z]+)*)$/i.exec(asciiDigits(strip(text)));
  if (match === null) throw invalid();
  let [, sign = '', prefix = '', digits = ''] = match;
  const prefixBase = { x: 16, o: 8, b: 2 }[prefix.charAt(1).toLowerCase()];
  let radix = base;
  if (prefixBase !== undefined && (base === 0 || base === prefixBase)) radix = prefixBase;
  else {
    digits = prefix.replace('_', '') + digits;
    if (base === 0) {
      if (/^0[0_]*[1-9a-z]/i.test(digits)) throw invalid();
      radix = 10;
    }
  }
  let result = 0n;
  for (const digit of digits.replaceAll('_', '')) {
    const worth = Number.parseInt(digit, 36);
    if (worth >= radix) throw invalid();
    result = result * BigInt(radix) + BigInt(worth);
  }
  return integer(sign === '-' ? -result : result);
}

function decimal(digits: string): bigint {
  const plain = digits.replaceAll('_', '').replace('+', '');
  if (plain.replace('-', '').length > 4300) {
    throw valueError('Exceeds the limit (4300 digits) for integer string conversion');
  }
  return BigInt(plain);
}

/** Python's `float(value)`, as the JavaScript number. */
export function toDouble(value: unknown): number {
  if (typeof value === 'number') return value;
  if (value instanceof Float) return value.value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'bigint') {
    const double = Number(value);
    if (!Number.isFinite(double)) throw new PythonError('OverflowError', 'int too large to convert to float');
    return double;
  }
  if (typeof value === 'string') {
    const text = asciiDigits(strip(value));
    const name = FLOAT_NAME.exec(text);
    if (name !== null) {
      if (name[2]?.toLowerCase() === 'nan') return Number.NaN;
      return name[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    }
    if (FLOAT.test(text)) return Number(text.replaceAll('_', ''));
    throw valueError(`could not convert string to float: ${textRepr(value)}`);
  }
  if (value instanceof PythonObject) {
    const number = value.number();
    if (number !== undefined) return toDouble(number);
  }
  throw typeError(`float() argument must be a string or a real number, not '${typeName(value)}'`);
}

/** Python's `float(value)`. */
export function toFloat(value: unknown): number | Float {
  return float(toDouble(value));
}

/** Python's `round(value, digits)`: half to even, exact on the double's true decimal value. Ints stay ints. */
export function round(value: unknown, digits: number | undefined): number | bigint | Float {
  const int = asInt(value);
  if (int !== undefined) {
    if (digits === undefined || digits >= 0) return int;
    const unit = 10n ** BigInt(Math.min(-digits, 5000));
    return integer(roundHalfEven(BigInt(int), unit));
  }
  const double = toDouble(value);
  if (digits === undefined) {
    if (!Number.isFinite(double)) return toInt(value);
    const floor = Math.floor(double);
    const rest = double - floor;
    const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
    return integer(BigInt(up ? floor + 1 : floor));
  }
  return float(roundDouble(double, digits));
}

function roundHalfEven(value: bigint, unit: bigint): bigint {
  const negative = value < 0n;
  const magnitude = negative ? -value : value;
  const quotient = magnitude / unit;
  const twice = (magnitude % unit) * 2n;
  const up = twice > unit || (twice === unit && quotient % 2n === 1n);
  const rounded = (up ? quotient + 1n : quotient) * unit;
  return negative ? -rounded : rounded;
}

/** Rounds a double to decimal digits, half to even on its exact value. */
export function roundDouble(value: number, digits: number): number {
  if (!Number.isFinite(value) || value === 0 || digits > 323) return value;
  if (digits < -308) return value < 0 ? -0 : 0;
  const [numerator, exponent] = exactFraction(Math.abs(value));
  // value = numerator / 2**exponent; scale by 10**digits, round, scale back by reading the decimal text.
  const scale = digits >= 0 ? 10n ** BigInt(digits) : 1n;
  const divisor = (1n << BigInt(exponent)) * (digits < 0 ? 10n ** BigInt(-digits) : 1n);
  const scaled = numerator * scale;
  const quotient = scaled / divisor;
  const twice = (scaled % divisor) * 2n;
  const rounded = twice > divisor || (twice === divisor && quotient % 2n === 1n) ? quotient + 1n : quotient;
  const result = Number(`${rounded}e${-digits}`);
  return value < 0 ? -result : result;
}

/** A positive finite double as numerator / 2**exponent, exactly. */
export function exactFraction(value: number): [bigint, number] {
  let scaled = value;
  let exponent = 0;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    exponent += 1;
  }
  return [BigInt(scaled), exponent];
}
