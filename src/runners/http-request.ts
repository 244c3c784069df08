import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { type Json, PetrelError } from '../model/index.ts';
import { createEgress, type Egress } from './egress.ts';
import { failedByError } from './failure.ts';
import { findHeader, type HttpCall, httpCall, removeHeader, withoutCredentials } from './http-parameters.ts';
import { decodeText, isJsonResponse, readBody, responseHeaders } from './http-response.ts';
import type { RunEnd, Runner } from './runner.ts';
import { parsedJson } from './shell-result.ts';

export interface HttpSettings {
  /** Petrel's version, for the User-Agent header. */
  readonly version: string;
  /** Where requests may go; default: anywhere but to link-local addresses and metadata services. */
  readonly egress?: Egress;
}

/** As many as Python's requests follows. */
const MOST_REDIRECTS = 30;

/** One HTTP request (stackstorm-packs.md, section 5.5). A redirect's target is held against the host lists as well, and each connection against `egress`. */
export function httpRequest(settings: HttpSettings): Runner {
  const egress = settings.egress ?? createEgress();
  return {
    name: 'http-request',
    description: 'Makes an HTTP request.',
    parameters: {
      url: { type: 'string', description: 'Address to call, http or https.', required: true },
      headers: { type: 'object', description: 'Headers of the request.' },
      cookies: { type: 'object', description: 'Cookies sent along.' },
      http_proxy: { type: 'string', description: 'Address of the proxy for http addresses.' },
      https_proxy: { type: 'string', description: 'Address of the proxy for https addresses.' },
      allow_redirects: { type: 'boolean', description: 'Follow redirects.', default: false },
      verify_ssl_cert: { type: 'boolean', description: "Check the server's certificate.", default: true },
      username: { type: 'string', description: 'User for basic authentication.' },
      password: { type: 'string', description: 'Password for basic authentication.', secret: true },
      url_hosts_blacklist: { type: 'array', items: { type: 'string' }, description: 'Hosts that must not be called.' },
      url_hosts_whitelist: {
        type: 'array',
        items: { type: 'string' },
        description: 'The only hosts that may be called.',
      },
    },
    outputKey: 'body',
    async run(run) {
      const limit = new AbortController();
      let timer: NodeJS.Timeout | undefined;
      try {
        const call = httpCall(run, settings.version);
        const late = new PetrelError(
          'timeout',
          `The request to ${withoutCredentials(call.url)} did not complete in ${call.timeout} seconds.`,
        );
        timer = setTimeout(() => limit.abort(late), Math.min(call.timeout * 1000, 2 ** 31 - 1));
        return await exchange(call, egress, AbortSignal.any([run.signal, limit.signal]));
      } catch (error) {
        if (run.signal.aborted)
          return failedByError(new PetrelError('canceled', 'The action was canceled.'), 'canceled');
        if (limit.signal.aborted) return failedByError(limit.signal.reason, 'timeout');
        return failedByError(clear(error));
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

async function exchange(call: HttpCall, egress: Egress, signal: AbortSignal): Promise<RunEnd> {
  const pools = await poolsOf(call, egress);
  try {
    const response = await follow(call, pools, signal);
    const headers = responseHeaders(rawHeaders(response.headers));
    const known = new Map(Object.entries(headers));
    const bytes = await readBody(response.body, findHeader(known, 'content-encoding'));
    const contentType = findHeader(known, 'content-type');
    const text = decodeText(bytes, contentType);
    const json = isJsonResponse(contentType) ? parsedJson(text) : undefined;
    const code = response.statusCode;
    const body: Json = json === undefined ? text : json.value;
    return {
      status: code >= 200 && code <= 206 ? 'succeeded' : 'failed',
      result: { status_code: code, body, parsed: json !== undefined, headers },
    };
  } finally {
    // The run is over whatever the server still sends.
    await pools.destroy();
  }
}

/** The response, after redirects where they are followed. */
async function follow(call: HttpCall, pools: Pools, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  const { request } = await import('undici');
  const headers = new Map(call.headers);
  let { url, method, body } = call;
  for (let redirects = 0; ; redirects += 1) {
    call.checkHost(url);
    const response = await request(url, {
      method: method as Dispatcher.HttpMethod, // undici sends any token, its type names the usual ones
      headers: Object.fromEntries(headers),
      body: body ?? null,
      dispatcher: pools.for(url),
      signal,
      responseHeaders: 'raw',
      // The one limit is the signal.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const target = call.followRedirects
      ? redirectTarget(response.statusCode, rawHeaders(response.headers), url)
      : undefined;
    if (target === undefined) return response;
    if (redirects >= MOST_REDIRECTS) {
      throw new PetrelError(
        'invalid',
        `The server redirects more than ${MOST_REDIRECTS} times, last to ${withoutCredentials(target)}.`,
      );
    }
    discard(response.body);
    if (target.origin !== url.origin) for (const name of ['authorization', 'cookie']) removeHeader(headers, name);
    // As browsers and Python's requests: after these a form is not sent again but the answer fetched.
    const { statusCode } = response;
    if (
      (statusCode === 303 && method !== 'HEAD') ||
      ((statusCode === 301 || statusCode === 302) && method === 'POST')
    ) {
      method = 'GET';
      body = undefined;
      removeHeader(headers, 'content-type');
    }
    url = target;
  }
}

function redirectTarget(status: number, raw: readonly (string | Buffer)[], from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  const location = findHeader(new Map(Object.entries(responseHeaders(raw))), 'location');
  if (location === undefined || !URL.canParse(location, from.href)) return undefined;
  const target = new URL(location, from);
  return target.protocol === 'http:' || target.protocol === 'https:' ? target : undefined;
}

/** With `responseHeaders: 'raw'` undici answers names and values in turn; its type does not say so. */
function rawHeaders(headers: unknown): readonly (string | Buffer)[] {
  return Array.isArray(headers) ? headers : [];
}

function discard(body: Readable): void {
  body.on('error', () => undefined);
  body.destroy();
}

interface Pools {
  for(url: URL): Dispatcher;
  destroy(): Promise<void>;
}

/** One connection pool per protocol, as each may have a proxy of its own; of this request alone. */
async function poolsOf(call: HttpCall, egress: Egress): Promise<Pools> {
  const { Agent, buildConnector, ProxyAgent } = await import('undici');
  const tls = { rejectUnauthorized: call.verifyCertificate };
  const { lookup } = egress;
  const made = new Map<string, Dispatcher>();
  const make = (isSecure: boolean): Dispatcher => {
    const uri = isSecure ? call.httpsProxy : call.httpProxy;
    // Plain http is asked of the proxy itself; only https needs a tunnel.
    if (uri === undefined) return new Agent({ connect: egress.guard(buildConnector({ ...tls, lookup })) });
    if (URL.canParse(uri)) egress.checkHost(new URL(uri).hostname);
    return new ProxyAgent({ uri, requestTls: tls, proxyTls: { lookup }, proxyTunnel: isSecure });
  };
  return {
    for({ protocol, hostname }) {
      // A proxy looks names up by itself; an address can be told.
      egress.checkHost(hostname);
      const pool = made.get(protocol) ?? make(protocol === 'https:');
      made.set(protocol, pool);
      return pool;
    },
    destroy: async () => {
      await Promise.all([...made.values()].map((pool) => pool.destroy()));
    },
  };
}

/** undici's connection errors hide the reason in an aggregate with an empty message. */
function clear(error: unknown): unknown {
  if (error instanceof AggregateError && error.message === '') {
    return new PetrelError('unavailable', error.errors.map((each) => String(each?.message ?? each)).join('; '), {
      cause: error,
    });
  }
  return error;
}
