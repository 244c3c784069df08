/** What a reader finds at its place. */
export type Next<T> =
  | { readonly kind: 'item'; readonly item: T; readonly sequence: number }
  /** Items from its place on were overwritten, or not gathered (`missed` is null); reading goes on at `sequence`. */
  | { readonly kind: 'lost'; readonly missed: number | null; readonly sequence: number }
  | { readonly kind: 'none' };

/**
 * The newest items, numbered from 1 on, for any number of readers of any speed. Nothing is kept for a reader: one that is too slow
 * finds that items were overwritten, and how many.
 */
export class Ring<T> {
  readonly #items: (T | undefined)[];
  #last = 0;
  #first = 1;
  #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#items = new Array<T | undefined>(size);
  }

  /** The number of the newest item; 0: there was none. */
  get last(): number {
    return this.#last;
  }

  put(item: T): void {
    this.#last += 1;
    this.#items[this.#last % this.#items.length] = item;
    this.wake();
  }

  next(sequence: number): Next<T> {
    if (sequence > this.#last) return { kind: 'none' };
    if (sequence < this.#first) return { kind: 'lost', missed: null, sequence: this.#first };
    const oldest = Math.max(this.#first, this.#last - this.#items.length + 1);
    const item = this.#items[sequence % this.#items.length];
    if (sequence < oldest || item === undefined) return { kind: 'lost', missed: oldest - sequence, sequence: oldest };
    return { kind: 'item', item, sequence };
  }

  /** Resolves when there is something new, or a reader is to look up. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lets all readers look up. */
  wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Forgets the items: what comes next may have something before it that was never put. */
  clear(): void {
    this.#items.fill(undefined);
    this.#last += 1;
    this.#first = this.#last + 1;
  }
}
