import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/model/index.ts';
import { type KubernetesSandbox, startKubernetesSandbox } from '../../src/sandbox/index.ts';
import { type Server, type ServerOptions, startServer } from '../../src/server.ts';

let sandbox: KubernetesSandbox;
let directory: string;
let server: Server;

const start = (options: Partial<ServerOptions> = {}) =>
  startServer({
    data: join(directory, 'data'),
    packs: [join(directory, 'packs')],
    kubernetes: { url: sandbox.url, token: sandbox.token },
    port: 0,
    logFile: join(directory, 'petrel.log'),
    ...options,
  });

const CHAIN = `
chain:
  - name: create
    ref: kubernetes.createCoreV1NamespacedConfigMap
    parameters:
      namespace: default
      body: {metadata: {name: "{{ name }}"}, data: {colour: green}}
    on-success: read
  - name: read
    ref: kubernetes.readCoreV1NamespacedConfigMap
    parameters: {namespace: default, name: "{{ create.metadata.name }}"}
    publish: {colour: "{{ read.data.colour }}"}
`;

beforeAll(async () => {
  sandbox = await startKubernetesSandbox({ port: 0 });
  directory = await mkdtemp(join(tmpdir(), 'petrel-operations-'));
  const pack = join(directory, 'packs', 'mine');
  await mkdir(join(pack, 'actions', 'chains'), { recursive: true });
  await mkdir(join(pack, 'rules'), { recursive: true });
  await writeFile(join(pack, 'pack.yaml'), 'name: mine\ndescription: mine\nversion: 1.0.0\nauthor: test\n');
  await writeFile(join(pack, 'actions', 'chains', 'flow.yaml'), CHAIN);
  await writeFile(
    join(pack, 'actions', 'flow.yaml'),
    'name: flow\nrunner_type: action-chain\nentry_point: chains/flow.yaml\nparameters:\n  name: {type: string, required: true}\n',
  );
  await writeFile(
    join(pack, 'rules', 'rule.yaml'),
    `name: rule
enabled: true
trigger: {type: core.st2.webhook, parameters: {url: hook}}
action:
  ref: kubernetes.createCoreV1NamespacedConfigMap
  parameters: {namespace: default, body: {metadata: {name: "{{ trigger.body.name }}"}}}
`,
  );
  server = await start();
});
afterAll(async () => {
  await server.stop(0);
  await sandbox.close();
  await rm(directory, { recursive: true, force: true });
});

