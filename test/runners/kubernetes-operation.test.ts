import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKubernetesClient, type KubernetesClient, loadKubernetesConfig } from '../../src/kubernetes/index.ts';
import type { JsonObject } from '../../src/model/index.ts';
import { kubernetesOperation } from '../../src/runners/kubernetes-operation.ts';
import { type KubernetesSandbox, startKubernetesSandbox } from '../../src/sandbox/index.ts';
import { startScriptedServer, status, testClient } from '../kubernetes/scripted-server.ts';
import { harness } from './harness.ts';

let sandbox: KubernetesSandbox;
let kubernetes: KubernetesClient;

beforeAll(async () => {
  sandbox = await startKubernetesSandbox();
  const config = await loadKubernetesConfig({ url: sandbox.url, token: sandbox.token, env: {} });
  if (config === undefined) throw new Error('an explicit URL is always a configuration');
  kubernetes = createKubernetesClient(config);
});
afterAll(async () => {
  await kubernetes.close();
  await sandbox.close();
});

/** One run of the operation that an entry point names. */
function prepared(
  entryPoint: string,
  actionParameters: JsonObject = {},
  more: { client?: KubernetesClient; timeout?: number } = {},
) {
  const made = harness({
    actionParameters,
    runnerParameters: { timeout: more.timeout ?? 30 },
    kubernetes: more.client ?? kubernetes,
  });
  const run = { ...made.run, action: { ...made.run.action, entryPoint } };
  return { ...made, start: () => kubernetesOperation.run(run) };
}
const PODS = '/api/v1/namespaces/{namespace}/pods';
const SECRETS = '/api/v1/namespaces/{namespace}/secrets';
const pod = (name: string, notes: Readonly<Record<string, string>>) =>
  kubernetes.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      annotations: Object.fromEntries(
        Object.entries(notes).map(([key, value]) => [`sandbox.petrel.dev/${key}`, value]),
      ),
    },
    spec: { containers: [{ name: 'app', image: 'x' }] },
  });

describe('A call of the Kubernetes API', () => {
  it('fills in the path, asks what was given, and answers the object', async () => {
    const server = await startScriptedServer({ '/api/v1/namespaces/a%20b/pods': { kind: 'PodList', items: [] } });
    const { start } = prepared(
      `GET ${PODS}`,
      { namespace: 'a b', limit: 5, pretty: null },
      { client: testClient(server) },
    );
    expect(await start()).toEqual({ status: 'succeeded', result: { kind: 'PodList', items: [] } });
    expect(Object.fromEntries(server.asked[0]?.query ?? [])).toEqual({ limit: '5' });
  });

  it('lets only the path of a proxy have slashes', async () => {
    const path = '/api/v1/namespaces/{namespace}/services/{name}/proxy/{path}';
    const server = await startScriptedServer({ '/api/v1/namespaces/d/services/web/proxy/a/b': { up: true } });
    const client = testClient(server);
    const given = { namespace: 'd', name: 'web' };
    expect((await prepared(`GET ${path}`, { ...given, path: 'a/b' }, { client }).start()).result).toEqual({ up: true });
    for (const wrong of [{ ...given, path: '../../x' }, { ...given, name: 'a/b', path: 'x' }, given]) {
      const { status: end, result } = await prepared(`GET ${path}`, wrong, { client }).start();
      expect([end, (result as JsonObject).error]).toEqual([
        'failed',
        expect.stringContaining('cannot be part of a path'),
      ]);
    }
    expect(server.asked).toHaveLength(1);
  });

  it('answers the text of a log, and streams it', async () => {
    await pod('talker', { log: '5' });
    const { start, streamed } = prepared(`GET ${PODS}/{name}/log`, { namespace: 'default', name: 'talker' });
    expect(await start()).toEqual({ status: 'succeeded', result: '5\n' });
    expect(streamed('stdout')).toBe('5\n');
  });

  it('runs a program where the operation is an exec', async () => {
    await pod('worker', { 'exec.ls': 'a\n', 'exec-exit-code': '1' });
    const given = { namespace: 'default', name: 'worker', command: 'ls -l' };
    expect(await prepared(`GET ${PODS}/{name}/exec`, given).start()).toEqual({
      status: 'succeeded',
      result: { exit_code: 1, stdout: 'a\n', stderr: '' },
    });
  });

  it.each(['attach', 'portforward'])('refuses %s, which is no single call', async (subresource) => {
    const { status: end, result } = await prepared(`GET ${PODS}/{name}/${subresource}`, {
      namespace: 'd',
      name: 'x',
    }).start();
    expect([end, (result as JsonObject).error]).toEqual(['failed', expect.stringContaining('kubernetes.exec')]);
  });

  it('answers the events of a watch', async () => {
    const path = '/api/v1/namespaces';
    const { start } = prepared(`GET ${path}`, {
      watch: true,
      timeoutSeconds: 1,
      fieldSelector: 'metadata.name=default',
    });
    expect(await start()).toMatchObject({
      status: 'succeeded',
      result: [{ type: 'ADDED', object: { metadata: { name: 'default' } } }],
    });
  });

  it('marks what Secrets hold, alone, in lists and in watches', async () => {
    const create = prepared(`POST ${SECRETS}`, {
      namespace: 'default',
      body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, stringData: { a: 'swordfish' } },
    });
    await create.start();
    const list = prepared(`GET ${SECRETS}`, { namespace: 'default' });
    await list.start();
    const watch = prepared(`GET ${SECRETS}`, { namespace: 'default', watch: true, timeoutSeconds: 1 });
    await watch.start();
    for (const { secrets } of [create, list, watch]) {
      expect(secrets).toContain('swordfish');
      expect(secrets).toContain(Buffer.from('swordfish').toString('base64'));
    }
  });

  it('is over in time', async () => {
    const server = await startScriptedServer({ '/slow': () => {} });
    const { start } = prepared('GET /slow', {}, { client: testClient(server), timeout: 0.05 });
    expect(await start()).toMatchObject({
      status: 'timeout',
      result: { error: expect.stringContaining('0.05 seconds') },
    });
  });

  it('ends when it is canceled', async () => {
    const server = await startScriptedServer({ '/slow': () => {} });
    const { start, controller } = prepared('GET /slow', {}, { client: testClient(server) });
    setTimeout(() => controller.abort('enough'), 20);
    expect((await start()).status).toBe('canceled');
  });
});

describe('A failed call', () => {
  it.each([
    ['GET', 503, true],
    ['PUT', 500, true],
    ['DELETE', 429, true],
    ['POST', 429, true],
    ['POST', 503, undefined],
    ['GET', 404, undefined],
    ['GET', 422, undefined],
  ])('by %s with %i is repeated: %s', async (method, code, transient) => {
    const server = await startScriptedServer({ '/thing': status(code, 'no') });
    const outcome = await prepared(`${method} /thing`, {}, { client: testClient(server) }).start();
    expect(outcome).toMatchObject({ status: 'failed', result: { status: { code } } });
    expect(outcome.transient).toBe(transient);
  });

  it('without a cluster is not repeated', async () => {
    const { start } = prepared('GET /thing');
    const { run } = harness();
    const outcome = await kubernetesOperation.run({ ...run, action: { ...run.action, entryPoint: 'GET /thing' } });
    expect(outcome.transient).toBeUndefined();
    expect((await start()).status).toBe('failed');
  });
});
