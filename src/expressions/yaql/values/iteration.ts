import {
  type Dict,
  DictView,
  dictEntries,
  equals,
  isDict,
  type JsonRecord,
  PySet,
  PythonIterator,
  PythonObject,
  repr,
  Tuple,
  tryIterate,
  typeError,
  typeName,
  valueError,
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

/** What `keys()`, `values()` and `items()` answer for a dict that cannot change: Python's views of abstract mappings. */
class MappingView extends DictView {
  override readonly typeName: string;
  readonly #mapping: FrozenDict;

  constructor(kind: 'keys' | 'values' | 'items', mapping: FrozenDict) {
    super(kind, mapping);
    this.typeName = VIEW_NAMES[kind];
    this.#mapping = mapping;
  }

  override repr(): string {
    return `${this.typeName}(${repr(this.#mapping)})`;
  }

  /** Unlike those of plain dicts, a view of items takes anything apart that may be a pair. */
  override contains(value: unknown): boolean | undefined {
    if (this.kind !== 'items') return super.contains(value);
    const [key, wanted] = unpacked(value, 2);
    const found = this.#mapping.get(key);
    return found !== undefined && equals(found, wanted);
  }
}

/** The view that Python makes of a dict. */
export function viewOf(kind: 'keys' | 'values' | 'items', mapping: Dict | JsonRecord): DictView {
  return mapping instanceof FrozenDict ? new MappingView(kind, mapping) : new DictView(kind, mapping);
}

/** Python's `a, b = value`. Throws TypeError, and ValueError for another number of items. */
export function unpacked(value: unknown, size: number): unknown[] {
  const iterator = tryIterate(value);
  if (iterator === undefined) throw typeError(`cannot unpack non-iterable ${typeName(value)} object`);
  const items: unknown[] = [];
  for (let step = iterator.next(); step.done !== true; step = iterator.next()) {
    if (items.length === size) throw valueError(`too many values to unpack (expected ${size})`);
    items.push(step.value);
  }
  if (items.length < size) throw valueError(`not enough values to unpack (expected ${size}, got ${items.length})`);
  return items;
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
