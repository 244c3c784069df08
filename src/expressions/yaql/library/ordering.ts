import { truthy } from '../../python/index.ts';
import type { Context } from '../context.ts';
import { define } from '../definition.ts';
import { invoke } from '../invoke.ts';
import type { Lambda } from '../lambda.ts';
import { instance, iterable, lambda } from '../parameters.ts';
import { collect, type IterableValue, LazyOrder } from '../values/iteration.ts';

interface Field {
  readonly selector: Lambda;
  readonly ascending: boolean;
}

/** What `orderBy` answers; `thenBy` adds to it. Sorts when it is first iterated, stably. */
class Ordering extends LazyOrder {
  readonly #context: Context;
  readonly #values: IterableValue;
  readonly #fields: Field[] = [];
  #sorted: unknown[] | undefined;

  constructor(context: Context, values: IterableValue) {
    super();
    this.#context = context;
    this.#values = values;
  }

  andBy(selector: Lambda, ascending: boolean): this {
    this.#fields.push({ selector, ascending });
    return this;
  }

  override iterate(): Iterator<unknown> {
    this.#sorted ??= [...collect(this.#context.run, this.#values)]
      .map((value) => ({ value, keys: [] as unknown[] }))
      .sort((left, right) => this.#compare(left, right))
      .map(({ value }) => value);
    return this.#sorted[Symbol.iterator]();
  }

  /** As the original: `<` decides, then `>`, for one field after the other. */
  #compare(left: Keyed, right: Keyed): number {
    for (const [index, field] of this.#fields.entries()) {
      const pair = [keyOf(left, index, field), keyOf(right, index, field)];
      this.#context.run.spend(1);
      if (truthy(invoke(this.#context, '#operator_<', pair))) return field.ascending ? -1 : 1;
      if (truthy(invoke(this.#context, '#operator_>', pair))) return field.ascending ? 1 : -1;
    }
    return 0;
  }
}

interface Keyed {
  readonly value: unknown;
  /** Keys by field, as far as they were needed. */
  readonly keys: unknown[];
}

function keyOf(item: Keyed, index: number, field: Field): unknown {
  if (!(index in item.keys)) item.keys[index] = field.selector.call(item.value);
  return item.keys[index];
}

const COLLECTION = iterable('collection');
const ORDERED = instance(Ordering)('collection');
const SELECTOR = lambda('selector');

export const ORDERING = [
  define('orderBy', 'method', [COLLECTION, SELECTOR], (context, values, selector) => {
    return new Ordering(context, values).andBy(selector, true);
  }),
  define('orderByDescending', 'method', [COLLECTION, SELECTOR], (context, values, selector) => {
    return new Ordering(context, values).andBy(selector, false);
  }),
  define('thenBy', 'method', [ORDERED, SELECTOR], (_context, values, selector) => values.andBy(selector, true)),
  define('thenByDescending', 'method', [ORDERED, SELECTOR], (_context, values, selector) => {
    return values.andBy(selector, false);
  }),
];
