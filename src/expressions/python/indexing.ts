import { dictGet, isDict } from './dict.ts';
import { PythonError, typeError, valueError } from './errors.ts';
import { asIndex, asInt } from './numbers.ts';
import { PythonObject } from './object.ts';
import { characters, hasWide, repr } from './text.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './types.ts';

/** `start:stop:step` inside square brackets; null where left out. */
export class Slice {
  readonly start: unknown;
  readonly stop: unknown;
  readonly step: unknown;

  constructor(start: unknown, stop: unknown, step: unknown) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }
}

/** Python's `value[key]`. Throws IndexError, KeyError or TypeError. */
export function getItem(value: unknown, key: unknown): unknown {
  if (isDict(value)) {
    const found = key instanceof Slice ? undefined : dictGet(value, key);
    if (found === undefined) {
      throw key instanceof Slice ? typeError("unhashable type: 'slice'") : new PythonError('KeyError', repr(key));
    }
    return found;
  }
  if (key instanceof Slice) return slice(value, key);
  if (Array.isArray(value)) return at(value, key, 'list');
  if (typeof value === 'string') {
    if (!hasWide(value)) {
      const position = asInt(key);
      if (typeof position === 'number') {
        const character = value[position < 0 ? value.length + position : position];
        if (character !== undefined) return character;
      }
    }
    return at(characters(value), key, 'string');
  }
  if (value instanceof Tuple) return at(value.items, key, 'tuple');
  if (value instanceof PythonObject) return value.item(key);
  throw typeError(`'${typeName(value)}' object is not subscriptable`);
}

function at(items: readonly unknown[], key: unknown, what: string): unknown {
  if (typeof key === 'bigint') throw new PythonError('IndexError', "cannot fit 'int' into an index-sized integer");
  const index = asIndex(
    key,
    what === 'string'
      ? `string indices must be integers, not '${typeName(key)}'`
      : `${what} indices must be integers or slices, not ${typeName(key)}`,
  );
  const found = items[index < 0 ? items.length + index : index];
  if (found === undefined) throw new PythonError('IndexError', `${what} index out of range`);
  return found;
}

function slice(value: unknown, bounds: Slice): unknown {
  if (typeof value === 'string') {
    const items = hasWide(value) ? characters(value) : undefined;
    const [start, stop, step] = sliceBounds(bounds, items?.length ?? value.length);
    if (items === undefined && step === 1) return value.slice(start, Math.max(start, stop));
    return pick(items ?? value.split(''), start, stop, step).join('');
  }
  if (Array.isArray(value)) return pick(value, ...sliceBounds(bounds, value.length));
  if (value instanceof Tuple) return new Tuple(pick(value.items, ...sliceBounds(bounds, value.items.length)));
  if (value instanceof PythonObject) return value.item(bounds);
  throw typeError(`'${typeName(value)}' object is not subscriptable`);
}

function pick(items: readonly unknown[], start: number, stop: number, step: number): unknown[] {
  if (step === 1) return items.slice(start, Math.max(start, stop));
  const picked: unknown[] = [];
  for (let index = start; step > 0 ? index < stop : index > stop; index += step) picked.push(items[index]);
  return picked;
}

/** Python's `slice.indices(length)`. */
export function sliceBounds(bounds: Slice, length: number): [number, number, number] {
  const step = bounds.step === null ? 1 : clamped(bounds.step);
  if (step === 0) throw valueError('slice step cannot be zero');
  const lowest = step < 0 ? -1 : 0;
  const highest = step < 0 ? length - 1 : length;
  const place = (given: unknown, otherwise: number): number => {
    if (given === null) return otherwise;
    const position = clamped(given);
    return Math.min(highest, Math.max(lowest, position < 0 ? position + length : position));
  };
  return [place(bounds.start, step < 0 ? highest : lowest), place(bounds.stop, step < 0 ? lowest : highest), step];
}

function clamped(value: unknown): number {
  const int = asInt(value);
  if (int === undefined) {
    throw typeError('slice indices must be integers or None or have an __index__ method');
  }
  if (typeof int === 'number') return int;
  return int < 0n ? -Number.MAX_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
}
