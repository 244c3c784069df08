import { type JsonObject, PetrelError } from '../model/index.ts';
import { nextCronTime, parseCron } from './cron.ts';
import { timeZone } from './time-zone.ts';

/** The first time after an instant at which a timer fires, in epoch milliseconds; undefined: never again. */
export type Schedule = (after: number) => number | undefined;

const SECONDS = { seconds: 1, minutes: 60, hours: 3600, days: 86_400, weeks: 604_800 };
/** More are not told apart in a report. */
const MOST_COUNTED = 1000;

/** How many times a timer fires from `first`, which is one of them, up to `until`; no more than 1,000. */
export function countFires(schedule: Schedule, first: number, until: number): number {
  let count = 0;
  for (let due: number | undefined = first; due !== undefined && due <= until; due = schedule(due)) {
    count += 1;
    if (count === MOST_COUNTED) break;
  }
  return count;
}

/** When a timer fires. Throws `invalid` for parameters that say nothing. */
export function scheduleOf(type: string, parameters: JsonObject): Schedule {
  const { timezone } = parameters;
  const zone = timeZone(typeof timezone === 'string' && timezone !== '' ? timezone : 'UTC');
  if (type === 'core.st2.CronTimer') {
    const schedule = parseCron(parameters);
    return (after) => nextCronTime(schedule, zone, after);
  }
  if (type === 'core.st2.DateTimer') {
    const date = dateOf(parameters.date, zone.instant);
    return (after) => (date > after ? date : undefined);
  }
  const { unit, delta } = parameters;
  const seconds =
    typeof unit === 'string' && Object.hasOwn(SECONDS, unit) ? SECONDS[unit as keyof typeof SECONDS] : undefined; // an own key
  if (seconds === undefined || typeof delta !== 'number' || !Number.isInteger(delta) || delta < 1) {
    throw new PetrelError(
      'invalid',
      `An IntervalTimer needs a unit (${Object.keys(SECONDS).join(', ')}) and a positive delta.`,
    );
  }
  // StackStorm counts from the start of its timer engine, so that a restart begins the interval anew. Counted from the epoch, a
  // restart changes nothing and all nodes agree.
  const period = seconds * delta * 1000;
  return (after) => (Math.floor(after / period) + 1) * period;
}

function dateOf(date: unknown, instant: (wall: ReturnType<ReturnType<typeof timeZone>['wallTime']>) => number): number {
  const text = typeof date === 'string' ? date.trim() : '';
  const wall = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?$/.exec(text);
  if (wall !== null) {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = wall
      .slice(1)
      .map((part) => Number(part ?? 0));
    return instant({ year, month, day, hour, minute, second });
  }
  const time = Date.parse(text.replace(' ', 'T'));
  if (Number.isNaN(time))
    throw new PetrelError('invalid', `A DateTimer needs a date like 2030-12-31 23:59:00, not ${JSON.stringify(date)}.`);
  return time;
}
