/**
 * Evaluation is synchronous and pure, but some of what it reads (datastore keys, results) lives in the database. An evaluator
 * that meets such a value for the first time throws `MissingInput`; the caller fetches it and evaluates again. Reads are recorded
 * nowhere else, so evaluating twice gives the same answer.
 */
export class MissingInput extends Error {
  readonly wanted: Wanted;

  constructor(wanted: Wanted) {
    super(
      `The value of ${wanted.kind === 'key' ? `key ${wanted.scope}:${wanted.name}` : `result ${wanted.executionId}`} is not loaded.`,
    );
    this.name = 'MissingInput';
    this.wanted = wanted;
  }
}

export type Wanted =
  | { readonly kind: 'key'; readonly scope: 'system' | 'user'; readonly name: string }
  | { readonly kind: 'result'; readonly executionId: string };
