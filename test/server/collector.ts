import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A span as OTLP writes it in JSON. */
export interface Received {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly events: readonly { readonly name: string; readonly timeUnixNano: string }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

export interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string };
}

export interface Collector {
  readonly url: string;
  readonly spans: Received[];
  readonly requests: { readonly headers: IncomingHttpHeaders; readonly resource: Readonly<Record<string, string>> }[];
  /** What the next requests are answered with, status 0: never; after them 200. */
  readonly answers: { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }[];
  stop(): Promise<void>;
}

/** The other side of the wire: takes what OTLP/HTTP specifies, `POST /v1/traces` with JSON, gzipped or not, and keeps it. */
export async function startCollector(port = 0): Promise<Collector> {
  const spans: Received[] = [];
  const requests: Collector['requests'] = [];
  const answers: Collector['answers'] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { status, body: text = '{}', headers } = answers.shift() ?? { status: 200 };
    if (status === 0) return;
    if (request.method !== 'POST' || request.url !== '/v1/traces' || !isJson(request.headers)) {
      response.writeHead(404).end();
      return;
    }
    const json = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const [{ resource, scopeSpans }] = JSON.parse(json.toString('utf8')).resourceSpans;
    requests.push({ headers: request.headers, resource: attributesOf(resource) });
    if (status === 200) spans.push(...scopeSpans[0].spans);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://127.0.0.1:${taken}`,
    spans,
    requests,
    answers,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function isJson(headers: IncomingHttpHeaders): boolean {
  return headers['content-type'] === 'application/json';
}

export function attributesOf({ attributes }: { readonly attributes: readonly Attribute[] }): Record<string, string> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? String(value.intValue ?? '')]),
  );
}

/** The spans of a trace below one, as a tree of their names, in the order of their starts. */
export function treeOf(spans: readonly Received[], parent: string | undefined): readonly Tree[] {
  const below = spans.filter(({ parentSpanId }) => parentSpanId === parent);
  return below
    .sort(
      (left, right) =>
        left.startTimeUnixNano.localeCompare(right.startTimeUnixNano) || left.name.localeCompare(right.name),
    )
    .map(({ name, spanId }) => [name, ...treeOf(spans, spanId)]);
}

/** A name, and what stands below it. */
export type Tree = readonly (string | Tree)[];
