/** Days of the proleptic Gregorian calendar, for the years 1 to 9999 as Python's dates have them. */

export const MAX_YEAR = 9999;

export function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days since 1970-01-01. JavaScript's dates have the same calendar; only their years below 100 need care. */
export function dayNumber(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() / 86_400_000;
}

export function dateOf(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const date = new Date(days * 86_400_000);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** The year of a day of any size: the calendar repeats itself after 400 years. */
export function yearOf(days: bigint): number {
  const cycle = 146_097n;
  const rest = ((days % cycle) + cycle) % cycle;
  return dateOf(Number(rest)).year + Number((days - rest) / cycle) * 400;
}

/** Monday is 0. */
export function weekdayOf(days: number): number {
  return (((days + 3) % 7) + 7) % 7;
}

/** From 1. */
export function dayOfYear(year: number, month: number, day: number): number {
  return dayNumber(year, month, day) - dayNumber(year, 1, 1) + 1;
}

/** Year and week of ISO 8601. */
export function isoWeek(days: number): { readonly year: number; readonly week: number } {
  // The week's Thursday decides.
  const thursday = days - weekdayOf(days) + 3;
  const { year } = dateOf(thursday);
  return { year, week: Math.floor((thursday - dayNumber(year, 1, 1)) / 7) + 1 };
}

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;
export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
