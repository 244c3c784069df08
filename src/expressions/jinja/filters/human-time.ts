import { asDouble, asInt, PythonError, round, str, toDouble, toInt } from '../../python/index.ts';

const DAY = 86_400;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * StackStorm's `to_human_time_from_seconds`. It prints the date that lies so many seconds after 0001-01-01: year and day of month
 * less one, so that whole months vanish. Kept, because packs show what it shows.
 */
export function humanTime(value: unknown): string {
  const seconds = asInt(value) === undefined ? asDouble(value) : toDouble(value);
  if (seconds === undefined) throw new PythonError('AssertionError', '');
  if (seconds === 0) return '0s';
  if (seconds < 1) return `${str(value)}\u03bcs`;
  const whole = Number(toInt(round(value, undefined)));
  const days = Math.floor(whole / DAY);
  // Dates end with the year 9999.
  if (days > 3_652_058) throw new PythonError('OverflowError', 'date value out of range');
  const [years, dayOfMonth] = date(days);
  const rest = whole - days * DAY;
  const parts: [number, string][] = [
    [years, 'y'],
    [dayOfMonth, 'd'],
    [Math.floor(rest / 3600), 'h'],
    [Math.floor(rest / 60) % 60, 'm'],
    [rest % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first < 0 ? parts.length - 1 : first)
    .map(([count, unit]) => `${count}${unit}`)
    .join('');
}

/** Whole years, and days within the month, of a count of days since 0001-01-01. */
function date(days: number): [number, number] {
  let left = days;
  let year = 1;
  const leap = (of: number) => of % 4 === 0 && (of % 100 !== 0 || of % 400 === 0);
  while (left >= (leap(year) ? 366 : 365)) {
    left -= leap(year) ? 366 : 365;
    year += 1;
  }
  for (const [month, length] of DAYS_IN_MONTH.entries()) {
    const size = month === 1 && leap(year) ? 29 : length;
    if (left < size) break;
    left -= size;
  }
  return [year - 1, left];
}
