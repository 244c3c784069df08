import type { EventSink } from '../events/index.ts';
import { type Clock, pause } from '../kubernetes/index.ts';
import { canonicalJson, type JsonObject, messageOf, PetrelError, type Rule } from '../model/index.ts';
import type { Registry } from '../packs/index.ts';
import type { Logger } from '../sdk/index.ts';
import { nextCronTime, parseCron } from './cron.ts';
import { persist } from './delivery.ts';
import { timeZone } from './time-zone.ts';

export interface TimerOptions {
  readonly registry: Registry;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The first time after an instant at which a timer fires, in epoch milliseconds; undefined: never again. */
export type Schedule = (after: number) => number | undefined;

interface Timer {
  readonly type: string;
  readonly parameters: JsonObject;
  readonly schedule: Schedule;
  /** Ends the timer. */
  readonly abort: AbortController;
  readonly running: Promise<void>;
}

const SECONDS = { seconds: 1, minutes: 60, hours: 3600, days: 86_400, weeks: 604_800 };
/** Node's timers go no further than 24 days; shorter naps also notice a changed clock. */
const LONGEST_NAP = 60 * 60 * 1000;

/**
 * Fires core.st2.IntervalTimer, CronTimer and DateTimer for every set of parameters that an enabled rule binds. Times that pass
 * while Petrel is down are skipped, as in StackStorm; several that pass while the machine sleeps fire once. The
 * dedupe key is trigger and time, so that several nodes fire once.
 */
export function startTimers({ registry, events, clock, log }: TimerOptions): { stop(): Promise<void> } {
  const timers = new Map<string, Timer>();
  const warned = new Set<string>();

  const start = (type: string, parameters: JsonObject, schedule: Schedule): Timer => {
    const abort = new AbortController();
    const { signal } = abort;
    const run = async () => {
      for (let due = schedule(clock.now()); due !== undefined; due = schedule(Math.max(due, clock.now() - 1))) {
        while (clock.now() < due && !signal.aborted)
          await pause(clock, Math.min(due - clock.now(), LONGEST_NAP), signal);
        if (signal.aborted) return;
        const event = {
          trigger: type,
          parameters,
          payload: { executed_at: pythonTime(clock.now()), schedule: null },
          dedupeKey: `${type}|${canonicalJson(parameters)}|${due}`,
        };
        await persist({ events, clock, log, signal, random: Math.random }, `Firing ${type}`, () =>
          events.dispatch([event]),
        );
      }
    };
    const running = run().catch((error: unknown) => {
      if (!signal.aborted) log.error(`The timer ${type} ended by a fault of Petrel: ${messageOf(error)}`);
    });
    return { type, parameters, schedule, abort, running };
  };

  const adapt = () => {
    const wanted = boundTimers(registry.snapshot().rules.values());
    for (const [key, timer] of timers) {
      if (wanted.has(key)) continue;
      timer.abort.abort();
      timers.delete(key);
    }
    for (const [key, { type, parameters }] of wanted) {
      if (timers.has(key)) continue;
      try {
        timers.set(key, start(type, parameters, scheduleOf(type, parameters)));
      } catch (error) {
        if (!warned.has(key)) log.warn(`A rule binds a timer that never fires: ${messageOf(error)}`);
        warned.add(key);
      }
    }
  };

  const unsubscribe = registry.onChange(adapt);
  adapt();
  return {
    async stop() {
      unsubscribe();
      for (const timer of timers.values()) timer.abort.abort();
      await Promise.all([...timers.values()].map(({ running }) => running));
    },
  };
}

function boundTimers(rules: Iterable<Rule>): ReadonlyMap<string, Rule['trigger']> {
  const bound = new Map<string, Rule['trigger']>();
  for (const { enabled, trigger } of rules) {
    if (enabled && /^core\.st2\.(Interval|Cron|Date)Timer$/.test(trigger.type)) {
      bound.set(`${trigger.type}|${canonicalJson(trigger.parameters)}`, trigger);
    }
  }
  return bound;
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

/** As Python prints an aware datetime: `2016-05-04 12:00:00.000000+00:00`. */
function pythonTime(instant: number): string {
  return new Date(instant).toISOString().replace('T', ' ').replace('Z', '000+00:00');
}
