import { Registry as MetricsRegistry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Clock } from '../../src/kubernetes/index.ts';
import type { JsonObject } from '../../src/model/index.ts';
import { nextCronTime, parseCron } from '../../src/sensors/cron.ts';
import { countFires, scheduleOf } from '../../src/sensors/schedules.ts';
import { timeZone } from '../../src/sensors/time-zone.ts';
import { startTimers } from '../../src/sensors/timers.ts';
import { createMemorySystem, createTestRegistry, type MemorySystem, rule, silent } from './support.ts';

const utc = (text: string) => Date.parse(`${text}Z`);
const iso = (time: number | undefined) => (time === undefined ? 'never' : new Date(time).toISOString().slice(0, 19));

describe('A cron line, read as APScheduler does', () => {
  const next = (fields: JsonObject, after: string, zone = 'UTC') =>
    iso(nextCronTime(parseCron(fields), timeZone(zone), utc(after)));

  it.each<[string, JsonObject, string, string]>([
    ['finer fields are at their minimum', { hour: 5 }, '2024-03-10T05:00:00', '2024-03-11T05:00:00'],
    ['coarser fields are anything', { minute: 30 }, '2024-03-10T10:30:00', '2024-03-10T11:30:00'],
    ['nothing given is every second', {}, '2024-03-10T10:30:00', '2024-03-10T10:30:01'],
    ['day is finer than month', { month: 7 }, '2024-03-10T00:00:00', '2024-07-01T00:00:00'],
    ['0 is Monday', { day_of_week: 0 }, '2024-03-10T00:00:00', '2024-03-11T00:00:00'],
    ['weekdays have names', { day_of_week: 'sat-sun', hour: 3 }, '2024-03-11T00:00:00', '2024-03-16T03:00:00'],
    ['months have names', { month: 'feb', day: 29 }, '2024-03-01T00:00:00', '2028-02-29T00:00:00'],
    ['steps', { minute: '*/20' }, '2024-03-10T10:20:00', '2024-03-10T10:40:00'],
    ['steps from a start', { minute: '50/4' }, '2024-03-10T10:50:00', '2024-03-10T10:54:00'],
    ['ranges with steps', { hour: '8-12/2' }, '2024-03-10T08:00:00', '2024-03-10T10:00:00'],
    ['lists', { minute: '5, 10' }, '2024-03-10T10:05:00', '2024-03-10T10:10:00'],
    ['the last day of a month', { day: 'last' }, '2024-02-10T00:00:00', '2024-02-29T00:00:00'],
    ['the third Friday', { day: '3rd fri' }, '2024-03-01T00:00:00', '2024-03-15T00:00:00'],
    ['the last Sunday', { day: 'last sun' }, '2024-03-01T00:00:00', '2024-03-31T00:00:00'],
    [
      'day and day_of_week must both match',
      { day: 13, day_of_week: 'fri' },
      '2024-03-01T00:00:00',
      '2024-09-13T00:00:00',
    ],
    ['weeks of the year', { week: 1, day_of_week: 'mon' }, '2024-03-01T00:00:00', '2024-12-30T00:00:00'],
    ['years', { year: 2030 }, '2024-03-01T00:00:00', '2030-01-01T00:00:00'],
    ['years that are over', { year: 2020 }, '2024-03-01T00:00:00', 'never'],
    ['days that never come', { month: 2, day: 30 }, '2024-03-01T00:00:00', 'never'],
    ['numbers as text', { hour: '5', minute: '15' }, '2024-03-10T00:00:00', '2024-03-10T05:15:00'],
  ])('%s', (_what, fields, after, expected) => {
    expect(next(fields, after)).toBe(expected);
  });

  it.each<[string, string, string]>([
    ['in winter', '2024-01-10T00:00:00', '2024-01-10T04:30:00'],
    ['in summer', '2024-07-10T00:00:00', '2024-07-10T03:30:00'],
  ])('follows the clocks of its time zone %s', (_what, after, expected) => {
    expect(next({ hour: 5, minute: 30 }, after, 'Europe/Berlin')).toBe(expected);
  });

  it('moves a time that summer time skips to after the gap, and takes one that comes twice once', () => {
    expect(next({ hour: 2, minute: 30 }, '2024-03-30T12:00:00', 'Europe/Berlin')).toBe('2024-03-31T01:30:00');
    const first = next({ hour: 2, minute: 30 }, '2024-10-26T12:00:00', 'Europe/Berlin');
    expect([first, next({ hour: 2, minute: 30 }, first, 'Europe/Berlin')]).toEqual([
      '2024-10-27T00:30:00',
      '2024-10-28T01:30:00',
    ]);
  });

  it.each<JsonObject>([
    { hour: 24 },
    { minute: 'x' },
    { day_of_week: '7' },
    { minute: '5-1' },
    { minute: '*/0' },
    { day: '6th mon' },
  ])('refuses %j', (fields) => {
    expect(() => parseCron(fields)).toThrow('cron field');
  });
});

