import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { generateClient } from '../../../src/kubernetes/generate/client.ts';
import { createKubernetesClient, loadKubernetesConfig } from '../../../src/kubernetes/index.ts';
import { loadClusterDocument } from '../../../src/kubernetes/openapi/load.ts';
import { startKubernetesSandbox } from '../../../src/sandbox/index.ts';
import { apiServerPrograms, startApiServer } from '../../real/kube-apiserver.ts';
import { compile, temporaryDirectory } from './compile.ts';

interface Cluster {
  readonly url: string;
  readonly token: string;
  readonly authority?: string;
}

const stops: (() => Promise<void>)[] = [];

afterAll(async () => {
  for (const stop of stops) await stop();
});

async function sandbox(): Promise<Cluster> {
  const started = await startKubernetesSandbox();
  stops.push(() => started.close());
  return started;
}

const programs = apiServerPrograms();

async function real(): Promise<Cluster> {
  if (programs === undefined) throw new Error('there is no API server to start');
  const started = await startApiServer(programs);
  stops.push(() => started.stop());
  return started;
}

/** A program that a user of the client would write. Each line it prints is one fact. */
const PROGRAM = `
import {
  ApiError,
  type Client,
  createCoreV1NamespacedConfigMap,
  createExampleDevV1NamespacedMysqlDb,
  deleteExampleDevV1NamespacedMysqlDb,
  listCoreV1NamespacedConfigMap,
  listExampleDevV1NamespacedMysqlDb,
  listExampleDevV1NamespacedMysqlDbWatch,
  patchExampleDevV1NamespacedMysqlDb,
  patchExampleDevV1NamespacedMysqlDbStatus,
  readExampleDevV1NamespacedMysqlDb,
  replaceExampleDevV1NamespacedMysqlDb,
} from './client/index.js';

const [, , baseUrl = '', token = ''] = process.argv;
const client: Client = { baseUrl, headers: { authorization: 'Bearer ' + token } };
const namespace = 'default';
const say = (...words: readonly unknown[]) => console.log(words.join(' '));

const made = await createExampleDevV1NamespacedMysqlDb(client, {
  namespace,
  body: { apiVersion: 'example.dev/v1', kind: 'MysqlDb', metadata: { name: 'shop', labels: { team: 'a' } }, spec: { size: 'small' } },
});
say('created', made.metadata?.name, made.spec.engine);

const list = await listExampleDevV1NamespacedMysqlDb(client, { namespace, labelSelector: 'team=a' });
say('listed', list.items.map((one) => one.metadata?.name).join());

const abort = new AbortController();
const events = listExampleDevV1NamespacedMysqlDbWatch(
  client,
  { namespace, resourceVersion: list.metadata?.resourceVersion ?? '' },
  { signal: abort.signal },
);
const watching = (async () => {
  for await (const event of events) {
    if (event.type === 'ERROR') throw new Error(JSON.stringify(event.object));
    say('watched', event.type, event.object.spec.size);
    if (event.type === 'DELETED') return;
  }
})();

const patched = await patchExampleDevV1NamespacedMysqlDb(client, {
  namespace,
  name: 'shop',
  contentType: 'application/merge-patch+json',
  body: { spec: { size: 'huge' } },
});
say('patched', patched.spec.size);
await patchExampleDevV1NamespacedMysqlDb(client, {
  namespace,
  name: 'shop',
  contentType: 'application/json-patch+json',
  body: [{ op: 'replace', path: '/spec/size', value: 'medium' }],
});
const status = await patchExampleDevV1NamespacedMysqlDbStatus(client, {
  namespace,
  name: 'shop',
  contentType: 'application/merge-patch+json',
  body: { status: { phase: 'Ready' } },
});
say('status', status.status?.phase);
const read = await readExampleDevV1NamespacedMysqlDb(client, { namespace, name: 'shop' });
const replaced = await replaceExampleDevV1NamespacedMysqlDb(client, {
  namespace,
  name: 'shop',
  body: { ...read, spec: { ...read.spec, size: 'tiny' } },
});
say('replaced', replaced.spec.size);

await deleteExampleDevV1NamespacedMysqlDb(client, { namespace, name: 'shop', body: { propagationPolicy: 'Background' } });
await watching;
try {
  await readExampleDevV1NamespacedMysqlDb(client, { namespace, name: 'shop' });
} catch (error) {
  if (error instanceof ApiError) say('gone', error.status, (error.body as { reason?: string }).reason);
}

await createCoreV1NamespacedConfigMap(client, {
  namespace,
  body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { a: 'b' } },
});
const maps = await listCoreV1NamespacedConfigMap(client, { namespace, fieldSelector: 'metadata.name=settings' });
say('config map', maps.items[0]?.data?.['a']);
`;

const TOLD = [
  'created shop mysql',
  'listed shop',
  'watched MODIFIED huge',
  'patched huge',
  'watched MODIFIED medium',
  'watched MODIFIED medium',
  'status Ready',
  'watched MODIFIED tiny',
  'replaced tiny',
  'watched DELETED tiny',
  'gone 404 NotFound',
  'config map b',
];

describe.each([
  { name: 'the sandbox', start: sandbox, there: true },
  { name: 'a real API server', start: real, there: programs !== undefined },
])('A client generated from the OpenAPI of $name', ({ start, there }) => {
  it.skipIf(!there)('creates, lists, watches, patches, replaces and deletes there', async () => {
    const { url, token, authority } = await start();
    const kubeconfig = await kubeconfigOf({ url, token, ...(authority === undefined ? {} : { authority }) });
    const config = await loadKubernetesConfig({ kubeconfig, env: {} });
    if (config === undefined) throw new Error('there is no kubeconfig');
    const cluster = createKubernetesClient(config);
    stops.unshift(() => cluster.close());
    const definition = resolve(import.meta.dirname, '../../../examples/database-chain/crds/mysqldb.yaml');
    await cluster.create(parse(await readFile(definition, 'utf8')));
    await described(cluster);

    const generated = generateClient(await loadClusterDocument(cluster));
    expect(generated.warnings).toEqual([]);
    const files = Object.entries(generated.files).map(([name, text]) => [`client/${name}`, text]);
    const { complaints, directory } = await compile({ ...Object.fromEntries(files), 'main.ts': PROGRAM });
    expect(complaints).toBe('');
    const env = { ...process.env, ...(authority === undefined ? {} : { NODE_EXTRA_CA_CERTS: authority }) };
    const run = await promisify(execFile)(process.execPath, [join(directory, 'main.js'), url, token], { env });
    expect(run.stdout.trim().split('\n').sort()).toEqual([...TOLD].sort());
  });
});

async function kubeconfigOf({ url, token, authority }: Cluster): Promise<string> {
  const file = join(await temporaryDirectory(), 'kubeconfig');
  const content = {
    'current-context': 'c',
    clusters: [
      {
        name: 'c',
        cluster: { server: url, ...(authority === undefined ? {} : { 'certificate-authority': authority }) },
      },
    ],
    users: [{ name: 'u', user: { token } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  };
  await writeFile(file, JSON.stringify(content));
  return file;
}

/** A real server describes a new kind a moment after it serves it. */
async function described(cluster: Parameters<typeof loadClusterDocument>[0]): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const { root } = await loadClusterDocument(cluster);
    if (JSON.stringify(root.value).includes('/apis/example.dev/v1/namespaces/{namespace}/mysqldbs/{name}/status'))
      return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('the API server does not describe the new kind');
}
