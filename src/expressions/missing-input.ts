/**
 * Evaluation is synchronous and pure, but some of what it reads (datastore keys, results, actions that are made when they are named) lives elsewhere. An evaluator
 * that meets such a value for the first time throws `MissingInput`; the caller fetches it and evaluates again. Reads are recorded
 * nowhere else, so evaluating twice gives the same answer.
 */
export class MissingInput extends Error {
  readonly wanted: Wanted;

  constructor(wanted: Wanted) {
    super(`The value of ${textOf(wanted)} is not loaded.`);
    this.name = 'MissingInput';
    this.wanted = wanted;
  }
}

export type Wanted =
  | { readonly kind: 'key'; readonly scope: 'system' | 'user'; readonly name: string }
  | { readonly kind: 'result'; readonly executionId: string }
  | { readonly kind: 'action'; readonly ref: string };

function textOf(wanted: Wanted): string {
  if (wanted.kind === 'key') return `key ${wanted.scope}:${wanted.name}`;
  return wanted.kind === 'result' ? `result ${wanted.executionId}` : `action ${wanted.ref}`;
}
