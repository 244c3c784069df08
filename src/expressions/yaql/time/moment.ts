import { PythonError, PythonObject, valueError } from '../../python/index.ts';
import { dateOf, dayNumber, daysInMonth, MAX_YEAR } from './calendar.ts';
import { DAY, floorDivide, TimeSpan } from './timespan.ts';

export interface MomentFields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
}

const FIRST = BigInt(dayNumber(1, 1, 1)) * DAY;
const LAST = BigInt(dayNumber(MAX_YEAR, 12, 31) + 1) * DAY;

/** A date and time with its offset from UTC: Python's aware `datetime`. */
export class Moment extends PythonObject {
  readonly typeName = 'datetime.datetime';
  /** Microseconds since 1970 on the clock of its own zone. */
  readonly local: bigint;
  /** Microseconds east of UTC. */
  readonly offset: bigint;

  /** Throws OverflowError outside the years 1 to 9999, ValueError for an offset of a day or more. */
  constructor(local: bigint, offset: bigint) {
    super();
    if (local < FIRST || local >= LAST) throw new PythonError('OverflowError', 'date value out of range');
    if (offset <= -DAY || offset >= DAY) {
      throw valueError('offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24).');
    }
    this.local = local;
    this.offset = offset;
  }

  /** Throws ValueError in Python's words for a field that is out of range. */
  static of(fields: MomentFields, offset: bigint): Moment {
    check(fields);
    const { year, month, day, hour, minute, second, microsecond } = fields;
    const seconds = BigInt((hour * 60 + minute) * 60 + second);
    return new Moment(BigInt(dayNumber(year, month, day)) * DAY + seconds * 1_000_000n + BigInt(microsecond), offset);
  }

  /** Of microseconds since 1970 in UTC. */
  static at(instant: bigint, offset: bigint): Moment {
    return new Moment(instant + offset, offset);
  }

  /** Microseconds since 1970 in UTC. */
  get instant(): bigint {
    return this.local - this.offset;
  }

  /** Days since 1970 on its own clock. */
  get days(): number {
    return Number(floorDivide(this.local, DAY));
  }

  get fields(): MomentFields {
    const rest = this.local - BigInt(this.days) * DAY;
    const seconds = Number(rest / 1_000_000n);
    return {
      ...dateOf(this.days),
      hour: Math.floor(seconds / 3600),
      minute: Math.floor(seconds / 60) % 60,
      second: seconds % 60,
      microsecond: Number(rest % 1_000_000n),
    };
  }

  plus(span: TimeSpan): Moment {
    return new Moment(this.local + span.microseconds, this.offset);
  }

  minus(span: TimeSpan): Moment {
    return new Moment(this.local - span.microseconds, this.offset);
  }

  since(other: Moment): TimeSpan {
    return new TimeSpan(this.instant - other.instant);
  }

  /** `2024-02-29T13:45:30.500000+00:00`. */
  iso(between = 'T'): string {
    const { year, month, day, hour, minute, second, microsecond } = this.fields;
    const two = (value: number) => String(value).padStart(2, '0');
    const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
    const fraction = microsecond === 0 ? '' : `.${String(microsecond).padStart(6, '0')}`;
    return `${date}${between}${two(hour)}:${two(minute)}:${two(second)}${fraction}${offsetText(this.offset, ':')}`;
  }

  override str(): string {
    return this.iso(' ');
  }

  override repr(): string {
    const { year, month, day, hour, minute, second, microsecond } = this.fields;
    const parts = [year, month, day, hour, minute];
    if (second !== 0 || microsecond !== 0) parts.push(second);
    if (microsecond !== 0) parts.push(microsecond);
    const zone = this.offset === 0n ? 'tzutc()' : `tzoffset(None, ${this.offset / 1_000_000n})`;
    return `datetime.datetime(${parts.join(', ')}, tzinfo=${zone})`;
  }

  override equals(other: unknown): boolean {
    return other instanceof Moment && other.instant === this.instant;
  }

  override compare(other: unknown): number | undefined {
    if (!(other instanceof Moment)) return undefined;
    return this.instant < other.instant ? -1 : this.instant > other.instant ? 1 : 0;
  }

  override hash(): string {
    return String(this.instant);
  }
}

/** `+02:00`; seconds and less only where there are any. */
export function offsetText(offset: bigint, between: string): string {
  const sign = offset < 0n ? '-' : '+';
  const magnitude = offset < 0n ? -offset : offset;
  const seconds = magnitude / 1_000_000n;
  const two = (value: bigint) => String(value).padStart(2, '0');
  let text = `${sign}${two(seconds / 3600n)}${between}${two((seconds / 60n) % 60n)}`;
  const fraction = magnitude % 1_000_000n;
  if (seconds % 60n !== 0n || fraction !== 0n) text += between + two(seconds % 60n);
  return fraction === 0n ? text : `${text}.${String(fraction).padStart(6, '0')}`;
}

function check({ year, month, day, hour, minute, second, microsecond }: MomentFields): void {
  if (year < 1 || year > MAX_YEAR) throw valueError(`year ${year} is out of range`);
  if (month < 1 || month > 12) throw valueError('month must be in 1..12');
  if (day < 1 || day > daysInMonth(year, month)) throw valueError('day is out of range for month');
  if (hour < 0 || hour > 23) throw valueError('hour must be in 0..23');
  if (minute < 0 || minute > 59) throw valueError('minute must be in 0..59');
  if (second < 0 || second > 59) throw valueError('second must be in 0..59');
  if (microsecond < 0 || microsecond > 999_999) throw valueError('microsecond must be in 0..999999');
}
