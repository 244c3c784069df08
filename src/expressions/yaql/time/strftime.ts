import { dayOfYear, isoWeek, MONTHS, WEEKDAYS, weekdayOf } from './calendar.ts';
import { type Moment, type MomentFields, offsetText } from './moment.ts';
import { floorDivide } from './timespan.ts';

type Read<T> = (moment: Moment, fields: MomentFields) => T;

/** What a directive stands for, and how many digits, which case, which modifiers (`%Ed`, `%Od`) it has. */
type Directive =
  | { readonly kind: 'number'; readonly digits: number; readonly blank: boolean; readonly read: Read<number | bigint> }
  | { readonly kind: 'text'; readonly other: 'upper' | 'lower' | undefined; readonly read: Read<string> }
  | { readonly kind: 'format'; readonly format: string }
  | { readonly kind: 'offset' };

function number(digits: number, read: Read<number | bigint>, blank = false): Directive {
  return { kind: 'number', digits, blank, read };
}

/** `other`: the case that the flag `#` asks for. */
function text(read: Read<string>, other?: 'upper' | 'lower'): Directive {
  return { kind: 'text', other, read };
}

function hour12(hour: number): number {
  return hour % 12 === 0 ? 12 : hour % 12;
}

/** Week of the year when weeks begin on that weekday; days before the first are of week 0. */
function week(moment: Moment, { year, month, day }: MomentFields, firstWeekday: number): number {
  const fromFirst = (weekdayOf(moment.days) - firstWeekday + 7) % 7;
  return Math.floor((dayOfYear(year, month, day) - 1 + 7 - fromFirst) / 7);
}

const name = (list: readonly string[], index: number) => list[index] ?? '';
const shortMonth = text((_moment, { month }) => name(MONTHS, month - 1).slice(0, 3), 'upper');

/** The C locale's, as a server's Python has them. */
const DIRECTIVES: ReadonlyMap<string, Directive> = new Map([
  ['a', text((moment) => name(WEEKDAYS, weekdayOf(moment.days)).slice(0, 3), 'upper')],
  ['A', text((moment) => name(WEEKDAYS, weekdayOf(moment.days)), 'upper')],
  ['b', shortMonth],
  ['B', text((_moment, { month }) => name(MONTHS, month - 1), 'upper')],
  ['c', { kind: 'format', format: '%a %b %e %H:%M:%S %Y' }],
  ['C', number(1, (_moment, { year }) => Math.floor(year / 100))],
  ['d', number(2, (_moment, { day }) => day)],
  ['D', { kind: 'format', format: '%m/%d/%y' }],
  ['e', number(2, (_moment, { day }) => day, true)],
  ['F', { kind: 'format', format: '%Y-%m-%d' }],
  ['g', number(2, (moment) => isoWeek(moment.days).year % 100)],
  ['G', number(1, (moment) => isoWeek(moment.days).year)],
  ['h', shortMonth],
  ['H', number(2, (_moment, { hour }) => hour)],
  ['I', number(2, (_moment, { hour }) => hour12(hour))],
  ['j', number(3, (_moment, { year, month, day }) => dayOfYear(year, month, day))],
  ['k', number(2, (_moment, { hour }) => hour, true)],
  ['l', number(2, (_moment, { hour }) => hour12(hour), true)],
  ['m', number(2, (_moment, { month }) => month)],
  ['M', number(2, (_moment, { minute }) => minute)],
  ['n', text(() => '\n')],
  ['p', text((_moment, { hour }) => (hour < 12 ? 'AM' : 'PM'), 'lower')],
  ['P', text((_moment, { hour }) => (hour < 12 ? 'am' : 'pm'), 'lower')],
  ['r', { kind: 'format', format: '%I:%M:%S %p' }],
  ['R', { kind: 'format', format: '%H:%M' }],
  ['s', text((moment) => String(floorDivide(moment.local, 1_000_000n)))],
  ['S', number(2, (_moment, { second }) => second)],
  ['t', text(() => '\t')],
  ['T', { kind: 'format', format: '%H:%M:%S' }],
  ['u', number(1, (moment) => weekdayOf(moment.days) + 1)],
  ['U', number(2, (moment, fields) => week(moment, fields, 6))],
  ['V', number(2, (moment) => isoWeek(moment.days).week)],
  ['w', number(1, (moment) => (weekdayOf(moment.days) + 1) % 7)],
  ['W', number(2, (moment, fields) => week(moment, fields, 0))],
  ['x', { kind: 'format', format: '%m/%d/%y' }],
  ['X', { kind: 'format', format: '%H:%M:%S' }],
  ['y', number(2, (_moment, { year }) => year % 100)],
  ['Y', number(1, (_moment, { year }) => year)],
  ['z', { kind: 'offset' }],
  ['Z', text(() => 'UTC', 'lower')],
  ['%', text(() => '%')],
]);

