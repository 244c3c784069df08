import {
  add,
  equals,
  PythonError,
  type PythonIterator,
  sequenceItems,
  Tuple,
  truthy,
  typeError,
  valueError,
} from '../../python/index.ts';
import type { Context } from '../context.ts';
import { define, defineRest, renamed } from '../definition.ts';
import type { Lambda } from '../lambda.ts';
import { any, int, intOrNull, iterable, iterator, lambda, optional } from '../parameters.ts';
import { FrozenSet } from '../values/frozen.ts';
import { each, type IterableValue, isIterableValue, isSetLike, lazy } from '../values/iteration.ts';
import { chained } from './lists.ts';
import { memorized } from './memorize.ts';

const COLLECTION = iterable('collection');
const PREDICATE = lambda('predicate');
const SELECTOR = lambda('selector');

function* filtered(context: Context, values: IterableValue, predicate: Lambda): Generator<unknown> {
  for (const value of each(context.run, values)) if (truthy(predicate.call(value))) yield value;
}

function* mapped(context: Context, values: IterableValue, selector: Lambda): Generator<unknown> {
  for (const value of each(context.run, values)) yield selector.call(value);
}

function* manyMapped(context: Context, values: IterableValue, selector: Lambda): Generator<unknown> {
  for (const value of each(context.run, values)) {
    const inner = selector.call(value);
    if (isIterableValue(inner)) yield* each(context.run, inner);
    else yield inner;
  }
}

/** `itertools.islice`: wants positions that are not negative. */
function* between(context: Context, values: IterableValue, start: number, stop: number): Generator<unknown> {
  if (stop <= 0) return;
  let index = 0;
  for (const value of each(context.run, values)) {
    if (index >= start) yield value;
    index += 1;
    if (index >= stop) return;
  }
}

const MAX_SIZE = 2n ** 63n - 1n;

/** A position for `itertools.islice`; throws ValueError for others. */
export function slicePosition(position: number | bigint, what: 'Indices' | 'Stop argument'): number {
  if (position < 0 || position > MAX_SIZE) {
    const named = position < -1 && -position <= MAX_SIZE ? 'Indices' : what;
    throw valueError(`${named} for islice() must be None or an integer: 0 <= x <= sys.maxsize.`);
  }
  return Number(position);
}

function sliced(context: Context, values: IterableValue, start: number, stop: number): PythonIterator {
  return lazy(between(context, values, start, stop), 'itertools.islice');
}

function* whileTrue(context: Context, values: IterableValue, predicate: Lambda): Generator<unknown> {
  for (const value of each(context.run, values)) {
    if (!truthy(predicate.call(value))) return;
    yield value;
  }
}

function* fromFalse(context: Context, values: IterableValue, predicate: Lambda): Generator<unknown> {
  let skipping = true;
  for (const value of each(context.run, values)) {
    if (skipping && truthy(predicate.call(value))) continue;
    skipping = false;
    yield value;
  }
}

function* appended(context: Context, values: IterableValue, more: readonly unknown[]): Generator<unknown> {
  yield* each(context.run, values);
  yield* more;
}

function* unique(context: Context, values: IterableValue, key: Lambda | null): Generator<unknown> {
  const seen = new FrozenSet();
  for (const value of each(context.run, values)) {
    const identity = key === null ? value : key.call(value);
    if (seen.has(identity)) continue;
    seen.add(identity);
    yield value;
  }
}

function* numbered(context: Context, values: IterableValue, start: number | bigint): Generator<unknown> {
  let index: unknown = start;
  for (const value of each(context.run, values)) {
    yield [index, value];
    index = add(index, 1);
  }
}

/** An iterator that fails when it is read. */
// biome-ignore lint/correctness/useYield: it never gets so far
function* failing(message: string): Generator<never> {
  throw typeError(message);
}

/** Position of the first or last item that satisfies; -1 when none does. */
function position(
  context: Context,
  values: IterableValue,
  satisfies: (value: unknown) => boolean,
  last = false,
): number {
  let index = 0;
  let found = -1;
  for (const value of each(context.run, values)) {
    if (satisfies(value)) {
      if (!last) return index;
      found = index;
    }
    index += 1;
  }
  return found;
}

function stopIteration(message = ''): PythonError {
  return new PythonError('StopIteration', message);
}

const NOTHING = Symbol('nothing');

function first(context: Context, values: IterableValue): unknown {
  for (const value of each(context.run, values)) return value;
  return NOTHING;
}

function last(context: Context, values: IterableValue): unknown {
  const items = sequenceItems(values);
  if (items !== undefined) return items.length === 0 ? NOTHING : items[items.length - 1];
  let found: unknown = NOTHING;
  for (const value of each(context.run, values)) found = value;
  return found;
}

function orElse(found: unknown, otherwise: unknown): unknown {
  if (found !== NOTHING) return found;
  if (otherwise !== NOTHING) return otherwise;
  throw stopIteration();
}

