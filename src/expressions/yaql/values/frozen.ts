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
  /** Keys that begin with this are not there. */
  readonly #hidden: string | undefined;
  readonly #converted = new Map<unknown, unknown>();

  constructor(source: Dict | JsonRecord, hidden?: string) {
    super();
    this.#source = source;
    this.#hidden = hidden;
  }

  #hides(key: unknown): boolean {
    return this.#hidden !== undefined && typeof key === 'string' && key.startsWith(this.#hidden);
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
    if (this.#hidden === undefined) return dictSize(this.#source);
    let count = 0;
    for (const _ of this.keys()) count += 1;
    return count;
  }

  override get(key: unknown): unknown {
    const value = dictGet(this.#source, key);
    return value === undefined || this.#hides(key) ? undefined : this.#member(hashKey(key), value);
  }

  override has(key: unknown): boolean {
    return dictGet(this.#source, key) !== undefined && !this.#hides(key);
  }

  override *keys(): Generator<unknown> {
    for (const key of dictKeys(this.#source)) if (!this.#hides(key)) yield key;
  }

  override *values(): Generator<unknown> {
    for (const [, value] of this.entries()) yield value;
  }

  override *entries(): Generator<[unknown, unknown]> {
    for (const [key, value] of dictEntries(this.#source)) {
      if (!this.#hides(key)) yield [key, this.#member(hashKey(key), value)];
    }
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
