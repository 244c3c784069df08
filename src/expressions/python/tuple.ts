/** Python's tuple. `names` gives some positions a name as well (the pairs of `groupby`). */
export class Tuple {
  readonly items: readonly unknown[];
  readonly names: readonly string[] | undefined;

  constructor(items: readonly unknown[], names?: readonly string[]) {
    this.items = items;
    this.names = names;
  }
}

/** A list or a tuple. Lists are JavaScript arrays. */
export function sequenceItems(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  return value instanceof Tuple ? value.items : undefined;
}
