import { PetrelError } from '../../model/index.ts';
import { daysIn, NotADate } from './day.ts';
import { type DateFields, readDate } from './reader.ts';

/** Longer texts are no dates. */
const MAX_LENGTH = 1000;

/** A date and time as a text says it, on the clock of its own zone. */
export interface LenientDate {
  /** Epoch milliseconds as if the clock were UTC's; whole seconds. */
  readonly local: number;
  readonly microsecond: number;
  /** Seconds east of UTC; undefined when the text names no zone. */
  readonly offset: number | undefined;
}

/**
 * The moment a text means, in epoch milliseconds with a fraction, read as leniently as Python's dateutil does for StackStorm's
 * `timediff` operators: ISO 8601 in both forms, RFC 2822, ctime, `May 1 2024 11:59:30`, slashed dates as month/day/year unless
 * that is impossible. A time alone is of `now`'s day, a date alone its midnight; without a zone it is UTC; names of zones other
 * than UTC, GMT and Z are ignored. Throws `PetrelError` (`expression`) when the text is no date.
 */
export function parseLenientDate(text: string, now: number): number {
  const { local, microsecond, offset = 0 } = readLenientDate(text, now);
  return local + microsecond / 1000 - offset * 1000;
}

/** The same in its parts. */
export function readLenientDate(text: string, now: number): LenientDate {
  if (text.length <= MAX_LENGTH) {
    try {
      const today = new Date(now);
      const fields = readDate(text, today.getUTCFullYear());
      if (Object.keys(fields).length > 0) return dateOf(fields, today);
    } catch (error) {
      if (!(error instanceof NotADate)) throw error;
    }
  }
  throw new PetrelError('expression', `${JSON.stringify(text.slice(0, 100))} is not a date.`);
}

function dateOf(fields: DateFields, today: Date): LenientDate {
  const year = fields.year ?? today.getUTCFullYear();
  const month = fields.month ?? today.getUTCMonth() + 1;
  const last = daysIn(year, month);
  const day = fields.day ?? Math.min(today.getUTCDate(), last);
  const { hour = 0, minute = 0, second = 0, microsecond = 0 } = fields;
  if (year < 1 || year > 9999 || day < 1 || day > last || hour > 23 || minute > 59 || second > 59) throw new NotADate();
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  if (fields.weekday !== undefined && (fields.day ?? 0) === 0) {
    const current = (date.getUTCDay() + 6) % 7;
    date.setUTCDate(date.getUTCDate() + ((fields.weekday - current + 7) % 7));
  }
  const offset = fields.zoneName === 'UTC' ? 0 : fields.zoneOffset;
  if (offset !== undefined && Math.abs(offset) >= 86_400) throw new NotADate();
  return { local: date.getTime(), microsecond, offset };
}
