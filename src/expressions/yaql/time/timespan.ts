import { PythonError, PythonObject } from '../../python/index.ts';

export const DAY = 86_400_000_000n;
const SECOND = 1_000_000n;
/** Python's `timedelta.max`: 999,999,999 days. */
const MAX_DAYS = 999_999_999n;

/** A duration: Python's `timedelta`, as microseconds. */
export class TimeSpan extends PythonObject {
  readonly typeName = 'datetime.timedelta';
  readonly microseconds: bigint;

  /** Throws OverflowError beyond what Python can say. */
  constructor(microseconds: bigint) {
    super();
    const days = floorDivide(microseconds, DAY);
    if (days > MAX_DAYS || days < -MAX_DAYS) {
      const fits = BigInt.asIntN(32, days) === days;
      throw new PythonError(
        'OverflowError',
        fits ? `days=${days}; must have magnitude <= ${MAX_DAYS}` : 'Python int too large to convert to C int',
      );
    }
    this.microseconds = microseconds;
  }

  /** From a number of microseconds that need not be whole: rounds half to even. */
  static rounded(microseconds: number): TimeSpan {
    if (Number.isNaN(microseconds)) throw new PythonError('ValueError', 'cannot convert float NaN to integer');
    if (!Number.isFinite(microseconds)) {
      throw new PythonError('OverflowError', 'cannot convert float infinity to integer');
    }
    return new TimeSpan(roundHalfEven(microseconds));
  }

  override truth(): boolean {
    return this.microseconds !== 0n;
  }

  /** `2 days, 1:00:00`. */
  override str(): string {
    const days = floorDivide(this.microseconds, DAY);
    const rest = this.microseconds - days * DAY;
    const shownDays = days === 0n ? '' : `${days} day${days === 1n || days === -1n ? '' : 's'}, `;
    return shownDays + clock(rest);
  }

  override repr(): string {
    const days = floorDivide(this.microseconds, DAY);
    const rest = this.microseconds - days * DAY;
    const parts = [
      ['days', days],
      ['seconds', rest / SECOND],
      ['microseconds', rest % SECOND],
    ] as const;
    const shown = parts.filter(([, value]) => value !== 0n).map(([name, value]) => `${name}=${value}`);
    return `datetime.timedelta(${shown.length === 0 ? '0' : shown.join(', ')})`;
  }

  override equals(other: unknown): boolean {
    return other instanceof TimeSpan && other.microseconds === this.microseconds;
  }

  override compare(other: unknown): number | undefined {
    if (!(other instanceof TimeSpan)) return undefined;
    return this.microseconds < other.microseconds ? -1 : this.microseconds > other.microseconds ? 1 : 0;
  }

  override hash(): string {
    return String(this.microseconds);
  }
}

export const ZERO_SPAN = new TimeSpan(0n);

/** `1:02:03`, with microseconds where there are any. */
function clock(microseconds: bigint): string {
  const seconds = microseconds / SECOND;
  const fraction = microseconds % SECOND;
  const two = (value: bigint) => String(value).padStart(2, '0');
  const shown = `${seconds / 3600n}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
  return fraction === 0n ? shown : `${shown}.${String(fraction).padStart(6, '0')}`;
}

export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by !== 0n && value < 0n !== by < 0n ? quotient - 1n : quotient;
}

export function roundHalfEven(value: number): bigint {
  const floor = Math.floor(value);
  const rest = value - floor;
  return BigInt(rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor);
}
