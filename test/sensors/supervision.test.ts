import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/kubernetes/index.ts';
import type { SensorEnd } from '../../src/sensors/sensor-host.ts';
import { type Running, superviseSensor } from '../../src/sensors/supervision.ts';
import { silent } from './support.ts';

/** A clock whose waits are over when the test says so. */
function handClock() {
  let now = 0;
  const waiting: { readonly milliseconds: number; readonly run: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    after(milliseconds, run) {
      const entry = { milliseconds, run };
      waiting.push(entry);
      return () => void waiting.splice(waiting.indexOf(entry), 1);
    },
  };
  const settle = async () => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  return {
    clock,
    settle,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    /** Lets the wait pass, and answers how long it was. */
    async wait(): Promise<number | undefined> {
      await settle();
      const next = waiting.shift();
      if (next === undefined) return undefined;
      now += next.milliseconds;
      next.run();
      await settle();
      return next.milliseconds;
    },
  };
}

/** A process that ends as it is told. */
function fakeProcess() {
  let end: (end: SensorEnd) => void = () => {};
  const ended = new Promise<SensorEnd>((resolve) => {
    end = resolve;
  });
  const running: Running = {
    pid: 7,
    ended,
    async stop() {
      end({ exitCode: -15, reason: 'stopped' });
    },
  };
  return { running, end: (given: SensorEnd) => end(given) };
}

describe('A supervised sensor', () => {
  const supervise = () => {
    const time = handClock();
    const processes: ReturnType<typeof fakeProcess>[] = [];
    const failures: string[] = [];
    const ends: SensorEnd[] = [];
    const supervision = superviseSensor({
      name: 'The sensor',
      clock: time.clock,
      random: () => 1,
      log: silent,
      backoff: { first: 1000, max: 8000 },
      async start() {
        const failure = failures.shift();
        if (failure !== undefined) throw new Error(failure);
        const process = fakeProcess();
        processes.push(process);
        return process.running;
      },
      onEnd: (end) => ends.push(end),
    });
    return { ...time, processes, failures, ends, supervision };
  };

  it('is started again when it fails, after waits that double up to a bound, without end', async () => {
    const { supervision, processes, wait, settle } = supervise();
    const waits: (number | undefined)[] = [];
    for (let round = 0; round < 6; round += 1) {
      await settle();
      processes.at(-1)?.end({ exitCode: 1, reason: 'it broke' });
      waits.push(await wait());
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 8000, 8000]);
    expect(supervision.state()).toMatchObject({ status: 'running', restarts: 6, lastError: 'it broke' });
  });

  it('begins its waits anew once it has run for a while', async () => {
    const { processes, wait, settle, pass } = supervise();
    await settle();
    for (const time of [0, 0]) {
      pass(time);
      processes.at(-1)?.end({ exitCode: 1, reason: 'it broke' });
      await wait();
    }
    pass(10_000);
    processes.at(-1)?.end({ exitCode: 1, reason: 'it broke' });
    expect(await wait()).toBe(1000);
  });

  it('that cannot be started is tried again', async () => {
    const { supervision, failures, wait, settle, processes } = supervise();
    failures.push('no more', 'no more');
    await settle();
    processes.at(-1)?.end({ exitCode: 1, reason: 'it broke' });
    await wait();
    expect(supervision.state()).toMatchObject({ status: 'waiting', lastError: 'no more' });
    await wait();
    await wait();
    expect(supervision.state()).toMatchObject({ status: 'running', restarts: 3 });
  });

  it('that ends by itself is over, as in StackStorm', async () => {
    const { supervision, processes, ends, wait, settle } = supervise();
    await settle();
    processes[0]?.end({ exitCode: 0 });
    expect(await wait()).toBeUndefined();
    expect([supervision.state().status, processes.length, ends]).toEqual(['ended', 1, [{ exitCode: 0 }]]);
  });

  it('is stopped, and stays so', async () => {
    const { supervision, processes, settle } = supervise();
    await settle();
    await supervision.stop();
    expect([supervision.state().status, supervision.current(), processes.length]).toEqual(['stopped', undefined, 1]);
  });

  it('is stopped while it waits to be started again', async () => {
    const { supervision, processes, settle } = supervise();
    await settle();
    processes[0]?.end({ exitCode: 1, reason: 'it broke' });
    await settle();
    await supervision.stop();
    expect([supervision.state().status, processes.length]).toEqual(['stopped', 1]);
  });
});
