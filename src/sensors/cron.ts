import { PetrelError } from '../model/index.ts';
import type { TimeZone } from './time-zone.ts';

/**
 * Cron lines as APScheduler reads them, which StackStorm's CronTimer uses. Unlike cron's own, day and day_of_week must both match,
 * 0 is Monday, there are weeks of the year, and a field that is left out is its minimum when it is finer than the finest one
 * given, else anything.
 */
export interface CronFields {
  readonly [field: string]: unknown;
}

interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** 0 is Monday. */
  readonly weekday: number;
  readonly week: number;
  readonly daysInMonth: number;
}

type Matcher = (value: number, date: DateParts) => boolean;

export type CronSchedule = Readonly<Record<FieldName, Matcher>>;

const NAMES = ['year', 'month', 'day', 'week', 'day_of_week', 'hour', 'minute', 'second'] as const;
type FieldName = (typeof NAMES)[number];

const BOUNDS: Readonly<Record<FieldName, readonly [number, number]>> = {
  year: [1970, 9999],
  month: [1, 12],
  day: [1, 31],
  week: [1, 53],
  day_of_week: [0, 6],
  hour: [0, 23],
  minute: [0, 59],
  second: [0, 59],
};
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const POSITIONS = ['1st', '2nd', '3rd', '4th', '5th'];
const DAY = 24 * 60 * 60 * 1000;
/** A date that does not come within a full cycle of weekdays over leap years never comes. */
const LONGEST_SEARCH_YEARS = 40;

/** Throws `invalid` for what APScheduler would not take. */
export function parseCron(fields: CronFields): CronSchedule {
  const given = NAMES.filter((name) => fields[name] !== undefined && fields[name] !== null);
  const finest = given.reduce((last, name) => Math.max(last, NAMES.indexOf(name)), -1);
  const matcherOf = (name: FieldName): Matcher => {
    const value = fields[name];
    if (value !== undefined && value !== null) return parseField(name, String(value));
    const anything =
      NAMES.indexOf(name) < finest || ['year', 'week', 'day_of_week'].includes(name) || given.length === 0;
    return anything ? () => true : (candidate) => candidate === BOUNDS[name][0];
  };
  return Object.fromEntries(NAMES.map((name) => [name, matcherOf(name)])) as CronSchedule; // one entry per name
}

/** The first time after `after` (epoch milliseconds); undefined when there is none. */
export function nextCronTime(schedule: CronSchedule, zone: TimeZone, after: number): number | undefined {
  const start = zone.wallTime(after);
  const first = Date.UTC(start.year, start.month - 1, start.day);
  for (let days = 0; days < LONGEST_SEARCH_YEARS * 366; days += 1) {
    const date = dateParts(first + days * DAY);
    if (!matchesDate(schedule, date)) continue;
    const found = nextOnDate(schedule, zone, date, after);
    if (found !== undefined) return found;
  }
  return undefined;
}

function nextOnDate(schedule: CronSchedule, zone: TimeZone, date: DateParts, after: number): number | undefined {
  for (const hour of values('hour', schedule.hour, date)) {
    if (zone.instant({ ...date, hour, minute: 59, second: 59 }) <= after) continue;
    for (const minute of values('minute', schedule.minute, date)) {
      if (zone.instant({ ...date, hour, minute, second: 59 }) <= after) continue;
      for (const second of values('second', schedule.second, date)) {
        const instant = zone.instant({ ...date, hour, minute, second });
        if (instant > after) return instant;
      }
    }
  }
  return undefined;
}

function matchesDate(schedule: CronSchedule, date: DateParts): boolean {
  return (
    schedule.year(date.year, date) &&
    schedule.month(date.month, date) &&
    schedule.day(date.day, date) &&
    schedule.week(date.week, date) &&
    schedule.day_of_week(date.weekday, date)
  );
}

function values(name: FieldName, matcher: Matcher, date: DateParts): readonly number[] {
  const [least, most] = BOUNDS[name];
  return Array.from({ length: most - least + 1 }, (_, index) => least + index).filter((value) => matcher(value, date));
}

function parseField(name: FieldName, text: string): Matcher {
  const matchers = text
    .trim()
    .toLowerCase()
    .split(/ *, */)
    .map((part) => parsePart(name, part));
  return (value, date) => matchers.some((matches) => matches(value, date));
}

function parsePart(name: FieldName, part: string): Matcher {
  const [least, most] = BOUNDS[name];
  const all = /^\*(?:\/(\d+))?$/.exec(part);
  if (all !== null) return range(name, part, least, most, all[1]);
  const numbers = /^(\d+)(?:-(\d+))?(?:\/(\d+))?$/.exec(part);
  if (numbers !== null) {
    const from = Number(numbers[1]);
    const open = numbers[2] === undefined && numbers[3] !== undefined;
    return range(name, part, from, open ? most : Number(numbers[2] ?? from), numbers[3]);
  }
  const names = name === 'month' ? MONTHS : name === 'day_of_week' ? WEEKDAYS : [];
  const words = /^([a-z]+)(?:-([a-z]+))?$/.exec(part);
  const from = names.indexOf(words?.[1] ?? '');
  const to = names.indexOf(words?.[2] ?? words?.[1] ?? '');
  if (from >= 0 && to >= 0) return range(name, part, from + least, to + least, undefined);
  if (name === 'day') {
    if (part === 'last') return (day, date) => day === date.daysInMonth;
    const position = /^(1st|2nd|3rd|4th|5th|last) +([a-z]+)$/.exec(part);
    const weekday = WEEKDAYS.indexOf(position?.[2] ?? '');
    if (position !== null && weekday >= 0) return nthWeekday(position[1] ?? '', weekday);
  }
  throw new PetrelError('invalid', `The cron field ${name} cannot be read: ${JSON.stringify(part)}.`);
}

function range(name: FieldName, part: string, from: number, to: number, stepText: string | undefined): Matcher {
  const [least, most] = BOUNDS[name];
  const step = stepText === undefined ? 1 : Number(stepText);
  if (from < least || to > most || from > to || step < 1) {
    throw new PetrelError(
      'invalid',
      `The cron field ${name} is out of its bounds ${least} to ${most}: ${JSON.stringify(part)}.`,
    );
  }
  return (value) => value >= from && value <= to && (value - from) % step === 0;
}

function nthWeekday(position: string, weekday: number): Matcher {
  return (day, date) => {
    if (date.weekday !== weekday) return false;
    if (position === 'last') return day > date.daysInMonth - 7;
    return Math.ceil(day / 7) === POSITIONS.indexOf(position) + 1;
  };
}

/** Of a day given as midnight UTC. */
function dateParts(midnight: number): DateParts {
  const date = new Date(midnight);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1];
  const weekday = (date.getUTCDay() + 6) % 7;
  // ISO 8601: the week belongs to the year of its Thursday.
  const thursday = new Date(midnight + (3 - weekday) * DAY);
  const week = Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / (7 * DAY)) + 1;
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return { year, month, day: date.getUTCDate(), weekday, week, daysInMonth };
}
