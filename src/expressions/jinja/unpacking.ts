import { sequenceItems, tryIterate, typeError, typeName, valueError } from '../python/index.ts';
import type { Run } from './run.ts';

/** The items that `a, b = value` gives to so many names. Throws TypeError and ValueError in Python's words. */
export function unpacked(run: Run, value: unknown, count: number): readonly unknown[] {
  let items = sequenceItems(value);
  if (items === undefined) {
    if (tryIterate(value) === undefined) throw typeError(`cannot unpack non-iterable ${typeName(value)} object`);
    items = run.items(value);
  }
  if (items.length > count) throw valueError(`too many values to unpack (expected ${count})`);
  if (items.length < count) throw valueError(`not enough values to unpack (expected ${count}, got ${items.length})`);
  return items;
}
