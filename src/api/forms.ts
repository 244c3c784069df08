import { createHash } from 'node:crypto';
import type { Id } from '../model/index.ts';

/** StackStorm's time stamps: microseconds always six digits. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000Z');
}

/** Reference-named things have no row of their own; their id is made of the reference, 24 hex digits as StackStorm's. */
export function idOf(uid: string): string {
  return createHash('sha256').update(uid).digest('hex').slice(0, 24);
}

/**
 * StackStorm has two records of a run, an execution and a live action, with different ids. Here it is one row, and the first digit tells
 * which of the two is meant: times of our century leave its highest bit to us. The function is its own inverse.
 */
export function otherId(id: Id): Id {
  const first = Number.parseInt(id.slice(0, 1), 16);
  return Number.isNaN(first) ? id : (first ^ 8).toString(16) + id.slice(1);
}
