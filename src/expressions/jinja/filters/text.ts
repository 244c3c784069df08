import {
  add,
  asIndex,
  bind,
  capitalize,
  checkText,
  Dict,
  getItem,
  length,
  member,
  NO_ARGUMENTS,
  ordered,
  PythonError,
  PythonFunction,
  PythonObject,
  percentFormat,
  replaceText,
  repr,
  Slice,
  splitLines,
  str,
  subtract,
  Tuple,
  toDouble,
  truthy,
  typeError,
  typeName,
  unsupported,
  valueError,
} from '../../python/index.ts';
import type { Filter } from '../environment.ts';
import { escapeHtml, escapeValue, Markup, plain } from '../markup.ts';
import { percentEscaped } from '../operators.ts';
import { Undefined } from '../undefined.ts';
import { unpacked } from '../unpacking.ts';
import { argumentError, indexOf, keepingMark, noAttribute, softText } from './helpers.ts';
import { wrapText } from './wrap.ts';

/** A method of Python's text as a filter. */
function method(name: string, ...fixed: unknown[]): Filter {
  return (_run, value, given) => {
    const bound = member(softText(value), name);
    if (!(bound instanceof PythonFunction)) throw typeError(`no method ${name}`);
    return bound.call({ positional: [...fixed, ...given.positional], keywords: given.keywords });
  };
}

const replace: Filter = (run, value, given) => {
  const [old, by, count] = bind('replace', given, ['old', 'new', 'count'], 2);
  const most = count === undefined || count === null ? -1 : indexOf(count);
  if (!run.escaping) return replaceText(softText(value), softText(old), softText(by), most);
  // With escaping on, marked text makes the whole marked: what else takes part is escaped.
  const escaped = old instanceof Markup || value instanceof Markup || by instanceof Markup;
  if (!escaped) return replaceText(softText(value), softText(old), softText(by), most);
  const self = value instanceof Markup && !(old instanceof Markup) ? value : escapeValue(value);
  const part = (text: unknown) => (text instanceof Markup ? text.text : escapeHtml(softText(text)));
  return new Markup(replaceText(self.text, part(old), part(by), most));
};

