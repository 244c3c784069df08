import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import cordon from '../../packs/kubernetes/actions/cordon.ts';
import drain from '../../packs/kubernetes/actions/drain.ts';
import exec from '../../packs/kubernetes/actions/exec.ts';
import logs from '../../packs/kubernetes/actions/logs.ts';
import rolloutRestart from '../../packs/kubernetes/actions/rollout_restart.ts';
import rolloutStatus from '../../packs/kubernetes/actions/rollout_status.ts';
import scale from '../../packs/kubernetes/actions/scale.ts';
import uncordon from '../../packs/kubernetes/actions/uncordon.ts';
import { createKubernetesClient, type KubernetesClient, loadKubernetesConfig } from '../../src/kubernetes/index.ts';
import { type KubernetesSandbox, startKubernetesSandbox } from '../../src/sandbox/index.ts';
import { type KubernetesObject, testRun } from '../../src/sdk/index.ts';
import { realComponent } from '../real.ts';

const kubectl = realComponent('kubectl', 'kubectl');

let sandbox: KubernetesSandbox;
let kubernetes: KubernetesClient;
let home: string;
let node: string;
let count = 0;
let name: string;

beforeAll(async () => {
  sandbox = await startKubernetesSandbox();
  const config = await loadKubernetesConfig({ url: sandbox.url, token: sandbox.token, env: {} });
  if (config === undefined) throw new Error('an explicit URL is always a configuration');
  kubernetes = createKubernetesClient(config);
  home = await mkdtemp(join(tmpdir(), 'petrel-workloads-'));
  await writeFile(join(home, 'config'), sandbox.kubeconfig);
  const [only] = await kubernetes.list('v1', 'Node');
  node = only?.metadata.name ?? '';
});
afterAll(async () => {
  await kubernetes.close();
  await sandbox.close();
  await rm(home, { recursive: true, force: true });
});
beforeEach(() => {
  count += 1;
  name = `w${count}`;
});

/** What kubectl says of it; undefined where there is no kubectl. */
async function kubectlSays(...args: readonly string[]): Promise<string | undefined> {
  if (kubectl === undefined) return undefined;
  const env = { PATH: process.env.PATH, HOME: home, KUBECONFIG: join(home, 'config') };
  return (await promisify(execFile)(kubectl, [...args], { env, timeout: 20_000 })).stdout;
}

const notes = (script: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(script).map(([key, value]) => [`sandbox.petrel.dev/${key}`, value]));

const template = (script: Readonly<Record<string, string>> = {}) => ({
  metadata: { labels: { app: name }, annotations: notes(script) },
  spec: { containers: [{ name: 'app', image: 'nginx' }] },
});

const deployment = (replicas: number, script: Readonly<Record<string, string>> = {}) =>
  kubernetes.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: template(script) },
  });
const read = () => kubernetes.get({ apiVersion: 'apps/v1', kind: 'Deployment', name, namespace: 'default' });

const bare = (script: Readonly<Record<string, string>> = {}, more: object = {}) =>
  kubernetes.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', annotations: notes(script), ...more },
    spec: template().spec,
  });

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('It did not come about.');
}
const phase = ({ status }: KubernetesObject) => (status as { phase?: string } | undefined)?.phase;

describe('kubernetes.scale', () => {
  it('sets the number, and waits until as many are ready', async () => {
    await deployment(1);
    const { result } = await testRun(scale, { input: { name, replicas: 3, wait: true, timeout: 10 }, kubernetes });
    expect(result).toEqual({ changed: true, replicas_before: 1, replicas: 3, ready: 3 });
    const said = await kubectlSays('get', 'deployment', name, '--no-headers');
    if (said !== undefined) expect(said).toMatch(/3\/3/);
    const down = await testRun(scale, { input: { name, replicas: 0, wait: true, timeout: 10 }, kubernetes });
    expect(down.result).toMatchObject({ changed: true, replicas: 0, ready: 0 });
  });

  it('changes nothing where the number is there, and refuses where another one was expected', async () => {
    await deployment(2);
    const again = await testRun(scale, { input: { name, replicas: 2 }, kubernetes });
    expect(again.result.changed).toBe(false);
    const input = { name, replicas: 5, current_replicas: 4 };
    await expect(testRun(scale, { input, kubernetes })).rejects.toThrow('2 replicas and not 4');
    expect((await read()).spec).toMatchObject({ replicas: 2 });
  });

  it('says how many there are when not all become ready', async () => {
    await deployment(0, { waiting: 'ImagePullBackOff' });
    const input = { name, replicas: 1, wait: true, timeout: 0.3 };
    await expect(testRun(scale, { input, kubernetes })).rejects.toThrow('there are 0');
  });
});

