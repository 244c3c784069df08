import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, type Server as ClientServer, createClient } from '../client/index.ts';
import { PetrelError } from '../model/index.ts';
import { type Login, readLogin } from './login-file.ts';
import { readSt2Config, type St2Config } from './st2-config.ts';

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
  readonly t?: string;
  readonly apiKey?: string;
  readonly data: string;
}

/** The data directory when none is named. */
export const DEFAULT_DATA = '.petrel';

/** The typed client of the server that the options name, as whoever they name. Errors as `findConnection`. */
export async function connect(options: ConnectionOptions): Promise<Client> {
  return createClient(await findConnection(options, process.env));
}

/**
 * Options win over PETREL_URL and PETREL_TOKEN, those over ST2_API_URL, ST2_BASE_URL, ST2_AUTH_TOKEN and ST2_API_KEY; then comes what a
 * server on this machine left in the data directory that was named, then the last `petrel login`, then the data directory that was not
 * named, then StackStorm's own `~/.st2/config`. Throws `PetrelError`: `unavailable` when no server is known, `unauthorized` when a kept
 * password is wrong.
 */
export async function findConnection(options: ConnectionOptions, env: NodeJS.ProcessEnv): Promise<Connection> {
  const { st2, ...server } = lookForServer(options, env);
  const token = options.token ?? options.t ?? env.PETREL_TOKEN;
  if (token !== undefined) return { ...server, token };
  if (options.apiKey !== undefined) return { ...server, token: options.apiKey, isApiKey: true };
  if (env.ST2_AUTH_TOKEN !== undefined) return { ...server, token: env.ST2_AUTH_TOKEN };
  if (env.ST2_API_KEY !== undefined) return { ...server, token: env.ST2_API_KEY, isApiKey: true };
  // A token goes to the server that it is of, and to no other.
  const login = readLogin(env);
  const own = login?.url === server.url ? login : undefined;
  const isNamed = options.data !== DEFAULT_DATA;
  const isLocal = isNamed || localUrl(options.data) === server.url;
  const adminToken = isLocal ? readText(join(options.data, 'admin.token')) : undefined;
  if (isNamed && adminToken !== undefined) return { ...server, token: adminToken };
  if (own !== undefined) return { ...server, token: await tokenOfLogin(own, server, env) };
  if (adminToken !== undefined) return { ...server, token: adminToken };
  const found = st2 === undefined ? undefined : await credentialOf(st2, authOf(server));
  if (found !== undefined) return { ...server, ...found };
  throw new PetrelError(
    'unauthorized',
    `Nobody is signed in at ${server.url}. Sign in with \`petrel login --url ${server.url}\`, or say who you are with --token or --api-key.`,
  );
}

/** Where the server is, for who is not known there yet. Order and errors as `findConnection`. */
export function findServer(options: ConnectionOptions, env: NodeJS.ProcessEnv): Server & { readonly auth: string } {
  const { st2: _, ...server } = lookForServer(options, env);
  return { ...server, auth: authOf(server) };
}

function authOf({ url, auth }: Server): string {
  return auth ?? `${url}/auth/v1`;
}

/** A token that is over is made anew where the password was kept. */
async function tokenOfLogin(login: Login, server: Server, env: NodeJS.ProcessEnv): Promise<string> {
  const { user, token, expiry, password } = login;
  if (password === undefined || expiry === undefined || Date.parse(expiry) > Date.now()) return token;
  const { signIn } = await import('./sign-in.ts');
  const { writeLogin } = await import('./login-file.ts');
  const fresh = await signIn(authOf(server), user, password);
  await writeLogin({ ...login, token: fresh.token, expiry: fresh.expiry }, env);
  return fresh.token;
}

/** As st2: an API key, else the token that was kept, else a new one for the password. */
async function credentialOf(st2: St2Config, auth: string): Promise<Pick<Connection, 'token' | 'isApiKey'> | undefined> {
  const { apiKey, user, password } = st2;
  if (apiKey !== undefined) return { token: apiKey, isApiKey: true };
  if (user === undefined) return undefined;
  const { keepToken, keptToken } = await import('./st2-config.ts');
  const kept = st2.cachesTokens ? keptToken(st2, Date.now()) : undefined;
  if (kept !== undefined) return { token: kept };
  if (password === undefined) return undefined;
  const { signIn } = await import('./sign-in.ts');
  const { token, expiry } = await signIn(auth, user, password);
  if (st2.cachesTokens) await keepToken(st2, token, expiry);
  return { token };
}

/** `st2`: it is StackStorm's configuration that names it. */
type Found = Server & { readonly st2?: St2Config };

function lookForServer(options: ConnectionOptions, env: NodeJS.ProcessEnv): Found {
  const named = options.url ?? env.PETREL_URL;
  if (named !== undefined) return { url: withoutSlash(named) };
  const { ST2_API_URL: api, ST2_BASE_URL: base, ST2_AUTH_URL: auth, ST2_STREAM_URL: stream } = env;
  const variables = serverOfSt2({ api, base, auth, stream }, 'ST2_API_URL');
  if (variables !== undefined) return variables;
  const isNamed = options.data !== DEFAULT_DATA;
  const login = readLogin(env)?.url;
  const url = isNamed ? (localUrl(options.data) ?? login) : (login ?? localUrl(options.data));
  if (url !== undefined) return { url: withoutSlash(url) };
  const st2 = readSt2Config(env);
  const server = st2 === undefined ? undefined : serverOfSt2(st2, `the url in ${st2.directory}/config`);
  if (server === undefined) throw noServer(options);
  return { ...server, ...(st2 !== undefined && { st2 }) };
}

interface St2Addresses {
  readonly api?: string | undefined;
  readonly base?: string | undefined;
  readonly auth?: string | undefined;
  readonly stream?: string | undefined;
}

/** Undefined: nothing is said of a server. */
function serverOfSt2({ api, base, auth, stream }: St2Addresses, what: string): Server | undefined {
  const others = {
    ...(auth !== undefined && { auth: withoutSlash(auth) }),
    ...(stream !== undefined && { stream: withoutSlash(stream) }),
  };
  if (api !== undefined) return { url: originOf(api, what), api: withoutSlash(api), ...others };
  if (base === undefined) return undefined;
  // As st2, which looks for the API at this port of a base address that names none.
  const { origin, port } = new URL(originOf(base, 'ST2_BASE_URL'));
  return { url: port === '' && origin.startsWith('http:') ? `${origin}:9101` : withoutSlash(base), ...others };
}

function noServer({ data }: ConnectionOptions): PetrelError {
  return new PetrelError(
    'unavailable',
    `No Petrel server is known: there is no running server on the data directory ${data}. Start one with \`petrel start\`, sign in at one with \`petrel login --url URL\`, or name one with --url and --token.`,
  );
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

function originOf(url: string, what: string): string {
  if (URL.canParse(url)) return new URL(url).origin;
  throw new PetrelError('invalid', `${what} is no address: "${url}"; write e.g. http://127.0.0.1:9101/v1.`);
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
