import {
  characters as charactersOf,
  checkText,
  dictEntries,
  member,
  multiply,
  PythonError,
  PythonFunction,
  replaceText,
  str,
  Tuple,
  textLength,
  typeName,
} from '../../python/index.ts';
import type { Context } from '../context.ts';
import { define, defineRest, renamed } from '../definition.ts';
import { invoke } from '../invoke.ts';
import {
  any,
  boolean,
  booleanOrNull,
  count,
  int,
  iterable,
  mapping,
  optional,
  size,
  text,
  textOrNull,
} from '../parameters.ts';
import { each, type IterableValue } from '../values/iteration.ts';

/** Python's method of a text. */
function method(self: string, name: string, ...positional: unknown[]): unknown {
  const found = member(self, name);
  if (!(found instanceof PythonFunction))
    throw new PythonError('AttributeError', `'str' object has no attribute '${name}'`);
  return found.call({ positional, keywords: undefined });
}

function textMethod(self: string, name: string, ...positional: unknown[]): string {
  return str(method(self, name, ...positional));
}

/** YAQL's `str`: its own words for null and booleans, Python's for the rest. */
export function yaqlText(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'boolean' ? String(value) : str(value);
}

function joined(context: Context, values: IterableValue, separator: string): string {
  const parts: string[] = [];
  let length = 0;
  for (const value of each(context.run, values)) {
    const part = invoke(context, 'str', [value]);
    if (typeof part !== 'string') {
      throw new PythonError(
        'TypeError',
        `sequence item ${parts.length}: expected str instance, ${typeName(part)} found`,
      );
    }
    parts.push(part);
    length += part.length + separator.length;
    checkText(length);
  }
  return context.run.text(parts.join(separator));
}

/** `self[start:end]` in code points; the bounds may be negative. */
function part(self: string, start: number, end: number): string {
  return charactersOf(self).slice(start, end).join('');
}

function substring(self: string, start: number, length: number): string {
  const all = textLength(self);
  const from = start < 0 ? start + all : start;
  return part(self, from, from + (length < 0 ? all : length));
}

function range(self: string, start: number, length: number): [number, number] {
  const all = textLength(self);
  const from = start < 0 ? start + all : start;
  return [from, from + (length < 0 ? all - from : length)];
}

const concat = defineRest('concat', 'function', [], text('args'), (context, _given, parts) => {
  return context.run.text(parts.join(''));
});

const CLASSES = {
  digits: '0123456789',
  hexdigits: '0123456789abcdefABCDEF',
  asciiLowercase: 'abcdefghijklmnopqrstuvwxyz',
  asciiUppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  asciiLetters: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ',
  letters: undefined,
  octdigits: '01234567',
  punctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  printable: '',
  lowercase: undefined,
  uppercase: undefined,
  whitespace: ' \t\n\r\x0b\x0c',
} as const;
const PRINTABLE = CLASSES.digits + CLASSES.asciiLetters + CLASSES.punctuation + CLASSES.whitespace;
const CLASS_NAMES = Object.keys(CLASSES) as (keyof typeof CLASSES)[];

/** All characters of the classes that are asked for. Some names are of Python 2's classes, which are no more. */
function charactersIn(wanted: readonly (boolean | null)[]): Tuple {
  let all = '';
  for (const [index, name] of CLASS_NAMES.entries()) {
    if (wanted[index] !== true) continue;
    const more = name === 'printable' ? PRINTABLE : CLASSES[name];
    if (more === undefined) {
      throw new PythonError('AttributeError', `module 'string' has no attribute '${name}'`);
    }
    all += more;
  }
  return new Tuple([...new Set(all)]);
}

const SELF = text('string');
const CHARS = optional(textOrNull('chars'), null);
const SEPARATOR = [SELF, optional(textOrNull('separator'), null), optional(size('maxSplits'), -1)] as const;
const FROM = [SELF, text('sub'), optional(count('start'), 0)] as const;
const WITHIN = [SELF, text('sub'), count('start'), count('length')] as const;

