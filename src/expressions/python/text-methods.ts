import { type Arguments, bind } from './arguments.ts';
import { capitalize, caseFold, swapCase, title } from './casing.ts';
import * as classes from './character-classes.ts';
import { Dict, dictEntries, dictGet, isDict } from './dict.ts';
import { PythonError, typeError, valueError } from './errors.ts';
import { getItem, Slice, sliceBounds } from './indexing.ts';
import { isIterable, iterate } from './iteration.ts';
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

function notInteger(value: unknown): string {
  return `'${typeName(value)}' object cannot be interpreted as an integer`;
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
    const wanted = asIndex(width, notInteger(width));
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
  return value === undefined ? -1 : asIndex(value, notInteger(value));
}

function separator(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const between = text(value, `must be str or None, not ${typeName(value)}`);
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
  const wanted = text(sub);
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
    const between = separator(text(sep)) ?? '';
    const at = last ? self.lastIndexOf(between) : self.indexOf(between);
    if (at < 0) return new Tuple(last ? ['', '', self] : [self, '', '']);
    return new Tuple([self.slice(0, at), between, self.slice(at + between.length)]);
  };
}

function join(self: string, given: Arguments): string {
  const [items] = bind('join', given, ['iterable'], 1);
  const parts: string[] = [];
  let length = 0;
  if (!isIterable(items)) throw typeError('can only join an iterable');
  for (const item of iterate(items)) {
    const part = text(item, `sequence item ${parts.length}: expected str instance, ${typeName(item)} found`);
    parts.push(part);
    length += part.length + self.length;
    checkText(length);
  }
  return parts.join(self);
}

function affixOf(name: string, given: Arguments): string {
  const [value] = given.positional;
  return text(value, `${name}() argument must be str, not ${typeName(value)}`);
}

function zfill(self: string, given: Arguments): string {
  const [width] = bind('zfill', given, ['width'], 1);
  const wanted = asIndex(width, notInteger(width));
  const missing = wanted - textLength(self);
  if (missing <= 0) return self;
  checkText(wanted);
  const sign = self.startsWith('+') || self.startsWith('-') ? self.charAt(0) : '';
  return sign + '0'.repeat(missing) + self.slice(sign.length);
}

function expandTabs(self: string, given: Arguments): string {
  const [tabsize = 8] = bind('expandtabs', given, ['tabsize']);
  const size = asIndex(tabsize, notInteger(tabsize));
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

/** `translate`: the table is asked for each character's number; None deletes, what it does not know stays. */
function translate(self: string, given: Arguments): string {
  const [table] = bind('translate', given, ['table'], 1);
  let out = '';
  for (const character of self) {
    const to = replacement(table, character.codePointAt(0) ?? 0);
    if (to === undefined) out += character;
    else if (typeof to === 'string') out += to;
    else if (typeof to === 'number') {
      if (to < 0 || to > 0x10ffff) throw valueError('character mapping must be in range(0x110000)');
      out += String.fromCodePoint(to);
    } else if (to !== null) throw typeError('character mapping must return integer, None or str');
    checkText(out.length);
  }
  return out;
}

function replacement(table: unknown, code: number): unknown {
  if (isDict(table)) return dictGet(table, code);
  try {
    return getItem(table, code);
  } catch (error) {
    if (error instanceof PythonError && (error.kind === 'IndexError' || error.kind === 'KeyError')) return undefined;
    throw error;
  }
}

/** `maketrans`: from a dict of characters or their numbers, or from texts of equal length. */
function makeTable(given: Arguments): Dict {
  const [from, to, deleted] = given.positional;
  const table = new Dict();
  if (to === undefined) {
    if (!isDict(from)) throw typeError('if you give only one argument to maketrans it must be a dict');
    for (const [key, value] of dictEntries(from)) {
      if (typeof key === 'string' && textLength(key) !== 1) {
        throw valueError('string keys in translate table must be of length 1');
      }
      if (typeof key !== 'string' && asInt(key) === undefined) {
        throw typeError('keys in translate table must be strings or integers');
      }
      table.set(typeof key === 'string' ? key.codePointAt(0) : key, value);
    }
    return table;
  }
  if (typeof from !== 'string')
    throw typeError('first maketrans argument must be a string if there is a second argument');
  const sources = characters(from);
  const targets = characters(text(to, `maketrans() argument 2 must be str, not ${typeName(to)}`));
  if (sources.length !== targets.length) {
    throw valueError('the first two maketrans arguments must have equal length');
  }
  sources.forEach((source, index) => {
    table.set(source.codePointAt(0), targets[index]?.codePointAt(0));
  });
  if (deleted === undefined) return table;
  const gone = text(deleted, `maketrans() argument 3 must be str, not ${typeName(deleted)}`);
  for (const character of gone) table.set(character.codePointAt(0), null);
  return table;
}

const METHODS: Readonly<Record<string, Method>> = {
  capitalize: none('capitalize', capitalize),
  casefold: none('casefold', caseFold),
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
  maketrans: (_self, given) => makeTable(given),
  partition: partition('partition', false),
  removeprefix: (self, given) => {
    const prefix = affixOf('removeprefix', given);
    return self.startsWith(prefix) ? self.slice(prefix.length) : self;
  },
  removesuffix: (self, given) => {
    const suffix = affixOf('removesuffix', given);
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
  splitlines: (self, given) => {
    const [keep = false] = bind('splitlines', given, ['keepends']);
    return classes.splitLines(self, asIndex(keep, notInteger(keep)) !== 0);
  },
  startswith: affix('startswith'),
  strip: stripper('strip', 'both'),
  swapcase: none('swapcase', swapCase),
  title: none('title', title),
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
