import { toDouble, toInt } from './conversion.ts';
import { PythonError, typeError, valueError } from './errors.ts';
import { formatValue } from './format-spec.ts';
import { getItem } from './indexing.ts';
import { checkText } from './limits.ts';
import { asDouble, asInt, float } from './numbers.ts';
import { PythonObject } from './object.ts';
import { asciiRepr, characters, repr, str, textLength } from './text.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './types.ts';

/** Python's `text % values`. Throws TypeError, ValueError, KeyError. */
export function percentFormat(template: string, values: unknown): string {
  const source = new Values(values);
  let out = '';
  let index = 0;
  for (;;) {
    const percent = template.indexOf('%', index);
    if (percent < 0) break;
    out += template.slice(index, percent);
    if (template[percent + 1] === '%') {
      out += '%';
      index = percent + 2;
      continue;
    }
    const directive = parse(template, percent + 1, source);
    checkText(Math.abs(directive.width));
    out += text(directive, source.take());
    checkText(out.length);
    index = directive.end;
  }
  source.finish();
  return out + template.slice(index);
}

/** The right operand: the items of a tuple one by one, anything else once; by key when it has items. */
class Values {
  private readonly given: unknown;
  private readonly items: readonly unknown[];
  private used = 0;
  /** Set by `%(key)s`: what the directive takes. */
  private picked: { readonly value: unknown } | undefined;
  private readonly mapping: boolean;

  constructor(given: unknown) {
    this.given = given;
    this.items = given instanceof Tuple ? given.items : [given];
    this.mapping = hasItems(given);
  }

  pick(key: string): void {
    this.picked = { value: getItem(this.given, key) };
  }

  requireMapping(): void {
    if (!this.mapping) throw typeError('format requires a mapping');
  }

  take(): unknown {
    if (this.picked !== undefined) {
      const { value } = this.picked;
      this.picked = undefined;
      this.used = this.items.length;
      return value;
    }
    if (this.used >= this.items.length) throw typeError('not enough arguments for format string');
    this.used += 1;
    return this.items[this.used - 1];
  }

  finish(): void {
    if (this.used < this.items.length && !this.mapping) {
      throw typeError('not all arguments converted during string formatting');
    }
  }
}

/** Whether Python finds `value[key]` defined for the type, so that it may be a mapping. */
function hasItems(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Tuple || asDouble(value) !== undefined) {
    return false;
  }
  return !(value instanceof PythonObject) || value.item !== PythonObject.prototype.item;
}

interface Directive {
  readonly type: string;
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  /** Where the template goes on. */
  readonly end: number;
}

function parse(template: string, start: number, source: Values): Directive {
  let index = start;
  if (template[index] === '(') {
    source.requireMapping();
    const end = closing(template, index);
    source.pick(template.slice(index + 1, end));
    index = end + 1;
  }
  const flagged = index;
  while (index < template.length && '-+ #0'.includes(template.charAt(index))) index += 1;
  const flags = template.slice(flagged, index);
  const [width = 0, afterWidth] = number(template, index, source);
  index = afterWidth;
  let precision: number | undefined;
  if (template[index] === '.') {
    const [digits = 0, after] = number(template, index + 1, source);
    precision = Math.max(0, digits);
    index = after;
  }
  if (index < template.length && 'hlL'.includes(template.charAt(index))) index += 1;
  const code = template.codePointAt(index);
  if (code === undefined) throw valueError('incomplete format');
  const type = String.fromCodePoint(code);
  if (!'sracdiuoxXeEfFgG'.includes(type)) {
    source.take();
    throw valueError(`unsupported format character '${type}' (0x${code.toString(16)}) at index ${index}`);
  }
  return { type, flags, width, precision, end: index + type.length };
}

function closing(template: string, open: number): number {
  let depth = 0;
  for (let index = open; index < template.length; index += 1) {
    if (template[index] === '(') depth += 1;
    else if (template[index] === ')') depth -= 1;
    if (depth === 0) return index;
  }
  throw valueError('incomplete format key');
}

/** A width or precision: digits, or `*` for one of the values. */
function number(template: string, start: number, source: Values): [number | undefined, number] {
  if (template[start] === '*') {
    const given = asInt(source.take());
    if (given === undefined) throw typeError('* wants int');
    if (typeof given === 'bigint') {
      throw new PythonError('OverflowError', 'Python int too large to convert to C ssize_t');
    }
    return [given, start + 1];
  }
  let index = start;
  while (index < template.length && /\d/.test(template.charAt(index))) index += 1;
  return [index === start ? undefined : Number(template.slice(start, index)), index];
}

function text(directive: Directive, value: unknown): string {
  const { type, precision } = directive;
  switch (type) {
    case 's':
      return aligned(cut(str(value), precision), directive);
    case 'r':
      return aligned(cut(repr(value), precision), directive);
    case 'a':
      return aligned(cut(asciiRepr(value), precision), directive);
    case 'c':
      return aligned(character(value), directive);
    case 'd':
    case 'i':
    case 'u':
      if (asDouble(value) === undefined && !isNumberLike(value)) {
        throw typeError(`%${type} format: a real number is required, not ${typeName(value)}`);
      }
      return numeric('d', toInt(value), directive);
    case 'x':
    case 'X':
    case 'o':
      if (asInt(value) === undefined) {
        throw typeError(`%${type} format: an integer is required, not ${typeName(value)}`);
      }
      return numeric(type, asInt(value), directive);
    default:
      if (asDouble(value) === undefined && !isNumberLike(value)) {
        throw typeError(`must be real number, not ${typeName(value)}`);
      }
      return numeric(type, float(toDouble(value)), directive);
  }
}

/** Objects that `int()` and `float()` take. */
function isNumberLike(value: unknown): boolean {
  return value instanceof PythonObject && value.number() !== undefined;
}

function cut(whole: string, precision: number | undefined): string {
  return precision === undefined ? whole : characters(whole).slice(0, precision).join('');
}

function character(value: unknown): string {
  if (typeof value === 'string' && textLength(value) === 1) return value;
  const code = asInt(value);
  if (code === undefined) throw typeError('%c requires int or char');
  if (code < 0 || code > 0x10ffff) throw new PythonError('OverflowError', '%c arg not in range(0x110000)');
  return String.fromCodePoint(Number(code));
}

function aligned(body: string, layout: Directive): string {
  const missing = Math.abs(layout.width) - textLength(body);
  if (missing <= 0) return body;
  const left = layout.flags.includes('-') || layout.width < 0;
  return left ? body + ' '.repeat(missing) : ' '.repeat(missing) + body;
}

function numeric(type: string, value: unknown, layout: Directive): string {
  const { flags, precision } = layout;
  const left = flags.includes('-') || layout.width < 0;
  const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const alternate = flags.includes('#') ? '#' : '';
  if ('dxXo'.includes(type)) {
    // A precision is the least number of digits.
    const plain = formatValue(value, `${sign}${alternate}${type}`);
    const [, before = '', digits = ''] = /^([-+ ]?(?:0[xXo])?)(.*)$/.exec(plain) ?? [];
    const enough = digits.padStart(precision ?? 0, '0');
    if (!flags.includes('0') || left) return aligned(before + enough, layout);
    return before + enough.padStart(layout.width - before.length, '0');
  }
  const zero = flags.includes('0') && !left ? `0${layout.width || ''}` : '';
  const digits = precision === undefined ? '' : `.${precision}`;
  return aligned(formatValue(value, `${sign}${alternate}${zero}${digits}${type}`), layout);
}
