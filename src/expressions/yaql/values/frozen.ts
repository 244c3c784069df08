import {
  Dict,
  dictEntries,
  dictGet,
  dictKeys,
  dictSize,
  Float,
  hashKey,
  hashParts,
  isDict,
  type JsonRecord,
  PySet,
  PythonObject,
  Tuple,
} from '../../python/index.ts';

/**
 * YAQL works on data that cannot change: what comes in is turned into tuples, and into dicts and sets that can themselves be
 * members of sets. (Some functions do answer plain lists and dicts: arrays and `Dict` here.)
 */
export class FrozenDict extends Dict {
  override get typeName(): string {
    return 'FrozenDict';
  }

  override hash(): string {
    const parts: string[] = [];
    for (const [key, value] of this.entries()) parts.push(hashParts([key, value]));
    return `\0d${hashParts(parts.sort())}`;
  }
}

export class FrozenSet extends PySet {
  override readonly typeName = 'frozenset';

  override hash(): string {
    const parts: string[] = [];
    for (const value of this) parts.push(hashParts([value]));
    return `\0f${hashParts(parts.sort())}`;
  }
}

/** A dict from outside, read as it is: only the members that are looked at are ever converted. */
export class DataDict extends FrozenDict {
  readonly #source: Dict | JsonRecord;
  readonly #converted = new Map<unknown, unknown>();

  constructor(source: Dict | JsonRecord) {
    super();
    this.#source = source;
  }

  #member(key: unknown, value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return fromData(value);
    const known = this.#converted.get(key);
    if (known !== undefined) return known;
    const converted = fromData(value);
    this.#converted.set(key, converted);
    return converted;
  }

  override get size(): number {
    return dictSize(this.#source);
  }

  override get(key: unknown): unknown {
    const value = dictGet(this.#source, key);
    return value === undefined ? undefined : this.#member(hashKey(key), value);
  }

  override has(key: unknown): boolean {
    return dictGet(this.#source, key) !== undefined;
  }

  override *keys(): Generator<unknown> {
    yield* dictKeys(this.#source);
  }

  override *values(): Generator<unknown> {
    for (const [, value] of this.entries()) yield value;
  }

  override *entries(): Generator<[unknown, unknown]> {
    for (const [key, value] of dictEntries(this.#source)) yield [key, this.#member(hashKey(key), value)];
  }
}

/**
 * Data seen through a plain dict, without the keys that begin with a prefix. Its members are frozen, it is not: it cannot be a
 * member of a set.
 */
export class PartialDict extends Dict {
  readonly #data: DataDict;
  readonly #hidden: string;

  constructor(source: Dict | JsonRecord, hidden: string) {
    super();
    this.#data = new DataDict(source);
    this.#hidden = hidden;
  }

  #hides(key: unknown): boolean {
    return typeof key === 'string' && key.startsWith(this.#hidden);
  }

  override get size(): number {
    let count = 0;
    for (const _ of this.keys()) count += 1;
    return count;
  }

  override get(key: unknown): unknown {
    return this.#hides(key) ? undefined : this.#data.get(key);
  }

  override has(key: unknown): boolean {
    return !this.#hides(key) && this.#data.has(key);
  }

  override *keys(): Generator<unknown> {
    for (const key of this.#data.keys()) if (!this.#hides(key)) yield key;
  }

  override *values(): Generator<unknown> {
    for (const [, value] of this.entries()) yield value;
  }

  override *entries(): Generator<[unknown, unknown]> {
    for (const entry of this.#data.entries()) if (!this.#hides(entry[0])) yield entry;
  }
}

/** A value from outside as expressions see it: lists become tuples. What is no data (functions, class instances) becomes null. */
export function fromData(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
      return value;
    case 'object':
      break;
    default:
      return null;
  }
  if (value === null || value instanceof Float) return value;
  if (Array.isArray(value)) return new Tuple(value.map(fromData));
  if (value instanceof FrozenDict || value instanceof FrozenSet) return value;
  if (value instanceof Tuple) return new Tuple(value.items.map(fromData));
  if (value instanceof PySet) return new FrozenSet([...value].map(fromData));
  if (isDict(value)) return new DataDict(value);
  return value instanceof PythonObject ? value : null;
}