describe('kubernetes.rollout_status and rollout_restart', () => {
  it('wait until all pods are of the newest form', async () => {
    await deployment(2, { 'ready-after': '300ms' });
    const { result } = await testRun(rolloutStatus, { input: { name, timeout: 20 }, kubernetes });
    expect(result).toMatchObject({ done: true, replicas: 2, updated: 2, available: 2 });
    const said = await kubectlSays('rollout', 'status', `deployment/${name}`);
    if (said !== undefined) expect(said).toContain('successfully rolled out');
  });

  it('answer how far it is when nobody wants to wait', async () => {
    await deployment(2, { waiting: 'ImagePullBackOff' });
    const { result } = await testRun(rolloutStatus, { input: { name, wait: false }, kubernetes });
    expect(result).toMatchObject({ done: false, available: 0 });
    const input = { name, timeout: 0.3 };
    await expect(testRun(rolloutStatus, { input, kubernetes })).rejects.toThrow('did not end within 0.3 s');
  });

  it('replace the pods once for an execution', async () => {
    await deployment(1);
    await testRun(rolloutStatus, { input: { name, timeout: 10 }, kubernetes });
    const before = (await read()).metadata.generation ?? 0;
    const { result } = await testRun(rolloutRestart, { input: { name }, kubernetes });
    const again = await testRun(rolloutRestart, { input: { name }, kubernetes, attempt: 2 });
    expect(again.result.restarted_at).toBe(result.restarted_at);
    expect((await read()).metadata.generation).toBe(before + 1);
    await testRun(rolloutStatus, { input: { name, timeout: 10 }, kubernetes });
    const said = await kubectlSays('rollout', 'history', `deployment/${name}`);
    if (said !== undefined) expect(said).toMatch(/^2 /m);
  });

  it.each([
    ['ConfigMap', 'v1'],
    ['Namespace', 'v1'],
  ])('refuse a %s, which has no pods', async (kind, api_version) => {
    if (kind === 'ConfigMap') await kubernetes.create({ apiVersion: 'v1', kind, metadata: { name } });
    const input = { name: kind === 'ConfigMap' ? name : 'default', kind, api_version };
    await expect(testRun(rolloutRestart, { input, kubernetes })).rejects.toThrow('no pod template');
    await expect(testRun(rolloutStatus, { input, kubernetes })).rejects.toThrow('has no rollout');
  });
});

