import { type Arguments, bind } from './arguments.ts';
import * as classes from './character-classes.ts';
import { dictGet, isDict } from './dict.ts';
import { truthy } from './equality.ts';
import { PythonError, typeError, valueError } from './errors.ts';
import { Slice, sliceBounds } from './indexing.ts';
import { iterate } from './iteration.ts';
import { checkItems, checkText } from './limits.ts';
import { asIndex, asInt } from './numbers.ts';
import { characters, hasWide, textLength } from './text.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './types.ts';
import { isSpace, splitOnSpace, strip } from './white-space.ts';

type Method = (text: string, given: Arguments) => unknown;

function text(value: unknown, message?: string): string {
  if (typeof value === 'string') return value;
  throw typeError(message ?? `must be str, not ${typeName(value)}`);
}

function none(name: string, compute: (text: string) => unknown): Method {
  return (self, given) => {
    bind(`str.${name}`, given, []);
    return compute(self);
  };
}

function pad(name: string, sides: (missing: number, width: number) => [number, number]): Method {
  return (self, given) => {
    const [width, fill = ' '] = bind(name, given, ['width', 'fillchar'], 1);
    const character = text(fill, `The fill character must be a unicode character, not ${typeName(fill)}`);
    if (textLength(character) !== 1) throw typeError('The fill character must be exactly one character long');
    const wanted = asIndex(width, `'${typeName(width)}' object cannot be interpreted as an integer`);
    const missing = wanted - textLength(self);
    if (missing <= 0) return self;
    checkText(wanted);
    const [left, right] = sides(missing, wanted);
    return character.repeat(left) + self + character.repeat(right);
  };
}

/** `chars.strip`: any of the characters is taken from the ends. */
function stripper(name: string, side: 'both' | 'left' | 'right'): Method {
  return (self, given) => {
    const [chars] = bind(name, given, ['chars']);
    if (chars === undefined || chars === null) return strip(self, side);
    const set = new Set(characters(text(chars, `${name} arg must be None or str`)));
    const letters = characters(self);
    let start = 0;
    let end = letters.length;
    if (side !== 'right') while (start < end && set.has(letters[start] ?? '')) start += 1;
    if (side !== 'left') while (end > start && set.has(letters[end - 1] ?? '')) end -= 1;
    return letters.slice(start, end).join('');
  };
}

function limit(value: unknown): number {
  return value === undefined ? -1 : asIndex(value, `'${typeName(value)}' object cannot be interpreted as an integer`);
}

function separator(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const between = text(value);
  if (between === '') throw valueError('empty separator');
  return between;
}

function split(self: string, given: Arguments): string[] {
  const [sep, maxsplit] = bind('split', given, ['sep', 'maxsplit']);
  const between = separator(sep);
  const most = limit(maxsplit);
  if (between === undefined) return splitOnSpace(self, most);
  if (most < 0) {
    const parts = self.split(between);
    checkItems(parts.length);
    return parts;
  }
  const parts: string[] = [];
  let start = 0;
  while (parts.length < most) {
    const at = self.indexOf(between, start);
    if (at < 0) break;
    parts.push(self.slice(start, at));
    start = at + between.length;
  }
  parts.push(self.slice(start));
  return parts;
}

function rsplit(self: string, given: Arguments): string[] {
  const [sep, maxsplit] = bind('rsplit', given, ['sep', 'maxsplit']);
  const between = separator(sep);
  const most = limit(maxsplit);
  if (between === undefined) {
    if (most < 0) return splitOnSpace(self);
    return rsplitOnSpace(self, most);
  }
  if (most < 0) return self.split(between);
  const parts: string[] = [];
  let end = self.length;
  while (parts.length < most) {
    const at = end < between.length ? -1 : self.lastIndexOf(between, end - between.length);
    if (at < 0) break;
    parts.unshift(self.slice(at + between.length, end));
    end = at;
  }
  parts.unshift(self.slice(0, end));
  return parts;
}

function rsplitOnSpace(self: string, most: number): string[] {
  const parts: string[] = [];
  let end = strip(self, 'right').length;
  while (end > 0) {
    if (parts.length >= most) {
      parts.unshift(self.slice(0, end));
      break;
    }
    let start = end;
    while (start > 0 && !isSpace(self.charCodeAt(start - 1))) start -= 1;
    parts.unshift(self.slice(start, end));
    end = strip(self.slice(0, start), 'right').length;
  }
  return parts;
}

