import { Counter, type Registry as MetricsRegistry } from 'prom-client';
import type { EventSink } from '../events/index.ts';
import { type Clock, pause } from '../kubernetes/index.ts';
import { canonicalJson, type JsonObject, messageOf, type Rule } from '../model/index.ts';
import type { Registry } from '../packs/index.ts';
import type { Logger } from '../sdk/index.ts';
import type { Store } from '../store/index.ts';
import { persist } from './delivery.ts';
import { countFires, type Schedule, scheduleOf } from './schedules.ts';

export interface TimerOptions {
  readonly registry: Registry;
  readonly events: EventSink;
  /** Keeps when each timer fires next, as the cursor of a watch. */
  readonly store: Pick<Store, 'getCursor' | 'setCursor' | 'deleteWatch'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
}

interface Timer {
  readonly type: string;
  readonly parameters: JsonObject;
  readonly schedule: Schedule;
  /** Ends the timer. */
  readonly abort: AbortController;
  readonly running: Promise<void>;
}

/** Node's timers go no further than 24 days; shorter naps also notice a changed clock. */
const LONGEST_NAP = 60 * 60 * 1000;
/** A fire that is later than this was missed, in milliseconds. Less passes in a restart, or between two nodes, without being one. */
const GRACE = 5_000;
const NEVER = 'never';

/**
 * Fires core.st2.IntervalTimer, CronTimer and DateTimer for every set of parameters that an enabled rule binds. When a timer fires next is
 * stored with the event that it fires. What was due while Petrel was down is missed, as in StackStorm, but told: in the log and in a
 * metric; with the parameter `catch_up` it is made up for, once. Several that pass while the machine sleeps fire once. The
 * dedupe key is trigger and time, so that several nodes fire once.
 */
export function startTimers({ registry, events, store, clock, log, metrics }: TimerOptions): { stop(): Promise<void> } {
  const timers = new Map<string, Timer>();
  const warned = new Set<string>();
  const missedFires = new Counter({
    name: 'petrel_timer_missed_total',
    help: 'Fires of timers that came due while Petrel was down or its machine asleep.',
    labelNames: ['trigger'],
    registers: [metrics],
  });

  const start = (key: string, type: string, parameters: JsonObject, schedule: Schedule): Timer => {
    const abort = new AbortController();
    const { signal } = abort;
    const context = { events, clock, log, signal, random: Math.random };
    const name = `The timer ${type} ${JSON.stringify(parameters)}`;
    const after = (due: number) => schedule(Math.max(due, clock.now() - 1));
    const keep = (next: number | undefined) => (next === undefined ? NEVER : String(next));

    /** Says so when fires were missed. Answers how many. */
    const missedUntilNow = (due: number): number => {
      if (clock.now() - due <= GRACE) return 0;
      const missed = countFires(schedule, due, clock.now());
      missedFires.inc({ trigger: type }, missed);
      return missed;
    };
    const fire = async (due: number, missed: number) => {
      const payload = { executed_at: pythonTime(clock.now()), schedule: null, ...(missed > 0 && { missed }) };
      const event = { trigger: type, parameters, payload, dedupeKey: `${key}|${due}` };
      await persist(context, `Firing ${type}`, () =>
        events.dispatch([event], (tx) => tx.setCursor(cursorOf(key), keep(after(due)))),
      );
    };

    /** When it fires first: what is stored, unless that was missed. */
    const begin = async (): Promise<number | undefined> => {
      const stored = await persist(context, `Reading ${type}`, () => store.getCursor(cursorOf(key)));
      if (stored === NEVER) return undefined;
      const due = stored === undefined ? undefined : Number(stored);
      if (due !== undefined && due <= clock.now()) {
        const missed = missedUntilNow(due);
        if (missed === 0) return due;
        const since = `${name} was due ${missed} times since ${new Date(due).toISOString()}, while Petrel was down`;
        log.warn(`${since}. ${parameters.catch_up === true ? 'It fires once for all of them.' : 'They are left out.'}`);
        if (parameters.catch_up === true) await fire(due, missed);
      }
      const next = schedule(clock.now());
      await persist(context, `Storing ${type}`, () => store.setCursor(cursorOf(key), keep(next)));
      return next;
    };

    const run = async () => {
      for (let due = await begin(); due !== undefined; due = after(due)) {
        while (clock.now() < due && !signal.aborted)
          await pause(clock, Math.min(due - clock.now(), LONGEST_NAP), signal);
        if (signal.aborted) return;
        const missed = missedUntilNow(due);
        if (missed > 1) log.warn(`${name} was due ${missed} times while the machine was asleep; it fires once.`);
        await fire(due, missed);
      }
    };
    const running = run().catch((error: unknown) => {
      if (!signal.aborted) log.error(`${name} ended by a fault of Petrel: ${messageOf(error)}`);
    });
    return { type, parameters, schedule, abort, running };
  };

  const forget = (key: string) => {
    // A rule that comes back later begins anew: what was due without it was not missed.
    store.deleteWatch(cursorOf(key)).catch((error: unknown) => log.warn(`A timer stays stored: ${messageOf(error)}`));
  };

  const adapt = () => {
    const wanted = boundTimers(registry.snapshot().rules.values());
    for (const [key, timer] of timers) {
      if (wanted.has(key)) continue;
      timer.abort.abort();
      timers.delete(key);
      timer.running.then(() => forget(key));
    }
    for (const [key, { type, parameters }] of wanted) {
      if (timers.has(key)) continue;
      try {
        timers.set(key, start(key, type, parameters, scheduleOf(type, parameters)));
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

function cursorOf(key: string): string {
  return `timer|${key}`;
}

function boundTimers(rules: Iterable<Rule>): ReadonlyMap<string, Rule['trigger']> {
  const bound = new Map<string, Rule['trigger']>();
  for (const { enabled, trigger } of rules) {
    if (enabled && isTimer(trigger.type)) {
      bound.set(`${trigger.type}|${canonicalJson(trigger.parameters)}`, trigger);
    }
  }
  return bound;
}

/** Whether a trigger type is one of the three timers. */
export function isTimer(triggerType: string): boolean {
  return /^core\.st2\.(Interval|Cron|Date)Timer$/.test(triggerType);
}

/** As Python prints an aware datetime: `2016-05-04 12:00:00.000000+00:00`. */
function pythonTime(instant: number): string {
  return new Date(instant).toISOString().replace('T', ' ').replace('Z', '000+00:00');
}
