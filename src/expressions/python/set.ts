import { type HashKey, hashKey } from './hash.ts';
import { TYPED, type Typed } from './typed.ts';

/** Python's set. Kept in insertion order: Python's own order is arbitrary. */
export class PySet implements Typed {
  /** `set`, or `frozenset` for one that can be a key itself. */
  readonly typeName: string = 'set';
  private readonly members = new Map<HashKey, unknown>();

  constructor(values: Iterable<unknown> = []) {
    for (const value of values) this.add(value);
  }

  get [TYPED](): true {
    return true;
  }

  get size(): number {
    return this.members.size;
  }

  add(value: unknown): void {
    const hash = hashKey(value);
    if (!this.members.has(hash)) this.members.set(hash, value);
  }

  has(value: unknown): boolean {
    return this.members.has(hashKey(value));
  }

  delete(value: unknown): boolean {
    return this.members.delete(hashKey(value));
  }

  clear(): void {
    this.members.clear();
  }

  /** A text that is equal for equal sets, where the set can be a key itself. A plain set cannot. */
  hash(): string | undefined {
    return undefined;
  }

  values(): IterableIterator<unknown> {
    return this.members.values();
  }

  [Symbol.iterator](): IterableIterator<unknown> {
    return this.members.values();
  }
}
