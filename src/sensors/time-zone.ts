import { PetrelError } from '../model/index.ts';

/** A wall clock's reading. Months and days count from 1. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

export interface TimeZone {
  /** What the clock on the wall shows at an instant (epoch milliseconds). */
  wallTime(instant: number): WallTime;
  /**
   * When the clock shows this. A time that comes twice (the end of summer time) is the first one, one that is skipped is moved
   * to after the gap.
   */
  instant(wall: WallTime): number;
}

const DAY = 24 * 60 * 60 * 1000;

/** An IANA time zone such as Europe/Berlin. Throws `invalid` for one that is not known. */
export function timeZone(name: string): TimeZone {
  const format = formatterOf(name);
  const wallTime = (instant: number): WallTime => {
    const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
    return { year, month, day, hour, minute, second };
  };
  const offset = (instant: number) => asUtc(wallTime(instant)) - Math.floor(instant / 1000) * 1000;
  return {
    wallTime,
    instant(wall) {
      const utc = asUtc(wall);
      const [before, after] = [offset(utc - DAY), offset(utc + DAY)];
      const real = [utc - before, utc - after].filter((instant) => asUtc(wallTime(instant)) === utc);
      return real.length > 0 ? Math.min(...real) : utc - before;
    },
  };
}

function asUtc({ year, month, day, hour, minute, second }: WallTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function formatterOf(name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    throw new PetrelError('invalid', `There is no time zone ${JSON.stringify(name)}. Use a name like Europe/Berlin.`, {
      cause: error,
    });
  }
}
