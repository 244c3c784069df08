import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKubernetesClient, type KubernetesClient, loadKubernetesConfig } from '../../src/kubernetes/index.ts';
import type { JsonObject } from '../../src/model/index.ts';
import { type KubernetesSandbox, startKubernetesSandbox } from '../../src/sandbox/index.ts';
import { call } from '../call.ts';
import { type PetrelProcess, startPetrelProcess } from './petrel-process.ts';

const ACTION = `
name: build
runner_type: kubernetes-job
parameters:
  word: {type: string, required: true}
  password: {type: string, secret: true}
  run_for: {type: string, default: 0s}
  image: {default: registry.example.org/builder, immutable: true}
  args: {default: [--word, "{{ word }}"], immutable: true}
  env: {default: {PASSWORD: "{{ password }}"}, immutable: true}
  annotations:
    immutable: true
    default:
      sandbox.petrel.dev/log: "{{ word }} one"
      sandbox.petrel.dev/run-for: "{{ run_for }}"
`;

let directory: string;
let sandbox: KubernetesSandbox;
let kubernetes: KubernetesClient;
let petrel: PetrelProcess | undefined;

beforeEach(async () => {
  sandbox = await startKubernetesSandbox();
  const config = await loadKubernetesConfig({ url: sandbox.url, token: sandbox.token, env: {} });
  if (config === undefined) throw new Error('an explicit URL is always a configuration');
  kubernetes = createKubernetesClient(config);
  directory = await mkdtemp(join(tmpdir(), 'petrel-job-'));
  const pack = join(directory, 'packs', 'jobs');
  await mkdir(join(pack, 'actions'), { recursive: true });
  await writeFile(join(pack, 'pack.yaml'), 'name: jobs\ndescription: jobs\nversion: 1.0.0\nauthor: test\n');
  await writeFile(join(pack, 'actions', 'build.yaml'), ACTION);
});
afterEach(async () => {
  await petrel?.kill();
  petrel = undefined;
  await kubernetes.close();
  await sandbox.close();
  await rm(directory, { recursive: true, force: true });
});

async function start(): Promise<void> {
  const args = { data: join(directory, 'data'), packs: join(directory, 'packs'), 'kubernetes-url': sandbox.url };
  const words = Object.entries({ ...args, 'kubernetes-token': sandbox.token }).flatMap(([name, value]) => [
    `--${name}`,
    value,
  ]);
  petrel = await startPetrelProcess(words);
}

async function ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) {
  const token = (await readFile(join(directory, 'data', 'admin.token'), 'utf8')).trim();
  return (await call({ url: petrel?.url ?? '', token }, method, path, body)).body;
}
async function request(parameters: JsonObject): Promise<string> {
  const { id } = (await ask('POST', '/executions', { action: 'jobs.build', parameters })) as JsonObject; // an execution
  return String(id);
}
const execution = async (id: string) => (await ask('GET', `/executions/${id}?wait=30`)) as JsonObject; // an execution
const output = async (id: string) => String(await ask('GET', `/executions/${id}/output?output_type=stdout`));

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 600; tries += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${what} did not come about.`);
}
const pods = (id: string) => kubernetes.list('v1', 'Pod', { labelSelector: `petrel.io/execution=${id}` });
const left = async () => [
  ...(await kubernetes.list('batch/v1', 'Job')),
  ...(await kubernetes.list('v1', 'Pod')),
  ...(await kubernetes.list('v1', 'Secret')),
];
const nothingIsLeft = () => until('An empty cluster', async () => ((await left()).length === 0 ? true : undefined));

describe('SIGKILL while a Job runs', () => {
  it('loses neither the Job nor a line of its log, and starts no second one', async () => {
    await start();
    const id = await request({ word: 'hello', password: 'swordfish', run_for: '6s' });
    await until('The first line', async () => ((await output(id)).includes('one\n') ? true : undefined));
    const [pod] = await pods(id);
    await petrel?.kill();
    const metadata = { annotations: { 'sandbox.petrel.dev/log': 'hello one\nhello two' } };
    await kubernetes.patch(
      { apiVersion: 'v1', kind: 'Pod', name: pod?.metadata.name ?? '', namespace: 'default' },
      { metadata },
    );
    await start();
    const again = await until('The second line', async () => {
      const text = await output(id);
      return text.includes('two\n') ? text : undefined;
    });
    expect(again).toBe('hello one\nhello two\n');
    expect((await pods(id)).map(({ metadata }) => metadata.uid)).toEqual([pod?.metadata.uid]);
    const ended = await execution(id);
    expect(ended).toMatchObject({ status: 'succeeded', attempt: 2, result: { stdout: 'hello one\nhello two' } });
    expect(JSON.stringify(ended)).not.toContain('swordfish');
    await nothingIsLeft();
  }, 60_000);

  it('takes the result of one that ended while Petrel was away', async () => {
    await start();
    const id = await request({ word: 'quick', run_for: '1s' });
    await until('The pod', async () => (await pods(id))[0]);
    await petrel?.kill();
    const ended = async () => {
      const [pod] = await pods(id);
      return (pod?.status as { phase?: string } | undefined)?.phase === 'Succeeded' ? pod : undefined;
    };
    const pod = await until('Its end', ended);
    await start();
    const { status, result } = await execution(id);
    expect(status).toBe('succeeded');
    expect(result).toMatchObject({ stdout: 'quick one', pod: pod.metadata.name });
    expect(await output(id)).toBe('quick one\n');
    await nothingIsLeft();
  }, 60_000);

  it('takes away, at the next start, what an execution that was canceled meanwhile has left', async () => {
    await start();
    const id = await request({ word: 'slow', password: 'swordfish', run_for: '300s' });
    await until('The first line', async () => ((await output(id)).includes('one\n') ? true : undefined));
    sandbox.faults.refuse({ status: 503, seconds: 2, path: '/apis/batch' });
    expect(await ask('DELETE', `/executions/${id}`)).toMatchObject({ status: 'canceling' });
    await petrel?.kill();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(await left()).toHaveLength(3);
    await start();
    expect((await execution(id)).status).toBe('canceled');
    await nothingIsLeft();
  }, 60_000);
});
