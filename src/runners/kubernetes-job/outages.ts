import { setTimeout as sleep } from 'node:timers/promises';
import { PetrelError } from '../../model/index.ts';

/** Milliseconds between two tries; doubles from the first to the second. */
const WAITS = [500, 15_000] as const;

/** Whether a call may succeed when it is made again: the API server was reached and could not, or was not reached. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof PetrelError) || error.code !== 'unavailable') return false;
  // That no cluster is configured has neither status nor cause: waiting does not help.
  return error.cause !== undefined || error.details.httpStatus !== undefined;
}

/** Repeats a call for as long as the API server is away. Rejects when the signal aborts. */
export async function throughOutages<T>(
  call: () => Promise<T>,
  signal: AbortSignal,
  say: (error: unknown) => void,
): Promise<T> {
  for (let wait: number = WAITS[0]; ; wait = Math.min(wait * 2, WAITS[1])) {
    try {
      return await call();
    } catch (error) {
      if (!isOutage(error) || signal.aborted) throw error;
      say(error);
    }
    await sleep(wait * (0.75 + Math.random() / 2), undefined, { signal });
  }
}

export function hasCode(error: unknown, ...codes: readonly PetrelError['code'][]): boolean {
  return error instanceof PetrelError && codes.includes(error.code);
}
