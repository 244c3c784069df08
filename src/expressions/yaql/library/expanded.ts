import { PythonIterator } from '../../python/index.ts';
import type { Run } from '../run.ts';
import { each } from '../values/iteration.ts';

/** Values, with iterators among them replaced by what they yield. */
export function* expanded(run: Run, values: Iterable<unknown>): Generator<unknown> {
  for (const value of values) {
    if (value instanceof PythonIterator) yield* expanded(run, each(run, value));
    else yield value;
  }
}
