import {
  type Arguments,
  bind,
  equals,
  isIterable,
  PythonFunction,
  PythonObject,
  Tuple,
  tryLength,
  typeError,
} from '../python/index.ts';
import type { Run } from './run.ts';

/** Renders the body of a recursive loop over other items. */
export type Recurse = (items: unknown, depth: number) => unknown;

/** The `loop` variable. */
export class LoopContext extends PythonObject {
  readonly typeName = 'LoopContext';
  index0 = -1;
  private readonly run: Run;
  private readonly depth0: number;
  private readonly recurse: Recurse | undefined;
  private iterator: Iterator<unknown>;
  private known: number | undefined;
  private ahead: { value: unknown } | undefined;
  private current: unknown;
  private before: unknown;
  private lastChanged: Tuple | undefined;

  constructor(run: Run, items: unknown, depth0: number, recurse: Recurse | undefined) {
    super();
    this.run = run;
    this.depth0 = depth0;
    this.recurse = recurse;
    this.iterator = run.each(items)[Symbol.iterator]();
    this.known = isIterable(items) ? tryLength(items) : undefined;
  }

  /** Steps to the next item; undefined at the end. */
  step(): { readonly value: unknown } | undefined {
    const next = this.peek();
    if (next === undefined) return undefined;
    this.ahead = undefined;
    this.index0 += 1;
    this.before = this.current;
    this.current = next.value;
    return next;
  }

  private peek(): { value: unknown } | undefined {
    if (this.ahead !== undefined) return this.ahead;
    const step = this.iterator.next();
    this.ahead = step.done === true ? undefined : { value: step.value };
    return this.ahead;
  }

  override length(): number {
    if (this.known === undefined) {
      const rest: unknown[] = [];
      for (let step = this.iterator.next(); step.done !== true; step = this.iterator.next()) rest.push(step.value);
      this.iterator = rest[Symbol.iterator]();
      this.known = rest.length + this.index0 + 1 + (this.ahead === undefined ? 0 : 1);
    }
    return this.known;
  }

  /** Going through the loop from inside takes its items away, each with the loop itself. */
  override *iterate(): Generator<unknown> {
    for (let next = this.step(); next !== undefined; next = this.step()) yield new Tuple([next.value, this]);
  }

  override truth(): boolean {
    return this.length() > 0;
  }

  override repr(): string {
    return `<LoopContext ${this.index0 + 1}/${this.length()}>`;
  }

  override call(given: Arguments): unknown {
    if (given.positional.length === 0 && given.keywords === undefined) {
      throw typeError("LoopContext.__call__() missing 1 required positional argument: 'iterable'");
    }
    const [items] = bind('LoopContext.__call__', given, ['iterable'], 1);
    if (this.recurse === undefined) {
      throw typeError("The loop must have the 'recursive' marker to be called recursively.");
    }
    return this.recurse(items, this.depth0 + 1);
  }

  override attribute(name: string): unknown {
    switch (name) {
      case 'index':
        return this.index0 + 1;
      case 'index0':
        return this.index0;
      case 'revindex':
        return this.length() - this.index0;
      case 'revindex0':
        return this.length() - this.index0 - 1;
      case 'first':
        return this.index0 === 0;
      case 'last':
        return this.peek() === undefined;
      case 'length':
        return this.length();
      case 'depth':
        return this.depth0 + 1;
      case 'depth0':
        return this.depth0;
      case 'previtem':
        return this.index0 === 0 ? this.run.undefined({ hint: 'there is no previous item' }) : this.before;
      case 'nextitem':
        return this.peek()?.value ?? this.nothingAhead();
      case 'cycle':
        return new PythonFunction('cycle', (given) => {
          if (given.positional.length === 0) throw typeError('no items for cycling given');
          return given.positional[this.index0 % given.positional.length];
        });
      case 'changed':
        return new PythonFunction('changed', (given) => {
          const value = new Tuple(given.positional);
          if (this.lastChanged !== undefined && equals(this.lastChanged, value)) return false;
          this.lastChanged = value;
          return true;
        });
      default:
        return undefined;
    }
  }

  private nothingAhead(): unknown {
    const next = this.peek();
    return next === undefined ? this.run.undefined({ hint: 'there is no next item' }) : next.value;
  }
}
