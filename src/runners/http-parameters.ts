import { randomUUID } from 'node:crypto';
import { parseJsonOrLiteral, str } from '../expressions/index.ts';
import { isJsonObject, type Json, type JsonObject, PetrelError } from '../model/index.ts';
import type { Run } from './runner.ts';
import { optionalText } from './shell-run.ts';

/** One HTTP request as the parameters say it, read and checked. */
export interface HttpCall {
  readonly url: URL;
  readonly method: string;
  /** Names as given; a header whose value is null is left out. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string | undefined;
  /** Seconds for the whole exchange. */
  readonly timeout: number;
  readonly followRedirects: boolean;
  readonly verifyCertificate: boolean;
  readonly httpProxy: string | undefined;
  readonly httpsProxy: string | undefined;
  /** Throws for a host that must not be called. */
  checkHost(url: URL): void;
}

/**
 * Reads the parameters of an http-request (stackstorm-packs.md, section 5.5): the runner's, and from the action's own
 * `method`, `body`, `params`, `timeout`, `auth`, `file_name`, `file_content`, `file_content_type`.
 * Throws `PetrelError` (`invalid`) naming the parameter.
 */
export function httpCall(run: Run, version: string): HttpCall {
  const { runnerParameters: runner, actionParameters: action } = run;
  const form = formOf(action);
  const hasBody = action.body !== undefined && action.body !== null && action.body !== '';
  if (form !== undefined && hasBody) {
    throw new PetrelError('invalid', 'Parameters "body" and "file_content" exclude each other: give one of them.');
  }
  const headers = headersOf(run, version);
  if (form !== undefined) {
    removeHeader(headers, 'content-type');
    headers.set('Content-Type', form.contentType);
  }
  const timeout = Number(action.timeout ?? 60);
  if (!Number.isFinite(timeout)) throw new PetrelError('invalid', 'Parameter "timeout" is not a number of seconds.');
  return {
    url: withQuery(urlOf(runner.url), action.params),
    method: (optionalText(action.method) ?? (form !== undefined || hasBody ? 'POST' : 'GET')).toUpperCase(),
    headers,
    body: form?.body ?? (hasBody ? bodyOf(action.body ?? null, headers) : undefined),
    timeout,
    followRedirects: runner.allow_redirects === true,
    verifyCertificate: runner.verify_ssl_cert !== false,
    httpProxy: optionalText(runner.http_proxy),
    httpsProxy: optionalText(runner.https_proxy),
    checkHost: hostCheck(runner),
  };
}

function urlOf(value: Json | undefined): URL {
  const text = optionalText(value);
  if (text === undefined) throw new PetrelError('invalid', 'Parameter "url" is required.');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new PetrelError('invalid', `Parameter "url" is no http or https address: "${text}".`);
  }
  return url;
}

function withQuery(url: URL, params: Json | undefined): URL {
  if (!isJsonObject(params)) return url;
  const result = new URL(url);
  for (const [name, value] of Object.entries(params)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== null && item !== undefined) result.searchParams.append(name, str(item));
    }
  }
  return result;
}

