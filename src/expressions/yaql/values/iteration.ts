import {
  type Dict,
  DictView,
  dictEntries,
  isDict,
  type JsonRecord,
  PySet,
  PythonIterator,
  PythonObject,
  repr,
  Tuple,
} from '../../python/index.ts';
import type { Run } from '../run.ts';
import { FrozenDict } from './frozen.ts';

/** What YAQL iterates: lists, tuples, sets, iterators, views. Never texts and dicts. */
export type IterableValue = readonly unknown[] | Tuple | PySet | PythonObject;

export function isIterableValue(value: unknown): value is IterableValue {
  if (Array.isArray(value) || value instanceof Tuple || value instanceof PySet) return true;
  return value instanceof PythonObject && isIterableObject(value);
}

function isIterableObject(value: PythonObject): boolean {
  return value instanceof PythonIterator || value instanceof DictView || value instanceof LazyOrder;
}

export function isSequence(value: unknown): value is readonly unknown[] | Tuple {
  return Array.isArray(value) || value instanceof Tuple;
}

/** Sets, and the views of a dict's keys and items, which Python counts as sets. */
export function isSetLike(value: unknown): value is PySet | DictView {
  return value instanceof PySet || (value instanceof DictView && value.kind !== 'values');
}

/** Something that is put in order when it is first iterated. */
export abstract class LazyOrder extends PythonObject {
  readonly typeName = 'OrderingIterable';

  override repr(): string {
    return '<yaql.standard_library.queries.OrderingIterable object at 0x7f0000000000>';
  }

  /** Python gives it no length, so it is true whatever it holds. */
  override truth(): boolean {
    return true;
  }
}

/** Iterates, each item one step. */
export function each(run: Run, value: IterableValue): Iterable<unknown> {
  if (Array.isArray(value)) {
    run.spend(value.length);
    return value;
  }
  if (value instanceof Tuple) {
    run.spend(value.items.length);
    return value.items;
  }
  // What is neither array nor tuple is a set or an object.
  return counted(run, value as PySet | PythonObject);
}

function* counted(run: Run, value: PySet | PythonObject): Generator<unknown> {
  const iterator = value instanceof PySet ? value.values() : value.iterate();
  if (iterator === undefined) return;
  for (let step = iterator.next(); step.done !== true; step = iterator.next()) {
    run.spend(1);
    yield step.value;
  }
}

/** All items. The array must not be changed. */
export function collect(run: Run, value: IterableValue): readonly unknown[] {
  const items = each(run, value);
  return Array.isArray(items) ? items : [...items];
}

/** An iterator as Python prints it; it is read once. */
export function lazy(items: Iterable<unknown>, typeName = 'generator'): PythonIterator {
  return new PythonIterator(items[Symbol.iterator](), typeName, `<${typeName} object at 0x7f0000000000>`);
}

const VIEW_NAMES = { keys: 'KeysView', values: 'ValuesView', items: 'ItemsView' } as const;

/** What `keys()`, `values()` and `items()` answer. */
export class MappingView extends DictView {
  readonly #mapping: Dict | JsonRecord;

  constructor(kind: 'keys' | 'values' | 'items', mapping: Dict | JsonRecord) {
    super(kind, mapping);
    this.#mapping = mapping;
  }

  override repr(): string {
    return this.#mapping instanceof FrozenDict ? `${VIEW_NAMES[this.kind]}(${repr(this.#mapping)})` : super.repr();
  }
}

/** The entries of a dict, each one step. */
export function* eachEntry(run: Run, dict: Dict | JsonRecord): Generator<readonly [unknown, unknown]> {
  for (const entry of dictEntries(dict)) {
    run.spend(1);
    yield entry;
  }
}

/** A copy of a dict that can be changed into something else. */
export function frozenWith(run: Run, ...sources: Iterable<readonly [unknown, unknown]>[]): FrozenDict {
  const made = new FrozenDict();
  for (const source of sources) {
    for (const [key, value] of source) {
      run.spend(1);
      made.set(key, value);
    }
  }
  return made;
}

export { isDict as isMapping };
