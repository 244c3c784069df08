import { fromJson, iterate, LIMITS, PythonError, PythonObject, str, typeError, typeName } from '../python/index.ts';
import type { Environment } from './environment.ts';
import { escapeValue, plain } from './markup.ts';
import { Undefined } from './undefined.ts';

/** Names that a template assigned; a body of a loop, macro or block has its own, and sees those around it. */
export class Scope {
  readonly parent: Scope | undefined;
  // Most scopes hold one name, and every turn of a loop makes a scope: the first name needs no Map.
  private name: string | undefined;
  private value: unknown;
  private rest: Map<string, unknown> | undefined;

  constructor(parent: Scope | undefined) {
    this.parent = parent;
  }

  /** Undefined when the name is not assigned here. */
  get(name: string): unknown {
    return name === this.name ? this.value : this.rest?.get(name);
  }

  set(name: string, value: unknown): void {
    if (this.name === undefined || this.name === name) {
      this.name = name;
      this.value = value;
      return;
    }
    this.rest ??= new Map();
    this.rest.set(name, value);
  }
}

/** What a template's variables are taken from. */
export type Variables = { readonly [name: string]: unknown } | ReadonlyMap<string, unknown>;

/** One rendering: its variables, its output so far, and what is left of its budget. */
export class Run {
  /** Text written so far; buffers swap it out and in. */
  out = '';
  /** How many pieces it was written in; for messages. */
  private pieces = 0;
  scope: Scope = new Scope(undefined);
  readonly root: Scope = this.scope;
  /** Where the part being evaluated stands in the template's text; for error messages. */
  position = 0;
  /** While `{% autoescape true %}` is run: what filters and macros ask. */
  escaping = false;
  readonly environment: Environment;
  private readonly variables: Variables;
  /** Set when the template changes lists or dicts in place: it then works on copies. */
  private readonly copies: Map<string, unknown> | undefined;
  private steps: number;
  private depth = 0;

  constructor(environment: Environment, variables: Variables, mutable: boolean) {
    this.environment = environment;
    this.variables = variables;
    this.copies = mutable ? new Map() : undefined;
    this.steps = environment.budget.steps;
  }

  get mutable(): boolean {
    return this.copies !== undefined;
  }

  /** Accounts for work that was or is to be done. Throws `BudgetError` when there was too much of it. */
  spend(steps: number): void {
    this.steps -= steps;
    if (this.steps < 0)
      throw new PythonError('BudgetError', `it takes more than ${this.environment.budget.steps} steps`);
  }

  /** Accounts for the size of a value that an operation made. */
  weigh(value: unknown): unknown {
    if (typeof value === 'string') {
      if (value.length > 64) this.spend(value.length >> 5);
    } else if (Array.isArray(value) && value.length > 8) this.spend(value.length >> 1);
    else if (typeof value === 'bigint') this.spend(512);
    return value;
  }

  enter(): void {
    this.depth += 1;
    if (this.depth > this.environment.budget.depth) {
      throw new PythonError('RecursionError', 'maximum recursion depth exceeded');
    }
  }

  leave(): void {
    this.depth -= 1;
  }

  write(value: unknown, escaping: boolean): void {
    if (escaping) this.append(escapeValue(value).text);
    else this.append(typeof value === 'string' ? value : str(value));
  }

  append(text: string): void {
    this.out += text;
    this.pieces += 1;
    if (this.out.length > LIMITS.text) throw new PythonError('MemoryError', 'the output is too long');
  }

  /** What a filter or call block answers goes into the output as it is, and has to be text. */
  writeText(value: unknown): void {
    const text = plain(value);
    if (typeof text !== 'string') {
      throw typeError(`sequence item ${this.pieces}: expected str instance, ${typeName(value)} found`);
    }
    this.append(text);
  }

  /** What `body` writes, instead of writing it. */
  capture(body: () => void): string {
    const outer = this.out;
    const { pieces } = this;
    this.out = '';
    this.pieces = 0;
    body();
    const captured = this.out;
    this.out = outer;
    this.pieces = pieces;
    this.spend(1 + (captured.length >> 5));
    return captured;
  }

  /** Runs with another scope, and comes back. Not restored on errors: they end the rendering. */
  within<T>(scope: Scope, body: () => T): T {
    const outer = this.scope;
    this.scope = scope;
    const result = body();
    this.scope = outer;
    return result;
  }

  /** A variable that the template itself may have assigned. */
  resolve(name: string): unknown {
    for (let scope: Scope | undefined = this.scope; scope !== undefined; scope = scope.parent) {
      const value = scope.get(name);
      if (value !== undefined) return value;
    }
    return this.variable(name);
  }

  /** A variable from outside, else a global, else undefined. */
  variable(name: string): unknown {
    const value = lookUp(this.variables, name);
    if (value === undefined) return this.environment.globals.get(name) ?? this.undefined({ name });
    if (this.copies === undefined || typeof value !== 'object' || value === null) return value;
    let copy = this.copies.get(name);
    if (copy === undefined) {
      copy = fromJson(value);
      this.copies.set(name, copy);
    }
    return copy;
  }

  undefined(origin: ConstructorParameters<typeof Undefined>[0]): Undefined {
    return new Undefined(origin, this.environment.strict);
  }

  /** Iterates as Python's `for`, each item one step. */
  each(value: unknown): Iterable<unknown> {
    if (!Array.isArray(value)) return this.counted(value);
    this.spend(value.length);
    return value;
  }

  private *counted(value: unknown): Generator<unknown> {
    for (const item of iterate(value)) {
      this.spend(1);
      yield item;
    }
  }

  /** All items, as an array that must not be changed. */
  items(value: unknown): readonly unknown[] {
    if (Array.isArray(value)) {
      this.spend(value.length);
      return value;
    }
    const items: unknown[] = [];
    for (const item of this.each(value)) {
      items.push(item);
      if (items.length > LIMITS.items) throw new PythonError('MemoryError', `more than ${LIMITS.items} items`);
    }
    return items;
  }

  /** A value that a function of the host answered. */
  received(value: unknown): unknown {
    return this.mutable && typeof value === 'object' && value !== null && !(value instanceof PythonObject)
      ? fromJson(value)
      : value;
  }
}

function lookUp(variables: Variables, name: string): unknown {
  if (variables instanceof Map) return variables.get(name);
  // What is no Map is the record.
  const record = variables as { readonly [name: string]: unknown };
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
