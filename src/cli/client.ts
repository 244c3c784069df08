import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Answer, type Client, type Server as ClientServer, createClient, type Method } from '../client/index.ts';
import { PetrelError } from '../model/index.ts';
import { readLogin } from './login-file.ts';

/** Where the server is. */
export interface Server extends ClientServer {
  /** Where /tokens is; default `URL/auth/v1`. */
  readonly auth?: string;
}

/** Where it is and who we are. */
export interface Connection extends Server {
  readonly token: string;
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

/** One request to the API. `path` is below its version. Throws `PetrelError` with the server's own words. */
export async function call(connection: Connection, method: Method, path: string, body?: unknown): Promise<Answer> {
  return await createClient(connection).request(method, path, body);
}

/** The typed client of the server that the options name. Errors as `findConnection`. */
export function connect(options: ConnectionOptions): Client {
  return createClient(findConnection(options, process.env));
}