describe('Other schedules', () => {
  it('an interval fires at the same times whenever Petrel was started', () => {
    const schedule = scheduleOf('core.st2.IntervalTimer', { unit: 'minutes', delta: 15 });
    expect(iso(schedule(utc('2024-03-10T10:07:00')))).toBe('2024-03-10T10:15:00');
    expect(iso(schedule(utc('2024-03-10T10:15:00')))).toBe('2024-03-10T10:30:00');
  });

  it.each([
    ['2030-12-31 23:59:00', 'UTC', '2030-12-31T23:59:00'],
    ['2030-12-31 23:59:00', 'Europe/Berlin', '2030-12-31T22:59:00'],
    ['2030-12-31T23:59:00+02:00', 'Europe/Berlin', '2030-12-31T21:59:00'],
    ['2020-01-01 00:00:00', 'UTC', 'never'],
  ])('the date %s in %s is %s', (date, timezone, expected) => {
    expect(iso(scheduleOf('core.st2.DateTimer', { date, timezone })(utc('2024-01-01T00:00:00')))).toBe(expected);
  });

  it.each<[string, JsonObject]>([
    ['core.st2.IntervalTimer', { unit: 'fortnights', delta: 1 }],
    ['core.st2.IntervalTimer', { unit: 'hours', delta: 0 }],
    ['core.st2.IntervalTimer', { unit: 'constructor', delta: 1 }],
    ['core.st2.DateTimer', { date: 'tomorrow' }],
    ['core.st2.CronTimer', { hour: 5, timezone: 'Mars/Olympus' }],
  ])('%s refuses %j', (type, parameters) => {
    expect(() => scheduleOf(type, parameters)).toThrow();
  });
});

/** A clock that stands still until it is moved. */
function handClock(start: number): Clock & { advance(milliseconds: number): Promise<void> } {
  let now = start;
  const due = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    now: () => now,
    after(milliseconds, run) {
      const entry = { at: now + milliseconds, run };
      due.add(entry);
      return () => due.delete(entry);
    },
    async advance(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
        const [first] = [...due].filter(({ at }) => at <= end).sort((left, right) => left.at - right.at);
        if (first === undefined) break;
        now = first.at;
        due.delete(first);
        first.run();
      }
      now = end;
    },
  };
}

