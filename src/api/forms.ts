import { type Id, idOf } from '../model/index.ts';

export { idOf };

/** StackStorm's time stamps: microseconds always six digits. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000Z');
}

/**
 * StackStorm has two records of a run, an execution and a live action, with different ids. Here it is one row, and the first digit tells
 * which of the two is meant: times of our century leave its highest bit to us. The function is its own inverse.
 */
export function otherId(id: Id): Id {
  const first = Number.parseInt(id.slice(0, 1), 16);
  return Number.isNaN(first) ? id : (first ^ 8).toString(16) + id.slice(1);
}
