import {
  bind,
  capitalize,
  characters,
  checkText,
  Dict,
  member,
  PythonFunction,
  PythonObject,
  percentFormat,
  replaceText,
  splitLines,
  str,
  Tuple,
  textLength,
  truthy,
  typeError,
} from '../../python/index.ts';
import type { Filter } from '../environment.ts';
import { Markup } from '../markup.ts';
import { Undefined } from '../undefined.ts';
import { argumentError, indexOf, softText, textOf } from './helpers.ts';
import { wrapText } from './wrap.ts';

/** A method of Python's text as a filter. */
function method(name: string, ...fixed: unknown[]): Filter {
  return (_run, value, given) => {
    const bound = member(softText(value), name);
    if (!(bound instanceof PythonFunction)) throw typeError(`no method ${name}`);
    return bound.call({ positional: [...fixed, ...given.positional], keywords: given.keywords });
  };
}

const replace: Filter = (_run, value, given) => {
  const [old, by, count] = bind('replace', given, ['old', 'new', 'count'], 2);
  const most = count === undefined || count === null ? -1 : indexOf(count);
  return replaceText(softText(value), softText(old), softText(by), most);
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
  const text = textOf(value);
  const count = typeof width === 'string' ? 0 : Math.max(0, indexOf(width));
  checkText(count);
  const by = typeof width === 'string' ? width : ' '.repeat(count);
  const lines = splitLines(`${text}\n`);
  checkText(text.length + lines.length * by.length);
  const indented = lines.map((line, index) => (index === 0 || (line === '' && !truthy(blank)) ? line : by + line));
  return (truthy(first) ? by : '') + indented.join('\n');
};

const truncate: Filter = (_run, value, given) => {
  const [length = 255, killwords, end = '...', leeway] = bind('truncate', given, [
    'length',
    'killwords',
    'end',
    'leeway',
  ]);
  const text = textOf(value);
  const most = indexOf(length);
  const ending = textOf(end);
  const slack = leeway === undefined || leeway === null ? 5 : indexOf(leeway);
  const endLength = textLength(ending);
  if (most < endLength) throw argumentError(`expected length >= ${endLength}, got ${most}`);
  if (slack < 0) throw argumentError(`expected leeway >= 0, got ${slack}`);
  const letters = characters(text);
  if (letters.length <= most + slack) return text;
  const cut = letters.slice(0, most - endLength).join('');
  if (truthy(killwords)) return cut + ending;
  const space = cut.lastIndexOf(' ');
  return (space < 0 ? cut : cut.slice(0, space)) + ending;
};

const wordwrap: Filter = (_run, value, given) => {
  const [width = 79, long = true, wrapstring, hyphens = true] = bind('wordwrap', given, [
    'width',
    'break_long_words',
    'wrapstring',
    'break_on_hyphens',
  ]);
  const between = wrapstring === undefined || wrapstring === null ? '\n' : textOf(wrapstring);
  const options = { width: indexOf(width), breakLongWords: truthy(long), breakOnHyphens: truthy(hyphens) };
  return splitLines(textOf(value))
    .map((line) => wrapText(line, options).join(between))
    .join(between);
};

const format: Filter = (_run, value, given) => {
  if (given.positional.length > 0 && given.keywords !== undefined) {
    throw argumentError("can't handle positional and keyword arguments at the same time");
  }
  return percentFormat(
    softText(value),
    given.keywords === undefined ? new Tuple(given.positional) : new Dict(given.keywords),
  );
};

const urlencode: Filter = (run, value, given) => {
  bind('urlencode', given, []);
  const iterable = typeof value !== 'string' && !(value instanceof Markup) ? pairsToQuote(value) : undefined;
  if (iterable === undefined) return quoteUrl(softText(value), false);
  const parts: string[] = [];
  for (const pair of run.each(iterable)) {
    const [key, item] = run.items(pair);
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

const LONE_SURROGATE = /\p{Cs}/gu;

/** Percent encoding of UTF-8; `/` stays unless it is part of a query, where a blank is `+`. */
function quoteUrl(text: string, query: boolean): string {
  const encoded = encodeURIComponent(text.replace(LONE_SURROGATE, '\ufffd')).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return query ? encoded.replaceAll('%20', '+') : encoded.replaceAll('%2F', '/');
}

/** Jinja's filters on text. */
export const TEXT_FILTERS: Readonly<Record<string, Filter>> = {
  capitalize: (_run, value, given) => {
    bind('capitalize', given, []);
    return capitalize(softText(value));
  },
  center: (run, value, given) => {
    const [width = 80] = bind('center', given, ['width']);
    return method('center', width)(run, value, { positional: [], keywords: undefined });
  },
  format,
  indent,
  lower: method('lower'),
  replace,
  string: (_run, value) => (value instanceof Markup ? value : str(value)),
  title,
  trim: method('strip'),
  truncate,
  upper: method('upper'),
  urlencode,
  wordcount: (_run, value) => softText(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0,
  wordwrap,
};
