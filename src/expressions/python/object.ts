import type { Arguments } from './arguments.ts';
import { typeError } from './errors.ts';

/**
 * Any value that is not plain data: iterators, views, undefined values, date-times, functions. Each says itself how Python's
 * operations treat it; what it does not define fails as Python does. Nothing else of an object can be reached from an expression.
 */
export abstract class PythonObject {
  /** Name of Python's type, as error messages print it. */
  abstract readonly typeName: string;

  str(): string {
    return this.repr();
  }

  repr(): string {
    return `<${this.typeName} object>`;
  }

  truth(): boolean {
    const length = this.length();
    return length === undefined || length > 0;
  }

  /** Undefined when the type has no length. */
  length(): number | undefined {
    return undefined;
  }

  /** Undefined when the type cannot be iterated. */
  iterate(): Iterator<unknown> | undefined {
    return undefined;
  }

  /** Undefined when there is no such attribute. */
  attribute(_name: string): unknown {
    return undefined;
  }

  item(_key: unknown): unknown {
    throw typeError(`'${this.typeName}' object is not subscriptable`);
  }

  /** Undefined: fall back to iterating. */
  contains(_value: unknown): boolean | undefined {
    return undefined;
  }

  equals(other: unknown): boolean {
    return this === other;
  }

  /** The int or float that `int(value)` and `float(value)` read; undefined when the type is no number. */
  number(): unknown {
    return undefined;
  }

  /** Negative, zero, positive; undefined when the two have no order. */
  compare(_other: unknown): number | undefined {
    return undefined;
  }

  /** A text that is equal for equal values of this type; undefined: hashed by identity. Throws when unhashable. */
  hash(): string | undefined {
    return undefined;
  }

  call(_arguments: Arguments): unknown {
    throw typeError(`'${this.typeName}' object is not callable`);
  }
}

/** A function an expression can call. */
export class PythonFunction extends PythonObject {
  readonly typeName: string = 'function';
  readonly name: string;
  private readonly body: (given: Arguments) => unknown;

  constructor(name: string, body: (given: Arguments) => unknown) {
    super();
    this.name = name;
    this.body = body;
  }

  override repr(): string {
    // Python prints where it lies in memory; here it lies nowhere.
    return `<function ${this.name} at 0x7f0000000000>`;
  }

  override call(given: Arguments): unknown {
    return this.body(given);
  }
}
