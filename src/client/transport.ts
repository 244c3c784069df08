import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { type ErrorCode, isJsonObject, type Json, messageOf, PetrelError } from '../model/index.ts';

/** Where the server is, and who asks. */
export interface Server {
  /** Base address, e.g. http://127.0.0.1:9101. */
  readonly url: string;
  /** Where the API's routes begin; default `URL/api/v1`. */
  readonly api?: string;
  /** Where /stream is; default `URL/stream/v1`. */
  readonly stream?: string;
  readonly token?: string;
  /** The token is an API key. */
  readonly isApiKey?: boolean;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface Answer {
  /** Text where the server sends no JSON; empty text where it sends nothing. */
  readonly body: Json;
  /** Of a list: how many there are without paging. */
  readonly total?: number;
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  429: 'rate_limited',
  503: 'unavailable',
  504: 'timeout',
};

export function credentials({ token, isApiKey = false }: Server): Readonly<Record<string, string>> {
  return token === undefined ? {} : { [isApiKey ? 'st2-api-key' : 'x-auth-token']: token };
}

/**
 * One request to an address. Throws `PetrelError`: `unavailable` when nobody answers, otherwise the server's own words (`faultstring`) with the
 * code that its status stands for, and `status` and `conflict-id` in the details.
 */
export async function send(
  address: string,
  method: Method,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const response = await open(address, {
    method,
    headers: { ...headers, ...(text !== undefined && { 'content-type': 'application/json' }) },
    ...(text !== undefined && { body: text }),
  });
  const { 'x-total-count': total } = response.headers;
  return { body: await contentOf(response, address), ...(total !== undefined && { total: Number(total) }) };
}

interface Request {
  readonly method?: Method;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** A response that was not refused; its body is still to be read. Errors as `send`. */
export async function open(address: string, request: Request): Promise<IncomingMessage> {
  const response = await ask(address, request);
  const { statusCode: status = 0 } = response;
  if (status >= 200 && status < 300) return response;
  const content = await contentOf(response, address);
  const fault = isJsonObject(content) ? content : {};
  // A page of a proxy says nothing that a sentence could hold.
  const said = typeof content === 'string' && !content.trimStart().startsWith('<') ? content : fault.faultstring;
  const { pathname } = new URL(address);
  throw new PetrelError(
    CODES[status] ?? 'internal',
    typeof said === 'string' && said !== ''
      ? said
      : `${request.method ?? 'GET'} ${pathname} was answered with ${status}${hintOf(response)}`,
    {
      details: { status, ...(fault['conflict-id'] !== undefined && { 'conflict-id': fault['conflict-id'] }) },
    },
  );
}

/** A redirection is not followed: the credential goes to the server that was named, and to no other. */
function hintOf({ headers: { location } }: IncomingMessage): string {
  return location === undefined ? '.' : `, which leads to ${location}; name that address instead.`;
}

/**
 * By `node:http`, and not by `fetch`: the first use of that costs a process 150 ms (Node 20, 2 cores), thrice what all the rest of a
 * command takes.
 */
async function ask(address: string, { method = 'GET', headers, body, signal }: Request): Promise<IncomingMessage> {
  const url = parseAddress(address);
  const send = url.protocol === 'https:' ? (await import('node:https')).request : requestHttp;
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const options = { method, headers: { ...headers, ...length }, ...(signal !== undefined && { signal }) };
  const attempt = () => {
    let request: ClientRequest | undefined;
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      request = send(url, options).once('response', resolve).once('error', reject).end(body);
    });
    return answer.catch((error: NodeJS.ErrnoException) => {
      // A connection that was kept may be closed in the very moment that it is used again.
      if (error.code === 'ECONNRESET' && request?.reusedSocket === true && method === 'GET') return undefined;
      throw error;
    });
  };
  try {
    for (;;) {
      const response = await attempt();
      if (response !== undefined) return response;
    }
  } catch (error) {
    if (signal?.aborted === true) throw error;
    const message = `The Petrel server at ${url.origin} does not answer (${messageOf(error)}). Is it running? Start it with \`petrel start\`, or name another with --url.`;
    throw new PetrelError('unavailable', message, { cause: error });
  }
}

function parseAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new PetrelError('invalid', `"${address}" is no address of a server; write e.g. http://127.0.0.1:9101.`);
}

async function contentOf(response: IncomingMessage, address: string): Promise<Json> {
  const text = await textOf(response).catch((error: unknown) => {
    const message = `The answer of ${new URL(address).origin} broke off: ${messageOf(error)}. Ask again.`;
    throw new PetrelError('unavailable', message, { cause: error });
  });
  if (text === '' || !/json/.test(response.headers['content-type'] ?? '')) return text;
  try {
    return JSON.parse(text) as Json; // JSON by content type
  } catch (error) {
    const message = `${new URL(address).pathname} was answered with what is called JSON and is none; is there a proxy in between?`;
    throw new PetrelError('unavailable', message, { cause: error });
  }
}
