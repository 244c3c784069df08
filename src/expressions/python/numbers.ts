import { PythonError, typeError } from './errors.ts';

/**
 * Python's two kinds of number over JavaScript's:
 *
 * - int: a `number` that is a safe integer, or a `bigint` beyond that (never a bigint within: see `integer`);
 * - float: any other `number` (1.5, 1e300, NaN, infinities), or a `Float` when its value is a safe integer (1.0, -0.0).
 *
 * So JSON data needs no conversion, integers cost nothing, and `1` and `1.0` stay apart.
 */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** The value of a Python float. */
export function float(value: number): number | Float {
  return Number.isSafeInteger(value) ? new Float(value) : value;
}

/** The value of a Python int: a number where it is safe, else a bigint. */
export function integer(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

export function isInt(value: unknown): value is number | bigint {
  return typeof value === 'number' ? Number.isSafeInteger(value) : typeof value === 'bigint';
}

export function isFloat(value: unknown): value is number | Float {
  return typeof value === 'number' ? !Number.isSafeInteger(value) : value instanceof Float;
}

/** Int or float; not bool, which Python counts as an int only where noted. */
export function isNumber(value: unknown): value is number | bigint | Float {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Float;
}

/** The int that a value is to Python's arithmetic (bool included), or undefined. */
export function asInt(value: unknown): number | bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return undefined;
}

/** The double that a number or bool is to Python's arithmetic, or undefined. Throws OverflowError for an int beyond doubles. */
export function asDouble(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value instanceof Float) return value.value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'bigint') {
    const double = Number(value);
    if (!Number.isFinite(double)) throw new PythonError('OverflowError', 'int too large to convert to float');
    return double;
  }
  return undefined;
}

/** An index or count: an int (or bool) within JavaScript's safe range. Throws TypeError for anything else. */
export function asIndex(value: unknown, what: string): number {
  const int = asInt(value);
  if (typeof int === 'number') return int;
  if (typeof int === 'bigint') throw new PythonError('OverflowError', 'Python int too large to convert to C ssize_t');
  throw typeError(what);
}

/** Python's `repr` of a float: shortest digits that read back, exponent below 1e-4 and from 1e16 on. */
export function floatRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e16) {
    const text = String(value);
    return text.includes('.') ? text : `${text}.0`;
  }
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** Decimal digits of an int. Python refuses more than 4300 of them. */
export function intRepr(value: number | bigint): string {
  const text = value === 0 ? '0' : value.toString();
  if (text.length > 4301 || (text.length === 4301 && !text.startsWith('-'))) {
    throw new PythonError('ValueError', 'Exceeds the limit (4300 digits) for integer string conversion');
  }
  return text;
}