describe('A timer', () => {
  const every = (unit: string, delta: number) => rule(`${delta}-${unit}`, 'core.st2.IntervalTimer', { unit, delta });
  type Rules = Parameters<typeof createTestRegistry>[0];
  /** A node; several share the system and the clock. */
  const startNode = (
    rules: Rules,
    { clock, system }: { clock: ReturnType<typeof handClock>; system: MemorySystem },
  ) => {
    const registry = createTestRegistry(rules);
    const metrics = new MetricsRegistry();
    const warnings: string[] = [];
    const log = { ...silent, warn: (line: string) => void warnings.push(line) };
    const { events, store } = system;
    const timers = startTimers({ registry, events, store, clock, log, metrics });
    onTestFinished(() => timers.stop());
    const missed = async () =>
      (await metrics.getSingleMetric('petrel_timer_missed_total')?.get())?.values[0]?.value ?? 0;
    return { registry, timers, warnings, missed };
  };
  const start = (rules: Rules) => {
    const shared = { clock: handClock(utc('2024-03-10T10:00:30')), system: createMemorySystem() };
    return { ...shared, ...startNode(rules, shared) };
  };

  it('fires for each set of parameters, with the time as StackStorm writes it', async () => {
    const { clock, system } = start([every('minutes', 1), { ...every('minutes', 1), ref: 'test.other' }]);
    await clock.advance(90_000);
    expect(system.accepted.map(({ payload }) => payload)).toEqual([
      { executed_at: '2024-03-10 10:01:00.000000+00:00', schedule: null },
      { executed_at: '2024-03-10 10:02:00.000000+00:00', schedule: null },
    ]);
  });

  it('fires once in a house with two nodes', async () => {
    const { clock, system } = start([every('hours', 1)]);
    startNode([every('hours', 1)], { clock, system });
    await clock.advance(3_600_000);
    expect([system.accepted.length, system.duplicates.length]).toEqual([1, 1]);
  });

  it('follows the rules', async () => {
    const { clock, system, registry } = start([]);
    await clock.advance(60_000);
    registry.setRules([every('minutes', 1)]);
    await clock.advance(60_000);
    registry.setRules([]);
    await clock.advance(600_000);
    expect(system.accepted).toHaveLength(1);
  });

  it('is not stopped by another whose parameters make no sense', async () => {
    const { clock, system } = start([every('parsecs', 1), every('minutes', 1)]);
    await clock.advance(60_000);
    expect(system.accepted).toHaveLength(1);
  });

  it('fires all the same when the store fails once', async () => {
    const { clock, system } = start([every('minutes', 1)]);
    system.faults.push('before');
    await clock.advance(60_000);
    expect(system.accepted).toHaveLength(1);
  });

  it('waits for dates that are months away', async () => {
    const { clock, system } = start([rule('date', 'core.st2.DateTimer', { date: '2024-06-01 00:00:00' })]);
    await clock.advance(90 * 86_400_000);
    expect(system.accepted).toHaveLength(1);
  });

  describe('that was due while Petrel was down', () => {
    const catching = (unit: string, delta: number) =>
      rule('catching', 'core.st2.IntervalTimer', { unit, delta, catch_up: true });

    /** Runs for a while, is down for a while, and runs again for a minute. */
    const interrupted = async (rules: Rules, down: number) => {
      const node = start(rules);
      await node.clock.advance(60_000);
      await node.timers.stop();
      await node.clock.advance(down);
      const before = node.system.accepted.length;
      const again = startNode(rules, node);
      await node.clock.advance(60_000);
      return { ...again, fired: node.system.accepted.slice(before).map(({ payload }) => payload) };
    };

    it('says so, counts it, and goes on with the next', async () => {
      const { fired, warnings, missed } = await interrupted([every('minutes', 1)], 600_000);
      expect(fired).toEqual([{ executed_at: '2024-03-10 10:12:00.000000+00:00', schedule: null }]);
      expect(warnings).toEqual([expect.stringContaining('was due 10 times since 2024-03-10T10:02:00.000Z')]);
      expect(await missed()).toBe(10);
    });

    it('fires once for all of them where the rule wants that', async () => {
      const { fired } = await interrupted([catching('minutes', 1)], 600_000);
      expect(fired).toEqual([
        { executed_at: '2024-03-10 10:11:30.000000+00:00', schedule: null, missed: 10 },
        { executed_at: '2024-03-10 10:12:00.000000+00:00', schedule: null },
      ]);
    });

    it('fires late where it was due a moment ago, as in a restart', async () => {
      const { fired, warnings } = await interrupted([every('minutes', 1)], 31_000);
      expect(fired.map(({ executed_at: at }) => at)).toEqual([
        '2024-03-10 10:02:01.000000+00:00',
        '2024-03-10 10:03:00.000000+00:00',
      ]);
      expect(warnings).toEqual([]);
    });

    it('says nothing of what was not due', async () => {
      const { warnings, missed } = await interrupted([every('days', 1)], 600_000);
      expect([warnings, await missed()]).toEqual([[], 0]);
    });

    it('is caught up by one of two nodes', async () => {
      const node = start([catching('minutes', 1)]);
      await node.clock.advance(60_000);
      await node.timers.stop();
      await node.clock.advance(600_000);
      const before = node.system.accepted.length;
      startNode([catching('minutes', 1)], node);
      startNode([catching('minutes', 1)], node);
      await node.clock.advance(0);
      expect(node.system.accepted.length - before).toBe(1);
    });

    it('was a date: it fires when it may be caught up, and never again', async () => {
      const date = { date: '2024-03-10 10:05:00', catch_up: true };
      const { fired } = await interrupted([rule('date', 'core.st2.DateTimer', date)], 600_000);
      expect(fired).toHaveLength(1);
    });

    it('has missed nothing while no rule was bound to it', async () => {
      const node = start([every('minutes', 1)]);
      await node.clock.advance(60_000);
      node.registry.setRules([]);
      await node.clock.advance(600_000);
      node.registry.setRules([every('minutes', 1)]);
      await node.clock.advance(0);
      expect(node.warnings).toEqual([]);
    });
  });

  it('has fires counted, up to a bound', () => {
    const everySecond = scheduleOf('core.st2.IntervalTimer', { unit: 'seconds', delta: 1 });
    expect(countFires(everySecond, 1000, 10_000)).toBe(10);
    expect(countFires(everySecond, 1000, 10_000_000)).toBe(1000);
  });
});
