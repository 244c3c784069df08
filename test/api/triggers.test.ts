import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { type Server, startServer } from '../../src/server.ts';
import { openSqliteStore } from '../../src/store/index.ts';

let directory: string;
let server: Server;

const rule = (name: string, trigger: string) =>
  `name: ${name}\nenabled: true\ntrigger: ${trigger}\naction: {ref: core.noop}\n`;
const DAILY = '{hour: 5, catch_up: true}';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-triggers-'));
  const pack = join(directory, 'packs', 'shop');
  await mkdir(join(pack, 'rules'), { recursive: true });
  await mkdir(join(pack, 'actions'), { recursive: true });
  await writeFile(join(pack, 'pack.yaml'), 'name: shop\ndescription: test\nversion: 1.0.0\nauthor: test\n');
  await writeFile(
    join(pack, 'actions', 'say.yaml'),
    'name: say\nrunner_type: announcement\nparameters:\n  experimental: {default: true, immutable: true}\n  route: {default: chatops}\n  message: {type: string}\n',
  );
  const rules = {
    daily: `{type: core.st2.CronTimer, parameters: ${DAILY}}`,
    said: '{type: core.st2.announcement}',
    changed: '{type: core.st2.key_value_pair.value_change}',
    wrong_unit: '{type: core.st2.IntervalTimer, parameters: {unit: fortnights, delta: 1}}',
    no_url: '{type: core.st2.webhook}',
    unknown: '{type: core.st2.webhook, parameters: {url: x, colour: red}}',
  };
  for (const [name, trigger] of Object.entries(rules)) {
    await writeFile(join(pack, 'rules', `${name}.yaml`), rule(name, trigger));
  }
  server = await start();
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

function start(): Promise<Server> {
  return startServer({
    data: join(directory, 'data'),
    packs: [join(directory, 'packs')],
    port: 0,
    logFile: join(directory, 'petrel.log'),
  });
}

async function send(method: string, path: string, body?: unknown): Promise<JsonObject> {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { 'x-auth-token': server.token, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as JsonObject; // an object, where a test looks
}

async function payloads(trigger: string): Promise<readonly JsonObject[]> {
  const { items } = await server.store.listTriggerInstances({ trigger }, { limit: 10, offset: 0 });
  return items.map(({ payload }) => payload);
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`It never came to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('A running Petrel', { timeout: 40_000 }, () => {
  it('makes an event of what an action announces', async () => {
    await send('POST', '/executions', { action: 'shop.say', parameters: { message: 'hello' } });
    await until(async () => (await payloads('core.st2.announcement')).length > 0, 'the announcement');
    expect(await payloads('core.st2.announcement')).toEqual([
      { route: 'chatops', payload: { message: 'hello' }, trace_context: {} },
    ]);
    const ran = await server.store.listExecutions({ ruleRef: 'shop.said' }, { limit: 1, offset: 0 });
    expect(ran.total).toBe(1);
  });

  it('makes an event of a key with another value, and none where no rule listens', async () => {
    await send('PUT', '/keys/colour', { value: 'red' });
    await send('PUT', '/keys/colour', { value: 'red' });
    await send('PUT', '/keys/colour', { value: 'blue' });
    expect(await payloads('core.st2.key_value_pair.value_change')).toEqual([
      { old_object: expect.objectContaining({ value: 'red' }), new_object: expect.objectContaining({ value: 'blue' }) },
    ]);
    expect(await payloads('core.st2.key_value_pair.create')).toEqual([]);
    const [run] = (await server.store.listExecutions({ ruleRef: 'shop.changed' }, { limit: 5, offset: 0 })).items;
    expect(run?.actionRef).toBe('core.noop');
  });

  it('sends an event again, with the id of the first', async () => {
    const { trigger_instance: id } = await send('POST', '/webhooks/st2', {
      trigger: 'core.st2.announcement',
      payload: { route: 'x', payload: {} },
    });
    expect(await send('POST', `/triggerinstances/${id}/re_emit`)).toMatchObject({
      payload: { route: 'x', __context: { original_id: id } },
    });
    expect((await payloads('core.st2.announcement'))[0]).toMatchObject({ __context: { original_id: id } });
  });

  it('refuses rules whose parameters their trigger type does not take, with the place', () => {
    const problems = server.registry.snapshot().problems.map(({ message, file }) => [file.split('/').at(-1), message]);
    expect(problems).toEqual(
      expect.arrayContaining([
        ['wrong_unit.yaml', expect.stringContaining('The parameter "unit" of the trigger "core.st2.IntervalTimer"')],
        ['no_url.yaml', expect.stringContaining('of the trigger "core.st2.webhook"')],
        ['unknown.yaml', expect.stringContaining('"colour"')],
      ]),
    );
  });

  it('tells what timers missed while it was down, and catches up once where a rule wants that', async () => {
    const cursor = 'timer|core.st2.CronTimer|{"catch_up":true,"hour":5}';
    await until(async () => (await server.store.getCursor(cursor)) !== undefined, 'the next time is stored');
    await server.stop();
    const store = await openSqliteStore({ directory: join(directory, 'data') });
    // As if it had been down for three days.
    const due = Number(await store.getCursor(cursor)) - 3 * 86_400_000;
    await store.setCursor(cursor, String(due));
    await store.close();
    server = await start();
    await until(async () => (await payloads('core.st2.CronTimer')).length > 0, 'the timer has fired');
    expect(await payloads('core.st2.CronTimer')).toEqual([
      { executed_at: expect.any(String), schedule: null, missed: 3 },
    ]);
    expect(Number(await server.store.getCursor(cursor))).toBeGreaterThan(Date.now());
    const log = await readFile(join(directory, 'petrel.log'), 'utf8');
    expect(log).toContain('was due 3 times since');
    const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${server.token}` } });
    expect(await metrics.text()).toContain('petrel_timer_missed_total{trigger="core.st2.CronTimer"} 3');
  });
});
