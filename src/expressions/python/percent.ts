import { toInt } from './conversion.ts';
import { dictGet, isDict } from './dict.ts';
import { PythonError, typeError, valueError } from './errors.ts';
import { formatValue } from './format-spec.ts';
import { checkText } from './limits.ts';
import { asDouble, asInt, float } from './numbers.ts';
import { PythonObject } from './object.ts';
import { characters, repr, str, textLength } from './text.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './types.ts';

const DIRECTIVE = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(\.(?:\*|\d+)?)?[hlL]?(.)?/gsu;

/** Python's `text % values`. Throws TypeError, ValueError, KeyError. */
export function percentFormat(template: string, values: unknown): string {
  const items = values instanceof Tuple ? values.items : [values];
  let used = 0;
  const take = (): unknown => {
    if (used >= items.length) throw typeError('not enough arguments for format string');
    used += 1;
    return items[used - 1];
  };
  let mapped = false;
  let length = 0;
  const out = template.replace(DIRECTIVE, (...groups) => {
    const [, key, flags, width, precision, type]: (string | undefined)[] = groups;
    if (type === undefined) throw valueError('incomplete format');
    if (type === '%') {
      // Only `%%` stands for itself; with anything between, Python takes a value as well.
      if (groups[0] !== '%%') take();
      return '%';
    }
    if (key !== undefined) {
      if (!isDict(values)) throw typeError('format requires a mapping');
      mapped = true;
    }
    const wide = width === '*' ? Number(toInt(take())) : Number(width ?? 0);
    let digits: number | undefined;
    if (precision !== undefined) digits = precision === '.*' ? Number(toInt(take())) : Number(precision.slice(1));
    let value: unknown;
    if (key !== undefined && isDict(values)) {
      value = dictGet(values, key);
      if (value === undefined) throw new PythonError('KeyError', repr(key));
    } else value = take();
    checkText(Math.abs(wide));
    const text = directive(type, value, { flags: flags ?? '', width: wide, precision: digits }, Number(groups.at(-2)));
    length += text.length;
    checkText(length);
    return text;
  });
  const maybeMapping =
    isDict(values) || Array.isArray(values) || (values instanceof PythonObject && items.length === 1);
  if (used < items.length && !mapped && !maybeMapping) {
    throw typeError('not all arguments converted during string formatting');
  }
  return out;
}

interface Layout {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
}

function directive(type: string, value: unknown, layout: Layout, index: number): string {
  switch (type) {
    case 's':
    case 'r':
    case 'a':
      return aligned(cut(type === 's' ? str(value) : repr(value), layout.precision), layout);
    case 'c':
      return aligned(character(value), layout);
    case 'd':
    case 'i':
    case 'u':
      if (asDouble(value) === undefined)
        throw typeError(`%${type} format: a real number is required, not ${typeName(value)}`);
      return numeric('d', toInt(value), layout);
    case 'x':
    case 'X':
    case 'o':
      if (asInt(value) === undefined)
        throw typeError(`%${type} format: an integer is required, not ${typeName(value)}`);
      return numeric(type, asInt(value), layout);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': {
      const double = asDouble(value);
      if (double === undefined) throw typeError(`must be real number, not ${typeName(value)}`);
      return numeric(type, float(double), layout);
    }
    default:
      throw valueError(
        `unsupported format character '${type}' (0x${type.charCodeAt(0).toString(16)}) at index ${index + 1}`,
      );
  }
}

function cut(text: string, precision: number | undefined): string {
  return precision === undefined ? text : characters(text).slice(0, precision).join('');
}

function character(value: unknown): string {
  if (typeof value === 'string' && textLength(value) === 1) return value;
  const code = asInt(value);
  if (typeof code !== 'number') throw typeError('%c requires int or char');
  if (code < 0 || code > 0x10ffff) throw new PythonError('OverflowError', '%c arg not in range(0x110000)');
  return String.fromCodePoint(code);
}

function aligned(text: string, layout: Layout): string {
  const missing = Math.abs(layout.width) - textLength(text);
  if (missing <= 0) return text;
  const left = layout.flags.includes('-') || layout.width < 0;
  return left ? text + ' '.repeat(missing) : ' '.repeat(missing) + text;
}

function numeric(type: string, value: unknown, layout: Layout): string {
  const { flags, precision } = layout;
  const left = flags.includes('-') || layout.width < 0;
  const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const alternate = flags.includes('#') ? '#' : '';
  if ('dxXo'.includes(type)) {
    // A precision is the least number of digits.
    const plain = formatValue(value, `${sign}${alternate}${type}`);
    const [, before = '', digits = ''] = /^([-+ ]?(?:0[xXo])?)(.*)$/.exec(plain) ?? [];
    const text = before + digits.padStart(precision ?? 0, '0');
    if (!flags.includes('0') || left || precision !== undefined) return aligned(text, layout);
    return before + digits.padStart(layout.width - before.length, '0');
  }
  const zero = flags.includes('0') && !left ? `0${layout.width || ''}` : '';
  const digits = precision === undefined ? '' : `.${precision}`;
  return aligned(formatValue(value, `${sign}${alternate}${zero}${digits}${type}`), layout);
}
