import { exactFraction } from './conversion.ts';
import { PythonError, typeError, valueError } from './errors.ts';
import { checkText } from './limits.ts';
import { asDouble, asInt, Float, floatRepr } from './numbers.ts';
import { str, textLength } from './text.ts';
import { typeName } from './types.ts';

interface Spec {
  readonly fill: string;
  readonly align: string;
  readonly sign: string | undefined;
  /** `z`: a negative zero loses its sign. */
  readonly negativeZero: boolean;
  readonly alternate: boolean;
  readonly width: number;
  readonly grouping: string;
  readonly precision: number | undefined;
  readonly type: string;
}

const SPEC = /^(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?(,)?(_)?(,)?(\.(\d+)?)?(.)?$/su;

function parse(spec: string, kind: string): Spec {
  const match = SPEC.exec(spec);
  if (match === null && /\.(?!\d)/.test(spec)) throw valueError('Format specifier missing precision');
  if (match === null) throw valueError(`Invalid format specifier '${spec}' for object of type '${kind}'`);
  const [
    ,
    fill,
    align,
    sign,
    negativeZero,
    alternate,
    zero,
    width,
    comma,
    underscore,
    late,
    point,
    precision,
    type = '',
  ] = match;
  if ((comma !== undefined && underscore !== undefined) || late !== undefined) {
    if (underscore !== undefined && late === undefined) throw valueError("Cannot specify both ',' and '_'.");
    throw valueError(underscore === undefined ? "Cannot specify ',' with ','." : "Cannot specify both ',' and '_'.");
  }
  if (point !== undefined && precision === undefined) throw valueError('Format specifier missing precision');
  const grouping = comma ?? underscore ?? '';
  checkGrouping(grouping, type);
  return {
    fill: fill ?? (zero === undefined ? ' ' : '0'),
    align: align ?? (zero === undefined ? '' : '0'),
    sign,
    alternate: alternate !== undefined,
    width: size(width),
    grouping,
    negativeZero: negativeZero !== undefined,
    precision: precision === undefined ? undefined : size(precision),
    type,
  };
}

/** Thousands may be told apart in decimal notations, groups of four digits with `_` in others. */
function checkGrouping(grouping: string, type: string): void {
  if (grouping === '' || 'deEfFgG%'.includes(type)) return;
  if (grouping === '_' && 'boxX'.includes(type)) return;
  throw valueError(`Cannot specify '${grouping}' with '${type}'.`);
}

function unknownType(type: string, kind: string): PythonError {
  const code = type.codePointAt(0) ?? 0;
  const shown = code > 32 && code < 128 ? `'${type}'` : `'\\x${code.toString(16)}'`;
  return valueError(`Unknown format code ${shown} for object of type '${kind}'`);
}

function size(digits: string | undefined): number {
  const value = Number(digits ?? 0);
  checkText(value);
  return value;
}

/** Python's `format(value, spec)`. Throws ValueError for a bad spec or one that does not fit the type. */
export function formatValue(value: unknown, spec: string): string {
  if (spec === '') return str(value);
  const kind = typeName(value);
  if (typeof value === 'string') return formatString(value, spec);
  if (
    typeof value !== 'number' &&
    typeof value !== 'bigint' &&
    typeof value !== 'boolean' &&
    !(value instanceof Float)
  ) {
    throw typeError(`unsupported format string passed to ${kind}.__format__`);
  }
  const given = parse(spec, kind);
  const parsed = given.align === '0' ? { ...given, align: '=' } : given;
  const int = asInt(value);
  if (int !== undefined && 'bcdnoxX'.includes(parsed.type)) return formatInt(int, parsed);
  if (!'eEfFgGn%'.includes(parsed.type)) throw unknownType(parsed.type, kind);
  return formatDouble(asDouble(value) ?? Number.NaN, parsed);
}

/** The same for text. `kind` is the type's name in messages. */
export function formatString(value: string, spec: string, kind = 'str'): string {
  const { sign, negativeZero, alternate, align, type, precision, grouping, ...rest } = parse(spec, kind);
  if (type !== '' && type !== 's') throw unknownType(type, kind);
  if (grouping !== '') throw valueError(`Cannot specify '${grouping}' with 's'.`);
  if (sign !== undefined) {
    throw valueError(`${sign === ' ' ? 'Space' : 'Sign'} not allowed in string format specifier`);
  }
  if (negativeZero) throw valueError('Negative zero coercion (z) not allowed in string format specifier');
  if (alternate) throw valueError('Alternate form (#) not allowed in string format specifier');
  if (align === '=') throw valueError("'=' alignment not allowed in string format specifier");
  const cut = precision === undefined ? value : [...value].slice(0, precision).join('');
  return padded('', cut, { ...rest, align: align === '' || align === '0' ? '<' : align });
}

function formatInt(value: number | bigint, spec: Spec): string {
  if (spec.precision !== undefined) throw valueError('Precision not allowed in integer format specifier');
  if (spec.negativeZero) throw valueError('Negative zero coercion (z) not allowed in integer format specifier');
  const negative = value < 0;
  const magnitude = negative ? -BigInt(value) : BigInt(value);
  if (spec.type === 'c') {
    if (spec.sign !== undefined) throw valueError("Sign not allowed with integer format specifier 'c'");
    if (spec.alternate) throw valueError("Alternate form (#) not allowed with integer format specifier 'c'");
    if (negative || magnitude > 0x10ffffn) throw new PythonError('OverflowError', '%c arg not in range(0x110000)');
    return padded('', String.fromCodePoint(Number(magnitude)), { ...spec, align: spec.align || '<' });
  }
  const radix = { b: 2, o: 8, x: 16, X: 16 }[spec.type] ?? 10;
  let digits = magnitude.toString(radix);
  if (spec.type === 'X') digits = digits.toUpperCase();
  const prefix = spec.alternate && radix !== 10 ? `0${spec.type}` : '';
  return number(negative, prefix, digits, '', spec, radix === 10 ? 3 : 4);
}

function formatDouble(value: number, spec: Spec): string {
  const magnitude = Math.abs(value);
  const type = spec.type === 'n' ? 'g' : spec.type;
  let body: string;
  if (!Number.isFinite(magnitude)) body = Number.isNaN(magnitude) ? 'nan' : 'inf';
  else if (type === '%') body = `${fixed(magnitude * 100, spec.precision ?? 6)}`;
  else if (type === '' && spec.precision === undefined) body = floatRepr(magnitude);
  else if (type === '') body = general(magnitude, spec.precision || 1, false, true);
  else body = byType(type, magnitude, spec.precision ?? 6, spec.alternate);
  if (type !== '' && 'EFG'.includes(type)) body = body.toUpperCase();
  const [, whole = body, rest = ''] = /^(\d+)(.*)$/.exec(body) ?? [];
  // `z` looks at what is left after rounding.
  const zero = Number.isFinite(magnitude) && !/[1-9]/.test(body.replace(/e.*$/i, ''));
  const negative = (value < 0 || Object.is(value, -0)) && !(spec.negativeZero && zero);
  return number(negative && !Number.isNaN(value), '', whole, rest + (type === '%' ? '%' : ''), spec, 3);
}

function byType(type: string, magnitude: number, precision: number, alternate: boolean): string {
  const lower = type.toLowerCase();
  if (lower === 'f') return fixed(magnitude, precision) + (alternate && precision === 0 ? '.' : '');
  if (lower === 'e') return exponential(magnitude, precision);
  return general(magnitude, precision === 0 ? 1 : precision, alternate, false);
}

/** Digits after the point, half to even on the exact value, any magnitude. */
export function fixed(magnitude: number, precision: number): string {
  if (!Number.isFinite(magnitude)) return Number.isNaN(magnitude) ? 'nan' : 'inf';
  checkText(precision);
  // JavaScript's toFixed is exact only below 1e21, and takes ties up instead of to even.
  const [numerator, exponent] = exactFraction(magnitude);
  const unit = 1n << BigInt(exponent);
  const used = Math.min(precision, 1100);
  const scaled = numerator * 10n ** BigInt(used);
  const twice = (scaled % unit) * 2n;
  const quotient = scaled / unit;
  const rounded = twice > unit || (twice === unit && quotient % 2n === 1n) ? quotient + 1n : quotient;
  const digits = rounded.toString().padStart(used + 1, '0') + '0'.repeat(precision - used);
  return precision === 0 ? digits : `${digits.slice(0, -precision)}.${digits.slice(-precision)}`;
}

/** `1.5e+10`: exponent of at least two digits. */
function exponential(magnitude: number, precision: number): string {
  const shown = Math.min(precision, 100);
  const [digits = '', exponent = '0'] = magnitude.toExponential(shown).split('e');
  const power = Number(exponent);
  const zeros = '0'.repeat(precision - shown);
  return `${digits}${zeros}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** `%g`: significant digits, no trailing zeros unless `#`. `keepPoint`: at least one digit after the point, as `format(x, '.3')`. */
function general(magnitude: number, precision: number, alternate: boolean, keepPoint: boolean): string {
  const shown = Math.min(precision, 100);
  const power = magnitude === 0 ? 0 : Number(magnitude.toExponential(shown - 1).split('e')[1]);
  const scientific = power < -4 || power >= (keepPoint ? precision - 1 : precision);
  const text = scientific ? exponential(magnitude, shown - 1) : fixed(magnitude, Math.max(0, shown - 1 - power));
  const [mantissa = '', exponent] = text.split('e');
  let short = alternate || !mantissa.includes('.') ? mantissa : mantissa.replace(/\.?0+$/, '');
  if (keepPoint && !scientific && !short.includes('.')) short += '.0';
  return exponent === undefined ? short : `${short}e${exponent}`;
}

function number(negative: boolean, prefix: string, whole: string, rest: string, spec: Spec, every: number): string {
  const sign = negative ? '-' : spec.sign === '-' ? '' : (spec.sign ?? '');
  let digits = whole;
  if (spec.grouping !== '') {
    // Zeros that pad to the width are grouped too.
    if (spec.fill === '0' && spec.align === '=') {
      const room = spec.width - sign.length - prefix.length - rest.length;
      while (digits.length + Math.floor((digits.length - 1) / every) < room) digits = `0${digits}`;
    }
    digits = digits.replace(new RegExp(`\\B(?=(?:.{${every}})+$)`, 'g'), spec.grouping);
  }
  return padded(sign + prefix, digits + rest, { ...spec, align: spec.align || '>' });
}

function padded(prefix: string, body: string, spec: Pick<Spec, 'fill' | 'align' | 'width'>): string {
  const missing = spec.width - textLength(prefix) - textLength(body);
  if (missing <= 0) return prefix + body;
  if (spec.align === '=') return prefix + spec.fill.repeat(missing) + body;
  if (spec.align === '<') return prefix + body + spec.fill.repeat(missing);
  if (spec.align === '>') return spec.fill.repeat(missing) + prefix + body;
  const left = Math.floor(missing / 2);
  return spec.fill.repeat(left) + prefix + body + spec.fill.repeat(missing - left);
}
