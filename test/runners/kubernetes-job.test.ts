import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKubernetesClient, type KubernetesClient, loadKubernetesConfig } from '../../src/kubernetes/index.ts';
import type { JsonObject } from '../../src/model/index.ts';
import { kubernetesJob, sweepJobs } from '../../src/runners/kubernetes-job/index.ts';
import { type Run, SHUTDOWN } from '../../src/runners/runner.ts';
import { type KubernetesSandbox, startKubernetesSandbox } from '../../src/sandbox/index.ts';
import type { KubernetesObject } from '../../src/sdk/index.ts';
import { type HarnessOptions, harness } from './harness.ts';

let sandbox: KubernetesSandbox;
let kubernetes: KubernetesClient;
let count = 0;
/** Of the present test. */
let id: string;
let name: string;

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
beforeEach(() => {
  count += 1;
  id = `00000000000000000000${String(count).padStart(4, '0')}`;
  name = `petrel-${id}`;
});

/** What the simulated container does. */
const script = (notes: Readonly<Record<string, string>>): JsonObject =>
  Object.fromEntries(Object.entries(notes).map(([key, value]) => [`sandbox.petrel.dev/${key}`, value]));

function prepared(runnerParameters: JsonObject, more: HarnessOptions & { printed?: number } = {}) {
  const made = harness({ runnerParameters: { image: 'alpine', ...runnerParameters }, kubernetes, ...more });
  const run: Run = {
    ...made.run,
    execution: { ...made.run.execution, id },
    printedLines: () => more.printed ?? 0,
  };
  return { ...made, run, start: () => kubernetesJob.run(run) };
}

const job = () => kubernetes.get({ apiVersion: 'batch/v1', kind: 'Job', name }).catch(() => undefined);
const secret = () => kubernetes.get({ apiVersion: 'v1', kind: 'Secret', name }).catch(() => undefined);
const pods = () => kubernetes.list('v1', 'Pod', { labelSelector: `petrel.io/execution=${id}` });

async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (let tries = 0; tries < 500; tries += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('It did not come about.');
}
const onePod = () => until(async () => (await pods())[0]);
const runningPod = () =>
  until(async () =>
    (await pods()).find(({ status }) => (status as { phase?: string } | undefined)?.phase === 'Running'),
  );
const says = (pod: KubernetesObject, text: string) =>
  kubernetes.patch(
    { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, namespace: 'default' },
    { metadata: { annotations: { 'sandbox.petrel.dev/log': text } } },
  );
async function nothingIsLeft(): Promise<void> {
  await until(async () => ((await job()) === undefined ? true : undefined));
  await until(async () => ((await pods()).length === 0 ? true : undefined));
  await until(async () => ((await secret()) === undefined ? true : undefined));
}

describe('An action that runs as a Job', () => {
  it('answers the exit code, and what was printed as the value it says', async () => {
    const { start, streamed } = prepared({ annotations: script({ log: '{"size": 3}' }) });
    const { status, result, afterwards } = await start();
    expect(status).toBe('succeeded');
    expect(result).toMatchObject({
      succeeded: true,
      return_code: 0,
      stdout: { size: 3 },
      job: name,
      namespace: 'default',
      pod: expect.stringContaining(name),
    });
    expect(streamed('stdout')).toBe('{"size": 3}\n');
    expect(await job()).toBeDefined();
    await afterwards?.();
    await nothingIsLeft();
  });

  it('fails with the exit code of its container', async () => {
    const { start } = prepared({ annotations: script({ log: 'oh no', 'exit-code': '3' }) });
    const { status, result } = await start();
    expect(status).toBe('failed');
    expect(result).toMatchObject({ return_code: 3, stdout: 'oh no', error: 'The container ended with 3.' });
  });

  it('streams what is printed while it runs', async () => {
    const { start, streamed } = prepared({ annotations: script({ log: 'one', 'run-for': '1500ms' }) });
    const running = start();
    const pod = await runningPod();
    await until(() => (streamed('stdout') === 'one\n' ? true : undefined));
    await says(pod, 'one\ntwo');
    await until(() => (streamed('stdout') === 'one\ntwo\n' ? true : undefined));
    expect(await running).toMatchObject({ status: 'succeeded', result: { stdout: 'one\ntwo' } });
  });

  it('tries again with a new pod as often as it may, and prints them all', async () => {
    const { start } = prepared({ backoff_limit: 1, annotations: script({ log: 'try', 'exit-code': '1' }) });
    const { status, result } = await start();
    expect(status).toBe('failed');
    expect(result).toMatchObject({ stdout: 'try\ntry', return_code: 1 });
    expect(await pods()).toHaveLength(2);
  });

  it('says why its pod does not start, and is over in time', async () => {
    const { start, streamed } = prepared({ timeout: 1.5, annotations: script({ waiting: 'ImagePullBackOff' }) });
    const { status, result, afterwards } = await start();
    expect(status).toBe('timeout');
    expect(result).toMatchObject({ return_code: -9, error: expect.stringContaining('ImagePullBackOff') });
    expect(streamed('stderr')).toContain('the pod waits: ImagePullBackOff');
    await afterwards?.();
    await nothingIsLeft();
  });

  it('fails when somebody deletes its Job', async () => {
    const { start } = prepared({ annotations: script({ 'run-for': '60s' }) });
    const running = start();
    await onePod();
    await kubernetes.delete({ apiVersion: 'batch/v1', kind: 'Job', name }, { propagationPolicy: 'Background' });
    expect(await running).toMatchObject({
      status: 'failed',
      result: { error: expect.stringContaining('was deleted') },
    });
  });

  it('waits through an outage of the API', async () => {
    const { start, streamed } = prepared({ annotations: script({ log: 'late' }) });
    sandbox.faults.refuse({ status: 503, count: 3 });
    expect(await start()).toMatchObject({ status: 'succeeded', result: { stdout: 'late' } });
    expect(streamed('stderr')).toContain('Trying again');
  });

  it('fails at once for what the API refuses', async () => {
    const { status, result } = await prepared({ namespace: 'nowhere' }).start();
    expect(status).toBe('failed');
    expect(result).toMatchObject({ error: expect.stringContaining('nowhere') });
  });
});

