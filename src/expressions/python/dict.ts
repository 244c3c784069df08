import { typeError } from './errors.ts';
import { type HashKey, hashKey } from './hash.ts';
import { TYPED, type Typed } from './typed.ts';

/**
 * Python's dict: any hashable keys, insertion order. JavaScript's objects put keys that look like integers first, so every dict
 * made by an expression is one of these. Plain objects that come from outside are read as dicts as they are (`isRecord`): whoever
 * needs the order of such keys reads the text with `parseJsonKeepingFloats`.
 */
export class Dict implements Typed {
  private readonly values_ = new Map<HashKey, unknown>();
  /** Only the keys that are not their own hash: 1.0, True, tuples. */
  private originals: Map<HashKey, unknown> | undefined;

  constructor(entries: Iterable<readonly [unknown, unknown]> = []) {
    for (const [key, value] of entries) this.set(key, value);
  }

  get [TYPED](): true {
    return true;
  }

  get typeName(): string {
    return 'dict';
  }

  get size(): number {
    return this.values_.size;
  }

  get(key: unknown): unknown {
    return this.values_.get(typeof key === 'string' && key.charCodeAt(0) !== 0 ? key : hashKey(key));
  }

  has(key: unknown): boolean {
    return this.values_.has(hashKey(key));
  }

  /** An equal key that is there already stays, as in Python: `{1: 'a', True: 'b'}` is `{1: 'b'}`. */
  set(key: unknown, value: unknown): void {
    const hash = hashKey(key);
    if (hash !== key && !this.values_.has(hash)) {
      this.originals ??= new Map();
      this.originals.set(hash, key);
    }
    this.values_.set(hash, value);
  }

  delete(key: unknown): boolean {
    const hash = hashKey(key);
    this.originals?.delete(hash);
    return this.values_.delete(hash);
  }

  clear(): void {
    this.values_.clear();
    this.originals = undefined;
  }

  /** A text that is equal for equal dicts, where the dict can be a key itself. A plain dict cannot. */
  hash(): string | undefined {
    return undefined;
  }

  *keys(): Generator<unknown> {
    for (const hash of this.values_.keys()) yield this.originals?.has(hash) === true ? this.originals.get(hash) : hash;
  }

  values(): IterableIterator<unknown> {
    return this.values_.values();
  }

  *entries(): Generator<[unknown, unknown]> {
    for (const [hash, value] of this.values_) {
      yield [this.originals?.has(hash) === true ? this.originals.get(hash) : hash, value];
    }
  }
}

/** A plain object from outside, read as a dict with text keys. */
export type JsonRecord = { readonly [key: string]: unknown };

export function isRecord(value: unknown): value is JsonRecord {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function isDict(value: unknown): value is Dict | JsonRecord {
  return value instanceof Dict || isRecord(value);
}

/** The value of a key, undefined when there is none. Only own keys of data: `constructor` and `__proto__` are keys like any other. */
export function dictGet(dict: Dict | JsonRecord, key: unknown): unknown {
  if (dict instanceof Dict) return dict.get(key);
  if (typeof key !== 'string') {
    hashKey(key);
    return undefined;
  }
  return Object.hasOwn(dict, key) ? dict[key] : undefined;
}

export function dictSize(dict: Dict | JsonRecord): number {
  if (dict instanceof Dict) return dict.size;
  let size = 0;
  for (const key in dict) if (Object.hasOwn(dict, key) && dict[key] !== undefined) size += 1;
  return size;
}

export function dictEntries(dict: Dict | JsonRecord): Iterable<readonly [unknown, unknown]> {
  return dict instanceof Dict ? dict.entries() : recordEntries(dict);
}

export function dictKeys(dict: Dict | JsonRecord): Iterable<unknown> {
  if (dict instanceof Dict) return dict.keys();
  return Object.keys(dict).filter((key) => dict[key] !== undefined);
}

/** A member that is undefined is as good as absent: JSON has no such value. */
function* recordEntries(record: JsonRecord): Generator<readonly [string, unknown]> {
  for (const key of Object.keys(record)) {
    const value = record[key];
    if (value !== undefined) yield [key, value];
  }
}

/** A dict that an expression may change. Plain objects from outside never are. */
export function mutableDict(value: unknown): Dict {
  if (value instanceof Dict) return value;
  throw typeError('data that was passed in cannot be changed in place');
}
