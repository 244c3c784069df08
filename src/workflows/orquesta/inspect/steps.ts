import { compareText } from './entry.ts';
import type { Spec, TaskSpec } from './spec.ts';

/** Engine commands: they may be targets, and no task may have their names. */
const COMMANDS: ReadonlySet<unknown> = new Set(['continue', 'noop', 'fail', 'retry']);

export function isCommand(name: unknown): boolean {
  return COMMANDS.has(name);
}

/**
 * What leads where in a definition that may be wrong: unlike in the graph that is conducted, targets need not be tasks, and tasks
 * need not be reachable. A task with the name of a command is nothing but the command here, as in Orquesta.
 */
export class Steps {
  readonly starts: readonly string[];
  readonly #tasks: Spec['tasks'];
  readonly #targets = new Map<string, readonly unknown[]>();
  /** How many transitions lead to a name. */
  readonly #arrivals = new Map<unknown, number>();
  readonly #cyclic = new Map<unknown, boolean>();

  constructor({ tasks }: Spec) {
    this.#tasks = tasks;
    for (const name of tasks.keys()) {
      const targets = (this.task(name)?.next ?? []).flatMap((transition) => transition.targets);
      this.#targets.set(name, targets);
      for (const target of targets) this.#arrivals.set(target, (this.#arrivals.get(target) ?? 0) + 1);
    }
    this.starts = [...tasks.keys()].filter((name) => !this.#arrivals.has(name)).sort();
  }

  /** Undefined for commands and names that are not defined. */
  task(name: unknown): TaskSpec | undefined {
    return typeof name === 'string' && !isCommand(name) ? this.#tasks.get(name) : undefined;
  }

  isDefined(name: unknown): boolean {
    return isCommand(name) || this.isListed(name);
  }

  /** Whether it stands under `tasks`. */
  isListed(name: unknown): name is string {
    return typeof name === 'string' && this.#tasks.has(name);
  }

  /** All targets of a task's transitions, a target of several as often. */
  targetsOf(name: unknown): readonly unknown[] {
    return typeof name === 'string' ? (this.#targets.get(name) ?? []) : [];
  }

  /** Each target once, in the order in which Orquesta walks. */
  targetsByName(name: unknown): readonly unknown[] {
    return [...new Set(this.targetsOf(name))].sort((left, right) => compareText(String(left), String(right)));
  }

  isJoin(name: unknown): boolean {
    return (this.task(name)?.join ?? null) !== null;
  }

  isSplit(name: unknown): boolean {
    return !this.isJoin(name) && (this.#arrivals.get(name) ?? 0) > 1;
  }

  isInCycle(name: unknown): boolean {
    const known = this.#cyclic.get(name);
    if (known !== undefined) return known;
    const found = this.#reachesItself(name);
    this.#cyclic.set(name, found);
    return found;
  }

  #reachesItself(name: unknown): boolean {
    const seen = new Set<unknown>();
    const waiting = [...this.targetsOf(name)];
    while (waiting.length > 0) {
      const next = waiting.pop();
      if (next === name) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      waiting.push(...this.targetsOf(next));
    }
    return false;
  }
}
