import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../../src/model/index.ts';
import { type Server, startServer } from '../../../src/server.ts';
import { PYTHON } from '../../python.ts';

/** Packs with an example of our own for each feature that StackStorm's documentation explains. */
export const DOCUMENTATION = join(import.meta.dirname, '../fixtures/documentation');

export const TOKEN = 'hawser-1234';

interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface House {
  readonly directory: string;
  readonly server: Server;
  /** What the service that http examples talk to was sent. It answers 404 below /missing, otherwise JSON. */
  readonly calls: readonly Call[];
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Requests an execution and waits for its end (or until it is pending). */
  run(action: string, parameters?: object, more?: object): Promise<JsonObject>;
  /** The parameters of what rules have run, those of one rule, oldest first; waits for `count` of them. */
  recorded(rule: string, count?: number): Promise<readonly JsonObject[]>;
  /** Waits until `found` answers something else than undefined. */
  until<T>(found: () => Promise<T | undefined>): Promise<T>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly body: JsonObject;
  readonly list: readonly JsonObject[];
}

export async function openHouse(): Promise<House> {
  const directory = mkdtempSync(join(tmpdir(), 'petrel-documentation-'));
  const data = join(directory, 'data');
  cpSync(join(DOCUMENTATION, 'overrides'), join(data, 'overrides'), { recursive: true });
  const calls: Call[] = [];
  const service = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url = '', headers } = request;
    calls.push({ method, url, headers, body });
    response.writeHead(url.startsWith('/missing') ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ taken: true }));
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const { port } = service.address() as AddressInfo; // it listens on a port

  const start = (packs: readonly string[]) =>
    startServer({
      data,
      packs,
      configs: join(DOCUMENTATION, 'configs'),
      port: 0,
      logFile: join(directory, 'petrel.log'),
      ...(PYTHON !== undefined && { python: { command: PYTHON } }),
    });
  // Sensors ask for their configuration as soon as they start, and it is in these keys.
  let server = await start([]);
  const ask: House['ask'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method,
      headers: { 'x-auth-token': server.token, 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed: unknown = text === '' ? {} : JSON.parse(text);
    return {
      status: response.status,
      body: parsed as JsonObject, // the API answers JSON; what it is, the test says
      list: (Array.isArray(parsed) ? parsed : []) as JsonObject[], // likewise
    };
  };
  const keys = {
    examples_region: { value: 'north' },
    examples_token: { value: TOKEN, secret: true },
    examples_url: { value: `http://127.0.0.1:${port}` },
    examples_severity: { value: 'high' },
  };
  for (const [name, key] of Object.entries(keys)) await ask('PUT', `/keys/${name}`, { name, ...key });
  await server.stop();
  server = await start([join(DOCUMENTATION, 'packs')]);

  const until: House['until'] = async (found) => {
    for (let attempt = 0; attempt < 500; attempt += 1) {
      const answer = await found();
      if (answer !== undefined) return answer;
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    const log = join(directory, 'petrel.log');
    throw new Error(`It did not come true. ${existsSync(log) ? readFileSync(log, 'utf8').slice(-3000) : ''}`);
  };

  return {
    directory,
    server,
    calls,
    ask,
    until,
    async run(action, parameters = {}, more = {}) {
      const { status, body } = await ask('POST', '/executions', { action, parameters, ...more });
      if (status !== 201) throw new Error(`${action} was refused: ${JSON.stringify(body)}`);
      return (await ask('GET', `/executions/${body.id}?wait=30`)).body;
    },
    recorded: (rule, count = 1) =>
      until(async () => {
        const { list } = await ask('GET', `/executions?rule=examples.${rule}&limit=100`);
        if (list.length < count || list.some(({ status }) => status !== 'succeeded')) return undefined;
        return list.map(({ parameters }) => parameters as JsonObject).reverse(); // of an execution
      }),
    async stop() {
      await server.stop(0);
      await new Promise((resolve) => service.close(resolve));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
