import { afterEach } from 'vitest';
import {
  type KubernetesSandbox,
  type KubernetesSandboxOptions,
  startKubernetesSandbox,
} from '../../../src/sandbox/kubernetes/index.ts';

/** Any JSON object; tests read it by path and compare with what they expect. */
// biome-ignore lint/suspicious/noExplicitAny: a test's expectation is the check of these shapes
export type Answered = any;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Answered;
}

export interface Cluster {
  readonly sandbox: KubernetesSandbox;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  patch(path: string, type: keyof typeof PATCHES, body: unknown): Promise<Answer>;
  delete(path: string, body?: unknown): Promise<Answer>;
  watch(path: string, headers?: Record<string, string>): Promise<WatchStream>;
}

export interface WatchStream {
  readonly status: number;
  /** The next event; undefined at the end of the stream. Rejects when the connection is cut. */
  next(): Promise<Answered>;
  /** The next `count` events. */
  take(count: number): Promise<Answered[]>;
  close(): void;
}

const PATCHES = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

const started: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of started.splice(0)) await close();
});

/** A sandbox that lives until the end of the test, and a client of it. */
export async function startCluster(options: KubernetesSandboxOptions = {}): Promise<Cluster> {
  const sandbox = await startKubernetesSandbox(options);
  started.push(() => sandbox.close());
  const call: Cluster['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(sandbox.url + path, {
      method,
      headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') === true && text !== '';
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  };
  return {
    sandbox,
    call,
    get: (path, headers) => call('GET', path, undefined, headers),
    post: (path, body) => call('POST', path, body),
    put: (path, body) => call('PUT', path, body),
    patch: (path, type, body) => call('PATCH', path, body, { 'content-type': PATCHES[type] }),
    delete: (path, body) => call('DELETE', path, body),
    async watch(path, headers = {}) {
      const abort = new AbortController();
      const response = await fetch(sandbox.url + path, {
        headers: { authorization: `Bearer ${sandbox.token}`, ...headers },
        signal: abort.signal,
      });
      started.unshift(async () => abort.abort());
      const lines = linesOf(response.body ?? new ReadableStream());
      const next = async () => {
        const line = await lines.next();
        return line.done === true ? undefined : JSON.parse(line.value);
      };
      return {
        status: response.status,
        next,
        async take(count) {
          const events = [];
          for (let index = 0; index < count; index++) events.push(await next());
          return events;
        },
        close: () => abort.abort(),
      };
    },
  };
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

export const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
export const DATABASES = '/apis/prsn.io/v1/namespaces/default/mysqldbs';
export const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

export const databaseSchema = {
  type: 'object',
  description: 'A MySQL database.',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      description: 'What the database shall be.',
      required: ['engine'],
      properties: {
        engine: { type: 'string', enum: ['mysql', 'postgres', 'aurora'], description: 'The database engine.' },
        engineVersion: { type: 'string', pattern: '^\\d+(\\.\\d+)*$' },
        size: { type: 'string', default: 'small' },
        storageGb: { type: 'integer', minimum: 5, maximum: 65536 },
        replicas: { type: 'integer' },
        users: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, role: { type: 'string' } },
          },
        },
        parameters: { type: 'object', additionalProperties: { type: 'string' } },
      },
    },
    status: {
      type: 'object',
      properties: {
        phase: { type: 'string' },
        endpoint: { type: 'string' },
        replicas: { type: 'integer' },
        conditions: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['type'],
          items: {
            type: 'object',
            required: ['type', 'status'],
            properties: { type: { type: 'string' }, status: { type: 'string' }, reason: { type: 'string' } },
          },
        },
      },
    },
  },
};

/** The CRD of MysqlDb in group prsn.io. */
export function databaseDefinition(): Answered {
  return structuredClone({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'mysqldbs.prsn.io' },
    spec: {
      group: 'prsn.io',
      scope: 'Namespaced',
      names: { plural: 'mysqldbs', singular: 'mysqldb', kind: 'MysqlDb', shortNames: ['mdb'], categories: ['all'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
          },
          additionalPrinterColumns: [
            { name: 'Engine', type: 'string', jsonPath: '.spec.engine' },
            { name: 'Size', type: 'string', jsonPath: '.spec.size' },
            { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
            { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status', priority: 1 },
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
          schema: { openAPIV3Schema: databaseSchema },
        },
      ],
    },
  });
}

export function database(name: string, spec: Answered = { engine: 'mysql' }, metadata: Answered = {}): Answered {
  return { apiVersion: 'prsn.io/v1', kind: 'MysqlDb', metadata: { name, ...metadata }, spec };
}

export function configMap(name: string, data: Record<string, string> = {}, metadata: Answered = {}): Answered {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

/** A cluster that serves MysqlDb. */
export async function startDatabaseCluster(options: KubernetesSandboxOptions = {}): Promise<Cluster> {
  const cluster = await startCluster(options);
  await cluster.post(CRDS, databaseDefinition());
  return cluster;
}
