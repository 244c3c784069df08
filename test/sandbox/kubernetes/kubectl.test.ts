import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type KubernetesSandbox, startKubernetesSandbox } from '../../../src/sandbox/kubernetes/index.ts';
import { realComponent } from '../../real.ts';
import { database, databaseDefinition } from './support.ts';

const kubectl = realComponent('kubectl', 'kubectl');

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

describe.runIf(kubectl !== undefined)('kubectl', () => {
  let sandbox: KubernetesSandbox;
  let home: string;

  beforeAll(async () => {
    sandbox = await startKubernetesSandbox();
    home = await mkdtemp(join(tmpdir(), 'petrel-kubectl-'));
    await writeFile(join(home, 'config'), sandbox.kubeconfig);
    const applied = await run(['apply', '-f', '-'], stringify(databaseDefinition()));
    expect(applied).toMatchObject({
      code: 0,
      out: 'customresourcedefinition.apiextensions.k8s.io/mysqldbs.prsn.io created\n',
    });
    await ok(['wait', '--for=condition=Established', 'crd/mysqldbs.prsn.io', '--timeout=10s']);
  });

  afterAll(async () => {
    await sandbox.close();
    await rm(home, { recursive: true });
  });

  const environment = () => ({ PATH: process.env.PATH, HOME: home, KUBECONFIG: join(home, 'config') });

  function run(args: readonly string[], input = '', variables: Record<string, string> = {}): Promise<Ran> {
    return new Promise((resolve) => {
      const options = { env: { ...environment(), ...variables }, timeout: 20_000 };
      const child = execFile(kubectl ?? '', args, options, (error, out, err) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out, err });
      });
      child.stdin?.end(input);
    });
  }

  async function ok(args: readonly string[], input = '', variables: Record<string, string> = {}): Promise<string> {
    const { code, out, err } = await run(args, input, variables);
    expect(code, `kubectl ${args.join(' ')}: ${err}`).toBe(0);
    return out;
  }

  const apply = (name: string, spec?: unknown) => ok(['apply', '-f', '-'], stringify(database(name, spec)));

  it('knows the version and every kind', async () => {
    expect(JSON.parse(await ok(['version', '-o', 'json'])).serverVersion.gitVersion).toBe('v1.32.0+petrel-sandbox');
    expect(await ok(['api-resources'])).toMatch(/mysqldbs +mdb +prsn\.io\/v1 +true +MysqlDb/);
    expect((await ok(['api-versions'])).split('\n')).toEqual(expect.arrayContaining(['apps/v1', 'prsn.io/v1', 'v1']));
    expect(await ok(['get', '--raw', '/readyz'])).toBe('ok');
  });

  it('explains a kind from its schema', async () => {
    const text = await ok(['explain', 'mysqldb.spec.engine']);
    expect(text).toMatch(/KIND: +MysqlDb/);
    expect(text).toContain('The database engine.');
    expect(await ok(['explain', 'mysqldb', '--recursive'])).toMatch(/engineVersion\s+<string>/);
    expect(await ok(['explain', 'deployment.spec.template.spec.containers.image'])).toContain('Container image name.');
  });

  it('applies: created, unchanged, configured', async () => {
    expect(await apply('applied')).toBe('mysqldb.prsn.io/applied created\n');
    expect(await apply('applied')).toBe('mysqldb.prsn.io/applied unchanged\n');
    expect(await apply('applied', { engine: 'mysql', storageGb: 20 })).toBe('mysqldb.prsn.io/applied configured\n');
    await apply('applied');
    expect(await ok(['get', 'mdb', 'applied', '-o', 'jsonpath={.spec}'])).toBe('{"engine":"mysql","size":"small"}');
  });

  it('shows as table, wide, names, YAML, JSON, JSON path and columns of one’s own', async () => {
    await apply('shown', { engine: 'aurora' });
    await ok([
      'patch',
      'mdb',
      'shown',
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"phase":"Ready","conditions":[{"type":"Ready","status":"True"}]}}',
    ]);
    expect(await ok(['get', 'mdb', 'shown'])).toMatch(
      /^NAME +ENGINE +SIZE +PHASE +AGE\nshown +aurora +small +Ready +\d+s\n$/,
    );
    expect(await ok(['get', 'mdb', 'shown', '-o', 'wide'])).toMatch(
      /PHASE +READY +AGE\nshown +aurora +small +Ready +True/,
    );
    expect(await ok(['get', 'mdb/shown', '-o', 'name'])).toBe('mysqldb.prsn.io/shown\n');
    expect(await ok(['get', 'mysqldbs.prsn.io', 'shown', '-o', 'yaml'])).toMatch(
      /^apiVersion: prsn\.io\/v1\nkind: MysqlDb\n/,
    );
    expect(JSON.parse(await ok(['get', 'mdb', 'shown', '-o', 'json'])).spec.engine).toBe('aurora');
    expect(
      await ok(['get', 'mdb', 'shown', '-o', 'custom-columns=N:.metadata.name,E:.spec.engine', '--no-headers']),
    ).toMatch(/^shown +aurora\n$/);
    expect(await ok(['get', 'mdb', '-A', '-l', 'none=here', '-o', 'name'])).toBe('');
    expect(await ok(['get', 'all', '-o', 'name'])).toContain('mysqldb.prsn.io/shown');
    expect(await ok(['get', 'mdb', '--field-selector', 'metadata.name=shown', '-o', 'name'])).toBe(
      'mysqldb.prsn.io/shown\n',
    );
  });

  it('describes an object with its events', async () => {
    await apply('described');
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'described.1', namespace: 'default' },
      involvedObject: { apiVersion: 'prsn.io/v1', kind: 'MysqlDb', name: 'described', namespace: 'default' },
      reason: 'Provisioned',
      message: 'The database is there.',
      type: 'Normal',
    };
    await ok(['create', '-f', '-'], stringify(event));
    const uid = await ok(['get', 'mdb', 'described', '-o', 'jsonpath={.metadata.uid}']);
    await ok(['patch', 'event', 'described.1', '-p', JSON.stringify({ involvedObject: { uid } })]);
    const text = await ok(['describe', 'mdb', 'described']);
    expect(text).toMatch(/Name: +described\n/);
    expect(text).toMatch(/Engine: +mysql\n/);
    expect(text).toContain('The database is there.');
    expect(await ok(['describe', 'namespace', 'default'])).toMatch(/Status: +Active/);
  });

  it('is told what is wrong with an object', async () => {
    const wrong = await run(['apply', '-f', '-'], stringify(database('wrong', { engine: 'oracle', storageGb: 1 })));
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain(
      '* spec.engine: Unsupported value: "oracle": supported values: "mysql", "postgres", "aurora"',
    );
    expect(wrong.err).toContain(
      '* spec.storageGb: Invalid value: 1: spec.storageGb in body should be greater than or equal to 5',
    );
    const unknown = await run(['create', '-f', '-'], stringify(database('wrong', { engine: 'mysql', colour: 'red' })));
    expect(unknown.err).toContain('strict decoding error: unknown field "spec.colour"');
    expect((await run(['get', 'mdb', 'nobody'])).err).toContain(
      'Error from server (NotFound): mysqldbs.prsn.io "nobody" not found',
    );
  });

  it('patches in each of its ways', async () => {
    await apply('patched');
    await ok(['patch', 'mdb', 'patched', '--type=merge', '-p', '{"spec":{"size":"large"}}']);
    await ok(['patch', 'mdb', 'patched', '--type=json', '-p', '[{"op":"add","path":"/spec/storageGb","value":10}]']);
    expect(
      await ok(['get', 'mdb', 'patched', '-o', 'jsonpath={.spec.size} {.spec.storageGb} {.metadata.generation}']),
    ).toBe('large 10 3');
    await ok(['create', 'deployment', 'patched', '--image=nginx:1', '--port=80']);
    await ok([
      'patch',
      'deployment',
      'patched',
      '-p',
      '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","env":[{"name":"A","value":"b"}]}]}}}}',
    ]);
    await ok(['set', 'image', 'deployment/patched', 'nginx=nginx:2']);
    const container = await ok(['get', 'deployment', 'patched', '-o', 'jsonpath={.spec.template.spec.containers}']);
    expect(JSON.parse(container)).toMatchObject([
      { name: 'nginx', image: 'nginx:2', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: 'b' }] },
    ]);
  });

  it('edits, labels, annotates, scales, replaces', async () => {
    await apply('edited');
    expect(await ok(['edit', 'mdb', 'edited'], '', { KUBE_EDITOR: 'sed -i s/small/huge/' })).toBe(
      'mysqldb.prsn.io/edited edited\n',
    );
    expect(await ok(['label', 'mdb', 'edited', 'team=shop'])).toBe('mysqldb.prsn.io/edited labeled\n');
    expect(await ok(['annotate', 'mdb', 'edited', 'note=x'])).toMatch(/^mysqldb\.prsn\.io\/edited annotated?\n$/);
    expect(await ok(['label', 'mdb', 'edited', 'team-'])).toBe('mysqldb.prsn.io/edited unlabeled\n');
    expect(await ok(['scale', 'mdb', 'edited', '--replicas=3'])).toBe('mysqldb.prsn.io/edited scaled\n');
    const now = JSON.parse(await ok(['get', 'mdb', 'edited', '-o', 'json']));
    expect([now.spec, now.metadata.annotations.note]).toEqual([{ engine: 'mysql', size: 'huge', replicas: 3 }, 'x']);
    now.spec.size = 'tiny';
    expect(await ok(['replace', '-f', '-'], JSON.stringify(now))).toBe('mysqldb.prsn.io/edited replaced\n');
    expect((await run(['replace', '-f', '-'], JSON.stringify(now))).err).toContain('the object has been modified');
  });

  it('shows the difference an apply would make, without making it', async () => {
    await apply('compared');
    const { code, out } = await run(
      ['diff', '-f', '-'],
      stringify(database('compared', { engine: 'mysql', storageGb: 40 })),
    );
    expect([code, out.includes('+  storageGb: 40')]).toEqual([1, true]);
    expect((await run(['diff', '-f', '-'], stringify(database('compared')))).code).toBe(0);
    const dry = ['apply', '--dry-run=server', '-f', '-'];
    expect(await ok(dry, stringify(database('never')))).toBe('mysqldb.prsn.io/never created (server dry run)\n');
    expect((await run(['get', 'mdb', 'never'])).code).toBe(1);
  });

  it('applies on the server, and is told of conflicts', async () => {
    const server = (spec: unknown, ...more: string[]) =>
      run(['apply', '--server-side', '-f', '-', ...more], stringify(database('owned', spec)));
    expect((await server({ engine: 'mysql', storageGb: 20 })).out).toBe('mysqldb.prsn.io/owned serverside-applied\n');
    const conflict = await server({ engine: 'mysql', storageGb: 40 }, '--field-manager=helm');
    expect(conflict.err).toContain('Apply failed with 1 conflict: conflict with "kubectl": .spec.storageGb');
    expect((await server({ engine: 'mysql', storageGb: 40 }, '--field-manager=helm', '--force-conflicts')).code).toBe(
      0,
    );
    await apply('migrated', { engine: 'mysql', storageGb: 20 });
    const migrated = await ok(
      ['apply', '--server-side', '-f', '-'],
      stringify(database('migrated', { engine: 'mysql', storageGb: 30 })),
    );
    expect(migrated).toBe('mysqldb.prsn.io/migrated serverside-applied\n');
  });

  it('waits for conditions, values and deletions', async () => {
    await apply('awaited');
    const ready = ok(['wait', '--for=condition=Ready', 'mdb/awaited', '--timeout=15s']);
    const phase = ok(['wait', '--for=jsonpath={.status.phase}=Ready', 'mdb/awaited', '--timeout=15s']);
    await ok([
      'patch',
      'mdb',
      'awaited',
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"phase":"Ready","conditions":[{"type":"Ready","status":"True"}]}}',
    ]);
    expect(await ready).toBe('mysqldb.prsn.io/awaited condition met\n');
    expect(await phase).toBe('mysqldb.prsn.io/awaited condition met\n');
    await ok(['patch', 'mdb', 'awaited', '--type=merge', '-p', '{"metadata":{"finalizers":["prsn.io/petrel"]}}']);
    await ok(['delete', 'mdb', 'awaited', '--wait=false']);
    const gone = ok(['wait', '--for=delete', 'mdb/awaited', '--timeout=15s']);
    await ok(['patch', 'mdb', 'awaited', '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
    await gone;
  });

  it('watches', async () => {
    const child = spawn(kubectl ?? '', ['get', 'mdb', '-w', '-l', 'watched=here'], { env: environment() });
    let text = '';
    const until = (wanted: RegExp) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (wanted.test(text)) resolve();
        };
        child.stdout.on('data', look);
        child.on('close', () => reject(new Error(`kubectl ended with: ${text}`)));
        look();
      });
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    await ok(
      ['create', '-f', '-'],
      stringify(database('watched', { engine: 'mysql' }, { labels: { watched: 'here' } })),
    );
    await until(/^NAME +ENGINE +SIZE.*\nwatched +mysql +small/);
    await ok(['patch', 'mdb', 'watched', '--type=merge', '-p', '{"spec":{"size":"huge"}}']);
    await until(/watched +mysql +huge/);
    const closed = new Promise((resolve) => child.on('close', resolve));
    child.kill();
    await closed;
    expect(text.split('\n')[0]).toMatch(/^NAME/);
  });

  it('creates the usual things from its command line', async () => {
    await ok(['create', 'namespace', 'usual']);
    const inUsual = (...args: string[]) => ok(['-n', 'usual', ...args]);
    await inUsual('create', 'configmap', 'settings', '--from-literal=a=b');
    await inUsual('create', 'secret', 'generic', 'password', '--from-literal=password=hunter2');
    await inUsual('create', 'serviceaccount', 'robot');
    await inUsual('create', 'deployment', 'web', '--image=nginx', '--replicas=2');
    await inUsual('expose', 'deployment', 'web', '--port=80');
    await inUsual('run', 'once', '--image=busybox', '--restart=Never');
    expect(await inUsual('get', 'secret', 'password', '-o', 'jsonpath={.data.password}')).toBe('aHVudGVyMg==');
    expect(await inUsual('get', 'configmap', 'settings')).toMatch(/NAME +DATA +AGE\nsettings +1 /);
    expect(await inUsual('get', 'deployment', 'web')).toMatch(/web +2\/2 +2 +2 /);
    expect(await inUsual('get', 'service', 'web', '-o', 'jsonpath={.spec.ports[0].port}')).toBe('80');
    expect(await inUsual('get', 'pod', 'once')).toMatch(/once +1\/1 +Running +0 /);
    expect(await inUsual('describe', 'deployment', 'web')).toContain('app=web');
    await ok(['delete', 'namespace', 'usual', '--timeout=15s']);
    expect((await run(['get', 'namespace', 'usual'])).code).toBe(1);
  });

  it('posts a ThirdPartyResource, and its objects as they were in 2016', async () => {
    const resource = {
      apiVersion: 'extensions/v1beta1',
      kind: 'ThirdPartyResource',
      metadata: { name: 'cron-tab.stable.example.com' },
      description: 'A periodic task',
      versions: [{ name: 'stable/v1' }],
    };
    expect(await ok(['create', '-f', '-'], stringify(resource))).toBe(
      'thirdpartyresource.extensions/cron-tab.stable.example.com created\n',
    );
    const task = {
      apiVersion: 'stable.example.com/v1',
      kind: 'CronTab',
      metadata: { name: 'nightly' },
      cronSpec: '0 3 * * *',
    };
    await ok(['create', '-f', '-'], stringify(task));
    expect(await ok(['get', 'crontabs', 'nightly', '-o', 'jsonpath={.cronSpec}'])).toBe('0 3 * * *');
    expect(JSON.parse(await ok(['get', '--raw', '/apis/stable.example.com/stable/v1/crontabs'])).items).toHaveLength(1);
  });

  it('deletes by name, by label and altogether', async () => {
    for (const name of ['one', 'two', 'three']) await apply(`gone-${name}`);
    await ok(['label', 'mdb', 'gone-one', 'gone-two', 'gone=soon']);
    expect(await ok(['delete', 'mdb', 'gone-three'])).toMatch(/^mysqldb\.prsn\.io "gone-three" deleted/);
    await ok(['delete', 'mdb', '-l', 'gone=soon']);
    expect(await ok(['get', 'mdb', '-o', 'name'])).not.toContain('gone-');
    expect(await ok(['delete', 'mdb', 'gone-three', '--ignore-not-found'])).toBe('');
    await ok(['delete', 'mdb', '--all', '--timeout=15s']);
    expect(await ok(['get', 'mdb', '-o', 'name'])).toBe('');
  });
});
