import { PetrelError } from '../model/index.ts';

export interface AttemptLimits {
  /** Attempts within one window. */
  readonly limit: number;
  /** Milliseconds. */
  readonly window: number;
}

export interface Attempts {
  /** Counts one. Throws `PetrelError` (`rate_limited`) with `details.retryAfter` (seconds) when it is one too many. */
  count(key: string): void;
  /** It was the right one: what was counted for the key is forgotten. */
  forget(key: string): void;
  /** It was no failure: this one does not count, those before do. */
  undo(key: string): void;
}

/** How many keys are remembered; whoever was counted first is forgotten first. */
const REMEMBERED = 10_000;

/** Counts attempts by key in memory of bounded size. Each node counts for itself. */
export function createAttempts({ limit, window }: AttemptLimits, now: () => number, remembered = REMEMBERED): Attempts {
  const counted = new Map<string, { since: number; count: number }>();
  return {
    count(key) {
      const at = now();
      const entry = counted.get(key);
      if (entry === undefined || at - entry.since >= window) {
        counted.delete(key);
        counted.set(key, { since: at, count: 1 });
        const [oldest] = counted.keys();
        if (counted.size > remembered && oldest !== undefined) counted.delete(oldest);
        return;
      }
      entry.count += 1;
      if (entry.count <= limit) return;
      const retryAfter = Math.max(1, Math.ceil((entry.since + window - at) / 1000));
      throw new PetrelError(
        'rate_limited',
        `Too many attempts to sign in; the next one is possible in ${retryAfter} seconds.`,
        { details: { retryAfter } },
      );
    },
    forget(key) {
      counted.delete(key);
    },
    undo(key) {
      const entry = counted.get(key);
      if (entry !== undefined && entry.count > 0) entry.count -= 1;
    },
  };
}
