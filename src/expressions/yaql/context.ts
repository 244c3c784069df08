import type { Definition } from './definition.ts';
import type { Run } from './run.ts';

/**
 * What an expression sees: the arguments of a lambda, the names of a `let`, the functions of a `def`, and whatever the context
 * around it has. `$2` in a lambda of one argument is the `$2` around it.
 */
export class Context {
  readonly run: Run;
  readonly parent: Context | undefined;
  /** Whether this context or one around it has functions of its own. */
  hasFunctions: boolean;
  readonly #arguments: readonly unknown[] | undefined;
  #names: Map<string, unknown> | undefined;
  #functions: Map<string, Definition[]> | undefined;

  constructor(run: Run, parent: Context | undefined, given?: readonly unknown[], names?: Map<string, unknown>) {
    this.run = run;
    this.parent = parent;
    this.hasFunctions = parent?.hasFunctions === true;
    this.#arguments = given;
    this.#names = names;
  }

  child(given?: readonly unknown[], names?: Map<string, unknown>): Context {
    return new Context(this.run, this, given, names);
  }

  /** Sets a name for this context and those inside it; the name is without `$`, and `1` for `$`. */
  set(name: string, value: unknown): void {
    this.#names ??= new Map();
    this.#names.set(name, value);
  }

  /** The value of `$1`, `$2` ...; undefined when there is none. */
  argument(index: number): unknown {
    const name = String(index);
    for (let context: Context | undefined = this; context !== undefined; context = context.parent) {
      const list = context.#arguments;
      if (list !== undefined && index <= list.length) return list[index - 1];
      const names = context.#names;
      if (names?.has(name) === true) return names.get(name);
    }
    return undefined;
  }

  /** The value of `$name`; undefined when there is none. */
  named(name: string): unknown {
    for (let context: Context | undefined = this; context !== undefined; context = context.parent) {
      const names = context.#names;
      if (names?.has(name) === true) return names.get(name);
    }
    return undefined;
  }

  /** All names that can be seen from here, for hints. */
  *names(): Generator<string> {
    for (let context: Context | undefined = this; context !== undefined; context = context.parent) {
      if (context.#names !== undefined) yield* context.#names.keys();
    }
  }

  define(definition: Definition): void {
    this.#functions ??= new Map();
    const others = this.#functions.get(definition.name);
    if (others === undefined) this.#functions.set(definition.name, [definition]);
    else others.push(definition);
    this.hasFunctions = true;
  }

  /** Functions of that name which expressions defined, the innermost context's first. */
  defined(name: string): Definition[][] {
    const levels: Definition[][] = [];
    for (let context: Context | undefined = this; context?.hasFunctions === true; context = context.parent) {
      const level = context.#functions?.get(name);
      if (level !== undefined) levels.push(level);
    }
    return levels;
  }

  *definedNames(): Generator<string> {
    for (let context: Context | undefined = this; context?.hasFunctions === true; context = context.parent) {
      if (context.#functions !== undefined) yield* context.#functions.keys();
    }
  }
}
