import { dictGet, isDict, PythonError, repr } from '../python/index.ts';
import type { Context } from './context.ts';
import { invoke } from './invoke.ts';
import { each, type IterableValue, isIterableValue, lazy } from './values/iteration.ts';

/**
 * `value.name`: the key of a dict, that of every element of a list, or a property of a date or duration (a function
 * `#property#name`). Throws KeyError with the key.
 */
export function property(context: Context, value: unknown, name: string): unknown {
  if (isDict(value)) {
    const found = dictGet(value, name);
    if (found === undefined) throw new KeyError(name, value);
    return found;
  }
  if (isIterableValue(value)) return lazy(ofEach(context, value, name), 'map');
  return invoke(context, `#property#${name}`, [value]);
}

function* ofEach(context: Context, values: IterableValue, name: string): Generator<unknown> {
  for (const value of each(context.run, values)) yield property(context, value, name);
}

/** A key that is not there, and what it was looked for in; for hints. */
export class KeyError extends PythonError {
  readonly key: unknown;
  readonly within: Parameters<typeof dictGet>[0];

  constructor(key: unknown, within: Parameters<typeof dictGet>[0]) {
    super('KeyError', repr(key));
    this.key = key;
    this.within = within;
  }
}
