import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { type Server, startServer } from '../../src/server.ts';
import { call } from '../call.ts';
import { isGone, PYTHON } from '../python.ts';

let directory: string;
let server: Server;

const HEAD = 'import os, time\nfrom st2reactor.sensor.base import Sensor, PollingSensor\n';

function write(file: string, text: string): void {
  const path = join(directory, 'packs', 'demo', file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function sensor(name: string, source: string, more: JsonObject = {}): void {
  write(`sensors/${name}.py`, HEAD + source);
  write(`sensors/${name}.yaml`, JSON.stringify({ class_name: name, entry_point: `${name}.py`, ...more }));
}

function rule(name: string, trigger: JsonObject): void {
  const action = { ref: 'core.echo', parameters: { message: `${name} {{trigger.n}}` } };
  write(`rules/${name}.yaml`, JSON.stringify({ name, enabled: true, trigger, action }));
}

async function start(): Promise<Server> {
  return await startServer({
    data: join(directory, 'data'),
    packs: [join(directory, 'packs')],
    port: 0,
    logFile: join(directory, 'petrel.log'),
    ...(PYTHON !== undefined && { python: { command: PYTHON } }),
  });
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'petrel-e2e-sensors-'));
  write('pack.yaml', 'name: demo\nref: demo\ndescription: d\nversion: 1.0.0\nauthor: a\n');
  sensor(
    'Counter',
    `class Counter(PollingSensor):
    def poll(self):
        n = int(self.sensor_service.get_value("n") or 0) + 1
        self.sensor_service.dispatch("demo.counted", {"n": n, "pid": os.getpid()})
        self.sensor_service.set_value("n", n)
        self.set_poll_interval(3600)
`,
    {
      poll_interval: 1,
      trigger_types: [{ name: 'counted', payload_schema: { type: 'object', properties: { n: { type: 'integer' } } } }],
    },
  );
  sensor(
    'Watcher',
    `class Watcher(Sensor):
    def add_trigger(self, trigger):
        self.sensor_service.dispatch(trigger, {"n": len(trigger["parameters"]["path"])})
    def run(self):
        time.sleep(3600)
`,
    {
      trigger_types: [
        {
          name: 'seen',
          parameters_schema: { type: 'object', properties: { path: { type: 'string', required: true } } },
        },
      ],
    },
  );
  sensor('Broken', 'raise RuntimeError("broken at import")\n');
  sensor('Off', 'class Off(Sensor):\n    def run(self): pass\n', { enabled: false });
  rule('counted', { type: 'demo.counted' });
  rule('seen_a', { type: 'demo.seen', parameters: { path: '/a' } });
  rule('seen_bb', { type: 'demo.seen', parameters: { path: '/bb' } });
  server = await start();
}, 60_000);
afterAll(async () => {
  await server.stop(0);
  rmSync(directory, { recursive: true, force: true });
});

const get = async (path: string) => (await call({ url: server.url, token: server.token }, 'GET', path)).body;
const state = async (name: string) => ((await get(`/sensortypes/demo.${name}`)) as JsonObject).state as JsonObject; // an object
/** What the rules' echo actions have said, in order of time. */
async function said(): Promise<string[]> {
  const listed = (await get('/executions?action=core.echo&limit=100')) as JsonObject[]; // a list
  return listed.map(({ result }) => String((result as JsonObject | undefined)?.stdout)).sort();
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`It did not come true. ${readFileSync(join(directory, 'petrel.log'), 'utf8').slice(-2000)}`);
}

describe.skipIf(PYTHON === undefined)('Python sensors on a running Petrel', () => {
  it('start rules by what they dispatch, with the parameters of their triggers', async () => {
    await until(async () => (await said()).length === 3);
    expect(await said()).toEqual(['counted 1', 'seen_a 2', 'seen_bb 3']);
  });

  it('show how they stand: running, failing and started again, disabled', async () => {
    expect(await state('Counter')).toMatchObject({ status: 'running', pid: expect.any(Number), restarts: 0 });
    expect(await state('Off')).toEqual({ status: 'disabled' });
    await until(async () => Number((await state('Broken')).restarts) >= 1);
    expect((await state('Broken')).last_error).toBe('RuntimeError: broken at import');
  });

  it('keep what they remember over a restart of Petrel, and their processes do not outlive it', async () => {
    const { pid } = await state('Counter');
    await server.stop(0);
    expect(await isGone(Number(pid))).toBe(true);
    server = await start();
    await until(async () => (await said()).includes('counted 2'));
  });

  it('are started again when their process is killed', async () => {
    const { pid } = await state('Counter');
    process.kill(Number(pid), 'SIGKILL');
    await until(async () => (await said()).includes('counted 3'));
    expect(await state('Counter')).toMatchObject({ restarts: 1, last_error: 'it was ended by SIGKILL (signal 9)' });
  });
});
