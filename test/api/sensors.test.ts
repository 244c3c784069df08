import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { type Server, startServer } from '../../src/server.ts';
import { PYTHON } from '../python.ts';

let directory: string;
let server: Server;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-sensortypes-'));
  const pack = join(directory, 'packs', 'shop');
  const files = {
    'pack.yaml': 'name: shop\ndescription: test\nversion: 1.0.0\nauthor: test\n',
    'sensors/orders.ts': `import { defineSensor, z } from 'petrel/sdk';
let n = 0;
export default defineSensor({
  description: 'Looks for orders.',
  triggerTypes: [{ name: 'order', payload: z.object({ item: z.string(), secret: z.string().optional() }) }],
  pollInterval: 0.1,
  async poll({ dispatch, config }) {
    n += 1;
    await dispatch({ trigger: 'shop.order', payload: { item: 'tea', secret: config.password ?? undefined }, dedupeKey: 'order ' + n });
    await dispatch({ trigger: 'shop.order', payload: { item: 5 } }).catch((error) => { throw new Error(error.message + ' ' + config.password); });
  },
});\n`,
    'sensors/ruby.yaml': 'class_name: Ruby\nentry_point: ruby.rb\n',
    'sensors/ruby.rb': 'puts 1\n',
    ...(PYTHON !== undefined && {
      'sensors/bell.yaml':
        'class_name: Bell\nentry_point: bell.py\npoll_interval: 1\ntrigger_types: [{name: ring, parameters_schema: {type: object, properties: {tone: {type: string}}}}]\n',
      'sensors/bell.py': `from st2reactor.sensor.base import PollingSensor
class Bell(PollingSensor):
    def setup(self):
        self.tones = []
    def poll(self):
        for tone in self.tones:
            self.sensor_service.dispatch(trigger=tone, payload={"password": self.config.get("password")})
    def cleanup(self):
        pass
    def add_trigger(self, trigger):
        if trigger["parameters"].get("tone"):
            self.tones.append(trigger)
    def update_trigger(self, trigger):
        pass
    def remove_trigger(self, trigger):
        pass
`,
      'rules/on_ring.yaml':
        'name: on_ring\nenabled: true\ntrigger: {type: shop.ring, parameters: {tone: high}}\naction: {ref: core.noop}\n',
    }),
    'config.schema.yaml': 'password: {type: string, secret: true}\n',
    'rules/on_order.yaml':
      'name: on_order\nenabled: true\ntrigger: {type: shop.order}\naction: {ref: core.echo, parameters: {message: "{{ trigger.item }}"}}\n',
    'rules/on_spawn.yaml':
      'name: on_spawn\nenabled: true\ntrigger: {type: core.st2.sensor.process_spawn}\naction: {ref: core.noop}\n',
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(join(pack, file, '..'), { recursive: true });
    await writeFile(join(pack, file), text);
  }
  await mkdir(join(directory, 'configs'));
  await writeFile(join(directory, 'configs', 'shop.yaml'), 'password: "{{ st2kv.system.shop_password }}"\n');
  server = await startServer({
    data: join(directory, 'data'),
    packs: [join(directory, 'packs')],
    configs: join(directory, 'configs'),
    port: 0,
    logFile: join(directory, 'petrel.log'),
  });
  await send('PUT', '/keys/shop_password', { value: 'hunter2-hunter2', secret: true });
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function send(method: string, path: string, body?: unknown) {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { 'x-auth-token': server.token, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as JsonObject }; // an object, where a test looks
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`It never came to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const stateOf = async () => (await send('GET', '/sensortypes/shop.orders')).body.state as JsonObject;

describe('Sensors of packs', { timeout: 60_000 }, () => {
  it('run, dispatch, fail and are started again, as the API shows', async () => {
    await until(async () => Number((await stateOf()).restarts) > 0, 'a restart');
    const { body } = await send('GET', '/sensortypes/shop.orders');
    expect(body).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      uid: 'sensor_type:shop:orders',
      ref: 'shop.orders',
      name: 'orders',
      class_name: 'orders',
      pack: 'shop',
      description: 'Looks for orders.',
      artifact_uri: expect.stringMatching(/^file:\/\/.*\/sensors\/orders\.ts$/),
      entry_point: 'shop.sensors.orders',
      poll_interval: 0.1,
      trigger_types: ['shop.order'],
      enabled: true,
    });
    expect((await stateOf()).last_error).toContain('The payload for trigger "shop.order" is not valid');
    const executions = await server.store.listExecutions({ ruleRef: 'shop.on_order' }, { limit: 10, offset: 0 });
    expect(executions.items[0]).toMatchObject({ actionRef: 'core.echo', parameters: { message: 'tea' } });
    const spawns = await server.store.listExecutions({ ruleRef: 'shop.on_spawn' }, { limit: 10, offset: 0 });
    expect(spawns.total).toBeGreaterThan(0);
  });

  it.skipIf(PYTHON === undefined)('in Python run beside them, with the triggers of rules', async () => {
    const rung = () => server.store.listExecutions({ ruleRef: 'shop.on_ring' }, { limit: 1, offset: 0 });
    await until(async () => (await rung()).total > 0, 'a ring');
    expect((await send('GET', '/sensortypes/shop.Bell')).body).toMatchObject({
      poll_interval: 1,
      state: { status: 'running', restarts: 0 },
    });
  });

  it('of a kind that nothing runs say so', async () => {
    expect((await send('GET', '/sensortypes/shop.Ruby')).body.state).toEqual({
      status: 'unsupported',
      last_error: 'Nothing here runs ruby.rb.',
    });
  });

  it('show no secret of their configuration', async () => {
    await until(async () => String((await stateOf()).last_error).includes('********'), 'a failure with the secret');
    const instances = await send('GET', '/triggerinstances?trigger=shop.order');
    expect(JSON.stringify([await stateOf(), instances.body])).not.toContain('hunter2');
  });

  it('are listed and filtered', async () => {
    const refs = async (query: string) =>
      ((await send('GET', `/sensortypes${query}`)).body as unknown as JsonObject[]).map(({ ref }) => ref);
    expect(await refs('?pack=shop&name=orders&enabled=true')).toEqual(['shop.orders']);
    expect(await refs('?trigger=shop.order')).toEqual(['shop.orders']);
    expect(await refs('?enabled=False&pack=nobody')).toEqual([]);
    expect((await send('GET', '/sensortypes/shop.nobody')).status).toBe(404);
  });

  it('are stopped and started by PUT, which takes nothing else', async () => {
    expect((await send('PUT', '/sensortypes/shop.orders', { enabled: false })).body).toMatchObject({
      enabled: false,
      state: { status: 'disabled' },
    });
    expect((await send('PUT', '/sensortypes/shop.orders', { name: 'x' })).status).toBe(400);
    expect((await send('PUT', '/sensortypes/shop.nobody', { enabled: true })).status).toBe(404);
    expect((await send('PUT', '/sensortypes/shop.orders', { enabled: true })).body).toMatchObject({ enabled: true });
  });
});
