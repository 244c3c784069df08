import type { Arguments } from './arguments.ts';
import { PythonError, typeError, valueError } from './errors.ts';
import { Slice, sliceBounds } from './indexing.ts';
import { asIndex, asInt, intRepr, isNumber } from './numbers.ts';
import { PythonFunction, PythonObject } from './object.ts';
import { typeName } from './types.ts';

/** Python's `range`: computes its members, holds none. */
export class Range extends PythonObject {
  readonly typeName = 'range';
  readonly start: number;
  readonly stop: number;
  readonly step: number;

  constructor(start: number, stop: number, step: number) {
    super();
    if (step === 0) throw valueError('range() arg 3 must not be zero');
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  /** From the arguments of a call. */
  static of(given: Arguments): Range {
    const { length } = given.positional;
    if (length === 0) throw typeError('range expected at least 1 argument, got 0');
    if (length > 3) throw typeError(`range expected at most 3 arguments, got ${length}`);
    const [first, second, third] = given.positional.map((value) =>
      asIndex(value, `'${typeName(value)}' object cannot be interpreted as an integer`),
    );
    return second === undefined ? new Range(0, first ?? 0, 1) : new Range(first ?? 0, second, third ?? 1);
  }

  override repr(): string {
    return `range(${this.start}, ${this.stop}${this.step === 1 ? '' : `, ${this.step}`})`;
  }

  override length(): number {
    return Math.max(0, Math.ceil((this.stop - this.start) / this.step));
  }

  override *iterate(): Generator<number> {
    const count = this.length();
    for (let index = 0; index < count; index += 1) yield this.start + index * this.step;
  }

  override item(key: unknown): unknown {
    const length = this.length();
    if (key instanceof Slice) {
      const [start, stop, step] = sliceBounds(key, length);
      return new Range(this.start + start * this.step, this.start + stop * this.step, this.step * step);
    }
    if (typeof key === 'bigint') throw new PythonError('IndexError', 'range object index out of range');
    const index = asIndex(key, `range indices must be integers or slices, not ${typeName(key)}`);
    const position = index < 0 ? index + length : index;
    if (position < 0 || position >= length) throw new PythonError('IndexError', 'range object index out of range');
    return this.start + position * this.step;
  }

  override contains(value: unknown): boolean | undefined {
    // Other objects say themselves what they are equal to.
    if (value instanceof PythonObject) return undefined;
    if (!isNumber(value) && typeof value !== 'boolean') return false;
    const int = typeof value === 'object' ? value.value : asInt(value);
    if (typeof int !== 'number' || !Number.isInteger(int)) return false;
    const offset = (int - this.start) / this.step;
    return Number.isInteger(offset) && offset >= 0 && offset < this.length();
  }

  override equals(other: unknown): boolean {
    if (!(other instanceof Range)) return false;
    const length = this.length();
    if (length !== other.length()) return false;
    return length === 0 || (this.start === other.start && (length === 1 || this.step === other.step));
  }

  override hash(): string {
    return `${this.length()}:${this.start}:${this.step}`;
  }

  override attribute(name: string): unknown {
    if (name === 'start' || name === 'stop' || name === 'step') return this[name];
    if (name === 'count')
      return new PythonFunction(name, (given) => (this.contains(one(name, given)) === true ? 1 : 0));
    if (name !== 'index') return undefined;
    return new PythonFunction(name, (given) => {
      const value = one(name, given);
      if (this.contains(value) === true) return (Number(value) - this.start) / this.step;
      if (asInt(value) === undefined) throw valueError('sequence.index(x): x not in sequence');
      throw valueError(`${intRepr(asInt(value) ?? 0)} is not in range`);
    });
  }
}

function one(name: string, given: Arguments): unknown {
  const count = given.positional.length;
  if (count !== 1) throw typeError(`range.${name}() takes exactly one argument (${count} given)`);
  return given.positional[0];
}
