import type { Arguments } from '../python/index.ts';
import type { Run } from './run.ts';

/** A filter or a test: gets the value left of it first. */
export type Filter = (run: Run, value: unknown, given: Arguments) => unknown;

/** A filter that stands on its own: of the rendering it needs only where its work is accounted for. */
export type StandaloneFilter = (run: { spend(steps: number): void }, value: unknown, given: Arguments) => unknown;

/** How much one rendering may do. */
export interface Budget {
  /** Evaluated operations, iterated items, and the sizes of values. */
  readonly steps: number;
  /** Nesting of macro calls and recursive loops. */
  readonly depth: number;
}

export interface Environment {
  readonly strict: boolean;
  readonly filters: ReadonlyMap<string, Filter>;
  readonly tests: ReadonlyMap<string, Filter>;
  readonly globals: ReadonlyMap<string, unknown>;
  readonly budget: Budget;
}
