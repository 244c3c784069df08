import { dayOfYear, isoWeek, MONTHS, WEEKDAYS, weekdayOf } from './calendar.ts';
import { type Moment, type MomentFields, offsetText } from './moment.ts';
import { floorDivide } from './timespan.ts';

type Directive = (moment: Moment, fields: MomentFields) => string;

function padded(value: number, width = 2, fill = '0'): string {
  return String(value).padStart(width, fill);
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

/** The C locale's, as a server's Python has them. */
const DIRECTIVES: Readonly<Record<string, Directive>> = {
  a: (moment) => name(WEEKDAYS, weekdayOf(moment.days)).slice(0, 3),
  A: (moment) => name(WEEKDAYS, weekdayOf(moment.days)),
  b: (_moment, { month }) => name(MONTHS, month - 1).slice(0, 3),
  B: (_moment, { month }) => name(MONTHS, month - 1),
  c: (moment) => strftime(moment, '%a %b %e %H:%M:%S %Y'),
  C: (_moment, { year }) => padded(Math.floor(year / 100)),
  d: (_moment, { day }) => padded(day),
  D: (moment) => strftime(moment, '%m/%d/%y'),
  e: (_moment, { day }) => padded(day, 2, ' '),
  f: (_moment, { microsecond }) => padded(microsecond, 6),
  F: (moment) => strftime(moment, '%Y-%m-%d'),
  g: (moment) => padded(isoWeek(moment.days).year % 100),
  G: (moment) => String(isoWeek(moment.days).year),
  h: (_moment, { month }) => name(MONTHS, month - 1).slice(0, 3),
  H: (_moment, { hour }) => padded(hour),
  I: (_moment, { hour }) => padded(hour12(hour)),
  j: (_moment, { year, month, day }) => padded(dayOfYear(year, month, day), 3),
  k: (_moment, { hour }) => padded(hour, 2, ' '),
  l: (_moment, { hour }) => padded(hour12(hour), 2, ' '),
  m: (_moment, { month }) => padded(month),
  M: (_moment, { minute }) => padded(minute),
  n: () => '\n',
  p: (_moment, { hour }) => (hour < 12 ? 'AM' : 'PM'),
  P: (_moment, { hour }) => (hour < 12 ? 'am' : 'pm'),
  r: (moment) => strftime(moment, '%I:%M:%S %p'),
  R: (moment) => strftime(moment, '%H:%M'),
  s: (moment) => String(floorDivide(moment.local, 1_000_000n)),
  S: (_moment, { second }) => padded(second),
  t: () => '\t',
  T: (moment) => strftime(moment, '%H:%M:%S'),
  u: (moment) => String(weekdayOf(moment.days) + 1),
  U: (moment, fields) => padded(week(moment, fields, 6)),
  V: (moment) => padded(isoWeek(moment.days).week),
  w: (moment) => String((weekdayOf(moment.days) + 1) % 7),
  W: (moment, fields) => padded(week(moment, fields, 0)),
  x: (moment) => strftime(moment, '%m/%d/%y'),
  X: (moment) => strftime(moment, '%H:%M:%S'),
  y: (_moment, { year }) => padded(year % 100),
  Y: (_moment, { year }) => String(year),
  z: (moment) => offsetText(moment.offset, ''),
  Z: (moment) => (moment.offset === 0n ? 'UTC' : ''),
  '%': () => '%',
};

/** Python's `strftime` in the C locale. Directives that are not known stay as they are written. */
export function strftime(moment: Moment, format: string): string {
  const { fields } = moment;
  return format.replace(/%(.)/gsu, (whole, letter: string) => {
    const directive = Object.hasOwn(DIRECTIVES, letter) ? DIRECTIVES[letter] : undefined;
    return directive === undefined ? whole : directive(moment, fields);
  });
}
