/**
 * What every sandbox server needs of HTTP: a loopback listener that can go away and come back on the same port, whole
 * request bodies with a limit, JSON answers, and a token comparison that takes the same time for every wrong token.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface HttpListener {
  /** `http://HOST:PORT`, the same for the listener's whole life. */
  readonly url: string;
  readonly port: number;
  /** Goes away: the port is closed and every open connection cut. Does nothing when it is already away. */
  stop(): Promise<void>;
  /** Comes back on the same port. Does nothing when it is already there. */
  start(): Promise<void>;
}

export interface HttpListenerOptions {
  /** Default 127.0.0.1; sandbox servers never listen elsewhere. */
  readonly host?: '127.0.0.1';
  /** Default 0: any free port. */
  readonly port?: number;
  readonly handle: HttpHandler;
  /**
   * When given, the same port answers TLS too: the first byte of a connection tells which of the two it is. With an authority, clients may show
   * certificates that it signed.
   */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly authority?: string };
  /** Takes over connections that ask for another protocol; without it they are answered as any request. */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex) => void;
  /** Puts something between each plain connection and the HTTP parser, for methods Node's parser does not know. */
  readonly wrap?: (socket: Socket) => Duplex;
}

/** The first byte of every TLS connection: a handshake record. */
const TLS_HANDSHAKE = 0x16;

/** Starts a listener; rejects when the port is taken. The handler's own errors end as a bare 500. */
export async function startHttpListener(options: HttpListenerOptions): Promise<HttpListener> {
  const host = options.host ?? '127.0.0.1';
  const guarded = (request: IncomingMessage, response: ServerResponse): void => {
    void (async () => options.handle(request, response))().catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else
        response
          .writeHead(500, { 'content-type': 'text/plain' })
          .end(`${error instanceof Error ? error.message : error}\n`);
    });
  };
  const plain = createServer({ keepAliveTimeout: 60_000 }, guarded);
  const secure =
    options.tls === undefined
      ? undefined
      : createSecureServer(
          {
            cert: options.tls.certificate,
            key: options.tls.key,
            keepAliveTimeout: 60_000,
            ...(options.tls.authority === undefined
              ? {}
              : { ca: options.tls.authority, requestCert: true, rejectUnauthorized: false }),
          },
          guarded,
        );
  const { upgrade } = options;
  if (upgrade !== undefined) for (const server of [plain, secure]) server?.on('upgrade', upgrade);
  const sockets = new Set<Socket>();

  const accept = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setNoDelay(true);
    if (secure === undefined) {
      plain.emit('connection', options.wrap?.(socket) ?? socket);
      return;
    }
    socket.once('data', (first: Buffer) => {
      socket.pause();
      const server = first[0] === TLS_HANDSHAKE ? secure : plain;
      socket.unshift(first);
      server.emit('connection', socket);
      process.nextTick(() => socket.resume());
    });
  };

  let tcp: Server | undefined;
  const listen = (port: number): Promise<Server> =>
    new Promise((resolve, reject) => {
      const server = createTcpServer(accept);
      server.once('error', reject);
      server.listen(port, host, () => {
        server.removeListener('error', reject);
        resolve(server);
      });
    });
  tcp = await listen(options.port ?? 0);
  // A listening TCP server's address is always an AddressInfo; only pipes have string addresses.
  const { port } = tcp.address() as AddressInfo;

  return {
    url: `http://${host}:${port}`,
    port,
    async stop() {
      const server = tcp;
      if (server === undefined) return;
      tcp = undefined;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    async start() {
      tcp ??= await listen(port);
    },
  };
}

/** The body was larger than the limit; answer 413. */
export class BodyTooLarge extends Error {}

/** The whole body. Throws `BodyTooLarge` above `limit` bytes (default 3 MiB, the Kubernetes API server's limit). */
export async function readBody(request: IncomingMessage, limit = 3 * 1024 * 1024): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    // A request without an encoding set yields buffers only.
    const buffer = chunk as Buffer;
    size += buffer.length;
    if (size > limit) throw new BodyTooLarge(`the request body is larger than ${limit} bytes`);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(value);
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      ...headers,
    })
    .end(text);
}

/** Whether two secrets are equal, in a time that does not depend on where they differ or how long they are. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
