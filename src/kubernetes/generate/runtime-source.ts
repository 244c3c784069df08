/**
 * The `runtime.ts` of every generated client: all it needs at run time, so that a client depends on nothing but `fetch`. It is text here because
 * it is compiled where it is generated to; the tests compile it with the strictest settings and use it against servers.
 */

/** Names that a client's own functions and types must not take. */
export const RUNTIME_NAMES: readonly string[] = [
  'Client',
  'RequestOptions',
  'ApiError',
  'WatchEvent',
  'Style',
  'RequestParameter',
  'RequestDescription',
  'requestJson',
  'requestText',
  'requestBlob',
  'requestNothing',
  'streamLines',
  'streamText',
  'defaultBaseUrl',
  'types',
];

export const RUNTIME_SOURCE = `/** A server, and how to reach it. A plain object: pass it as the first argument of every function. */
export interface Client {
  /** Address of the server; may have a path. */
  readonly baseUrl: string;
  /** Headers of every request, authorization for one. A function is asked before each request. */
  readonly headers?: HeaderMap | (() => HeaderMap | Promise<HeaderMap>);
  /** Query parameters of every request, an API key for one. */
  readonly query?: Readonly<Record<string, string>>;
  /** Instead of the global fetch: one with a certificate authority of its own, a proxy, retries. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

type HeaderMap = Readonly<Record<string, string>>;

/** For one request. */
export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly headers?: HeaderMap | undefined;
}

/** The server answered with a status that is no success. */
export class ApiError extends Error {
  readonly status: number;
  /** The answer: parsed where it is JSON, else text. */
  readonly body: unknown;
  readonly method: string;
  readonly url: string;

  constructor(method: string, url: string, status: number, body: unknown) {
    super(method + ' ' + url + ' was answered with ' + status + reasonIn(body));
    this.name = 'ApiError';
    this.method = method;
    this.url = url;
    this.status = status;
    this.body = body;
  }
}

function reasonIn(body: unknown): string {
  if (typeof body === 'string') return body === '' ? '' : ': ' + body.slice(0, 500);
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined;
  return typeof message === 'string' ? ': ' + message : '';
}

/** One line of a Kubernetes watch. */
export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: T }
  | { readonly type: 'ERROR'; readonly object: unknown };

/** How a parameter is written where that differs from the usual of its place. */
export interface Style {
  readonly style?: string;
  readonly explode?: boolean;
  readonly json?: boolean;
  readonly manySegments?: boolean;
}

export type RequestParameter = readonly [
  place: 'path' | 'query' | 'header' | 'cookie',
  name: string,
  value: unknown,
  style?: Style,
];

export interface RequestDescription {
  readonly method: string;
  /** With {name} where path parameters go. */
  readonly path: string;
  readonly parameters?: readonly RequestParameter[];
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept: string;
}

/** The parsed answer; undefined where it is empty. Throws ApiError. */
export async function requestJson<T>(client: Client, request: RequestDescription, options?: RequestOptions): Promise<T> {
  const text = await (await send(client, request, options)).text();
  return (text === '' ? undefined : JSON.parse(text)) as T; // what the description promises
}

/** Throws ApiError. */
export async function requestText(client: Client, request: RequestDescription, options?: RequestOptions): Promise<string> {
  return (await send(client, request, options)).text();
}

/** Throws ApiError. */
export async function requestBlob(client: Client, request: RequestDescription, options?: RequestOptions): Promise<Blob> {
  return (await send(client, request, options)).blob();
}

/** Throws ApiError. */
export async function requestNothing(client: Client, request: RequestDescription, options?: RequestOptions): Promise<void> {
  await (await send(client, request, options)).arrayBuffer(); // read to its end, so that the connection can be used again
}

/** Each line of the answer as JSON, as it comes. Leaving the loop ends the request. Throws ApiError. */
export async function* streamLines<T>(
  client: Client,
  request: RequestDescription,
  options?: RequestOptions,
): AsyncGenerator<T, void, undefined> {
  let rest = '';
  for await (const piece of streamText(client, request, options)) {
    const lines = (rest + piece).split('\\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (bare(line) !== '') yield JSON.parse(bare(line)) as T; // what the description promises
  }
  // A line that was cut off is no value; a last one without a line end is.
  if (bare(rest) !== '') yield JSON.parse(bare(rest)) as T; // what the description promises
}

/** Without blanks, and without the separator that application/json-seq has before each value. */
function bare(line: string): string {
  return line.replace('\\u001e', '').trim();
}

/** The answer piece by piece, as it comes. Leaving the loop ends the request. Throws ApiError. */
export async function* streamText(
  client: Client,
  request: RequestDescription,
  options?: RequestOptions,
): AsyncGenerator<string, void, undefined> {
  const response = await send(client, request, options);
  if (response.body === null) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const text = decoder.decode(value, { stream: !done });
      if (text !== '') yield text;
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function send(client: Client, request: RequestDescription, options: RequestOptions = {}): Promise<Response> {
  const parameters = request.parameters ?? [];
  const shared = typeof client.headers === 'function' ? await client.headers() : client.headers;
  const headers = new Headers({ accept: request.accept });
  const cookies: string[] = [];
  for (const [place, name, value, style] of parameters) {
    if (value === undefined || value === null) continue;
    if (place === 'header') headers.set(name, listed(value, style ?? {}, ','));
    if (place === 'cookie') cookies.push(...pairs(name, value, style ?? {}));
  }
  if (cookies.length > 0) headers.set('cookie', cookies.join('; '));
  for (const [name, value] of Object.entries({ ...shared, ...options.headers })) headers.set(name, value);
  const body = encoded(request.body, request.contentType ?? 'application/json');
  // A form with parts has a boundary in its type, which fetch knows.
  const typed = body !== undefined && !(body instanceof FormData);
  if (typed) headers.set('content-type', request.contentType ?? 'application/json');
  const url = urlOf(client, request.path, parameters);
  const init: RequestInit = { method: request.method, headers };
  if (body !== undefined) init.body = body;
  if (options.signal !== undefined) init.signal = options.signal;
  const response = await (client.fetch ?? fetch)(url, init);
  if (response.ok) return response;
  throw new ApiError(request.method, url.split('?')[0] ?? url, response.status, parsed(await response.text()));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function urlOf(client: Client, path: string, parameters: readonly RequestParameter[]): string {
  const filled = path.replace(/\\{([^{}]+)\\}/g, (_, name: string) => {
    const [, , value, style] = parameters.find(([place, one]) => place === 'path' && one === name) ?? [];
    return pathPart(name, value, style ?? {});
  });
  const query = parameters.flatMap(([place, name, value, style]) =>
    place !== 'query' || value === undefined || value === null ? [] : pairs(name, value, style ?? {}),
  );
  for (const [name, value] of Object.entries(client.query ?? {})) query.push(pair(name, value));
  const base = client.baseUrl.replace(/\\/+$/, '');
  return base + filled + (query.length === 0 ? '' : '?' + query.join('&'));
}

function pathPart(name: string, value: unknown, style: Style): string {
  const text = style.json === true ? JSON.stringify(value) : value === undefined || value === null ? '' : values(value).join(',');
  const segments = style.manySegments === true ? text.split('/') : [text];
  // These would lead to another path than the one meant.
  if (text === '' || segments.includes('.') || segments.includes('..')) {
    throw new RangeError('The parameter ' + name + ' cannot be part of a path: ' + JSON.stringify(value));
  }
  if (style.style === 'matrix') {
    if (style.explode === true) return values(value).map((one) => ';' + pair(name, one)).join('');
    return ';' + encodeURIComponent(name) + '=' + values(value).map(encode).join(',');
  }
  if (style.style === 'label') return '.' + values(value).map(encode).join(style.explode === true ? '.' : ',');
  if (style.json === true) return encodeURIComponent(text);
  if (style.manySegments === true) return segments.map(encodeURIComponent).join('/');
  return values(value).map(encode).join(',');
}

/** A list's items; an object's names and values in turn; else the value alone. */
function values(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(textOf);
  if (value instanceof Date || typeof value !== 'object' || value === null) return [textOf(value)];
  return Object.entries(value).flatMap(([key, one]) => (one === undefined ? [] : [key, textOf(one)]));
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

const encode = (text: string): string => encodeURIComponent(text);
const pair = (name: string, value: string): string => encodeURIComponent(name) + '=' + encodeURIComponent(value);

function listed(value: unknown, style: Style, separator: string): string {
  return style.json === true ? JSON.stringify(value) : values(value).join(separator);
}

const SEPARATORS: Readonly<Record<string, string>> = {
  spaceDelimited: '%20',
  pipeDelimited: '%7C',
  tabDelimited: '%09',
};

/** The name=value pairs of a query parameter, encoded. */
function pairs(name: string, value: unknown, style: Style): readonly string[] {
  if (style.json === true) return [pair(name, JSON.stringify(value))];
  const composite = typeof value === 'object' && value !== null && !(value instanceof Date);
  if (composite && style.style === 'deepObject') {
    return Object.entries(value).flatMap(([key, one]) =>
      one === undefined ? [] : values(one).map((text) => pair(name + '[' + key + ']', text)),
    );
  }
  if (composite && style.explode !== false && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, one]) => (one === undefined ? [] : [pair(key, textOf(one))]));
  }
  if (Array.isArray(value) && value.length === 0) return [];
  const separator = SEPARATORS[style.style ?? ''];
  // The separators of these styles go between the items unless each item is a pair of its own.
  const exploded = separator === undefined ? style.explode !== false : style.explode === true;
  if (composite && exploded) return values(value).map((text) => pair(name, text));
  return [encodeURIComponent(name) + '=' + values(value).map(encode).join(separator ?? ',')];
}

type SentBody = NonNullable<RequestInit['body']>;

function encoded(body: unknown, contentType: string): SentBody | undefined {
  if (body === undefined) return undefined;
  if (/[/+]json\\b/.test(contentType)) return JSON.stringify(body);
  // JSON is YAML.
  if (/[/+](x-)?yaml\\b/.test(contentType)) return typeof body === 'string' ? body : JSON.stringify(body);
  if (contentType === 'application/x-www-form-urlencoded') {
    return new URLSearchParams(fields(body).map(([name, value]): [string, string] => [name, textOf(value)]));
  }
  if (contentType === 'multipart/form-data') {
    const form = new FormData();
    for (const [name, value] of fields(body)) {
      if (value instanceof Blob) form.append(name, value);
      else form.append(name, textOf(value));
    }
    return form;
  }
  return body as SentBody; // a text, a Blob or bytes: what the description says of it
}

/** A field of a list is sent once for each item. */
function fields(body: unknown): readonly (readonly [string, unknown])[] {
  if (typeof body !== 'object' || body === null) return [];
  return Object.entries(body).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return Array.isArray(value) ? value.map((one: unknown) => [name, one] as const) : [[name, value] as const];
  });
}
`;
