/** Waits that double from `first` up to `max` milliseconds, each spread at random over its upper half. */
export interface Backoff {
  /** The next wait in milliseconds, at least `atLeast`. */
  next(atLeast?: number): number;
  /** Something worked: start again with the first wait. */
  reset(): void;
}

export function createBackoff(limits: BackoffLimits, random: () => number): Backoff {
  let wait = limits.first;
  return {
    next(atLeast = 0) {
      const jittered = wait * (0.5 + random() / 2);
      wait = Math.min(wait * 2, limits.max);
      return Math.max(jittered, atLeast);
    },
    reset() {
      wait = limits.first;
    },
  };
}

/** Milliseconds. */
export interface BackoffLimits {
  readonly first: number;
  readonly max: number;
}
