import { Dict, dictEntries, equals, PythonError, sequenceItems, Tuple, typeError } from '../../python/index.ts';
import type { Context } from '../context.ts';
import { define, renamed } from '../definition.ts';
import { invoke } from '../invoke.ts';
import type { Lambda } from '../lambda.ts';
import { any, iterable, lambda, optional } from '../parameters.ts';
import { each, type IterableValue, isSequence, lazy } from '../values/iteration.ts';

const COLLECTION = iterable('collection');
const SELECTOR = lambda('selector');
const NOTHING = Symbol('nothing');

type Step = (total: unknown, value: unknown) => unknown;

/** Python's `reduce`. */
function reduced(context: Context, values: IterableValue, step: Step, seed: unknown): unknown {
  let total = seed;
  for (const value of each(context.run, values)) total = total === NOTHING ? value : step(total, value);
  if (total === NOTHING) throw typeError('reduce() of empty iterable with no initial value');
  return total;
}

function* accumulated(context: Context, values: IterableValue, selector: Lambda, seed: unknown): Generator<unknown> {
  let total = seed;
  if (total !== NOTHING) yield total;
  for (const value of each(context.run, values)) {
    total = total === NOTHING ? value : selector.call(total, value);
    yield total;
  }
  if (total === NOTHING) throw typeError('accumulate() of empty sequence with no initial value');
}

function by(name: string, context: Context): Step {
  return (total, value) => invoke(context, name, [total, value]);
}

function groupsOf(context: Context, values: IterableValue, key: Lambda, value: Lambda | null): Dict {
  const groups = new Dict();
  for (const item of each(context.run, values)) {
    const member = value === null ? item : value.call(item);
    const name = key.call(item);
    const group = groups.get(name);
    if (Array.isArray(group)) group.push(member);
    else groups.set(name, [member]);
  }
  return groups;
}

const FALLS_BACK = new Set(['NoMatchingMethodException', 'NoMatchingFunctionException', 'IndexError']);

/**
 * Aggregates groups. The aggregator gets the list of a group; that of older expressions gets and answers the pair of key and
 * list. As the original: which of them it is, is found out by trying.
 */
class Aggregator {
  readonly #function: Lambda;
  #mayBeOld = true;
  #failure: PythonError | undefined;

  constructor(aggregator: Lambda) {
    this.#function = aggregator;
  }

  aggregate(key: unknown, list: readonly unknown[]): unknown {
    if (this.#failure === undefined) {
      try {
        const result = this.#function.call(list);
        if (!looksOld(list, result)) this.#mayBeOld = false;
        return new Tuple([key, result]);
      } catch (error) {
        if (!(error instanceof PythonError) || !FALLS_BACK.has(error.kind)) throw error;
        this.#failure = error;
      }
    }
    const old = this.#mayBeOld ? this.#old(key, list) : undefined;
    if (old === undefined) throw this.#failure;
    return old;
  }

  #old(key: unknown, list: readonly unknown[]): unknown {
    try {
      const result = this.#function.call(new Tuple([key, list]));
      return sequenceItems(result)?.length === 2 ? result : undefined;
    } catch (error) {
      if (error instanceof PythonError && error.kind !== 'BudgetError') return undefined;
      throw error;
    }
  }
}

function looksOld(list: readonly unknown[], result: unknown): boolean {
  const items = isSequence(result) ? sequenceItems(result) : undefined;
  return list.length === 2 && items?.length === 2 && equals(items[0], list[0]);
}

function* aggregated(context: Context, groups: Dict, aggregator: Lambda | null): Generator<unknown> {
  const aggregate = aggregator === null ? undefined : new Aggregator(aggregator);
  for (const [key, list] of dictEntries(groups)) {
    context.run.spend(1);
    // groupsOf made the lists.
    yield aggregate === undefined ? new Tuple([key, list]) : aggregate.aggregate(key, list as readonly unknown[]);
  }
}

const aggregate = define(
  'aggregate',
  'method',
  [COLLECTION, SELECTOR, optional(any('seed'), NOTHING)],
  (context, values, selector, seed) => reduced(context, values, (total, value) => selector.call(total, value), seed),
);

function folding(name: string, function_: string) {
  return define(name, 'method', [COLLECTION, optional(any('initial'), NOTHING)], (context, values, initial) => {
    return reduced(context, values, by(function_, context), initial);
  });
}

/** One value out of many, and groups of them. */
export const AGGREGATES = [
  aggregate,
  renamed(aggregate, 'reduce'),
  define(
    'accumulate',
    'method',
    [COLLECTION, SELECTOR, optional(any('seed'), NOTHING)],
    (context, values, selector, seed) => lazy(accumulated(context, values, selector, seed)),
  ),
  folding('sum', '#operator_+'),
  folding('max', 'max'),
  folding('min', 'min'),
  define(
    'groupBy',
    'method',
    [COLLECTION, lambda('keySelector'), optional(lambda('valueSelector'), null), optional(lambda('aggregator'), null)],
    (context, values, key, value, aggregator) =>
      lazy(aggregated(context, groupsOf(context, values, key, value), aggregator), 'map'),
  ),
];
