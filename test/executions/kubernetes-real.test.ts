import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/model/index.ts';
import { type Server, startServer } from '../../src/server.ts';
import { type RealCluster, realKubernetes, startRealCluster } from '../real/kubernetes.ts';

const place = realKubernetes();

describe.runIf(place !== undefined)('Acting on a real Kubernetes', () => {
  let cluster: RealCluster;
  let directory: string;
  let server: Server;

  beforeAll(async () => {
    cluster = await startRealCluster(place ?? '');
    directory = await mkdtemp(join(tmpdir(), 'petrel-real-acting-'));
    const pack = join(directory, 'packs', 'jobs');
    await mkdir(join(pack, 'actions'), { recursive: true });
    await writeFile(join(directory, 'kubeconfig'), cluster.kubeconfig);
    await writeFile(join(pack, 'pack.yaml'), 'name: jobs\ndescription: jobs\nversion: 1.0.0\nauthor: test\n');
    await writeFile(
      join(pack, 'actions', 'job.yaml'),
      'name: job\nrunner_type: kubernetes-job\nparameters:\n  image: {default: alpine}\n  secret_env: {default: {A: swordfish}}\n',
    );
    server = await startServer({
      data: join(directory, 'data'),
      packs: [join(directory, 'packs')],
      kubernetes: { kubeconfig: join(directory, 'kubeconfig') },
      port: 0,
      logFile: join(directory, 'petrel.log'),
    });
  }, 120_000);
  afterAll(async () => {
    await server?.stop(0);
    await cluster?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  async function run(action: string, parameters: JsonObject = {}): Promise<Json | undefined> {
    const actionRef = action.includes('.') ? action : `kubernetes.${action}`;
    const { id } = await server.executions.request({ actionRef, parameters, user: 'ann' });
    const { status } = await server.executions.wait(id, AbortSignal.timeout(60_000));
    const result = await server.store.getResult(id);
    expect([status, result]).toEqual(['succeeded', result]);
    return result;
  }

  const namespace = 'default';
  const name = 'settings';

  it('creates, reads, lists, patches in every way, replaces and deletes by its operations', async () => {
    await run('createCoreV1NamespacedConfigMap', { namespace, body: { metadata: { name }, data: { a: '1' } } });
    expect(await run('readCoreV1NamespacedConfigMap', { namespace, name })).toMatchObject({ data: { a: '1' } });
    const listed = await run('listCoreV1ConfigMapForAllNamespaces', { fieldSelector: `metadata.name=${name}` });
    expect((listed as { items: Json }).items).toHaveLength(1);
    const patch = (patch_type: string, body: Json, more: JsonObject = {}) =>
      run('patchCoreV1NamespacedConfigMap', { namespace, name, patch_type, body, ...more });
    expect(await patch('merge', { data: { a: '2' } })).toMatchObject({ data: { a: '2' } });
    expect(await patch('strategic', { data: { b: '3' } })).toMatchObject({ data: { a: '2', b: '3' } });
    expect(await patch('json', [{ op: 'remove', path: '/data/b' }])).toMatchObject({ data: { a: '2' } });
    const applied = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { c: '4' } };
    expect(await patch('apply', applied, { fieldManager: 'test' })).toMatchObject({ data: { a: '2', c: '4' } });
    const replaced = await run('replaceCoreV1NamespacedConfigMap', { namespace, name, body: { metadata: { name } } });
    expect(replaced).not.toHaveProperty('data');
    expect(await run('deleteCoreV1NamespacedConfigMap', { namespace, name })).toMatchObject({ status: 'Success' });
    const events = await run('listCoreV1Namespace', { watch: true, timeoutSeconds: 1 });
    expect(events).toContainEqual(expect.objectContaining({ type: 'ADDED' }));
  });

  it('knows all operations, and those of a new kind soon after it is defined', async () => {
    const answer = await fetch(`${server.url}/api/v1/actions?pack=kubernetes`, {
      headers: { 'x-auth-token': server.token },
    });
    expect(((await answer.json()) as readonly Json[]).length).toBeGreaterThan(800);
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    await run('createApiextensionsV1CustomResourceDefinition', {
      body: {
        metadata: { name: 'mysqldbs.prsn.io' },
        spec: {
          group: 'prsn.io',
          scope: 'Namespaced',
          names: { kind: 'MysqlDb', plural: 'mysqldbs', singular: 'mysqldb' },
          versions: [{ name: 'v1', served: true, storage: true, schema }],
        },
      },
    });
    const body = { metadata: { name: 'db' }, spec: { size: 1 } };
    for (let tries = 0; ; tries += 1) {
      try {
        expect(await run('createPrsnIoV1NamespacedMysqlDb', { namespace, body })).toMatchObject({ spec: { size: 1 } });
        break;
      } catch (error) {
        if (tries > 60) throw error;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }, 60_000);

  it('runs an action as a Job and takes everything away', async () => {
    // Nobody has its log: there is no real node.
    expect(await run('jobs.job', { timeout: 60 })).toMatchObject({ return_code: 0 });
    for (const [list, selection] of [
      ['listBatchV1NamespacedJob', {}],
      ['listCoreV1NamespacedPod', { labelSelector: 'petrel.io/execution' }],
      ['listCoreV1NamespacedSecret', { labelSelector: 'petrel.io/execution' }],
    ] as const) {
      await expect
        .poll(async () => ((await run(list, { namespace, ...selection })) as { items: Json }).items, {
          timeout: 20_000,
        })
        .toEqual([]);
    }
  }, 120_000);
});
