import { LIMITS, PythonError } from '../python/index.ts';
import type { Library } from './levels.ts';

/** How much one evaluation may do. */
export interface Budget {
  /** Calls, iterated items, and the sizes of what operations make. */
  readonly steps: number;
  /** Nesting of calls of lambdas and defined functions. */
  readonly depth: number;
}

/** What evaluation takes from the outside besides its data. */
export interface Surroundings {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

/** One evaluation: what is left of its budget, and where it is. */
export class Run {
  readonly library: Library;
  readonly surroundings: Surroundings;
  /** What the functions that were added to the library work on; nothing that an expression can reach. */
  readonly host: unknown;
  /** Where the call being evaluated stands in the expression; for error messages. */
  position = 0;
  #steps: number;
  #depth = 0;
  readonly #budget: Budget;

  constructor(library: Library, budget: Budget, surroundings: Surroundings, host: unknown) {
    this.host = host;
    this.library = library;
    this.#budget = budget;
    this.#steps = budget.steps;
    this.surroundings = surroundings;
  }

  /** Accounts for work that was or is to be done. */
  spend(steps: number): void {
    this.#steps -= steps;
    if (this.#steps < 0) throw new PythonError('BudgetError', `it takes more than ${this.#budget.steps} steps`);
  }

  enter(): void {
    this.#depth += 1;
    if (this.#depth > this.#budget.depth) {
      throw new PythonError('RecursionError', 'maximum recursion depth exceeded');
    }
  }

  leave(): void {
    this.#depth -= 1;
  }

  /** Accounts for a text that was made. */
  text(text: string): string {
    if (text.length > 64) this.spend(text.length >> 5);
    if (text.length > LIMITS.text) {
      throw new PythonError('MemoryQuotaExceededException', 'Expression consumed too much memory');
    }
    return text;
  }
}
