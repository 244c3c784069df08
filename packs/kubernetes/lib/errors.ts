import { TransientError } from 'petrel/sdk';

/** Outages of a few minutes are waited out. Waits double from one second to half a minute. */
export const RETRY = { count: 8, delay: 1, maxDelay: 30 };

/** Runs a call to the API server; a failure that may pass (429, 5xx, no answer) becomes a `TransientError`. */
export async function ask<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw isOutage(error) ? new TransientError(error.message, { cause: error }) : error;
  }
}

/** Like `ask`; a missing object is an answer. */
export async function askFor<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await ask(call);
  } catch (error) {
    if (hasCode(error, 'not_found')) return undefined;
    throw error;
  }
}

export function isConflict(error: unknown): boolean {
  return hasCode(error, 'conflict');
}

/** A 429, also as the cause of what `ask` made of it: of an eviction it says that a budget has no room. */
export function isRefusedForNow(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const details = 'details' in error && typeof error.details === 'object' ? error.details : null;
  if (details !== null && 'httpStatus' in details && details.httpStatus === 429) return true;
  return isRefusedForNow(error.cause);
}

/** The server was asked and could not, or was not reached. That no cluster is configured has neither status nor cause: waiting does not help. */
function isOutage(error: unknown): error is Error {
  if (!hasCode(error, 'unavailable')) return false;
  const details = 'details' in error && typeof error.details === 'object' ? error.details : null;
  return error.cause !== undefined || (details !== null && 'httpStatus' in details);
}

function hasCode(error: unknown, code: string): error is Error {
  return error instanceof Error && 'code' in error && error.code === code;
}