async function call(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ code: number; body: Json; total: number }> {
  const answer = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { 'x-auth-token': server.token, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return {
    code: answer.status,
    body: (await answer.json()) as Json, // the API answers JSON
    total: Number(answer.headers.get('x-total-count')),
  };
}

async function run(action: string, parameters: JsonObject): Promise<{ status: string; result: Json | undefined }> {
  const actionRef = action.includes('.') ? action : `kubernetes.${action}`;
  const { id } = await server.executions.request({ actionRef, parameters, user: 'ann' });
  const { status } = await server.executions.wait(id, AbortSignal.timeout(20_000));
  return { status, result: await server.store.getResult(id) };
}

const configMap = (name: string, more: JsonObject = {}) => ({ metadata: { name, ...more }, data: { size: '1' } });

describe('An operation of the API, named as an action', () => {
  it('creates, and answers the object', async () => {
    const body = configMap('one', { labels: { test: 'list' } });
    const { status, result } = await run('createCoreV1NamespacedConfigMap', { namespace: 'default', body });
    expect(status).toBe('succeeded');
    expect(result).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'one', namespace: 'default' } });
  });

  it('lists, with what the query may say', async () => {
    const { result } = await run('listCoreV1NamespacedConfigMap', {
      namespace: 'default',
      ...(await hasParameter('listCoreV1NamespacedConfigMap', 'labelSelector', { labelSelector: 'test=list' })),
    });
    expect(result).toMatchObject({ kind: 'ConfigMapList' });
    expect((result as { items: readonly Json[] }).items).toContainEqual(
      expect.objectContaining({ metadata: expect.objectContaining({ name: 'one' }) }),
    );
  });

  it.each([
    ['merge', { data: { size: '2' } }],
    ['json', [{ op: 'replace', path: '/data/size', value: '2' }]],
    ['merge', '{"data": {"size": "2"}}'],
  ])('patches by a %s patch %j', async (patch_type, body) => {
    await run('createCoreV1NamespacedConfigMap', { namespace: 'default', body: configMap('patched') });
    const { result } = await run('patchCoreV1NamespacedConfigMap', {
      namespace: 'default',
      name: 'patched',
      patch_type,
      body,
    });
    expect(result).toMatchObject({ data: { size: '2' } });
    const gone = await run('deleteCoreV1NamespacedConfigMap', { namespace: 'default', name: 'patched' });
    expect(gone.status).toBe('succeeded');
  });

  it('fails with the reason and the Status of the API', async () => {
    const { status, result } = await run('readCoreV1NamespacedPod', { namespace: 'default', name: 'nowhere' });
    expect(status).toBe('failed');
    expect(result).toMatchObject({ error: expect.stringContaining('nowhere'), status: { code: 404 } });
  });

  it('refuses names that would lead to another path', async () => {
    const { status, result } = await run('readCoreV1NamespacedPod', { namespace: 'default', name: '../secrets' });
    expect(status).toBe('failed');
    expect(result).toMatchObject({ error: expect.stringContaining('"name"') });
  });

  it.each([
    [{ namespace: 'default' }, "'name' is a required property"],
    [{ namespace: 'default', name: 'x', colour: 'red' }, "'colour' was unexpected"],
  ])('holds %j against its parameters', async (parameters, complaint) => {
    await expect(run('readCoreV1NamespacedPod', parameters)).rejects.toThrow(complaint);
  });

  it('that does not exist is told from the one that was meant', async () => {
    const failure = run('readCoreV1NamespacedPodd', { namespace: 'default', name: 'x' });
    await expect(failure).rejects.toMatchObject({ code: 'not_found' });
    await expect(failure).rejects.toThrow('Did you mean "kubernetes.readCoreV1NamespacedPod"?');
  });

  it('gives way to an action of that name in the pack', async () => {
    const { body } = await call('GET', '/actions/kubernetes.get');
    expect(body).toMatchObject({ runner_type: 'typescript-script' });
  });
});

/** Not every server's documents say what the query takes. */
async function hasParameter(action: string, name: string, parameters: JsonObject): Promise<JsonObject> {
  const { body } = await call('GET', `/actions/kubernetes.${action}`);
  return name in (body as { parameters: object }).parameters ? parameters : {};
}

describe('What a Secret holds', () => {
  const password = 'correct-horse-battery';
  const encoded = Buffer.from(password).toString('base64');
  const name = 'keys';

  it.each([
    ['create', { body: { metadata: { name }, stringData: { password } } }],
    ['replace', { name, body: JSON.stringify({ metadata: { name }, stringData: { password } }) }],
    ['patch', { name, body: { data: { password: encoded } } }],
    ['patch', { name, patch_type: 'json', body: [{ op: 'add', path: '/data/password', value: encoded }] }],
  ])('is sealed on the way in, and masked on the way out of %s %#', async (verb, parameters) => {
    const { id } = await server.executions.request({
      actionRef: `kubernetes.${verb}CoreV1NamespacedSecret`,
      parameters: { namespace: 'default', ...parameters },
      user: 'ann',
    });
    const { status } = await server.executions.wait(id, AbortSignal.timeout(20_000));
    expect(status).toBe('succeeded');
    const stored = JSON.stringify([await server.store.getExecution(id), await server.store.getResult(id)]);
    const shown = JSON.stringify((await call('GET', `/executions/${id}`)).body);
    for (const text of [stored, shown]) {
      expect(text).not.toContain(password);
      expect(text).not.toContain(encoded);
      expect(text).toContain('keys');
    }
  });

  it('is not taken as a text that nobody could seal', async () => {
    const body = JSON.stringify({ data: { password: encoded } });
    await expect(run('patchCoreV1NamespacedSecret', { namespace: 'default', name, body })).rejects.toThrow('"body"');
  });
});

