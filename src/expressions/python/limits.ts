import { PythonError } from './errors.ts';

/**
 * Bounds of a single operation, so that no one expression can exhaust memory or the stack. They are far above what content needs.
 * How many operations an evaluation may make is the evaluating language's own budget.
 */
export const LIMITS = {
  /** UTF-16 units of one text. */
  text: 10_000_000,
  /** Elements of one list made by repetition, range or conversion. */
  items: 1_000_000,
  /** Bits of one integer. */
  bits: 131_072,
  /** Values visited by one deep operation (printing, comparing, copying). */
  nodes: 2_000_000,
  /** Nesting followed by one deep operation. */
  depth: 400,
} as const;

export function checkText(length: number): void {
  if (length > LIMITS.text) throw new PythonError('MemoryError', `a text of more than ${LIMITS.text} characters`);
}

export function checkItems(count: number): void {
  if (count > LIMITS.items) throw new PythonError('MemoryError', `a list of more than ${LIMITS.items} items`);
}

/** How many values the deep operations of one evaluation may still visit, all together. */
export interface Allowance {
  nodes: number;
}

let current: Allowance | undefined;

/**
 * Runs an evaluation under an allowance. Printing, comparing and sorting are called from everywhere and each is bounded by itself;
 * this bounds a hundred thousand of them. Evaluation is synchronous, so one allowance is in force at a time.
 */
export function underAllowance<T>(allowance: Allowance, evaluate: () => T): T {
  const outer = current;
  current = allowance;
  try {
    return evaluate();
  } finally {
    current = outer;
  }
}

/**
 * Takes work that is not the evaluating language's own off the allowance in force, if there is one. Throws PythonError
 * `BudgetError` when nothing is left.
 */
export function chargeAllowance(nodes: number): void {
  if (current === undefined) return;
  current.nodes -= nodes;
  if (current.nodes < 0) throw new PythonError('BudgetError', 'it searches, prints or compares too much');
}

/** Counts what one deep operation visits. Data that shares parts (`[a, a]`, doubled again and again) is small but prints large. */
export class Visit {
  private nodes = 0;
  private depth = 0;

  enter(): void {
    this.nodes += 1;
    this.depth += 1;
    if (this.depth > LIMITS.depth) throw new PythonError('RecursionError', 'maximum recursion depth exceeded');
    if (this.nodes > LIMITS.nodes) throw new PythonError('MemoryError', `more than ${LIMITS.nodes} values`);
    if (current !== undefined) chargeAllowance(1);
  }

  leave(): void {
    this.depth -= 1;
  }
}