describe('Secrets of a Job', () => {
  it('are in a Secret that goes with it, and nowhere else', async () => {
    const { start } = prepared({ secret_env: { PASSWORD: 'swordfish' }, annotations: script({ 'run-for': '1s' }) });
    const running = start();
    const kept = await until(secret);
    expect(kept.data).toEqual({ PASSWORD: Buffer.from('swordfish').toString('base64') });
    expect(kept.metadata.ownerReferences).toMatchObject([{ kind: 'Job', name, uid: (await job())?.metadata.uid }]);
    expect(JSON.stringify([await job(), await pods()])).not.toContain('swordfish');
    const { status, afterwards } = await running;
    expect(status).toBe('succeeded');
    await afterwards?.();
    await nothingIsLeft();
  });
});

describe('A canceled run', () => {
  it('takes its Job away', async () => {
    const { start, controller } = prepared({
      secret_env: { PASSWORD: 'swordfish' },
      annotations: script({ 'run-for': '60s' }),
    });
    const running = start();
    await runningPod();
    controller.abort('Action canceled by user ann.');
    expect((await running).status).toBe('canceled');
    await nothingIsLeft();
  });
});

describe('A run after Petrel was away', () => {
  it('goes on with the Job that runs, behind the lines that are there', async () => {
    const first = prepared({ annotations: script({ log: 'one', 'run-for': '2s' }) });
    const cut = first.start();
    const pod = await runningPod();
    await until(() => (first.streamed('stdout') === 'one\n' ? true : undefined));
    first.controller.abort(SHUTDOWN);
    await cut;
    await says(pod, 'one\ntwo');
    const second = prepared({ annotations: script({ log: 'one', 'run-for': '2s' }) }, { printed: 1 });
    expect(await second.start()).toMatchObject({ status: 'succeeded', result: { stdout: 'one\ntwo' } });
    expect(second.streamed('stdout')).toBe('two\n');
    expect((await pods()).map(({ metadata }) => metadata.uid)).toEqual([pod.metadata.uid]);
  });

  it('takes the result of a Job that has ended meanwhile', async () => {
    const parameters = { annotations: script({ log: 'done' }), secret_env: { PASSWORD: 'swordfish' } };
    await prepared(parameters).start();
    const [pod] = await pods();
    expect(await prepared(parameters, { printed: 1 }).start()).toMatchObject({ result: { stdout: 'done' } });
    expect((await pods()).map(({ metadata }) => metadata.uid)).toEqual([pod?.metadata.uid]);
  });

  it('does not take a Job of somebody else for its own', async () => {
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'x', image: 'x' }] } };
    await kubernetes.create({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template } });
    expect(await prepared({}).start()).toMatchObject({
      status: 'failed',
      result: { error: expect.stringContaining('not of execution') },
    });
    expect(await job()).toBeDefined();
  });
});

describe('The sweep', () => {
  it('takes away the Jobs of executions that are over, and no others', async () => {
    await prepared({ secret_env: { PASSWORD: 'swordfish' } }).start();
    const asked: string[] = [];
    const isOver = async (execution: string) => {
      asked.push(execution);
      return execution === id;
    };
    const before = await kubernetes.list('batch/v1', 'Job');
    expect(await sweepJobs(kubernetes, isOver, AbortSignal.timeout(5000))).toBe(1);
    await nothingIsLeft();
    expect(asked.length).toBeGreaterThan(1);
    expect(await kubernetes.list('batch/v1', 'Job')).toHaveLength(before.length - 1);
  });
});
