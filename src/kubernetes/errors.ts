import { type ErrorCode, messageOf, PetrelError } from '../model/index.ts';

/** The API server's Status object, as far as anything here reads it. */
export interface ApiStatus {
  readonly kind: 'Status';
  readonly code: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly name?: string;
    readonly kind?: string;
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string }[];
  };
}

/**
 * What the API server refused, as the error the SDK documents: `not_found` (404), `conflict` (409), `forbidden` (403),
 * `unauthorized` (401), `invalid` (400, 422), `unavailable` (429, 5xx), else `kubernetes`. `details.status` is the Status
 * object; where the body was none (a proxy's page), one is made from the HTTP status.
 */
export function errorFromAnswer(httpStatus: number, body: unknown, asked: string, retryAfter?: number): PetrelError {
  const status = readStatus(body) ?? {
    kind: 'Status',
    code: httpStatus,
    message: typeof body === 'string' && body.trim() !== '' ? body.trim().slice(0, 500) : `HTTP status ${httpStatus}`,
  };
  const reason = status.message ?? status.reason ?? `HTTP status ${httpStatus}`;
  const wait = retryAfter ?? status.details?.retryAfterSeconds;
  return new PetrelError(
    codeOf(httpStatus),
    `The Kubernetes API server refused ${asked} with ${httpStatus}: ${reason}`,
    { details: { status, httpStatus, ...(wait === undefined ? {} : { retryAfter: wait }) } },
  );
}

/** The request got no answer: refused, reset, timed out, TLS not trusted. */
export function errorWithoutAnswer(server: string, asked: string, cause: unknown): PetrelError {
  return new PetrelError(
    'unavailable',
    `The Kubernetes API server at ${server} did not answer ${asked}: ${causeText(cause)}. Check that it runs and can be reached.`,
    { cause },
  );
}

export function canceled(asked: string): PetrelError {
  return new PetrelError('canceled', `${asked} was canceled before the Kubernetes API server answered.`);
}

/** The Status object inside a body or an error; undefined when there is none. */
export function readStatus(value: unknown): ApiStatus | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const candidate = value as { kind?: unknown; code?: unknown }; // read field by field below
  if (candidate.kind !== 'Status' || typeof candidate.code !== 'number') return undefined;
  return value as ApiStatus; // kind and code were checked; the other fields are optional
}

/** The Status object an error of this room carries. */
export function statusOf(error: unknown): ApiStatus | undefined {
  return error instanceof PetrelError ? readStatus(error.details.status) : undefined;
}

/** The HTTP status an error of this room carries. */
export function httpStatusOf(error: unknown): number | undefined {
  const status = error instanceof PetrelError ? error.details.httpStatus : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** How many milliseconds the server asked to wait. */
export function retryAfterOf(error: unknown): number {
  const seconds = error instanceof PetrelError ? error.details.retryAfter : undefined;
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : 0;
}

/**
 * Whether the server no longer has (or never had) the asked-for resource version, so that only a list helps: 410, or the
 * 504 by which an API server says that the version lies in its future (a cluster that was restored or replaced).
 */
export function isExpired(error: unknown): boolean {
  const status = statusOf(error);
  return httpStatusOf(error) === 410 || (status !== undefined && isExpiredStatus(status));
}

export function isExpiredStatus(status: ApiStatus): boolean {
  if (status.code === 410 || status.reason === 'Expired' || status.reason === 'Gone') return true;
  return status.details?.causes?.some((cause) => cause.reason === 'ResourceVersionTooLarge') === true;
}

/** Whether an error says that a thing, or its kind, does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof PetrelError && error.code === 'not_found';
}

function codeOf(httpStatus: number): ErrorCode {
  if (httpStatus === 404) return 'not_found';
  if (httpStatus === 409) return 'conflict';
  if (httpStatus === 403) return 'forbidden';
  if (httpStatus === 401) return 'unauthorized';
  if (httpStatus === 400 || httpStatus === 422) return 'invalid';
  if (httpStatus === 429 || httpStatus >= 500) return 'unavailable';
  return 'kubernetes';
}

function causeText(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const text = messageOf(cause);
  return typeof code === 'string' && !text.includes(code) ? `${text} (${code})` : text;
}
