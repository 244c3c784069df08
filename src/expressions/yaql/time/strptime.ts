import { PythonError, textRepr, valueError } from '../../python/index.ts';
import { MONTHS, WEEKDAYS } from './calendar.ts';
import { Moment } from './moment.ts';
import { type DayParts, resolveDay } from './resolve-date.ts';

interface Read extends DayParts {
  hour: number;
  hour12: number | undefined;
  afternoon: boolean;
  minute: number;
  second: number;
  microsecond: number;
  offset: bigint;
}

interface Directive {
  readonly pattern: string;
  read(into: Read, text: string): void;
}

const number = (pattern: string, set: (into: Read, value: number) => void): Directive => ({
  pattern,
  read: (into, text) => set(into, Number(text)),
});

const names = (list: readonly string[], length: number | undefined): string[] =>
  list.map((word) => word.slice(0, length).toLowerCase());

const named = (words: readonly string[], set: (into: Read, index: number) => void): Directive => ({
  // The longest first: May is a part of no other, but Mar is of March.
  pattern: [...words].sort((left, right) => right.length - left.length).join('|'),
  read: (into, text) => set(into, words.indexOf(text.toLowerCase())),
});

function readOffset(into: Read, text: string): void {
  if (text.toLowerCase() === 'z') return;
  const [, sign, hours, minutes, seconds = '0', fraction = ''] =
    /^([+-])(\d\d):?(\d\d)(?::?(\d\d)(?:\.(\d{1,6}))?)?$/.exec(text) ?? [];
  const total = BigInt((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000_000n;
  const magnitude = total + BigInt(fraction.padEnd(6, '0'));
  into.offset = sign === '-' ? -magnitude : magnitude;
}

const DIRECTIVES: Readonly<Record<string, Directive>> = {
  a: named(names(WEEKDAYS, 3), (into, index) => {
    into.weekday = index;
  }),
  A: named(names(WEEKDAYS, undefined), (into, index) => {
    into.weekday = index;
  }),
  b: named(names(MONTHS, 3), (into, index) => {
    into.month = index + 1;
  }),
  B: named(names(MONTHS, undefined), (into, index) => {
    into.month = index + 1;
  }),
  d: number('3[01]|[12]\\d|0[1-9]|[1-9]| [1-9]', (into, value) => {
    into.day = value;
  }),
  f: {
    pattern: '\\d{1,6}',
    read: (into, text) => {
      into.microsecond = Number(text.padEnd(6, '0'));
    },
  },
  H: number('2[0-3]|[01]\\d|\\d', (into, value) => {
    into.hour = value;
    into.hour12 = undefined;
  }),
  I: number('1[0-2]|0[1-9]|[1-9]', (into, value) => {
    into.hour12 = value;
  }),
  j: number('36[0-6]|3[0-5]\\d|[12]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0[1-9]|[1-9]', (into, value) => {
    into.dayOfYear = value;
  }),
  m: number('1[0-2]|0[1-9]|[1-9]', (into, value) => {
    into.month = value;
  }),
  M: number('[0-5]\\d|\\d', (into, value) => {
    into.minute = value;
  }),
  p: named(['am', 'pm'], (into, index) => {
    into.afternoon = index === 1;
  }),
  S: number('6[01]|[0-5]\\d|\\d', (into, value) => {
    into.second = value;
  }),
  w: number('[0-6]', (into, value) => {
    into.weekday = (value + 6) % 7;
  }),
  u: number('[1-7]', (into, value) => {
    into.weekday = value - 1;
  }),
  U: number('5[0-3]|[0-4]\\d|\\d', (into, value) => {
    into.week = { number: value, from: 6 };
  }),
  W: number('5[0-3]|[0-4]\\d|\\d', (into, value) => {
    into.week = { number: value, from: 0 };
  }),
  G: number('\\d\\d\\d\\d', (into, value) => {
    into.isoYear = value;
  }),
  V: number('5[0-3]|0[1-9]|[1-4]\\d|\\d', (into, value) => {
    into.isoWeek = value;
  }),
  y: number('\\d\\d', (into, value) => {
    into.year = value + (value <= 68 ? 2000 : 1900);
  }),
  Y: number('\\d\\d\\d\\d', (into, value) => {
    into.year = value;
  }),
  z: { pattern: '[+-]\\d\\d:?[0-5]\\d(?::?[0-5]\\d(?:\\.\\d{1,6})?)?|z', read: readOffset },
  Z: { pattern: 'utc|gmt', read: () => undefined },
};
const SHORTHANDS: Readonly<Record<string, string>> = {
  c: '%a %b %d %H:%M:%S %Y',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
};

/**
 * Python's `datetime.strptime` in the C locale; without an offset in the text the result is in UTC. Throws ValueError when text
 * and format do not fit.
 */
export function strptime(text: string, format: string): Moment {
  const { pattern, directives } = compiled(format);
  const match = pattern.exec(text);
  if (match === null) throw valueError(`time data ${textRepr(text)} does not match format ${textRepr(format)}`);
  if (match[0].length !== text.length) throw valueError(`unconverted data remains: ${text.slice(match[0].length)}`);
  const read: Read = {
    year: undefined,
    month: 1,
    day: 1,
    hour: 0,
    hour12: undefined,
    afternoon: false,
    minute: 0,
    second: 0,
    microsecond: 0,
    dayOfYear: undefined,
    weekday: undefined,
    week: undefined,
    isoYear: undefined,
    isoWeek: undefined,
    offset: 0n,
  };
  for (const [index, directive] of directives.entries()) directive.read(read, match[index + 1] ?? '');
  if (read.hour12 !== undefined) read.hour = (read.hour12 % 12) + (read.afternoon ? 12 : 0);
  return Moment.of({ ...read, ...resolveDay(read) }, read.offset);
}

function compiled(format: string): { readonly pattern: RegExp; readonly directives: readonly Directive[] } {
  const directives: Directive[] = [];
  const seen = new Map<string, number>();
  let source = '';
  const expanded = format.replace(/%([cxX])/g, (_whole, letter: string) => SHORTHANDS[letter] ?? '');
  for (const [part] of expanded.matchAll(/%.?|\s+|[^%\s]+/gsu)) {
    if (/^\s/.test(part)) source += '\\s+';
    else if (!part.startsWith('%')) source += part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    else if (part === '%%') source += '%';
    else {
      const letter = part.slice(1);
      const directive = Object.hasOwn(DIRECTIVES, letter) ? DIRECTIVES[letter] : undefined;
      if (letter === '') throw valueError(`stray % in format ${textRepr(format)}`);
      if (directive === undefined) {
        throw valueError(`${textRepr(letter)} is a bad directive in format ${textRepr(format)}`);
      }
      const before = seen.get(letter);
      if (before !== undefined) {
        const message = `redefinition of group name '${letter}' as group ${directives.length + 1}; was group ${before}`;
        throw new PythonError('error', message);
      }
      seen.set(letter, directives.length + 1);
      source += `(${directive.pattern})`;
      directives.push(directive);
    }
  }
  return { pattern: new RegExp(`^${source}`, 'i'), directives };
}
