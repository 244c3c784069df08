/**
 * The one error class for failures a user can act on. Programming errors stay plain `Error`s;
 * a failed action is not an error at all but a value (an execution with status `failed`).
 */
export class PetrelError extends Error {
  readonly code: ErrorCode;
  /** Extra machine-readable facts, shown with `--json` and in API answers. */
  readonly details: Readonly<Record<string, unknown>>;

  /** `message` is a full sentence that names the thing, the place and the next step. */
  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: Record<string, unknown> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PetrelError';
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** Stable codes; the API maps them to HTTP statuses, the CLI to exit codes. */
export type ErrorCode =
  | 'invalid' // the caller's input is wrong: 400
  | 'unauthorized' // 401
  | 'forbidden' // 403
  | 'not_found' // 404
  | 'conflict' // 409
  | 'rate_limited' // too many attempts; `details.retryAfter` says after how many seconds to try again: 429
  | 'locked' // another process holds the data directory
  | 'expression' // a template or criterion could not be evaluated
  | 'unavailable' // a service Petrel needs did not answer
  | 'kubernetes' // the Kubernetes API answered with an error
  | 'timeout'
  | 'canceled'
  | 'internal';

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
