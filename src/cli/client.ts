import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorCode, type Json, PetrelError } from '../model/index.ts';

/** Where the server is and who we are. */
export interface Connection {
  /** Base address without a trailing slash. */
  readonly url: string;
  readonly token: string;
}

export interface ConnectionOptions {
  readonly url?: string;
  readonly token?: string;
  readonly data: string;
}

/**
 * Options win over PETREL_URL and PETREL_TOKEN, and those over what a server on this machine left in the data directory.
 * Throws `PetrelError` (`unavailable`) when no server is known.
 */
export function findConnection(options: ConnectionOptions, env: NodeJS.ProcessEnv): Connection {
  const url = options.url ?? env.PETREL_URL ?? localUrl(options.data);
  const token = options.token ?? env.PETREL_TOKEN ?? readText(join(options.data, 'admin.token'));
  if (url === undefined || token === undefined) {
    const place = `No Petrel server is known: there is no running server on the data directory ${options.data}`;
    throw new PetrelError(
      'unavailable',
      `${place}. Start one with \`petrel start\`, or name one with --url and --token.`,
    );
  }
  return { url: url.replace(/\/+$/, ''), token };
}

function localUrl(data: string): string | undefined {
  const text = readText(join(data, 'server.json'));
  if (text === undefined) return undefined;
  const { url } = JSON.parse(text) as { url?: string }; // written by our own server
  return url;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

export interface Answer {
  readonly body: Json;
  readonly total?: number;
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
};

/** One request to the API. `path` is below /api/v1. Throws `PetrelError` with the server's own words. */
export async function call(
  { url, token }: Connection,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { 'x-auth-token': token, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch (error) {
    throw new PetrelError(
      'unavailable',
      `The Petrel server at ${url} does not answer. Is it running? Start it with \`petrel start\`.`,
      {
        cause: error,
      },
    );
  }
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const answer = (isJson && text !== '' ? JSON.parse(text) : text) as Json; // JSON by content type
  if (!response.ok) {
    const said =
      typeof answer === 'object' && answer !== null && 'faultstring' in answer ? String(answer.faultstring) : text;
    throw new PetrelError(
      CODES[response.status] ?? 'internal',
      said || `${method} ${path} was answered with ${response.status}.`,
    );
  }
  const total = response.headers.get('x-total-count');
  return { body: answer, ...(total !== null && { total: Number(total) }) };
}
