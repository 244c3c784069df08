import { type ErrorCode, isJsonObject, type Json, PetrelError } from '../model/index.ts';

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
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await open(address, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  });
  const total = response.headers.get('x-total-count');
  return { body: await contentOf(response, address), ...(total !== null && { total: Number(total) }) };
}

/** A response that was not refused. Errors as `send`. */
export async function open(address: string, request: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, request);
  } catch (error) {
    if (request.signal?.aborted === true) throw error;
    const place = URL.canParse(address) ? new URL(address).origin : address;
    const message = `The Petrel server at ${place} does not answer. Is it running? Start it with \`petrel start\`.`;
    throw new PetrelError('unavailable', message, { cause: error });
  }
  if (response.ok) return response;
  const content = await contentOf(response, address);
  const fault = isJsonObject(content) ? content : {};
  const said = typeof content === 'string' ? content : fault.faultstring;
  const path = new URL(address).pathname;
  throw new PetrelError(
    CODES[response.status] ?? 'internal',
    typeof said === 'string' && said !== ''
      ? said
      : `${request.method ?? 'GET'} ${path} was answered with ${response.status}.`,
    {
      details: {
        status: response.status,
        ...(fault['conflict-id'] !== undefined && { 'conflict-id': fault['conflict-id'] }),
      },
    },
  );
}

async function contentOf(response: Response, address: string): Promise<Json> {
  const text = await response.text();
  if (text === '' || !/json/.test(response.headers.get('content-type') ?? '')) return text;
  try {
    return JSON.parse(text) as Json; // JSON by content type
  } catch (error) {
    const message = `${new URL(address).pathname} was answered with what is called JSON and is none; is there a proxy in between?`;
    throw new PetrelError('unavailable', message, { cause: error });
  }
}