function single(context: Context, values: IterableValue): unknown {
  let found: unknown = NOTHING;
  for (const value of each(context.run, values)) {
    if (found !== NOTHING) throw stopIteration('Collection contains more than one item');
    found = value;
  }
  return orElse(found, NOTHING);
}

function size(context: Context, values: IterableValue): number {
  let total = 0;
  for (const _ of each(context.run, values)) total += 1;
  return total;
}

function isEmpty(context: Context, values: IterableValue): boolean {
  return first(context, values) === NOTHING;
}

const where = define('where', 'method', [COLLECTION, PREDICATE], (context, values, predicate) => {
  return lazy(filtered(context, values, predicate), 'filter');
});
const select = define('select', 'method', [COLLECTION, SELECTOR], (context, values, selector) => {
  return lazy(mapped(context, values, selector), 'map');
});
const limit = define('limit', 'method', [COLLECTION, int('count')], (context, values, most) => {
  return sliced(context, values, 0, slicePosition(most, 'Stop argument'));
});

/** Choosing, transforming and looking at the items of collections. */
export const QUERIES = [
  where,
  renamed(where, 'filter'),
  select,
  renamed(select, 'map'),
  limit,
  renamed(limit, 'take'),
  define('skip', 'method', [COLLECTION, int('count')], (context, values, most) => {
    return sliced(context, values, slicePosition(most, 'Indices'), Number.MAX_SAFE_INTEGER);
  }),
  define('selectMany', 'method', [COLLECTION, SELECTOR], (context, values, selector) => {
    return lazy(manyMapped(context, values, selector));
  }),
  define('takeWhile', 'method', [COLLECTION, PREDICATE], (context, values, predicate) => {
    return lazy(whileTrue(context, values, predicate), 'itertools.takewhile');
  }),
  define('skipWhile', 'method', [COLLECTION, PREDICATE], (context, values, predicate) => {
    return lazy(fromFalse(context, values, predicate), 'itertools.dropwhile');
  }),
  defineRest('append', 'both', [COLLECTION], any('args'), (context, [values], more) => {
    return lazy(appended(context, values, more));
  }),
  defineRest('concat', 'both', [], iterable('collections'), (context, _given, collections) => {
    return lazy(chained(context, ...collections), 'itertools.chain');
  }),
  define('distinct', 'both', [COLLECTION, optional(lambda('keySelector'), null)], (context, values, key) => {
    return lazy(unique(context, values, key));
  }),
  define('enumerate', 'both', [COLLECTION, optional(intOrNull('start'), 0)], (context, values, start) => {
    if (start === null) return lazy(failing("'NoneType' object cannot be interpreted as an integer"));
    return lazy(numbered(context, values, start));
  }),
  define('any', 'both', [COLLECTION, optional(PREDICATE, null)], (context, values, predicate) => {
    return position(context, values, (value) => predicate === null || truthy(predicate.call(value))) >= 0;
  }),
  define('all', 'both', [COLLECTION, optional(PREDICATE, null)], (context, values, predicate) => {
    return position(context, values, (value) => !truthy(predicate === null ? value : predicate.call(value))) < 0;
  }),
  define('len', 'both', [iterator('collection')], (context, values) => size(context, values)),
  define('count', 'method', [COLLECTION], (context, values) => size(context, values)),
  define('memorize', 'method', [COLLECTION], (context, values) => memorized(context.run, values)),
  define('first', 'method', [COLLECTION, optional(any('default'), NOTHING)], (context, values, otherwise) => {
    return orElse(first(context, values), otherwise);
  }),
  define('last', 'method', [COLLECTION, optional(any('default'), NOTHING)], (context, values, otherwise) => {
    return orElse(last(context, values), otherwise);
  }),
  define('single', 'method', [COLLECTION], (context, values) => single(context, values)),
  define('indexOf', 'method', [COLLECTION, any('item')], (context, values, item) => {
    return position(context, values, (value) => equals(value, item));
  }),
  define('lastIndexOf', 'method', [COLLECTION, any('item')], (context, values, item) => {
    return position(context, values, (value) => equals(value, item), true);
  }),
  define('indexWhere', 'method', [COLLECTION, PREDICATE], (context, values, predicate) => {
    return position(context, values, (value) => truthy(predicate.call(value)));
  }),
  define('lastIndexWhere', 'method', [COLLECTION, PREDICATE], (context, values, predicate) => {
    return position(context, values, (value) => truthy(predicate.call(value)), true);
  }),
  define('defaultIfEmpty', 'method', [COLLECTION, iterable('default')], (context, values, otherwise) => {
    if (Array.isArray(values) || values instanceof Tuple || isSetLike(values)) {
      return isEmpty(context, values) ? otherwise : values;
    }
    const again = memorized(context.run, values);
    return isEmpty(context, again) ? otherwise : again;
  }),
];
