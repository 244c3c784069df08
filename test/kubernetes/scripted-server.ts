import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { KubernetesConfig } from '../../src/kubernetes/config.ts';
import { staticCredentials } from '../../src/kubernetes/credentials.ts';
import { createKubernetesClient, type KubernetesClient } from '../../src/kubernetes/index.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What to answer: a JSON body with status 200, or whatever the function does with the response. */
export type Answer = object | ((response: ServerResponse, asked: Asked) => void);

export interface ScriptedServer {
  readonly url: string;
  readonly asked: Asked[];
  /** Requests for this path, in order. */
  askedFor(path: string): readonly Asked[];
}

/**
 * An API server that says exactly what a test wants, malformed things included. Answers go by path; of a list of answers each is
 * given once and the last one for ever.
 */
export async function startScriptedServer(
  script: Readonly<Record<string, Answer | Answer[]>>,
): Promise<ScriptedServer> {
  const asked: Asked[] = [];
  const given = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const entry: Asked = {
        method: request.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      asked.push(entry);
      const answers = script[url.pathname];
      const list = Array.isArray(answers) ? answers : answers === undefined ? [] : [answers];
      const count = given.get(url.pathname) ?? 0;
      given.set(url.pathname, count + 1);
      const answer =
        list[Math.min(count, list.length - 1)] ?? status(404, 'the server could not find the requested resource');
      if (typeof answer === 'function') answer(response, entry);
      else respond(response, 200, answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // listening on a port, so not a pipe's name
    asked,
    askedFor: (path) => asked.filter((entry) => entry.path === path),
  };
}

export function respond(
  response: ServerResponse,
  code: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** A refusal with the API server's Status object. */
export function status(code: number, message: string, more: object = {}, headers: Record<string, string> = {}): Answer {
  return (response) =>
    respond(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message, ...more }, headers);
}

/** A watch that says these lines and then ends, or stays open. */
export function watchAnswer(
  lines: readonly (object | string)[],
  options: { readonly stayOpen?: boolean } = {},
): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    for (const line of lines) response.write(typeof line === 'string' ? line : `${JSON.stringify(line)}\n`);
    if (options.stayOpen === true) response.flushHeaders();
    else response.end();
  };
}

export function testConfig(url: string, changes: Partial<KubernetesConfig> = {}): KubernetesConfig {
  return {
    server: url,
    source: 'a test',
    namespace: 'default',
    tls: { insecure: false },
    credentials: staticCredentials({ headers: {} }),
    ...changes,
  };
}

export function testClient(server: ScriptedServer, changes: Partial<KubernetesConfig> = {}): KubernetesClient {
  const client = createKubernetesClient(testConfig(server.url, changes));
  onTestFinished(() => client.close());
  return client;
}

/** Discovery of example.org/v1 with the kind Widget (namespaced, with status). */
export const WIDGET_DISCOVERY = {
  '/apis/example.org/v1': {
    kind: 'APIResourceList',
    resources: [
      { name: 'widgets', kind: 'Widget', namespaced: true, verbs: ['get', 'list', 'watch'] },
      { name: 'widgets/status', kind: 'Widget', namespaced: true, verbs: ['get', 'patch'] },
    ],
  },
};

export function widget(name: string, resourceVersion: string, more: object = {}): object {
  return {
    apiVersion: 'example.org/v1',
    kind: 'Widget',
    metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion, generation: 1 },
    ...more,
  };
}
