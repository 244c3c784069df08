import { PythonIterator } from '../../python/index.ts';
import type { Run } from '../run.ts';
import { each, type IterableValue } from '../values/iteration.ts';

/** An iterator that can be read again and again: what was read once is kept. Lists and sets can be anyway. */
export function memorized(run: Run, values: IterableValue): IterableValue {
  return values instanceof PythonIterator ? new RememberingIterator(each(run, values)[Symbol.iterator](), []) : values;
}

const SHOWN = '<yaql.language.utils.memorize.<locals>.RememberingIterator object at 0x7f0000000000>';

class RememberingIterator extends PythonIterator {
  readonly #source: Iterator<unknown>;
  readonly #known: unknown[];

  constructor(source: Iterator<unknown>, known: unknown[]) {
    super(source, 'RememberingIterator', SHOWN);
    this.#source = source;
    this.#known = known;
  }

  override *iterate(): Generator<unknown> {
    for (let index = 0; ; index += 1) {
      if (index === this.#known.length) {
        const step = this.#source.next();
        if (step.done === true) return;
        this.#known.push(step.value);
      }
      yield this.#known[index];
    }
  }
}
