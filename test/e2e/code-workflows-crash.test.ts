import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/model/index.ts';
import { call } from '../call.ts';
import { type PetrelProcess, startPetrelProcess } from './petrel-process.ts';

/** Writes down each run of each step, takes a while, fails at its end if it is told to, and undoes what it did. */
const FLOW = `import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { defineWorkflow, type StepContext, z } from 'petrel/sdk';

export default defineWorkflow({
  input: z.object({ file: z.string(), fails: z.boolean() }),
  async run({ input: { file, fails }, step, child, sleep, all, race, random }) {
    const work = (name: string) => async ({ execution: { id, attempt } }: StepContext) => {
      appendFileSync(file, [name, id, attempt].join(' ') + '\\n');
      await pause(30);
      return name;
    };
    const chances: number[] = [];
    for (const n of [1, 2, 3]) {
      await step('make' + n, work('make' + n), { onRollback: (name, context) => work('un' + name)(context) });
      chances.push(random());
    }
    const both = await all([
      child<{ stdout: string }>('left', 'core.local', { cmd: 'sleep 0.05; echo left' }, { onRollback: { action: 'core.echo', input: { message: 'unleft' } } }),
      step('right', work('right'), { onRollback: work('unright') as never }),
    ]);
    const first = await race([sleep('limit', 3600), step('quick', work('quick')), child('slow', 'core.local', { cmd: 'sleep 3600' })]);
    await sleep('rest', 0.05);
    const last = await step('last', work('last'));
    if (fails) throw new Error('no luck with ' + [...chances.map((chance) => chance < 1), first, last].join(' '));
    return [both[0].stdout, both[1], first, last];
  },
});
`;

let directory: string;
let petrel: PetrelProcess | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-code-crash-'));
  const pack = join(directory, 'packs', 'flows');
  await mkdir(join(pack, 'actions'), { recursive: true });
  await writeFile(join(pack, 'pack.yaml'), 'name: flows\ndescription: flows\nversion: 1.0.0\nauthor: test\n');
  await writeFile(join(pack, 'actions', 'flow.ts'), FLOW);
});

afterEach(async () => {
  await petrel?.kill();
  petrel = undefined;
  await rm(directory, { recursive: true, force: true });
});

async function start(): Promise<void> {
  petrel = await startPetrelProcess(['--data', join(directory, 'data'), '--packs', join(directory, 'packs')]);
}

async function ask(method: 'GET' | 'POST', path: string, body?: JsonObject): Promise<Json> {
  const token = (await readFile(join(directory, 'data', 'admin.token'), 'utf8')).trim();
  return (await call({ url: petrel?.url ?? '', token }, method, path, body)).body as Json; // the API answers JSON
}

const execution = async (id: unknown) => (await ask('GET', `/executions/${id}`)) as JsonObject; // as the path says
const isFinal = ({ status }: JsonObject) => ['succeeded', 'failed', 'canceled'].includes(String(status));

/** Every child that was requested, in order, and how it ended. */
async function tasksOf(id: unknown): Promise<string[]> {
  const children = (await ask('GET', `/executions/${id}/children?depth=1`)) as readonly JsonObject[]; // a list
  return children.map(({ task_name: task, status, context }) => {
    const { kind } = (context as { typescript: JsonObject }).typescript;
    return `${kind} ${task} ${status}`;
  });
}

/** Which steps ran, and each of their runs. */
async function runsOf(file: string): Promise<{ names: string[]; runs: string[] }> {
  const runs = (await readFile(file, 'utf8')).trim().split('\n');
  return { names: [...new Set(runs.map((line) => line.split(' ')[0] ?? ''))], runs };
}

/** Waits until something is undone, or all is over. */
async function rollingBack(id: unknown): Promise<void> {
  for (;;) {
    if ((await tasksOf(id)).some((task) => /^rollback .* running$/.test(task)) || isFinal(await execution(id))) return;
  }
}

async function request(file: string, fails: boolean): Promise<unknown> {
  return ((await ask('POST', '/executions', { action: 'flows.flow', parameters: { file, fails } })) as JsonObject).id;
}

async function end(id: unknown): Promise<JsonObject> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(20)) {
    const seen = await execution(id);
    if (isFinal(seen)) return seen;
  }
  throw new Error(`Execution ${id} does not end.`);
}

describe.each([
  ['ends well', false],
  ['is rolled back', true],
])('SIGKILL at random instants while a workflow %s', (_, fails) => {
  it('changes nothing of how it ends, and no step that ended runs again', async () => {
    await start();
    const peaceful = join(directory, 'peaceful');
    const id = await request(peaceful, fails);
    const { status, result } = await end(id);
    expect(status).toBe(fails ? 'failed' : 'succeeded');
    const expected = { status, result, tasks: (await tasksOf(id)).sort(), names: (await runsOf(peaceful)).names };

    for (let round = 0; round < 2; round += 1) {
      const file = join(directory, `file${round}`);
      const killed = await request(file, fails);
      for (let kills = 0; kills < 7 && !isFinal(await execution(killed)); kills += 1) {
        if (fails && round === 0) await rollingBack(killed);
        else await sleep(Math.random() * 250);
        await petrel?.kill();
        await start();
      }
      const ended = await end(killed);
      expect({ status: ended.status, result: ended.result }).toEqual({
        status: expected.status,
        result: expected.result,
      });
      // What lost its race when the process was killed is cut short at the next start.
      await expect.poll(async () => (await tasksOf(killed)).sort(), { timeout: 10_000 }).toEqual(expected.tasks);
      const { names, runs } = await runsOf(file);
      expect(names).toEqual(expected.names);
      // A step that was cut short runs again as its next attempt: no attempt runs twice, and no step has two executions.
      expect(new Set(runs).size).toBe(runs.length);
      expect(new Set(runs.map((line) => line.split(' ').slice(0, 2).join(' '))).size).toBe(names.length);
    }
  }, 120_000);
});