describe('kubernetes.logs', () => {
  it('reads what a container printed', async () => {
    await bare({ log: 'one\ntwo\nthree' });
    const { result } = await testRun(logs, { input: { name }, kubernetes });
    expect(result).toEqual({ log: 'one\ntwo\nthree\n', truncated: false });
    const tail = await testRun(logs, { input: { name, tail_lines: 1 }, kubernetes });
    expect(tail.result.log).toBe('three\n');
  });

  it('follows until the container ends, line by line', async () => {
    await bare({ log: 'begun' });
    const running = testRun(logs, { input: { name, follow: true }, kubernetes });
    await kubernetes.patch(
      { apiVersion: 'v1', kind: 'Pod', name, namespace: 'default' },
      { metadata: { annotations: notes({ log: 'begun\nended' }) } },
    );
    setTimeout(() => void kubernetes.delete({ apiVersion: 'v1', kind: 'Pod', name }).catch(() => {}), 300);
    const { context, result } = await running;
    expect(result.log).toBe('begun\nended\n');
    expect(context.logged.map(({ message }) => message)).toEqual(['begun', 'ended']);
  });

  it('says which pod there is not', async () => {
    await expect(testRun(logs, { input: { name }, kubernetes })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('kubernetes.exec', () => {
  const input = (more: object = {}) => ({ name, command: ['ls', '-l'], ...more });

  it('answers what the program printed', async () => {
    await bare({ exec: 'files\n', 'exec-stderr': 'hm\n' });
    const { result } = await testRun(exec, { input: input(), kubernetes });
    expect(result).toEqual({ exit_code: 0, stdout: 'files\n', stderr: 'hm\n' });
  });

  it('fails with the exit code, unless that is an answer', async () => {
    await bare({ exec: '', 'exec-stderr': 'no such file\n', 'exec-exit-code': '2' });
    await expect(testRun(exec, { input: input(), kubernetes })).rejects.toThrow('ended with 2: no such file');
    const { result } = await testRun(exec, { input: input({ allow_failure: true }), kubernetes });
    expect(result.exit_code).toBe(2);
  });

  it('says which pod there is not', async () => {
    await expect(testRun(exec, { input: input(), kubernetes })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('kubernetes.cordon, uncordon and drain', () => {
  const unschedulable = async () => {
    const { spec } = await kubernetes.get({ apiVersion: 'v1', kind: 'Node', name: node });
    return (spec as { unschedulable?: boolean }).unschedulable === true;
  };
  const input = (more: object = {}) => ({ name: node, pod_selector: `app=${name}`, timeout: 10, ...more });
  const pods = () => kubernetes.list('v1', 'Pod', { labelSelector: `app=${name}` });

  beforeEach(() => testRun(uncordon, { input: { name: node }, kubernetes }));

  it('keep pods away, and let them come', async () => {
    expect((await testRun(cordon, { input: { name: node }, kubernetes })).result).toEqual({ changed: true });
    expect((await testRun(cordon, { input: { name: node }, kubernetes })).result).toEqual({ changed: false });
    expect(await unschedulable()).toBe(true);
    const said = await kubectlSays('get', 'nodes', '--no-headers');
    if (said !== undefined) expect(said).toContain('SchedulingDisabled');
    expect((await testRun(uncordon, { input: { name: node }, kubernetes })).result).toEqual({ changed: true });
    expect(await unschedulable()).toBe(false);
  });

  it('evict what something starts again elsewhere', async () => {
    await deployment(2);
    await until(async () => ((await pods()).filter((pod) => phase(pod) === 'Running').length === 2 ? true : undefined));
    const before = (await pods()).map(({ metadata }) => metadata.name).sort();
    const { result } = await testRun(drain, { input: input(), kubernetes });
    expect(result.evicted.map((pod) => pod.name).sort()).toEqual(before);
    const after = (await pods()).map(({ metadata }) => metadata.name);
    expect(after.filter((pod) => before.includes(pod))).toEqual([]);
    expect(await unschedulable()).toBe(true);
  });

  it('refuse, before anything goes, what would be lost', async () => {
    await bare({}, { labels: { app: name } });
    await until(async () => (await pods()).find((pod) => phase(pod) === 'Running'));
    await expect(testRun(drain, { input: input(), kubernetes })).rejects.toThrow(
      `default/${name}: nothing would start it`,
    );
    expect(await pods()).toHaveLength(1);
    const { result } = await testRun(drain, { input: input({ force: true }), kubernetes });
    expect(result.evicted).toEqual([{ namespace: 'default', name }]);
    expect(await pods()).toEqual([]);
  });

  it('leave the pods of DaemonSets', async () => {
    const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agents', uid: 'u1', controller: true };
    const daemon = await kubernetes.create({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name, namespace: 'default' },
      spec: { selector: { matchLabels: { app: name } }, template: template() },
    });
    const owned = { ...owner, name, uid: daemon.metadata.uid };
    if ((await pods()).length === 0) await bare({}, { labels: { app: name }, ownerReferences: [owned] });
    await until(async () => (await pods()).find((pod) => phase(pod) === 'Running'));
    const { result } = await testRun(drain, { input: input(), kubernetes });
    expect(result).toMatchObject({ evicted: [], skipped: [{ reason: 'it belongs to a DaemonSet' }] });
    await expect(testRun(drain, { input: input({ ignore_daemonsets: false }), kubernetes })).rejects.toThrow(
      'DaemonSet',
    );
    expect((await pods()).length).toBeGreaterThan(0);
  });

  it('wait for a budget to have room, and say who stands in the way when it never has', async () => {
    await deployment(1);
    await until(async () => (await pods()).find((pod) => phase(pod) === 'Running'));
    const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', name, namespace: 'default' };
    await kubernetes.create({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name, namespace: 'default' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: name } } },
    });
    await until(async () => {
      const { status } = await kubernetes.get(budget);
      return (status as { currentHealthy?: number } | undefined)?.currentHealthy === 1 ? true : undefined;
    });
    await expect(testRun(drain, { input: input({ timeout: 0.5 }), kubernetes })).rejects.toThrow(/disruption budget/);
    expect(await pods()).toHaveLength(1);
    const draining = testRun(drain, { input: input(), kubernetes });
    setTimeout(() => void kubernetes.delete(budget).catch(() => {}), 400);
    const { context, result } = await draining;
    expect(result.evicted).toHaveLength(1);
    expect(context.logged.map(({ message }) => message).join('\n')).toContain('stays for now');
  });
});
