import { bind } from './arguments.ts';
import { type Dict, dictEntries, dictGet, dictKeys, dictSize, type JsonRecord } from './dict.ts';
import { equals } from './equality.ts';
import { typeError } from './errors.ts';
import { contains, iterate, length, toList } from './iteration.ts';
import { PythonFunction, PythonObject } from './object.ts';
import { PySet } from './set.ts';
import { repr } from './text.ts';
import { Tuple } from './tuple.ts';

/** What `keys()`, `values()` and `items()` of a dict answer: shows the dict as it is at the time of reading. */
export class DictView extends PythonObject {
  readonly typeName: string;
  readonly kind: 'keys' | 'values' | 'items';
  private readonly dict: Dict | JsonRecord;

  constructor(kind: 'keys' | 'values' | 'items', dict: Dict | JsonRecord) {
    super();
    this.kind = kind;
    this.typeName = `dict_${kind}`;
    this.dict = dict;
  }

  override repr(): string {
    return `${this.typeName}(${repr(toList(this))})`;
  }

  override length(): number {
    return dictSize(this.dict);
  }

  override iterate(): Iterator<unknown> {
    if (this.kind === 'keys') return dictKeys(this.dict)[Symbol.iterator]();
    return pairs(this.dict, this.kind === 'items');
  }

  override contains(value: unknown): boolean | undefined {
    if (this.kind === 'keys') return dictGet(this.dict, value) !== undefined;
    if (this.kind === 'values') return undefined;
    if (!(value instanceof Tuple) || value.items.length !== 2) return false;
    const found = dictGet(this.dict, value.items[0]);
    return found !== undefined && equals(found, value.items[1]);
  }

  /** Views of keys and items are sets, which have no hash; those of values are things like any other. */
  override hash(): string | undefined {
    if (this.kind === 'values') return undefined;
    throw typeError(`unhashable type: '${this.typeName}'`);
  }

  /** Views of keys and items compare as sets do. */
  override equals(other: unknown): boolean {
    if (this === other) return true;
    if (this.kind === 'values' || !isSetLike(other)) return false;
    return length(this) === length(other) && includesAll(other, this);
  }

  /** By inclusion: -1 when all of this is in the other and not the other way round, NaN when neither holds the other. */
  override compare(other: unknown): number | undefined {
    if (this.kind === 'values' || !isSetLike(other)) return undefined;
    const below = includesAll(other, this);
    const above = includesAll(this, other);
    if (below && above) return 0;
    return below ? -1 : above ? 1 : Number.NaN;
  }

  override attribute(name: string): unknown {
    if (name !== 'isdisjoint' || this.kind === 'values') return undefined;
    return new PythonFunction(name, (given) => {
      const [other] = bind(name, given, ['other'], 1);
      return !toList(other).some((value) => contains(this, value));
    });
  }
}

/** Whether a value is a view that Python treats as a set: keys or items of a dict. */
export function isSetView(value: unknown): value is DictView {
  return value instanceof DictView && value.kind !== 'values';
}

function isSetLike(value: unknown): boolean {
  return value instanceof PySet || isSetView(value);
}

function includesAll(container: unknown, part: unknown): boolean {
  return toList(part).every((value) => contains(container, value));
}

function* pairs(dict: Dict | JsonRecord, withKeys: boolean): Generator<unknown> {
  for (const [key, value] of dictEntries(dict)) yield withKeys ? new Tuple([key, value]) : value;
}

/** Python's iterators and generators: read once. `name` is what they are printed as. */
export class PythonIterator extends PythonObject {
  readonly typeName: string;
  private readonly iterator: Iterator<unknown>;
  private readonly shown: string;

  constructor(iterator: Iterator<unknown>, typeName = 'generator', shown = `<${typeName} object>`) {
    super();
    this.iterator = iterator;
    this.typeName = typeName;
    this.shown = shown;
  }

  override repr(): string {
    return this.shown;
  }

  override iterate(): Iterator<unknown> {
    return this.iterator;
  }
}

/** The union of things that can be iterated, as a set (`set.union(list)`). */
export function asSet(values: unknown): PySet {
  return values instanceof PySet ? values : new PySet(iterate(values));
}
