import type { Answer } from '../loopback.ts';

/** An error as Consul answers it: a status and a line of text. */
export class ConsulError extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;
  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.name = 'ConsulError';
    this.status = status;
    this.headers = headers;
  }
}

export function text(status: number, body: string, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body };
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: `${JSON.stringify(value)}\n` };
}

/** What a read says about how fresh it is. `index` is for the next blocking query. */
export function freshness(index: number): Record<string, string> {
  return { 'x-consul-index': String(index), 'x-consul-knownleader': 'true', 'x-consul-lastcontact': '0' };
}

/** An unsigned number of the query; Consul answers a bad one with its parser's words and status 500. */
export function unsigned(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw new ConsulError(500, `strconv.ParseUint: parsing "${value}": invalid syntax`);
  return Number(value);
}
