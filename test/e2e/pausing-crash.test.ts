import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { call } from '../call.ts';
import { type PetrelProcess, startPetrelProcess } from './petrel-process.ts';

const INNER = `version: 1.0
input: [gate]
tasks:
  wait:
    action: core.local cmd="until [ -e <% ctx().gate %> ]; do sleep 0.02; done"
    next: [{when: <% succeeded() %>, do: after}]
  after:
    action: core.noop
`;
const OUTER = `version: 1.0
input: [gate]
tasks:
  left:
    action: flows.inner gate=<% ctx().gate %>
    next: [{when: <% succeeded() %>, do: both}]
  right:
    action: flows.chain gate=<% ctx().gate %>
    next: [{when: <% succeeded() %>, do: both}]
  both:
    join: all
    action: core.noop
`;
const CHAIN = `chain:
  - {name: call, ref: flows.inner, parameters: {gate: "{{ gate }}"}, on-success: after}
  - {name: after, ref: core.noop}
`;

let directory: string;
let petrel: PetrelProcess | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-pausing-crash-'));
  const pack = join(directory, 'packs', 'flows');
  await mkdir(join(pack, 'actions', 'workflows'), { recursive: true });
  await writeFile(join(pack, 'pack.yaml'), 'name: flows\ndescription: flows\nversion: 1.0.0\nauthor: test\n');
  for (const [name, runner, text] of [
    ['inner', 'orquesta', INNER],
    ['outer', 'orquesta', OUTER],
    ['chain', 'action-chain', CHAIN],
  ] as const) {
    const metadata = `name: ${name}\nrunner_type: ${runner}\nentry_point: workflows/${name}.yaml\nparameters: {gate: {type: string}}\n`;
    await writeFile(join(pack, 'actions', `${name}.yaml`), metadata);
    await writeFile(join(pack, 'actions', 'workflows', `${name}.yaml`), text);
  }
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

async function ask(method: 'GET' | 'POST' | 'PUT', path: string, body?: JsonObject): Promise<JsonObject> {
  const token = (await readFile(join(directory, 'data', 'admin.token'), 'utf8')).trim();
  return (await call({ url: petrel?.url ?? '', token }, method, path, body)).body as JsonObject; // what the paths answer
}

const below = async (id: unknown) =>
  (await ask('GET', `/executions/${id}/children?depth=1`)) as unknown as readonly JsonObject[]; // a list

/** Every execution below one, as `task: status`. */
async function tree(id: unknown): Promise<string[]> {
  const lines: string[] = [];
  for (const child of await below(id)) {
    lines.push(`${child.task_name}: ${child.status}`);
    lines.push(...(await tree(child.id)).map((line) => `${child.task_name}/${line}`));
  }
  return lines.sort();
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    if (await holds()) return;
  }
  throw new Error(`${what} did not come about.`);
}

const FINISHED = [
  'both: succeeded',
  'left/after: succeeded',
  'left/wait: succeeded',
  'left: succeeded',
  'right/after: succeeded',
  'right/call/after: succeeded',
  'right/call/wait: succeeded',
  'right/call: succeeded',
  'right: succeeded',
];

async function begun(gate: string): Promise<JsonObject> {
  const workflow = await ask('POST', '/executions', { action: 'flows.outer', parameters: { gate } });
  await until('the inner tasks', async () => {
    const lines = await tree(workflow.id);
    return lines.includes('left/wait: running') && lines.includes('right/call/wait: running');
  });
  return workflow;
}

const isAt = (id: unknown, ...statuses: readonly string[]) =>
  until(`${statuses.join(' or ')}`, async () =>
    statuses.includes(String((await ask('GET', `/executions/${id}`)).status)),
  );

describe('SIGKILL around pause and resume of workflows within workflows', () => {
  it('loses no wish that was answered', async () => {
    await start();
    const gate = join(directory, 'gate');
    const { id } = await begun(gate);
    expect((await ask('PUT', `/executions/${id}`, { status: 'pausing' })).status).toBe('pausing');
    await start();
    await writeFile(gate, '');
    await isAt(id, 'paused');
    await start();
    await ask('PUT', `/executions/${id}`, { status: 'resuming' });
    await start();
    await isAt(id, 'succeeded');
    expect(await tree(id)).toEqual(FINISHED);
  });

  it('leaves nothing half done, whenever it comes', async () => {
    await start();
    for (let round = 0; round < 4; round++) {
      const gate = join(directory, `gate${round}`);
      const { id } = await begun(gate);
      void ask('PUT', `/executions/${id}`, { status: 'pausing' }).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 2 * round));
      await start();
      await ask('PUT', `/executions/${id}`, { status: 'pausing' });
      await writeFile(gate, '');
      await isAt(id, 'paused');
      void ask('PUT', `/executions/${id}`, { status: 'resuming' }).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 2 * round));
      await start();
      const { status } = await ask('GET', `/executions/${id}`);
      if (status === 'paused') await ask('PUT', `/executions/${id}`, { status: 'resuming' });
      await isAt(id, 'succeeded');
      expect(await tree(id)).toEqual(FINISHED);
    }
  });
});
