import {
  add,
  contains,
  equals,
  getItem,
  multiply,
  PythonIterator,
  sequenceItems,
  Tuple,
  tryLength,
} from '../../python/index.ts';
import type { Context } from '../context.ts';
import { define, defineRest } from '../definition.ts';
import { any, count, int, iterable, only, optional, sequence, size } from '../parameters.ts';
import { FrozenSet } from '../values/frozen.ts';
import {
  collect,
  each,
  type IterableValue,
  isIterableValue,
  isSequence,
  isSetLike,
  lazy,
} from '../values/iteration.ts';
import { expanded } from './expanded.ts';

/** A tuple of what is iterated; a tuple is that already. */
export function toTuple(context: Context, values: IterableValue): Tuple {
  return values instanceof Tuple ? values : new Tuple([...collect(context.run, values)]);
}

function* flattened(context: Context, values: IterableValue): Generator<unknown> {
  context.run.enter();
  for (const value of each(context.run, values)) {
    if (isIterableValue(value)) yield* flattened(context, value);
    else yield value;
  }
  context.run.leave();
}

/** Yields the items, those from `position` on for `size` (negative: all further ones) replaced once by `instead`. */
function* replaced(
  context: Context,
  values: IterableValue,
  position: number,
  size: number,
  instead: Iterable<unknown>,
): Generator<unknown> {
  let index = 0;
  let done = false;
  for (const value of each(context.run, values)) {
    if (index < position || (size >= 0 && index >= position + size)) yield value;
    else if (!done) {
      yield* instead;
      done = true;
    }
    index += 1;
  }
}

/** Yields the items with others before the one at `position`; beyond the end they come last. */
function* inserted(
  context: Context,
  values: IterableValue,
  position: number,
  more: Iterable<unknown>,
): Generator<unknown> {
  let index = 0;
  for (const value of each(context.run, values)) {
    if (index === position) yield* more;
    yield value;
    index += 1;
  }
  if (position > index - 1) yield* more;
}

function* insertedMany(
  context: Context,
  values: IterableValue,
  position: number,
  more: IterableValue,
): Generator<unknown> {
  if (position < 0) yield* each(context.run, more);
  yield* inserted(context, values, position, { [Symbol.iterator]: () => each(context.run, more)[Symbol.iterator]() });
}

/** One after the other. */
export function* chained(context: Context, ...collections: readonly IterableValue[]): Generator<unknown> {
  for (const collection of collections) yield* each(context.run, collection);
}

/** Iterators are read as far as the value, and no further. */
function holds(context: Context, collection: IterableValue, value: unknown): boolean {
  if (collection instanceof PythonIterator) {
    for (const item of each(context.run, collection)) if (equals(item, value)) return true;
    return false;
  }
  context.run.spend(tryLength(collection) ?? 0);
  return contains(collection, value);
}

const COLLECTION = iterable('collection');
const notASet = (value: unknown) => !isSetLike(value);

export const LISTS = [
  defineRest('list', 'function', [], any('args'), (context, _given, args) => {
    return new Tuple([...expanded(context.run, args)]);
  }),
  defineRest('#list', 'function', [], any('args'), (_context, _given, args) => new Tuple(args)),
  define('toList', 'method', [COLLECTION], (context, collection) => toTuple(context, collection)),
  define('flatten', 'method', [COLLECTION], (context, collection) => lazy(flattened(context, collection))),
  define('isList', 'function', [any('arg')], (_context, value) => isSequence(value)),
  define('isIterable', 'function', [any('value')], (_context, value) => isIterableValue(value)),
  define('len', 'both', [sequence('sequence')], (_context, value) => sequenceItems(value)?.length ?? 0),
  define('#indexer', 'function', [sequence('list'), int('index')], (_context, list, index) => getItem(list, index)),
  define('#operator_in', 'function', [any('value'), COLLECTION], (context, value, collection) => {
    return holds(context, collection, value);
  }),
  define('contains', 'method', [COLLECTION, any('value')], (context, collection, value) => {
    return holds(context, collection, value);
  }),
  define('#operator_+', 'function', [iterable('left'), iterable('right')], (context, left, right) => {
    if (left instanceof Tuple && right instanceof Tuple) {
      context.run.spend(left.items.length + right.items.length);
      return add(left, right);
    }
    if (left instanceof FrozenSet && right instanceof FrozenSet) {
      context.run.spend(left.size + right.size);
      return new FrozenSet([...left, ...right]);
    }
    return lazy(chained(context, left, right), 'itertools.chain');
  }),
  define('#operator_*', 'function', [sequence('left'), int('right')], (context, left, right) => {
    return repeated(context, left, right);
  }),
  define('#operator_*', 'function', [int('left'), sequence('right')], (context, left, right) => {
    return repeated(context, right, left);
  }),
  define(
    'delete',
    'method',
    [COLLECTION, count('position'), optional(count('count'), 1)],
    (context, values, at, many) => {
      return lazy(replaced(context, values, at, many, []));
    },
  ),
  define(
    'replace',
    'method',
    [COLLECTION, count('position'), any('value'), optional(count('count'), 1)],
    (context, values, at, value, many) => lazy(replaced(context, values, at, many, [value])),
  ),
  define(
    'replaceMany',
    'method',
    [COLLECTION, count('position'), iterable('values'), optional(count('count'), 1)],
    (context, values, at, more, many) =>
      lazy(
        replaced(context, values, at, many, { [Symbol.iterator]: () => each(context.run, more)[Symbol.iterator]() }),
      ),
  ),
  define(
    'insert',
    'method',
    [only(COLLECTION, notASet), count('position'), any('value')],
    (context, values, at, value) => {
      return lazy(inserted(context, values, at, [value]));
    },
  ),
  define('insert', 'method', [sequence('collection'), size('position'), any('value')], (context, values, at, value) => {
    const copy = [...collect(context.run, values)];
    copy.splice(at, 0, value);
    return copy;
  }),
  define('insertMany', 'method', [COLLECTION, count('position'), iterable('values')], (context, values, at, more) => {
    return lazy(insertedMany(context, values, at, more));
  }),
];

function repeated(context: Context, values: readonly unknown[] | Tuple, times: number | bigint): unknown {
  const length = sequenceItems(values)?.length ?? 0;
  if (typeof times === 'number' && times > 0) context.run.spend(length * times);
  return multiply(values, times);
}
