import { Late } from '../../expressions/index.ts';
import type { ReadResult } from './expressions.ts';

/**
 * A value that is read from results when it is looked at: once in a step, which has one `ReadResult`, and again in the next, so that what
 * is large is not kept with the workflow.
 */
export function late(read: (results: ReadResult) => unknown): Late<ReadResult> {
  const known = new WeakMap<ReadResult, { readonly value: unknown }>();
  return new Late((results) => {
    const found = known.get(results) ?? { value: read(results) };
    known.set(results, found);
    return found.value;
  });
}