/** Letters that do not take the modifier `E` or `O`. */
const REFUSED: Readonly<Record<string, string>> = {
  E: '%aAbBdDeFgGhHIjklmMSUVwW',
  O: '%aAcDFxXY',
};

/** Widths beyond are cut: no text gets longer by them than the budget of an evaluation allows. */
const MAX_WIDTH = 1000;
const DIRECTIVE = /%(?:([fzZ])|([_\-0^#]*)(\d*)([EO]?)([\s\S]?))/gu;

/**
 * Python's `strftime` in the C locale on a server's C library, flags and widths (`%-d`, `%_H`, `%05d`, `%^a`) included. Python
 * itself knows `%f`, `%z` and `%Z`; with flags they are the C library's, whose clock is UTC. Directives that are not known stay
 * as they are written.
 */
export function strftime(moment: Moment, format: string): string {
  return formatted(moment, moment.fields, format);
}

function formatted(moment: Moment, fields: MomentFields, format: string): string {
  return format.replace(
    DIRECTIVE,
    (whole, python?: string, flags = '', width = '', modifier = '', letter: string = '') => {
      if (python === 'f') return String(fields.microsecond).padStart(6, '0');
      if (python === 'z') return offsetText(moment.offset, '');
      if (python === 'Z') return moment.offset === 0n ? 'UTC' : '';
      const known = DIRECTIVES.get(letter);
      const refused = known === undefined || REFUSED[modifier]?.includes(letter) === true;
      const directive = refused ? text(() => (letter === '%' ? '%' : whole)) : known;
      const style = { pad: /[_\-0](?=[\^#]*$)/.exec(flags)?.[0] ?? '', flags, width: widthOf(width) };
      return rendered(moment, fields, directive, style);
    },
  );
}

function widthOf(digits: string): number {
  return Math.min(Number(digits), MAX_WIDTH);
}

interface Style {
  /** The last of the flags that say how to pad. */
  readonly pad: string;
  readonly flags: string;
  readonly width: number;
}

function rendered(moment: Moment, fields: MomentFields, directive: Directive, style: Style): string {
  const upper = style.flags.includes('^');
  switch (directive.kind) {
    case 'number':
      return digitsOf(directive.read(moment, fields), directive.digits, directive.blank, style);
    case 'offset':
      return padded('+', style) + digitsOf(0, 4, false, style);
    case 'format': {
      const made = formatted(moment, fields, directive.format);
      return padded(upper ? made.toUpperCase() : made, style);
    }
    case 'text': {
      const made = directive.read(moment, fields);
      const other = style.flags.includes('#') ? directive.other : undefined;
      if (other === 'lower' || /^[ap]m$/.test(made)) return padded(made.toLowerCase(), style);
      return padded(upper || other === 'upper' ? made.toUpperCase() : made, style);
    }
  }
}

function digitsOf(value: number | bigint, digits: number, blank: boolean, style: Style): string {
  const shown = String(value);
  if (style.pad === '-') return padded(shown, style);
  const fill = style.pad === '_' || (blank && style.pad !== '0') ? ' ' : '0';
  return shown.padStart(Math.max(digits, style.width), fill);
}

function padded(made: string, { pad, width }: Style): string {
  return made.padStart(width, pad === '0' ? '0' : ' ');
}
