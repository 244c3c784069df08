import { add, Dict, dictGet, isDict, type JsonRecord, Tuple, typeError, typeName } from '../../python/index.ts';
import type { Context } from '../context.ts';
import { define } from '../definition.ts';
import { count, lambda, mapping, optional } from '../parameters.ts';
import { FrozenDict, FrozenSet } from '../values/frozen.ts';
import { each, eachEntry, type IterableValue, isSequence } from '../values/iteration.ts';

type Mapping = Dict | JsonRecord;
type Merge = (left: unknown, right: unknown) => unknown;

/** `levels`: how many levels of dicts are merged; 0 for all. */
function merged(context: Context, left: Mapping, right: Mapping, lists: Merge, items: Merge, levels: number): Dict {
  context.run.enter();
  const result = new Dict();
  for (const [key, mine] of eachEntry(context.run, left)) {
    const other = dictGet(right, key);
    result.set(key, other === undefined ? mine : member(context, mine, other, lists, items, levels));
  }
  for (const [key, other] of eachEntry(context.run, right)) if (!result.has(key)) result.set(key, other);
  context.run.leave();
  return result;
}

function member(context: Context, mine: unknown, other: unknown, lists: Merge, items: Merge, levels: number): unknown {
  if (levels !== 1 && isDict(other)) {
    if (!isDict(mine)) throw cannotMerge(mine, other);
    return merged(context, mine, other, lists, items, levels === 0 ? 0 : levels - 1);
  }
  if (levels !== 1 && isSequence(other)) {
    if (!isSequence(mine)) throw cannotMerge(mine, other);
    return lists(mine, other);
  }
  return items(mine, other);
}

function className(value: unknown): string {
  return value instanceof FrozenDict ? 'yaql.language.utils.FrozenDict' : typeName(value);
}

function cannotMerge(left: unknown, right: unknown) {
  return typeError(`Cannot merge <class '${className(left)}'> with <class '${className(right)}'>`);
}

/** Both lists, equal items once. A list and a tuple cannot be put together, as in Python. */
function distinctBoth(context: Context, left: unknown, right: unknown): Tuple {
  const both = add(left, right);
  const seen = new FrozenSet();
  const items: unknown[] = [];
  // The sum of two sequences is one that can be iterated.
  for (const item of each(context.run, both as IterableValue)) {
    if (seen.has(item)) continue;
    seen.add(item);
    items.push(item);
  }
  return new Tuple(items);
}

export const MERGING = [
  define(
    'mergeWith',
    'method',
    [
      mapping('dict'),
      mapping('another'),
      optional(lambda('listMerger'), null),
      optional(lambda('itemMerger'), null),
      optional(count('maxLevels'), 0),
    ],
    (context, left, right, lists, items, levels) =>
      merged(
        context,
        left,
        right,
        lists === null ? (mine, other) => distinctBoth(context, mine, other) : (mine, other) => lists.call(mine, other),
        items === null ? (_mine, other) => other : (mine, other) => items.call(mine, other),
        levels,
      ),
  ),
];
