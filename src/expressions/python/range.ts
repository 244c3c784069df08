import { type Arguments, bind } from './arguments.ts';
import { PythonError, valueError } from './errors.ts';
import { Slice, sliceBounds } from './indexing.ts';
import { asIndex, asInt, isNumber } from './numbers.ts';
import { PythonObject } from './object.ts';
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
    const [first, second, third] = bind('range', given, ['start', 'stop', 'step'], 1).map((value) =>
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
    const index = asIndex(key, `range indices must be integers or slices, not ${typeName(key)}`);
    const position = index < 0 ? index + length : index;
    if (position < 0 || position >= length) throw new PythonError('IndexError', 'range object index out of range');
    return this.start + position * this.step;
  }

  override contains(value: unknown): boolean {
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
    return undefined;
  }
}
