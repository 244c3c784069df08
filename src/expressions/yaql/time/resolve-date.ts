import { valueError } from '../../python/index.ts';
import { dateOf, dayNumber, weekdayOf } from './calendar.ts';

/** What a text said about its day: some of it may be missing, or say it another way. Monday is weekday 0. */
export interface DayParts {
  year: number | undefined;
  month: number;
  day: number;
  dayOfYear: number | undefined;
  weekday: number | undefined;
  /** Week of the year, and the weekday that begins weeks. */
  week: { readonly number: number; readonly from: 0 | 6 } | undefined;
  isoYear: number | undefined;
  isoWeek: number | undefined;
}

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const WEEKDAY_DIRECTIVES = "a weekday directive ('%A', '%a', '%w', or '%u').";

/** As Python's `strptime`: the day of the year counts, else week and weekday together, else month and day. Throws ValueError. */
export function resolveDay(parts: DayParts): Day {
  check(parts);
  const year = parts.year ?? 1900;
  const first = dayNumber(year, 1, 1);
  if (parts.dayOfYear !== undefined) return dateOf(first + parts.dayOfYear - 1);
  if (parts.weekday !== undefined) {
    if (parts.week !== undefined) {
      const { number, from } = parts.week;
      // Week 1 begins on the first such weekday of the year; days before it are of week 0.
      const before = (weekdayOf(first) - from + 7) % 7;
      const begin = number === 0 ? -before : ((7 - before) % 7) + 7 * (number - 1);
      return dateOf(first + begin + ((parts.weekday - from + 7) % 7));
    }
    if (parts.isoYear !== undefined && parts.isoWeek !== undefined) {
      return isoDay(parts.isoYear, parts.isoWeek, parts.weekday);
    }
  }
  return { year, month: parts.month, day: parts.day };
}

function check({ year, dayOfYear, weekday, week, isoYear, isoWeek: number }: DayParts): void {
  if (year === undefined && isoYear !== undefined) {
    if (number === undefined || weekday === undefined) {
      throw valueError(
        `ISO year directive '%G' must be used with the ISO week directive '%V' and ${WEEKDAY_DIRECTIVES}`,
      );
    }
    if (dayOfYear !== undefined) {
      throw valueError(
        "Day of the year directive '%j' is not compatible with ISO year directive '%G'. Use '%Y' instead.",
      );
    }
  } else if (week === undefined && number !== undefined) {
    throw valueError(
      weekday === undefined
        ? `ISO week directive '%V' must be used with the ISO year directive '%G' and ${WEEKDAY_DIRECTIVES}`
        : "ISO week directive '%V' is incompatible with the year directive '%Y'. Use the ISO year '%G' instead.",
    );
  }
}

function isoDay(year: number, week: number, weekday: number): Day {
  // The fourth of January is always in the first week.
  const fourth = dayNumber(year, 1, 4);
  return dateOf(fourth - weekdayOf(fourth) + 7 * (week - 1) + weekday);
}
