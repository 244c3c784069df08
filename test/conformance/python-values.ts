import {
  Dict,
  DictView,
  dictEntries,
  Float,
  float,
  floatRepr,
  integer,
  isDict,
  PySet,
  PythonObject,
  repr,
  Tuple,
  toJson,
} from '../../src/expressions/python/index.ts';
import { Moment } from '../../src/expressions/yaql/time/moment.ts';
import { TimeSpan } from '../../src/expressions/yaql/time/timespan.ts';

/** A value of an expression as workflows/README.md writes it. Tuples are lists: the reference allows it. Sets are in order. */
export function encoded(value: unknown): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return { $int: String(value) };
  if (value instanceof Float || (typeof value === 'number' && !Number.isSafeInteger(value))) {
    const text = floatRepr(value instanceof Float ? value.value : value);
    return /^-?\d+\.0$|^-?\d+(?:\.\d+)?e\+|inf|nan/.test(text) ? { $float: text } : value;
  }
  if (typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map(encoded);
  if (value instanceof Tuple) return value.items.map(encoded);
  if (value instanceof PySet) return { $set: inOrder([...value].map(encoded)) };
  if (value instanceof DictView) return { $set: inOrder([...viewed(value)].map(encoded)) };
  if (isDict(value)) return mapping([...dictEntries(value)]);
  if (value instanceof Moment) return { $datetime: value.str().replace(' ', 'T') };
  if (value instanceof TimeSpan) return { $timespan_us: Number(value.microseconds) };
  return { $other: value instanceof PythonObject ? repr(value) : String(value) };
}

function viewed(view: DictView): Iterable<unknown> {
  return { [Symbol.iterator]: () => view.iterate() };
}

function inOrder(items: readonly unknown[]): unknown[] {
  return items
    .map((item) => JSON.stringify(toJson(item)))
    .sort()
    .map((text): unknown => JSON.parse(text));
}

function mapping(entries: readonly (readonly [unknown, unknown])[]): unknown {
  if (entries.every(([key]) => typeof key === 'string')) {
    return new Dict(entries.map(([key, item]) => [key, encoded(item)] as const));
  }
  return { $map: entries.map(([key, item]) => [encoded(key), encoded(item)]) };
}

/** An encoded value of the reference in the form that `encoded` gives. */
export function normalized(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalized);
  if (!isDict(value)) return value;
  const entries = [...dictEntries(value)];
  const [key, item] = entries.length === 1 ? (entries[0] ?? []) : [];
  if (key === '$tuple') return normalized(item);
  if (key === '$set' && Array.isArray(item)) return { $set: inOrder(item.map(normalized)) };
  return new Dict(entries.map(([name, of]) => [name, normalized(of)] as const));
}

/** The value that an encoded one stands for. */
export function decoded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decoded);
  if (!isDict(value)) return value;
  const entries = [...dictEntries(value)];
  const [only] = entries;
  if (only !== undefined && entries.length === 1) {
    if (only[0] === '$int') return integer(BigInt(String(only[1])));
    if (only[0] === '$float') return float(Number(String(only[1]).replace('inf', 'Infinity')));
  }
  return new Dict(entries.map(([key, item]) => [key, decoded(item)] as const));
}
