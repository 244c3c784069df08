import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { JsonObject } from '../../src/model/index.ts';
import { type Server, type ServerOptions, startServer } from '../../src/server.ts';
import { type Contract, contractOf } from './contract.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined: no JSON. */
  readonly body: JsonObject;
  /** The body as a list. */
  readonly list: readonly JsonObject[];
}

export interface House {
  readonly directory: string;
  /** Every answer that `ask` gets is held against it. */
  readonly contract: Contract;
  server(): Server;
  /** One request; `path` below /api/v1, or a whole path that begins with two slashes. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Requests an execution and waits for its end. */
  run(action: string, parameters?: object, more?: object): Promise<JsonObject>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A server over packs in a temporary folder. `files`: by their paths below the folder of packs. */
export async function openHouse(
  files: Readonly<Record<string, string>>,
  options: Partial<ServerOptions> = {},
): Promise<House> {
  const directory = mkdtempSync(join(tmpdir(), 'petrel-api-'));
  for (const [path, text] of Object.entries(files)) {
    const file = join(directory, 'packs', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  mkdirSync(join(directory, 'packs'), { recursive: true });
  const start = () =>
    startServer({
      data: join(directory, 'data'),
      packs: [join(directory, 'packs')],
      port: 0,
      logFile: join(directory, 'petrel.log'),
      ...options,
    });
  let server = await start();
  const contract = await contractAt(server.url);

  const ask = askingOf(() => server, contract);

  return {
    directory,
    contract,
    server: () => server,
    ask,
    async run(action, parameters = {}, more = {}) {
      const { body } = await ask('POST', '/executions', { action, parameters, ...more });
      return (await ask('GET', `/executions/${body.id}?wait=30`)).body;
    },
    async restart() {
      await server.stop();
      server = await start();
    },
    async stop() {
      try {
        await server.stop();
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
}

export async function contractAt(url: string): Promise<Contract> {
  return contractOf((await (await fetch(`${url}/openapi.json`)).json()) as JsonObject); // an OpenAPI document
}

/** Asks a server as its administrator; an answer that breaks the contract is an error. */
export function askingOf(server: () => Pick<Server, 'url' | 'token'>, contract: Contract): House['ask'] {
  return async (method, path, body, headers = {}) => {
    const { url: base, token } = server();
    const url = path.startsWith('//') ? `${base}${path.slice(1)}` : `${base}/api/v1${path}`;
    const response = await fetch(url, {
      method,
      headers: {
        'x-auth-token': token,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
    const parsed: unknown = isJson ? JSON.parse(text) : undefined;
    const found = { status: response.status, body: parsed, headers: response.headers };
    const problem = path.startsWith('//') ? undefined : contract.problem(method, `/api/v1${path}`, found);
    if (problem !== undefined) throw new Error(problem);
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: parsed as JsonObject, // what it is, the test says
      list: (Array.isArray(parsed) ? parsed : []) as JsonObject[], // likewise
    };
  };
}

export const MANIFEST = (name: string) => `name: ${name}\ndescription: test\nversion: 1.0.0\nauthor: test\n`;
