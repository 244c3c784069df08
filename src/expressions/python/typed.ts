/**
 * How containers tell their type and their hash without the modules that ask for it importing each class, which would be a
 * circle: containers hash their keys, and keys may be containers.
 */
export const TYPED = Symbol('Python type');

export interface Typed {
  readonly [TYPED]: true;
  /** Python's name of the type. */
  readonly typeName: string;
  /** A text that is equal for equal values; undefined for what cannot be a key. */
  hash(): string | undefined;
}

export function isTyped(value: unknown): value is Typed {
  return typeof value === 'object' && value !== null && TYPED in value;
}