/** `find` and its relatives: where, in code points, `sub` is inside `start` to `end`; -1 when nowhere. */
function find(name: string, self: string, given: Arguments, last: boolean): number {
  const [sub, start = null, end = null] = bind(name, given, ['sub', 'start', 'end'], 1);
  const wanted = text(sub, `${name}() argument must be str, not ${typeName(sub)}`);
  const letters = hasWide(self) ? characters(self) : undefined;
  const [from, to] = range(start, end, letters?.length ?? self.length);
  if (from > to) return -1;
  const part = letters === undefined ? self.slice(from, to) : letters.slice(from, to).join('');
  const at = last ? part.lastIndexOf(wanted) : part.indexOf(wanted);
  return at < 0 ? -1 : from + textLength(part.slice(0, at));
}

function range(start: unknown, end: unknown, length: number): [number, number] {
  const [, to] = sliceBounds(new Slice(null, end, null), length);
  const from = start === null ? 0 : asInt(start);
  if (typeof from !== 'number') throw typeError('slice indices must be integers or None or have an __index__ method');
  return [from < 0 ? Math.max(0, from + length) : from, to];
}

function count(self: string, given: Arguments): number {
  const [sub, start = null, end = null] = bind('count', given, ['sub', 'start', 'end'], 1);
  const wanted = text(sub);
  const letters = hasWide(self) ? characters(self) : undefined;
  const [from, to] = range(start, end, letters?.length ?? self.length);
  if (from > to) return 0;
  const part = letters === undefined ? self.slice(from, to) : letters.slice(from, to).join('');
  if (wanted === '') return textLength(part) + 1;
  return part.split(wanted).length - 1;
}

function affix(name: 'startswith' | 'endswith'): Method {
  return (self, given) => {
    const [wanted, start = null, end = null] = bind(
      name,
      given,
      [name === 'startswith' ? 'prefix' : 'suffix', 'start', 'end'],
      1,
    );
    const letters = hasWide(self) ? characters(self) : undefined;
    const [from, to] = range(start, end, letters?.length ?? self.length);
    if (from > to) return false;
    const part = letters === undefined ? self.slice(from, to) : letters.slice(from, to).join('');
    const options = wanted instanceof Tuple ? wanted.items : [wanted];
    return options.some((option) => {
      const fix = text(option, `${name} first arg must be str or a tuple of str, not ${typeName(option)}`);
      return name === 'startswith' ? part.startsWith(fix) : part.endsWith(fix);
    });
  };
}

/** Python's `text.replace(old, new, count)`; a negative count means all. */
export function replaceText(self: string, old: string, by: string, most: number): string {
  if (most === 0) return self;
  const parts = old === '' ? ['', ...characters(self), ''] : self.split(old);
  const used = most < 0 ? parts.length - 1 : Math.min(most, parts.length - 1);
  checkText(self.length + used * by.length);
  if (used === parts.length - 1) return parts.join(by);
  const head = parts.slice(0, used + 1).join(by);
  return head + (old === '' ? '' : old) + parts.slice(used + 1).join(old);
}

function partition(name: string, last: boolean): Method {
  return (self, given) => {
    const [sep] = bind(name, given, ['sep'], 1);
    const between = separator(sep) ?? text(sep);
    const at = last ? self.lastIndexOf(between) : self.indexOf(between);
    if (at < 0) return new Tuple(last ? ['', '', self] : [self, '', '']);
    return new Tuple([self.slice(0, at), between, self.slice(at + between.length)]);
  };
}

function join(self: string, given: Arguments): string {
  const [items] = bind('join', given, ['iterable'], 1);
  const parts: string[] = [];
  let length = 0;
  for (const item of iterate(items)) {
    const part = text(item, `sequence item ${parts.length}: expected str instance, ${typeName(item)} found`);
    parts.push(part);
    length += part.length + self.length;
    checkText(length);
  }
  return parts.join(self);
}

function zfill(self: string, given: Arguments): string {
  const [width] = bind('zfill', given, ['width'], 1);
  const wanted = asIndex(width, `'${typeName(width)}' object cannot be interpreted as an integer`);
  const missing = wanted - textLength(self);
  if (missing <= 0) return self;
  checkText(wanted);
  const sign = self.startsWith('+') || self.startsWith('-') ? self.charAt(0) : '';
  return sign + '0'.repeat(missing) + self.slice(sign.length);
}

