import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { call } from '../call.ts';
import { type PetrelProcess, startPetrelProcess } from './petrel-process.ts';

const THRESHOLD = 3;
const EXECUTIONS = 18;
const KILLS = 6;

let directory: string;
let petrel: PetrelProcess | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-policies-crash-'));
  const pack = join(directory, 'packs', 'limited');
  await mkdir(join(pack, 'actions'), { recursive: true });
  await mkdir(join(pack, 'policies'), { recursive: true });
  await writeFile(join(pack, 'pack.yaml'), 'name: limited\ndescription: limited\nversion: 1.0.0\nauthor: test\n');
  // Each process says who it is, so that what a killed Petrel left running is told apart from what this one runs.
  const command = `echo "+ {{ run }} $PPID" >> ${directory}/log; sleep 0.15; echo "- {{ run }} $PPID" >> ${directory}/log`;
  await writeFile(
    join(pack, 'actions', 'slow.yaml'),
    `name: slow\nrunner_type: local-shell-cmd\nparameters:\n  run: {type: integer}\n  cmd: {default: ${JSON.stringify(command)}, immutable: true}\n`,
  );
  await writeFile(
    join(pack, 'policies', 'slow.yaml'),
    `name: slow\nresource_ref: limited.slow\npolicy_type: action.concurrency\nparameters: {threshold: ${THRESHOLD}}\n`,
  );
});

afterEach(async () => {
  await petrel?.kill();
  petrel = undefined;
  await rm(directory, { recursive: true, force: true });
});

async function start(): Promise<void> {
  await petrel?.kill();
  petrel = await startPetrelProcess(['--data', join(directory, 'data'), '--packs', join(directory, 'packs')]);
}

async function ask(method: 'GET' | 'POST', path: string, body?: JsonObject): Promise<JsonObject> {
  const token = (await readFile(join(directory, 'data', 'admin.token'), 'utf8')).trim();
  return (await call({ url: petrel?.url ?? '', token }, method, path, body)).body as JsonObject; // what the paths answer
}

async function counts(): Promise<Readonly<Record<string, number>>> {
  const list = await ask('GET', '/executions?action=limited.slow&limit=-1&exclude_attributes=result');
  const counted: Record<string, number> = {};
  for (const { status } of list as unknown as readonly JsonObject[]) {
    counted[String(status)] = (counted[String(status)] ?? 0) + 1;
  }
  return counted;
}

/** The most commands that ran at one time under any one process. */
async function mostAtOnce(): Promise<number> {
  const running = new Map<string, Set<string>>();
  let most = 0;
  for (const line of (await readFile(join(directory, 'log'), 'utf8')).trim().split('\n')) {
    const [sign = '', run = '', process = ''] = line.split(' ');
    const runs = running.get(process) ?? new Set();
    running.set(process, runs);
    if (sign === '+') runs.add(run);
    else runs.delete(run);
    most = Math.max(most, runs.size);
  }
  return most;
}

describe('SIGKILL while executions hold places and others wait for them', () => {
  it('loses none, and after each restart no more run than may', async () => {
    await start();
    const requests = Array.from({ length: EXECUTIONS }, (_, run) =>
      ask('POST', '/executions', { action: 'limited.slow', parameters: { run } }),
    );
    await Promise.all(requests);
    let killedWhileWaiting = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      await new Promise((resolve) => setTimeout(resolve, 30 + kill * 35));
      const { delayed = 0 } = await counts();
      if (delayed > 0) killedWhileWaiting += 1;
      await start();
    }
    for (const deadline = Date.now() + 30_000; (await counts()).succeeded !== EXECUTIONS; ) {
      if (Date.now() > deadline) throw new Error(`They did not all end: ${JSON.stringify(await counts())}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // The test would prove nothing if nobody had waited when the kills came.
    expect(killedWhileWaiting).toBeGreaterThanOrEqual(KILLS / 2);
    expect(await mostAtOnce()).toBe(THRESHOLD);
  }, 120_000);
});