export const STRINGS = [
  concat,
  renamed(concat, '#operator_+'),
  define('#operator_*', 'function', [text('left'), int('right')], (context, left, right) => {
    return context.run.text(str(multiply(left, right)));
  }),
  define('#operator_*', 'function', [int('left'), text('right')], (context, left, right) => {
    return context.run.text(str(multiply(right, left)));
  }),
  define('#operator_in', 'function', [text('left'), text('right')], (_context, left, right) => right.includes(left)),
  define('len', 'both', [SELF], (_context, self) => textLength(self)),
  define('toLower', 'method', [SELF], (_context, self) => method(self, 'lower')),
  define('toUpper', 'method', [SELF], (_context, self) => method(self, 'upper')),
  define('split', 'method', SEPARATOR, (_context, self, separator, most) => method(self, 'split', separator, most)),
  define('rightSplit', 'method', SEPARATOR, (_context, self, separator, most) => {
    return method(self, 'rsplit', separator, most);
  }),
  define('join', 'method', [iterable('sequence'), text('separator')], (context, values, separator) => {
    return joined(context, values, separator);
  }),
  define('join', 'method', [text('separator'), iterable('sequence')], (context, separator, values) => {
    return joined(context, values, separator);
  }),
  define('str', 'function', [any('value')], (context, value) => context.run.text(yaqlText(value))),
  define('trim', 'method', [SELF, CHARS], (_context, self, chars) => method(self, 'strip', chars)),
  define('trimLeft', 'method', [SELF, CHARS], (_context, self, chars) => method(self, 'lstrip', chars)),
  define('trimRight', 'method', [SELF, CHARS], (_context, self, chars) => method(self, 'rstrip', chars)),
  define('norm', 'both', [textOrNull('string'), CHARS], (_context, self, chars) => {
    const trimmed = self === null ? '' : textMethod(self, 'strip', chars);
    return trimmed === '' ? null : trimmed;
  }),
  define(
    'isEmpty',
    'both',
    [textOrNull('string'), optional(boolean('trim'), true), CHARS],
    (_context, self, trim, chars) => self === null || (trim ? textMethod(self, 'strip', chars) : self) === '',
  ),
  define(
    'replace',
    'method',
    [SELF, text('old'), text('new'), optional(size('count'), -1)],
    (context, self, old, made, most) => context.run.text(replaceText(self, old, made, most)),
  ),
  define(
    'replace',
    'method',
    [SELF, mapping('replacements'), optional(size('count'), -1)],
    (context, self, replacements, most) => {
      let result = self;
      for (const [key, value] of dictEntries(replacements)) {
        context.run.spend(1);
        result = context.run.text(replaceText(result, yaqlText(key), yaqlText(value), most));
      }
      return result;
    },
  ),
  define(
    'substring',
    'method',
    [SELF, count('start'), optional(count('length'), -1)],
    (_context, self, start, length) => {
      return substring(self, start, length);
    },
  ),
  define('indexOf', 'method', FROM, (_context, self, sub, start) => method(self, 'find', sub, start)),
  define('indexOf', 'method', WITHIN, (_context, self, sub, start, length) => {
    return method(self, 'find', sub, ...range(self, start, length));
  }),
  define('lastIndexOf', 'method', FROM, (_context, self, sub, start) => method(self, 'rfind', sub, start)),
  define('lastIndexOf', 'method', WITHIN, (_context, self, sub, start, length) => {
    return method(self, 'rfind', sub, ...range(self, start, length));
  }),
  define('toCharArray', 'method', [SELF], (context, self) => {
    context.run.spend(self.length);
    return new Tuple(charactersOf(self));
  }),
  define(
    'characters',
    'function',
    CLASS_NAMES.map((name) => optional(booleanOrNull(name), false)),
    (_context, ...wanted) => charactersIn(wanted),
  ),
  define('isString', 'function', [any('arg')], (_context, value) => typeof value === 'string'),
  defineRest('startsWith', 'method', [SELF], text('prefixes'), (_context, [self], prefixes) => {
    return prefixes.some((prefix) => self.startsWith(prefix));
  }),
  defineRest('endsWith', 'method', [SELF], text('suffixes'), (_context, [self], suffixes) => {
    return suffixes.some((suffix) => self.endsWith(suffix));
  }),
];
