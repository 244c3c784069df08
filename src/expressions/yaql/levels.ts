import type { Definition } from './definition.ts';

/** Functions by name, in levels: the first level that has one for the arguments has it. */
export type Levels = readonly (readonly Definition[])[];

/** The functions that every expression can call. Never changes once it is made. */
export class Library {
  readonly #functions = new Map<string, Definition[][]>();
  readonly #methods = new Map<string, Definition[][]>();

  /** Functions of a level go before those of the levels after it. */
  constructor(levels: readonly (readonly Definition[])[]) {
    for (const level of levels) {
      add(
        this.#functions,
        level.filter((definition) => definition.asFunction),
      );
      add(
        this.#methods,
        level.filter((definition) => definition.asMethod),
      );
    }
  }

  /** A trailing `_` of a name does not count, as in the original. */
  functions(name: string): Levels {
    return this.#functions.get(trimmed(name)) ?? NONE;
  }

  methods(name: string): Levels {
    return this.#methods.get(trimmed(name)) ?? NONE;
  }

  /** Names that can be written in expressions. */
  *names(of: 'function' | 'method'): Generator<string> {
    for (const name of (of === 'method' ? this.#methods : this.#functions).keys()) {
      if (!/^[#*]/.test(name)) yield name;
    }
  }
}

const NONE: Levels = [];

function add(to: Map<string, Definition[][]>, level: readonly Definition[]): void {
  const byName = new Map<string, Definition[]>();
  for (const definition of level) {
    const others = byName.get(definition.name);
    if (others === undefined) byName.set(definition.name, [definition]);
    else others.push(definition);
  }
  for (const [name, definitions] of byName) to.set(name, [...(to.get(name) ?? []), definitions]);
}

export function trimmed(name: string): string {
  return name.endsWith('_') ? name.replace(/_+$/, '') : name;
}
