import type { JsonObject } from '../model/index.ts';

/** A call or a run of a task that was to be undone. */
export interface Undone {
  readonly task: string;
  /** Why it could not be. */
  readonly error?: string;
}

/**
 * A rollback as the result of a workflow shows it, whatever its language. `undone`: names in the order they were undone; `failed`: those
 * that could not be, and why; `left`: those nobody tried.
 */
export function rollbackResult(results: readonly Undone[], left: readonly string[] = []): JsonObject {
  return {
    undone: results.filter(({ error }) => error === undefined).map(({ task }) => task),
    failed: results.flatMap(({ task, error }) => (error === undefined ? [] : [{ task, error }])),
    ...(left.length > 0 && { left }),
  };
}
