import { type Id, idOf } from '../model/index.ts';

export { idOf };

/** StackStorm's time stamps: microseconds always six digits. */
export function timestamp(milliseconds: number): string {
  const whole = Math.trunc(milliseconds);
  const second = Math.floor(whole / 1000);
  // What happens together is shown together: of a page's hundreds of time stamps few begin a new second.
  if (second !== last.second) {
    last.second = second;
    last.text = new Date(second * 1000).toISOString().slice(0, -4);
  }
  return `${last.text}${String(whole - second * 1000).padStart(3, '0')}000Z`;
}
const last = { second: Number.NaN, text: '' };

/**
 * StackStorm has two records of a run, an execution and a live action, with different ids. Here it is one row, and the first digit tells
 * which of the two is meant: times of our century leave its highest bit to us. The function is its own inverse.
 */
export function otherId(id: Id): Id {
  const first = Number.parseInt(id.slice(0, 1), 16);
  return Number.isNaN(first) ? id : (first ^ 8).toString(16) + id.slice(1);
}
