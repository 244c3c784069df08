import { setTimeout as sleep } from 'node:timers/promises';

/** Seconds between two looks; grows from the first to the second. */
const INTERVAL = [0.25, 5] as const;

/**
 * Looks until there is an answer. Looks at least once, and a last time when the `timeout` (seconds) is over; then answers undefined. Rejects
 * with what `look` throws, and when the signal aborts.
 */
export async function poll<T>(
  look: () => Promise<T | undefined>,
  { timeout, signal }: { readonly timeout: number; readonly signal: AbortSignal },
): Promise<T | undefined> {
  const start = Date.now();
  let interval: number = INTERVAL[0];
  for (;;) {
    const found = await look();
    const waited = (Date.now() - start) / 1000;
    if (found !== undefined || waited >= timeout) return found;
    await sleep(Math.min(interval, timeout - waited) * 1000, undefined, { signal });
    interval = Math.min(interval * 1.5, INTERVAL[1]);
  }
}
