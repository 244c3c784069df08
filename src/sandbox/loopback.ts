import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { type HttpListener, type HttpListenerOptions, startHttpListener } from './http.ts';

/** A request, read to its end. */
export interface Incoming {
  readonly method: string;
  /** The path as it was sent, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Aborts when the caller hangs up or the server stops: for answers that wait. */
  readonly signal: AbortSignal;
}

/** `cut` closes the connection without a word, as a dying server or a broken network does. */
export type Answer =
  | 'cut'
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string | Buffer };

export type Handler = (request: Incoming) => Answer | Promise<Answer>;

/** A server on 127.0.0.1 that can go away and come back on the same port. `stop` cuts open connections and waits. */
export type Loopback = HttpListener;

/** The most a request may carry, in bytes. Far above what any of these protocols needs. */
const BODY_LIMIT = 8 * 1024 * 1024;

/** Serves `handle` on 127.0.0.1. `port` 0 (the default) takes a free one. Rejects when the port is taken. */
export function openLoopback(
  handle: Handler,
  port = 0,
  extra: Pick<HttpListenerOptions, 'wrap'> = {},
): Promise<Loopback> {
  return startHttpListener({ port, handle: (request, response) => serve(handle, request, response), ...extra });
}

async function serve(handle: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const body = await readBody(request);
  const answer = body === undefined ? tooLarge : await handle(incoming(request, body, gone.signal));
  if (gone.signal.aborted) return;
  if (answer === 'cut') {
    request.socket.destroy();
    return;
  }
  const content = Buffer.from(answer.body ?? '');
  const length = answer.status === 204 ? {} : { 'content-length': String(content.length) };
  response.writeHead(answer.status, { ...length, ...answer.headers });
  response.end(request.method === 'HEAD' || answer.status === 204 ? undefined : content);
}

const tooLarge: Answer = { status: 413, headers: { connection: 'close' }, body: 'The request is too large.' };

function incoming(request: IncomingMessage, body: Buffer, signal: AbortSignal): Incoming {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  return {
    method: request.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    headers: request.headers,
    body,
    signal,
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > BODY_LIMIT) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