function expandTabs(self: string, given: Arguments): string {
  const [tabsize = 8] = bind('expandtabs', given, ['tabsize']);
  const size = asIndex(tabsize, `'${typeName(tabsize)}' object cannot be interpreted as an integer`);
  checkText(self.length * Math.max(1, size));
  let column = 0;
  let out = '';
  for (const character of self) {
    if (character === '\t') {
      const width = size > 0 ? size - (column % size) : 0;
      out += ' '.repeat(width);
      column += width;
    } else {
      out += character;
      column = character === '\n' || character === '\r' ? 0 : column + 1;
    }
  }
  return out;
}

function translate(self: string, given: Arguments): string {
  const [table] = bind('translate', given, ['table'], 1);
  if (!isDict(table)) throw typeError(`'${typeName(table)}' object is not subscriptable`);
  let out = '';
  for (const character of self) {
    const to = dictGet(table, character.codePointAt(0));
    if (to === undefined) out += character;
    else if (typeof to === 'string') out += to;
    else if (typeof to === 'number') out += String.fromCodePoint(to);
    checkText(out.length);
  }
  return out;
}

const METHODS: Readonly<Record<string, Method>> = {
  capitalize: none('capitalize', classes.capitalize),
  casefold: none('casefold', (self) => self.toLowerCase().replaceAll('ß', 'ss')),
  center: pad('center', (missing, width) => {
    const left = Math.floor(missing / 2) + (missing & width & 1);
    return [left, missing - left];
  }),
  count,
  endswith: affix('endswith'),
  expandtabs: expandTabs,
  find: (self, given) => find('find', self, given, false),
  index: (self, given) => found(find('index', self, given, false)),
  isalnum: none('isalnum', classes.isAlnum),
  isalpha: none('isalpha', classes.isAlpha),
  isascii: none('isascii', classes.isAscii),
  isdecimal: none('isdecimal', classes.isDecimal),
  isdigit: none('isdigit', classes.isDigit),
  isidentifier: none('isidentifier', classes.isIdentifier),
  islower: none('islower', classes.isLower),
  isnumeric: none('isnumeric', classes.isNumeric),
  isprintable: none('isprintable', classes.isPrintable),
  isspace: none('isspace', (self) => self !== '' && strip(self) === ''),
  istitle: none('istitle', classes.isTitle),
  isupper: none('isupper', classes.isUpper),
  join,
  ljust: pad('ljust', (missing) => [0, missing]),
  lower: none('lower', (self) => self.toLowerCase()),
  lstrip: stripper('lstrip', 'left'),
  partition: partition('partition', false),
  removeprefix: (self, given) => {
    const prefix = text(bind('removeprefix', given, ['prefix'], 1)[0]);
    return self.startsWith(prefix) ? self.slice(prefix.length) : self;
  },
  removesuffix: (self, given) => {
    const suffix = text(bind('removesuffix', given, ['suffix'], 1)[0]);
    return suffix !== '' && self.endsWith(suffix) ? self.slice(0, -suffix.length) : self;
  },
  replace: (self, given) => {
    const [old, by, most = -1] = bind('replace', given, ['old', 'new', 'count'], 2);
    return replaceText(
      self,
      text(old, `replace() argument 1 must be str, not ${typeName(old)}`),
      text(by, `replace() argument 2 must be str, not ${typeName(by)}`),
      limit(most),
    );
  },
  rfind: (self, given) => find('rfind', self, given, true),
  rindex: (self, given) => found(find('rindex', self, given, true)),
  rjust: pad('rjust', (missing) => [missing, 0]),
  rpartition: partition('rpartition', true),
  rsplit,
  rstrip: stripper('rstrip', 'right'),
  split,
  splitlines: (self, given) => classes.splitLines(self, truthy(bind('splitlines', given, ['keepends'])[0])),
  startswith: affix('startswith'),
  strip: stripper('strip', 'both'),
  swapcase: none('swapcase', classes.swapCase),
  title: none('title', classes.title),
  translate,
  upper: none('upper', (self) => self.toUpperCase()),
  zfill,
};

function found(position: number): number {
  if (position < 0) throw new PythonError('ValueError', 'substring not found');
  return position;
}

/** A method of Python's `str`, undefined when there is none of that name. `encode` is not there: there are no bytes. */
export function textMethod(name: string): Method | undefined {
  return Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
}
