import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorCode, type Json, PetrelError } from '../model/index.ts';
import { readLogin } from './login-file.ts';

/** Where the server is. */
export interface Server {
  /** Base address without a trailing slash. */
  readonly url: string;
  /** Where the API's routes begin; default `URL/api/v1`. */
  readonly api?: string;
  /** Where /tokens is; default `URL/auth/v1`. */
  readonly auth?: string;
  /** Where /stream is; default `URL/stream/v1`. */
  readonly stream?: string;
}

/** Where it is and who we are. */
export interface Connection extends Server {
  readonly token: string;
  /** The token is an API key. */
  readonly isApiKey?: boolean;
}

export interface ConnectionOptions {
  readonly url?: string;
  readonly token?: string;
  readonly data: string;
}

/** The data directory when none is named. */
export const DEFAULT_DATA = '.petrel';

/**
 * Options win over PETREL_URL and PETREL_TOKEN, those over ST2_API_URL, ST2_AUTH_TOKEN and ST2_API_KEY; then comes what a server on this
 * machine left in the data directory that was named, then the last `petrel login`, then the data directory that was not named.
 * Throws `PetrelError` (`unavailable`) when no server is known.
 */
export function findConnection(options: ConnectionOptions, env: NodeJS.ProcessEnv): Connection {
  const server = lookForServer(options, env);
  const token = options.token ?? env.PETREL_TOKEN ?? env.ST2_AUTH_TOKEN;
  if (server !== undefined) {
    if (token !== undefined) return { ...server, token };
    if (env.ST2_API_KEY !== undefined) return { ...server, token: env.ST2_API_KEY, isApiKey: true };
    const login = readLogin(env);
    const own = options.data !== DEFAULT_DATA ? undefined : login;
    // A token goes to the server that it is of, and to no other.
    if (own !== undefined && own.url === server.url) return { ...server, token: own.token };
    const kept = readText(join(options.data, 'admin.token')) ?? (login?.url === server.url ? login.token : undefined);
    if (kept !== undefined) return { ...server, token: kept };
  }
  throw new PetrelError(
    'unavailable',
    `${unknown(options)}. Start one with \`petrel start\`, sign in at one with \`petrel login --url URL\`, or name one with --url and --token.`,
  );
}

/** Where the server is, for who is not known there yet. Order and errors as `findConnection`. */
export function findServer(options: ConnectionOptions, env: NodeJS.ProcessEnv): Server & { readonly auth: string } {
  const server = lookForServer(options, env);
  if (server !== undefined) return { ...server, auth: server.auth ?? `${server.url}/auth/v1` };
  throw new PetrelError('unavailable', `${unknown(options)}. Start one with \`petrel start\`, or name one with --url.`);
}

function lookForServer(options: ConnectionOptions, env: NodeJS.ProcessEnv): Server | undefined {
  const { ST2_API_URL: api, ST2_AUTH_URL: auth, ST2_STREAM_URL: stream } = env;
  const named = options.url ?? env.PETREL_URL;
  if (named !== undefined) return { url: withoutSlash(named) };
  if (api !== undefined) {
    return {
      url: originOf(api),
      api: withoutSlash(api),
      ...(auth !== undefined && { auth: withoutSlash(auth) }),
      ...(stream !== undefined && { stream: withoutSlash(stream) }),
    };
  }
  const login = options.data === DEFAULT_DATA ? readLogin(env)?.url : undefined;
  const url = login ?? localUrl(options.data) ?? readLogin(env)?.url;
  return url === undefined ? undefined : { url: withoutSlash(url) };
}

function unknown({ data }: ConnectionOptions): string {
  return `No Petrel server is known: there is no running server on the data directory ${data}`;
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

function originOf(url: string): string {
  if (URL.canParse(url)) return new URL(url).origin;
  throw new PetrelError('invalid', `ST2_API_URL is no address: "${url}"; write e.g. http://127.0.0.1:9101/v1.`);
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
  429: 'rate_limited',
};

/** One request to the API. `path` is below its version. Throws `PetrelError` with the server's own words. */
export async function call(
  { url, api = `${url}/api/v1`, token, isApiKey = false }: Connection,
  method: Method,
  path: string,
  body?: unknown,
): Promise<Answer> {
  return await send(`${api}${path}`, method, { [isApiKey ? 'st2-api-key' : 'x-auth-token']: token }, body);
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One request to an address. Errors as `call`. */
export async function send(
  address: string,
  method: Method,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(address, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch (error) {
    throw new PetrelError(
      'unavailable',
      `The Petrel server at ${URL.canParse(address) ? new URL(address).origin : address} does not answer. Is it running? Start it with \`petrel start\`.`,
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
      said || `${method} ${new URL(address).pathname} was answered with ${response.status}.`,
    );
  }
  const total = response.headers.get('x-total-count');
  return { body: answer, ...(total !== null && { total: Number(total) }) };
}