const title: Filter = (_run, value, given) => {
  bind('title', given, []);
  return softText(value)
    .split(/([-\s({[<]+)/)
    .map((word) => {
      const [first = '', ...rest] = word;
      return first.toUpperCase() + rest.join('').toLowerCase();
    })
    .join('');
};

const indent: Filter = (_run, value, given) => {
  const [width = 4, first, blank] = bind('indent', given, ['width', 'first', 'blank']);
  const count =
    typeof width === 'string'
      ? 0
      : Math.max(0, asIndex(width, `can't multiply sequence by non-int of type '${typeName(width)}'`));
  const text = appended(value);
  checkText(count);
  const by = typeof width === 'string' ? width : ' '.repeat(count);
  const lines = splitLines(text);
  checkText(text.length + lines.length * by.length);
  const indented = lines.map((line, index) => (index === 0 || (line === '' && !truthy(blank)) ? line : by + line));
  return (truthy(first) ? by : '') + indented.join('\n');
};

/** The text with a line end behind it, so that its last line counts as one. Fails as `value += '\\n'` in Python. */
function appended(value: unknown): string {
  if (typeof value === 'string') return `${value}\n`;
  if (value instanceof Undefined) throw value.fail();
  if (value instanceof Tuple) throw typeError('can only concatenate tuple (not "str") to tuple');
  if (Array.isArray(value)) throw noAttribute(value, 'splitlines');
  throw unsupported('+=', value, '');
}

function lengthOf(value: unknown): number {
  return value instanceof Undefined ? value.length() : length(value);
}

const truncate: Filter = (_run, whole, given) => {
  const marked = whole instanceof Markup;
  const value = plain(whole);
  const [most = 255, killwords, end = '...', leeway] = bind('truncate', given, [
    'length',
    'killwords',
    'end',
    'leeway',
  ]);
  const size = lengthOf(end);
  const slack = leeway === undefined || leeway === null ? 5 : leeway;
  if (!ordered('>=', most, size)) {
    throw new PythonError('AssertionError', `expected length >= ${size}, got ${str(most)}`);
  }
  if (!ordered('>=', slack, 0)) throw new PythonError('AssertionError', `expected leeway >= 0, got ${str(slack)}`);
  // What is short enough comes back as it is, whatever it is.
  if (ordered('<=', lengthOf(value), add(most, slack))) return value;
  const cut = getItem(value, new Slice(null, subtract(most, size), null));
  const ending = marked && typeof end === 'string' ? escapeHtml(end) : plain(end);
  if (truthy(killwords)) return add(cut, ending);
  if (typeof cut !== 'string') throw noAttribute(cut, 'rsplit');
  const space = cut.lastIndexOf(' ');
  return add(space < 0 ? cut : cut.slice(0, space), ending);
};

const wordwrap: Filter = (_run, value, given) => {
  const [width = 79, long = true, wrapstring, hyphens = true] = bind('wordwrap', given, [
    'width',
    'break_long_words',
    'wrapstring',
    'break_on_hyphens',
  ]);
  const between = wrapstring === undefined || wrapstring === null ? '\n' : wrapstring;
  if (typeof value !== 'string') throw noAttribute(value, 'splitlines');
  if (typeof between !== 'string') throw noAttribute(between, 'join');
  return splitLines(value)
    .map((line) => {
      if (!ordered('>', width, 0)) throw valueError(`invalid width ${repr(width)} (must be > 0)`);
      const options = { width: toDouble(width), breakLongWords: truthy(long), breakOnHyphens: truthy(hyphens) };
      return wrapText(line, options).join(between);
    })
    .join(between);
};

const format: Filter = (_run, value, given) => {
  if (given.positional.length > 0 && given.keywords !== undefined) {
    throw argumentError("can't handle positional and keyword arguments at the same time");
  }
  const values = given.keywords === undefined ? new Tuple(given.positional) : new Dict(given.keywords);
  return value instanceof Markup ? percentEscaped(value, values) : percentFormat(softText(value), values);
};

const urlencode: Filter = (run, value, given) => {
  bind('urlencode', given, []);
  const iterable = typeof value !== 'string' && !(value instanceof Markup) ? pairsToQuote(value) : undefined;
  if (iterable === undefined) return quoteUrl(softText(value), false);
  const parts: string[] = [];
  for (const pair of run.each(iterable)) {
    const [key, item] = unpacked(run, pair, 2);
    parts.push(`${quoteUrl(str(key), true)}=${quoteUrl(str(item), true)}`);
  }
  return parts.join('&');
};

function pairsToQuote(value: unknown): unknown {
  if (value instanceof Undefined) throw value.fail();
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value) || value instanceof Tuple) return value;
  if (value instanceof PythonObject) return value.iterate() === undefined ? undefined : value;
  const items = member(value, 'items');
  return items instanceof PythonFunction ? items.call({ positional: [], keywords: undefined }) : undefined;
}

const LONE_SURROGATE = /\p{Cs}/u;

/** Percent encoding of UTF-8; `/` stays unless it is part of a query, where a blank is `+`. */
function quoteUrl(text: string, query: boolean): string {
  if (LONE_SURROGATE.test(text)) throw new PythonError('UnicodeEncodeError', "'utf-8' codec can't encode surrogates");
  const encoded = encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return query ? encoded.replaceAll('%20', '+') : encoded.replaceAll('%2F', '/');
}

/** Jinja's filters on text. */
export const TEXT_FILTERS: Readonly<Record<string, Filter>> = {
  capitalize: keepingMark((_run, value) => capitalize(str(value))),
  center: keepingMark((run, value, given) => {
    const [width = 80] = bind('center', given, ['width']);
    if (typeof width === 'bigint')
      throw new PythonError('OverflowError', 'Python int too large to convert to C ssize_t');
    return method('center', width)(run, value, NO_ARGUMENTS);
  }),
  format,
  indent: keepingMark(indent),
  lower: keepingMark((_run, value) => str(value).toLowerCase()),
  replace,
  string: (_run, value) => (value instanceof Markup ? value : str(value)),
  title,
  trim: keepingMark((run, value, given) => {
    const [chars = null] = bind('trim', given, ['chars']);
    return method('strip', chars)(run, value, NO_ARGUMENTS);
  }),
  truncate: (run, value, given) => {
    const result = truncate(run, value, given);
    return value instanceof Markup && typeof result === 'string' ? new Markup(result) : result;
  },
  upper: keepingMark((_run, value) => str(value).toUpperCase()),
  urlencode,
  wordcount: (_run, value) => softText(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0,
  wordwrap,
};
