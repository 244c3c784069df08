import type { Clock } from '../kubernetes/index.ts';

export interface WorkQueue {
  /** Asks for work on a key, now or after some milliseconds. Many requests before its turn are one. */
  add(key: string, delay?: number): void;
  /** Takes no more work; resolves when what is under way has ended. */
  stop(): Promise<void>;
}

interface Timer {
  readonly at: number;
  cancel(): void;
}

/** Work by key: never twice at once for one key, and once more when something was asked for meanwhile. */
export function createWorkQueue(options: {
  readonly clock: Clock;
  readonly concurrency: number;
  /** Never rejects. */
  work(key: string): Promise<void>;
}): WorkQueue {
  const { clock, concurrency, work } = options;
  const waiting = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const timers = new Map<string, Timer>();
  let stopped = false;

  const pump = () => {
    for (const key of waiting) {
      if (stopped || running.size >= concurrency) return;
      if (running.has(key)) continue;
      waiting.delete(key);
      const done = work(key).finally(() => {
        running.delete(key);
        pump();
      });
      running.set(key, done);
    }
  };

  return {
    add(key, delay = 0) {
      if (stopped) return;
      if (delay <= 0) {
        timers.get(key)?.cancel();
        timers.delete(key);
        waiting.add(key);
        pump();
        return;
      }
      const at = clock.now() + delay;
      const known = timers.get(key);
      if (known !== undefined && known.at <= at) return;
      known?.cancel();
      // Timers take at most 2^31 milliseconds.
      const cancel = clock.after(Math.min(delay, 2_000_000_000), () => {
        timers.delete(key);
        waiting.add(key);
        pump();
      });
      timers.set(key, { at, cancel });
    },
    async stop() {
      stopped = true;
      waiting.clear();
      for (const { cancel } of timers.values()) cancel();
      timers.clear();
      await Promise.all(running.values());
    },
  };
}