function headersOf(run: Run, version: string): Map<string, string> {
  const { runnerParameters: runner, actionParameters: action } = run;
  const headers = new Map<string, string>();
  const put = (name: string, value: string) => {
    const present = [...headers.keys()].find((key) => key.toLowerCase() === name.toLowerCase());
    headers.set(present ?? name, value);
  };
  put('Accept', '*/*');
  put('Accept-Encoding', 'gzip, deflate');
  const { TRACEPARENT: traceparent } = run.environment;
  if (traceparent !== undefined) put('traceparent', traceparent);
  const { headers: given } = runner;
  if (isJsonObject(given)) {
    for (const [name, value] of Object.entries(given)) {
      if (value !== null && value !== undefined) put(name, str(value));
    }
  }
  // The length that counts is that of the bytes sent; the client knows it.
  removeHeader(headers, 'content-length');
  const { cookies } = runner;
  if (isJsonObject(cookies) && Object.keys(cookies).length > 0) {
    const pairs = Object.entries(cookies).map(([name, value]) => `${name}=${str(value ?? '')}`);
    put('Cookie', pairs.join('; '));
  }
  const credentials = credentialsOf(runner, action.auth);
  if (credentials !== undefined) put('Authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
  put('User-Agent', `st2/v${version}`);
  put('X-Stanley-Action', run.action.name);
  return headers;
}

/** `username`/`password` of the runner win over `auth`, a list or object of the two. */
function credentialsOf(runner: JsonObject, auth: Json | undefined): string | undefined {
  const user = optionalText(runner.username);
  const password = optionalText(runner.password);
  if (user !== undefined || password !== undefined) return `${user ?? ''}:${password ?? ''}`;
  if (Array.isArray(auth) && auth.length === 2) return auth.map(str).join(':');
  if (isJsonObject(auth) && 'username' in auth) return `${str(auth.username ?? '')}:${str(auth.password ?? '')}`;
  return undefined;
}

/** The file is a form's field named as the file, as StackStorm's http client sends it. */
function formOf(action: JsonObject): { readonly contentType: string; readonly body: string } | undefined {
  const name = optionalText(action.file_name);
  const content = optionalText(action.file_content);
  if (name === undefined || content === undefined) return undefined;
  const type = optionalText(action.file_content_type);
  const boundary = `petrel-${randomUUID()}`;
  const quoted = `"${name.replaceAll('"', '%22').replace(/[\r\n]/g, ' ')}"`;
  const lines = [
    `--${boundary}`,
    `Content-Disposition: form-data; name=${quoted}; filename=${quoted}`,
    ...(type === undefined ? [] : [`Content-Type: ${type.replace(/[\r\n]/g, ' ')}`]),
    '',
    content,
    `--${boundary}--`,
    '',
  ];
  return { contentType: `multipart/form-data; boundary=${boundary}`, body: lines.join('\r\n') };
}

/** An object goes as JSON or, without that content type, as a form. JSON text is written anew, in compact form. */
function bodyOf(body: Json, headers: Map<string, string>): string {
  const isJson = mediaType(findHeader(headers, 'content-type')) === 'application/json';
  if (isJson) return JSON.stringify(typeof body === 'string' ? parseJsonOrLiteral(body) : body);
  if (typeof body === 'string') return body;
  if (!isJsonObject(body)) return str(body);
  if (findHeader(headers, 'content-type') === undefined)
    headers.set('Content-Type', 'application/x-www-form-urlencoded');
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(body)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== null && item !== undefined) form.append(name, str(item));
    }
  }
  return form.toString();
}

function hostCheck(runner: JsonObject): (url: URL) => void {
  const denied = hosts(runner.url_hosts_blacklist);
  const allowed = hosts(runner.url_hosts_whitelist);
  if (denied.length > 0 && allowed.length > 0) {
    throw new PetrelError(
      'invalid',
      '"url_hosts_blacklist" and "url_hosts_whitelist" parameters are mutually exclusive. Only one should be provided.',
    );
  }
  return (url) => {
    const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
    if (denied.includes(host)) throw new PetrelError('forbidden', `URL "${withoutCredentials(url)}" is blacklisted`);
    if (allowed.length > 0 && !allowed.includes(host)) {
      throw new PetrelError('forbidden', `URL "${withoutCredentials(url)}" is not whitelisted`);
    }
  };
}

function hosts(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.map((host) => str(host).toLowerCase()) : [];
}

/** For messages: user, password and query may hold secrets. */
export function withoutCredentials(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

export function findHeader(headers: ReadonlyMap<string, string>, name: string): string | undefined {
  for (const [key, value] of headers) if (key.toLowerCase() === name) return value;
  return undefined;
}

export function removeHeader(headers: Map<string, string>, name: string): void {
  for (const key of [...headers.keys()]) if (key.toLowerCase() === name) headers.delete(key);
}

/** `text/html; charset=x` is of media type `text/html`. */
export function mediaType(contentType: string | undefined): string | undefined {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase();
}
