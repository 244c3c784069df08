/**
 * What Python would have raised. `kind` is the name of Python's exception class and `message` Python's text; the language that
 * evaluates (Jinja, YAQL) turns it into the error its user sees. Never leaves src/expressions as it is.
 */
export class PythonError extends Error {
  readonly kind: string;
  /** What may help further, as a sentence: a known name that is close. */
  readonly hint: string | undefined;

  constructor(kind: string, message: string, hint?: string) {
    super(message);
    this.name = 'PythonError';
    this.kind = kind;
    this.hint = hint;
  }
}

export function typeError(message: string): PythonError {
  return new PythonError('TypeError', message);
}

export function valueError(message: string): PythonError {
  return new PythonError('ValueError', message);
}
