import { type DictView, PySet, PythonError } from '../../python/index.ts';
import type { Context } from '../context.ts';
import { define, defineRest, renamed } from '../definition.ts';
import { any, iterable, set } from '../parameters.ts';
import { FrozenSet } from '../values/frozen.ts';
import { each, type IterableValue, isSetLike } from '../values/iteration.ts';
import { expanded } from './expanded.ts';

/** A set of what is iterated. Throws TypeError for what cannot be a member. */
export function frozenSet(context: Context, values: IterableValue): FrozenSet {
  return new FrozenSet(each(context.run, values));
}

/** Views of dicts compare as sets do. */
export function asPySet(context: Context, value: PySet | DictView): PySet {
  return value instanceof PySet ? value : frozenSet(context, value);
}

/** Views are sets to the types, but do not have the methods of sets. */
function members(context: Context, value: PySet | DictView, method: string): PySet {
  if (value instanceof PySet) {
    context.run.spend(value.size);
    return value;
  }
  throw new PythonError('AttributeError', `'${value.typeName}' object has no attribute '${method}'`);
}

/** What Python's set methods take: anything that can be iterated. */
function operand(context: Context, value: PySet | DictView): PySet {
  return asPySet(context, value);
}

function without(left: PySet, right: PySet): FrozenSet {
  return new FrozenSet([...left].filter((value) => !right.has(value)));
}

const difference = define('difference', 'method', [set('left'), set('right')], (context, left, right) => {
  return without(members(context, left, 'difference'), operand(context, right));
});

export const SETS = [
  defineRest('set', 'function', [], any('args'), (context, _given, args) => {
    return new FrozenSet(expanded(context.run, args));
  }),
  define('toSet', 'method', [iterable('collection')], (context, collection) => frozenSet(context, collection)),
  define('isSet', 'function', [any('arg')], (_context, value) => isSetLike(value)),
  define('len', 'both', [set('set')], (_context, value) => (value instanceof PySet ? value.size : value.length())),
  define('union', 'method', [set('left'), set('right')], (context, left, right) => {
    return new FrozenSet([...members(context, left, 'union'), ...operand(context, right)]);
  }),
  define('intersect', 'method', [set('left'), set('right')], (context, left, right) => {
    const other = operand(context, right);
    return new FrozenSet([...members(context, left, 'intersection')].filter((value) => other.has(value)));
  }),
  difference,
  renamed(difference, '#operator_-', 'function'),
  define('symmetricDifference', 'method', [set('left'), set('right')], (context, left, right) => {
    const mine = members(context, left, 'symmetric_difference');
    const other = operand(context, right);
    return new FrozenSet([...without(mine, other), ...without(other, mine)]);
  }),
  defineRest('add', 'method', [set('set')], any('values'), (context, [value], more) => {
    return new FrozenSet([...members(context, value, 'union'), ...more]);
  }),
  defineRest('remove', 'method', [set('set')], any('values'), (context, [value], fewer) => {
    return without(members(context, value, 'difference'), new FrozenSet(fewer));
  }),
];
