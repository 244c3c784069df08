import { equals, Tuple, truthy } from '../../python/index.ts';
import type { Context } from '../context.ts';
import { define, defineRest } from '../definition.ts';
import type { Lambda } from '../lambda.ts';
import { any, count, int, iterable, lambda } from '../parameters.ts';
import { collect, each, type IterableValue, lazy } from '../values/iteration.ts';
import { toTuple } from './lists.ts';
import { memorized } from './memorize.ts';
import { slicePosition } from './queries.ts';

const COLLECTION = iterable('collection');
const PREDICATE = lambda('predicate');

function* chunks(context: Context, values: IterableValue, length: number | bigint): Generator<Tuple> {
  const size = slicePosition(length, 'Stop argument');
  let part: unknown[] = [];
  if (size > 0) {
    for (const value of each(context.run, values)) {
      part.push(value);
      if (part.length < size) continue;
      yield new Tuple(part);
      part = [];
    }
  }
  if (part.length > 0) yield new Tuple(part);
}

function* splitWhere(context: Context, values: IterableValue, predicate: Lambda): Generator<Tuple> {
  const { items } = toTuple(context, values);
  let start = 0;
  for (const [index, value] of items.entries()) {
    if (!truthy(predicate.call(value))) continue;
    yield new Tuple(items.slice(start, index));
    start = index + 1;
  }
  if (start !== items.length) yield new Tuple(items.slice(start));
}

function* sliceWhere(context: Context, values: IterableValue, predicate: Lambda): Generator<Tuple> {
  const { items } = toTuple(context, values);
  let start = 0;
  let before: unknown;
  for (const [index, value] of items.entries()) {
    const now = predicate.call(value);
    if (index > 0 && !equals(now, before)) {
      yield new Tuple(items.slice(start, index));
      start = index;
    }
    before = now;
  }
  if (start !== items.length) yield new Tuple(items.slice(start));
}

function* zipped(context: Context, collections: readonly IterableValue[]): Generator<Tuple> {
  const iterators = collections.map((collection) => each(context.run, collection)[Symbol.iterator]());
  while (iterators.length > 0) {
    const row: unknown[] = [];
    for (const iterator of iterators) {
      const step = iterator.next();
      if (step.done === true) return;
      row.push(step.value);
    }
    yield new Tuple(row);
  }
}

/** To the end of the longest; what the others lack is `filler`. */
export function* zippedLongest(
  context: Context,
  collections: readonly Iterable<unknown>[],
  filler: unknown,
): Generator<Tuple> {
  const iterators: (Iterator<unknown> | undefined)[] = collections.map((values) => values[Symbol.iterator]());
  for (;;) {
    context.run.spend(1);
    const row = iterators.map((iterator, index) => {
      const step = iterator?.next();
      if (step?.done === false) return step.value;
      iterators[index] = undefined;
      return filler;
    });
    if (iterators.every((iterator) => iterator === undefined)) return;
    yield new Tuple(row);
  }
}

function* joined(
  context: Context,
  left: IterableValue,
  right: IterableValue,
  predicate: Lambda,
  selector: Lambda,
): Generator<unknown> {
  const again = memorized(context.run, right);
  for (const one of each(context.run, left)) {
    for (const other of each(context.run, again)) {
      if (truthy(predicate.call(one, other))) yield selector.call(one, other);
    }
  }
}

/** Collections cut into parts, and put together. */
export const PARTS = [
  define('slice', 'method', [COLLECTION, int('length')], (context, values, length) =>
    lazy(chunks(context, values, length)),
  ),
  define('splitWhere', 'method', [COLLECTION, PREDICATE], (context, values, predicate) => {
    return lazy(splitWhere(context, values, predicate));
  }),
  define('sliceWhere', 'method', [COLLECTION, PREDICATE], (context, values, predicate) => {
    return lazy(sliceWhere(context, values, predicate));
  }),
  define('splitAt', 'method', [COLLECTION, count('index')], (context, values, index) => {
    const { items } = toTuple(context, values);
    return [new Tuple(items.slice(0, index)), new Tuple(items.slice(index))];
  }),
  define('reverse', 'method', [COLLECTION], (context, values) => {
    return lazy([...collect(context.run, values)].reverse(), 'reversed');
  }),
  defineRest('zip', 'method', [], iterable('collections'), (context, _given, collections) => {
    return lazy(zipped(context, collections), 'zip');
  }),
  defineRest(
    'zipLongest',
    'method',
    [],
    iterable('collections'),
    (context, _given, collections, keywords) =>
      lazy(
        zippedLongest(
          context,
          collections.map((collection) => each(context.run, collection)),
          keywords.get('default') ?? null,
        ),
        'itertools.zip_longest',
      ),
    { keywords: any('kwargs') },
  ),
  define(
    'join',
    'method',
    [iterable('collection1'), iterable('collection2'), PREDICATE, lambda('selector')],
    (context, left, right, predicate, selector) => lazy(joined(context, left, right, predicate, selector)),
  ),
];