describe('Operations elsewhere', () => {
  it('are tasks of workflows, and requested by rules', async () => {
    const flow = await run('mine.flow', { name: 'from-chain' });
    expect(flow).toMatchObject({ status: 'succeeded', result: { published: { colour: 'green' } } });
    expect((await call('POST', '/webhooks/hook', { name: 'from-rule' })).code).toBe(202);
    for (let tries = 0; tries < 200; tries += 1) {
      const { status } = await run('readCoreV1NamespacedConfigMap', { namespace: 'default', name: 'from-rule' });
      if (status === 'succeeded') return;
    }
    throw new Error('the rule did not create it');
  });

  it('are no problem of a pack that names them', () => {
    expect(server.registry.snapshot().problems.filter(({ pack }) => pack === 'mine')).toEqual([]);
  });

  it('are listed behind those of packs, by page and by filter', async () => {
    const all = await call('GET', '/actions?limit=-1');
    const files = server.registry.snapshot().actions.size;
    const refs = (all.body as readonly { ref: string }[]).map(({ ref }) => ref);
    expect(refs.slice(0, files)).toEqual([...server.registry.snapshot().actions.keys()]);
    expect(refs.length).toBeGreaterThan(files + 50);
    const page = await call('GET', `/actions?limit=5&offset=${files}`);
    expect(page.total).toBe(refs.length);
    expect((page.body as readonly { ref: string }[]).map(({ ref }) => ref)).toEqual(refs.slice(files, files + 5));
    const named = await call('GET', '/actions?pack=kubernetes&name=readCoreV1NamespacedPod');
    expect(named.body).toMatchObject([
      { ref: 'kubernetes.readCoreV1NamespacedPod', runner_type: 'kubernetes-operation' },
    ]);
  });

  it('appear with a definition of a new kind, and go with it', async () => {
    const definition = {
      metadata: { name: 'mysqldbs.prsn.io' },
      spec: {
        group: 'prsn.io',
        scope: 'Namespaced',
        names: { kind: 'MysqlDb', plural: 'mysqldbs', singular: 'mysqldb' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    };
    const parameters = { namespace: 'default', body: { metadata: { name: 'db' }, spec: { size: 1 } } };
    await expect(run('createPrsnIoV1NamespacedMysqlDb', parameters)).rejects.toMatchObject({ code: 'not_found' });
    await run('createApiextensionsV1CustomResourceDefinition', { body: definition });
    const created = await eventually(() => run('createPrsnIoV1NamespacedMysqlDb', parameters));
    expect(created).toMatchObject({ status: 'succeeded', result: { kind: 'MysqlDb', spec: { size: 1 } } });
  });
});

/** Until it does not throw any more. */
async function eventually<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries > 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

describe('A start without the cluster', () => {
  let other: Server | undefined;
  afterEach(async () => {
    await other?.stop(0);
    other = undefined;
  });

  it('knows the operations it knew', async () => {
    await run('listCoreV1NamespacedConfigMap', { namespace: 'default' });
    await server.stop(0);
    const { url, token } = sandbox;
    await sandbox.close();
    server = await start({ kubernetes: { url, token } });
    const { body } = await call('GET', '/actions/kubernetes.listCoreV1NamespacedConfigMap');
    expect(body).toMatchObject({ runner_type: 'kubernetes-operation' });
  });

  it('says of one it never knew that this cannot be told', async () => {
    other = await start({ data: join(directory, 'other'), kubernetes: { url: 'http://127.0.0.1:1' } });
    const failure = other.executions.request({
      actionRef: 'kubernetes.readCoreV1NamespacedPod',
      parameters: {},
      user: 'ann',
    });
    await expect(failure).rejects.toMatchObject({ code: 'unavailable' });
  });
});
