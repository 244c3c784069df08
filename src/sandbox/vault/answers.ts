import { randomUUID } from 'node:crypto';
import type { Answer } from '../loopback.ts';

/** An error as Vault answers it: a status and a list of messages. */
export class VaultError extends Error {
  readonly status: number;
  readonly errors: readonly string[];
  constructor(status: number, ...errors: string[]) {
    super(errors.join('; '));
    this.name = 'VaultError';
    this.status = status;
    this.errors = errors;
  }
}

/** Vault's way of saying that there is nothing here: no message at all. */
export const nothingHere = () => new VaultError(404);

export function json(status: number, value: unknown): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: `${JSON.stringify(value)}\n`,
  };
}

export const noContent: Answer = { status: 204, headers: { 'cache-control': 'no-store' } };

/** The fields around every answer's `data`. `beside` are fields that some endpoints repeat outside of it. */
export function envelope(
  data: unknown,
  options: { status?: number; warnings?: string[]; beside?: object; auth?: object } = {},
): Answer {
  return json(options.status ?? 200, {
    ...options.beside,
    request_id: randomUUID(),
    lease_id: '',
    renewable: false,
    lease_duration: 0,
    data,
    wrap_info: null,
    warnings: options.warnings ?? null,
    auth: options.auth ?? null,
  });
}
