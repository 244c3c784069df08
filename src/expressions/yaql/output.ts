import { Dict, dictEntries, Float, isDict, PySet, PythonObject, sequenceItems, typeError } from '../python/index.ts';
import type { Run } from './run.ts';
import { each, isIterableValue, isSetLike } from './values/iteration.ts';

/**
 * The result of an expression as the original's `#finalize` makes it: dicts, lists (of tuples and whatever else can be iterated)
 * and sets, all the way down. Sets stay sets, so members that are lists fail: TypeError `unhashable type: 'list'`.
 */
export function finalized(run: Run, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Float) return value;
  run.enter();
  const result = converted(run, value);
  run.leave();
  return result;
}

function converted(run: Run, value: object): unknown {
  if (isDict(value)) {
    const dict = new Dict();
    for (const [key, item] of dictEntries(value)) {
      run.spend(1);
      dict.set(finalized(run, key), finalized(run, item));
    }
    return dict;
  }
  if (isSetLike(value)) {
    const set = new PySet();
    for (const item of each(run, value)) set.add(finalized(run, item));
    return set;
  }
  const items = sequenceItems(value) ?? (isIterableValue(value) ? each(run, value) : undefined);
  if (items === undefined) {
    if (value instanceof PythonObject) return value;
    throw typeError('what `let`, `with`, `unpack` and `def` answer is no value: use it left of `->`');
  }
  const list: unknown[] = [];
  for (const item of items) {
    run.spend(1);
    list.push(finalized(run, item));
  }
  return list;
}
