import { Dict } from './dict.ts';

/** Some values of a `LateDict` are such: read when somebody looks at them. */
export class Late<Source> {
  readonly read: (source: Source) => unknown;

  constructor(read: (source: Source) => unknown) {
    this.read = read;
  }
}

/** The value itself, read now when it is late. */
export function onTime<Source>(value: unknown, source: Source): unknown {
  // Whoever makes late values hands them only to those who have their source.
  return value instanceof Late ? (value as Late<Source>).read(source) : value;
}

/** A dict that reads its late values one by one, as they are looked at. */
export class LateDict<Source> extends Dict {
  readonly #source: Source;

  constructor(entries: Iterable<readonly [unknown, unknown]>, source: Source) {
    super(entries);
    this.#source = source;
  }

  override get(key: unknown): unknown {
    return onTime(super.get(key), this.#source);
  }

  override *values(): Generator<unknown> {
    for (const value of super.values()) yield onTime(value, this.#source);
  }

  override *entries(): Generator<[unknown, unknown]> {
    for (const [key, value] of super.entries()) yield [key, onTime(value, this.#source)];
  }

  /** A copy without some of the keys, whose values are still late. */
  without(isLeftOut: (key: unknown) => boolean): LateDict<Source> {
    const kept = [...super.entries()].filter(([key]) => !isLeftOut(key));
    return new LateDict(kept, this.#source);
  }
}
