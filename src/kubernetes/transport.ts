import { Agent, type Dispatcher, ProxyAgent, WebSocket } from 'undici';
import { PetrelError } from '../model/index.ts';
import type { KubernetesRequest } from '../sdk/index.ts';
import { type Clock, linkedAbort, systemClock } from './clock.ts';
import type { KubernetesConfig } from './config.ts';
import type { Credentials } from './credentials.ts';
import { canceled, errorFromAnswer, errorWithoutAnswer } from './errors.ts';

export interface ApiRequest extends KubernetesRequest {
  /** Default `application/json`. */
  readonly accept?: string;
}

/** The answer's body as it comes. Whoever opens one must read it to its end or `close` it. */
export interface ApiStream {
  readonly chunks: AsyncIterator<Uint8Array>;
  /** Cuts the connection. */
  close(): void;
}

/** Requests to one API server; the errors are those of `errors.ts`. */
export interface Transport {
  /** The parsed JSON body; text where it is none. */
  request(request: ApiRequest): Promise<unknown>;
  stream(request: ApiRequest): Promise<ApiStream>;
  /** A WebSocket that is being opened; `path` with its query. Whether it opens, the caller hears from its events. */
  socket(path: string, protocols: readonly string[]): Promise<WebSocket>;
  close(): Promise<void>;
}

const DEFAULT_TIMEOUT = 30_000;
const CONNECT_TIMEOUT = 10_000;

export function createTransport(config: KubernetesConfig, clock: Clock = systemClock): Transport {
  const base = new URL(config.server);
  const prefix = base.pathname === '/' ? '' : base.pathname;
  const dispatchers = createDispatchers(config);

  /** One attempt; a 401 is answered by reading the credentials again, once. */
  const open = async (request: ApiRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
    const attempt = async (credentials: Credentials) =>
      dispatchers.of(credentials).request({
        origin: base.origin,
        path: `${prefix}${request.path}${queryText(request.query)}`,
        method: request.method ?? 'GET',
        headers: {
          ...headersOf(credentials),
          accept: request.accept ?? 'application/json',
          'user-agent': 'petrel',
          ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
        },
        body: request.body === undefined ? null : JSON.stringify(request.body),
        signal,
        headersTimeout: 0, // the abort signal is the one timer
        bodyTimeout: 0,
      });
    const credentials = await config.credentials.current();
    const answer = await attempt(credentials);
    if (answer.statusCode !== 401) return answer;
    await answer.body.dump();
    config.credentials.refresh(credentials);
    return attempt(await config.credentials.current());
  };

  const withTimeout = async <T>(request: ApiRequest, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const asked = describe(request);
    const abort = linkedAbort(request.signal);
    const timeout = request.timeout ?? DEFAULT_TIMEOUT;
    const cancel = clock.after(timeout, () => abort.abort(new Error(`no answer within ${timeout / 1000} s`)));
    try {
      return await work(abort.signal);
    } catch (error) {
      if (request.signal?.aborted === true) throw canceled(asked);
      if (error instanceof Error && error.name === 'PetrelError') throw error;
      throw errorWithoutAnswer(config.server, asked, error);
    } finally {
      cancel();
      abort.dispose();
    }
  };

  return {
    request: (request) =>
      withTimeout(request, async (signal) => {
        const answer = await open(request, signal);
        const body = parseBody(await answer.body.text());
        if (answer.statusCode < 400) return body;
        throw errorFromAnswer(answer.statusCode, body, describe(request), retryAfter(answer));
      }),

    async stream(request) {
      const connection = linkedAbort(request.signal);
      try {
        const body = await withTimeout({ ...request, signal: connection.signal }, async (signal) => {
          // The timer guards the head only; afterwards the connection's own signal is what ends the body.
          const answer = await open(request, signal);
          if (answer.statusCode < 400) return answer.body;
          throw errorFromAnswer(
            answer.statusCode,
            parseBody(await answer.body.text()),
            describe(request),
            retryAfter(answer),
          );
        });
        const destroy = () => body.destroy();
        connection.signal.addEventListener('abort', destroy, { once: true });
        body.on('error', () => {}); // reported by the iterator; without a listener a cut between two reads would be uncaught
        body.once('close', connection.dispose);
        return { chunks: body[Symbol.asyncIterator](), close: destroy };
      } catch (error) {
        connection.dispose();
        throw error;
      }
    },

    async socket(path, protocols) {
      const credentials = await config.credentials.current();
      const url = `${base.origin.replace(/^http/, 'ws')}${prefix}${path}`;
      const headers: Record<string, string> = { 'user-agent': 'petrel' };
      for (const [name, value] of Object.entries(headersOf(credentials))) {
        const values = [value].flat();
        // undici joins them with commas, which the API server takes for one long name of a group.
        if (values.length > 1) {
          throw new PetrelError('invalid', `A WebSocket to ${config.server} can carry one value of ${name} only.`);
        }
        headers[name] = values.join();
      }
      return new WebSocket(url, {
        protocols: [...protocols],
        dispatcher: dispatchers.of(credentials),
        headers,
      });
    },

    close: () => dispatchers.close(),
  };
}

/** One connection pool per client certificate: a plugin or a rotated file may bring a new one. */
function createDispatchers(config: KubernetesConfig): {
  of(credentials: Credentials): Dispatcher;
  close(): Promise<void>;
} {
  let current: { readonly certificate: string | undefined; readonly dispatcher: Dispatcher } | undefined;
  const tls = (credentials: Credentials) => ({
    rejectUnauthorized: !config.tls.insecure,
    ...(config.tls.ca === undefined ? {} : { ca: config.tls.ca }),
    ...(config.tls.serverName === undefined ? {} : { servername: config.tls.serverName }),
    ...(credentials.certificate === undefined ? {} : { cert: credentials.certificate }),
    ...(credentials.key === undefined ? {} : { key: credentials.key }),
  });
  return {
    of(credentials) {
      if (current !== undefined && current.certificate === credentials.certificate) return current.dispatcher;
      // The old pool ends by itself once its requests are over.
      void current?.dispatcher.close();
      const connect = { ...tls(credentials), timeout: CONNECT_TIMEOUT };
      const dispatcher =
        config.proxy === undefined
          ? new Agent({ connect })
          : new ProxyAgent({ uri: config.proxy, requestTls: connect, proxyTunnel: true });
      current = { certificate: credentials.certificate, dispatcher };
      return dispatcher;
    },
    async close() {
      await current?.dispatcher.destroy();
      current = undefined;
    },
  };
}

function headersOf(credentials: Credentials): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(credentials.headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
}

function queryText(query: ApiRequest['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function retryAfter(answer: Dispatcher.ResponseData): number | undefined {
  const header = answer.headers['retry-after'];
  const seconds = typeof header === 'string' ? Number.parseInt(header, 10) : Number.NaN;
  return Number.isNaN(seconds) ? undefined : seconds;
}

function describe(request: ApiRequest): string {
  return `${request.method ?? 'GET'} ${request.path}`;
}
