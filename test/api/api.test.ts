import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import type { Server } from '../../src/server.ts';
import { type House, MANIFEST, openHouse } from './support.ts';

let house: House;
let server: Server;
const ask: House['ask'] = (...request) => house.ask(...request);

beforeAll(async () => {
  house = await openHouse({
    'shop/pack.yaml': MANIFEST('shop'),
    'shop/triggers/order.yaml':
      'name: order\npayload_schema: {type: object, properties: {item: {type: string, required: true}}}\n',
    'shop/actions/login.yaml':
      'name: login\nrunner_type: local-shell-cmd\nparameters:\n  password: {type: string, secret: true, required: true}\n  cmd: {default: "echo logged in with {{ password }}", immutable: true}\n',
    'shop/rules/on_order.yaml':
      'name: on_order\nenabled: true\ntrigger: {type: shop.order}\ncriteria: {trigger.item: {type: equals, pattern: tea}}\naction: {ref: core.echo, parameters: {message: "{{ trigger.item }}"}}\n',
    'shop/rules/on_hook.yaml':
      'name: on_hook\nenabled: true\ntrigger: {type: core.st2.webhook, parameters: {url: /order/}}\naction: {ref: core.echo, parameters: {message: "{{ trigger.body.item }}"}}\n',
    'shop/policies/logins.yaml':
      'name: logins\ndescription: One by one.\nresource_ref: shop.login\npolicy_type: action.concurrency\nparameters: {threshold: 1}\n',
    'shop/actions/deliver.yaml':
      'name: deliver\nrunner_type: orquesta\nentry_point: workflows/deliver.yaml\nparameters: {file: {type: string}}\n',
    'shop/actions/workflows/deliver.yaml': `version: 1.0
input: [file]
tasks:
  wait:
    action: core.local cmd="until [ -e <% ctx().file %> ]; do sleep 0.02; done"
    next: [{when: <% succeeded() %>, do: send}]
  send:
    action: core.local cmd="cat <% ctx().file %>.letter"
`,
  });
  server = house.server();
});
afterAll(() => house.stop());

async function finished(action: string, parameters: object): Promise<JsonObject> {
  const { body } = await ask('POST', '/executions', { action, parameters });
  return (await ask('GET', `/executions/${body.id}?wait=30`)).body;
}

describe('authentication', () => {
  it('refuses a request without a token, and one with a wrong token', async () => {
    const none = await fetch(`${server.url}/api/v1/executions`);
    expect(none.status).toBe(401);
    expect(await none.json()).toEqual({ faultstring: expect.stringContaining('Unauthorized') });
    expect((await ask('GET', '/executions', undefined, { 'x-auth-token': 'wrong' })).status).toBe(401);
  });

  it.each([
    ['St2-Api-Key', (token: string) => token],
    ['Authorization', (token: string) => `Bearer ${token}`],
  ])('takes the token as %s', async (header, value) => {
    const response = await fetch(`${server.url}/api/v1/`, { headers: { [header]: value(server.token) } });
    expect(response.status).toBe(200);
  });

  it('shows metrics in Prometheus’ text format, to whoever has the token', async () => {
    expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
    const response = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${server.token}` } });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  });

  it('keeps the token in a file only its owner can read', async () => {
    expect((await stat(join(house.directory, 'data', 'admin.token'))).mode & 0o777).toBe(0o600);
  });

  it('answers the health check without a token', async () => {
    const response = await fetch(`${server.url}/healthz`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: 'ok' });
  });
});

describe('executions', () => {
  it('runs an action and shows StackStorm’s shape', async () => {
    const execution = await finished('core.local', { cmd: 'echo hello; echo oops >&2' });
    expect(execution).toMatchObject({
      status: 'succeeded',
      action: { ref: 'core.local', runner_type: 'local-shell-cmd' },
      parameters: { cmd: 'echo hello; echo oops >&2' },
      result: { succeeded: true, failed: false, return_code: 0, stdout: 'hello', stderr: 'oops' },
      context: { user: 'admin', pack: 'core' },
    });
    expect((execution.log as readonly JsonObject[]).map(({ status }) => status)).toEqual([
      'requested',
      'scheduled',
      'running',
      'succeeded',
    ]);
    expect(execution.start_timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const { text } = await ask('GET', `/executions/${execution.id}/output?output_type=stdout`);
    expect(text).toBe('hello\n');
  });

  it.each([
    ['an unknown action', { action: 'core.nothing' }, 400, 'core.nothing'],
    ['a missing parameter', { action: 'core.echo', parameters: {} }, 400, 'message'],
    ['an unknown parameter', { action: 'core.noop', parameters: { nope: 1 } }, 400, 'nope'],
    ['an immutable parameter', { action: 'core.echo', parameters: { message: 'x', cmd: 'rm' } }, 400, 'immutable'],
    ['no action', {}, 400, 'action'],
  ])('refuses %s', async (_, body, status, word) => {
    const answer = await ask('POST', '/executions', body);
    expect(answer.status).toBe(status);
    expect(answer.body.faultstring).toContain(word);
  });

  it('says that a body is not JSON', async () => {
    const response = await fetch(`${server.url}/api/v1/executions`, {
      method: 'POST',
      headers: { 'x-auth-token': server.token, 'content-type': 'application/json' },
      body: '{"action":',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ faultstring: expect.stringContaining('not JSON') });
  });

  it('pages a list and counts it', async () => {
    for (let i = 0; i < 3; i++) await finished('core.noop', {});
    const { headers, body } = await ask('GET', '/executions?action=core.noop&limit=2&include_attributes=status');
    expect(body).toHaveLength(2);
    expect(Number(headers.get('x-total-count'))).toBeGreaterThanOrEqual(3);
    expect(headers.get('x-limit')).toBe('2');
    expect(Object.keys((body as unknown as JsonObject[])[0] ?? {}).sort()).toEqual(['id', 'status']);
    expect((await ask('GET', '/executions?limit=0')).status).toBe(400);
  });

  it('cancels what runs, and keeps what it had printed', async () => {
    const { body } = await ask('POST', '/executions', {
      action: 'core.local',
      parameters: { cmd: 'echo started; exec sleep 60' },
    });
    for (;;) {
      const { text } = await ask('GET', `/executions/${body.id}/output`);
      if (text.includes('started')) break;
    }
    await ask('DELETE', `/executions/${body.id}`);
    const { body: ended } = await ask('GET', `/executions/${body.id}?wait=30`);
    expect(ended.status).toBe('canceled');
    expect((await ask('PUT', `/executions/${body.id}`, { status: 'canceling' })).status).toBe(400);
  });

  it('masks a secret parameter by name, and its value wherever it turns up', async () => {
    const execution = await finished('shop.login', { password: 'opensesame-42' });
    expect(execution).toMatchObject({ status: 'succeeded', parameters: { password: '********' } });
    const everything = [
      JSON.stringify(execution),
      (await ask('GET', `/executions/${execution.id}/output`)).text,
      (await ask('GET', `/executions/${execution.id}/result`)).text,
    ].join('\n');
    expect(everything).toContain('logged in with ********');
    expect(everything).not.toContain('opensesame-42');
    const again = await ask('POST', `/executions/${execution.id}/re_run`, {});
    expect(again.status).toBe(201);
    expect((await ask('GET', `/executions/${again.body.id}?wait=30`)).body).toMatchObject({ status: 'succeeded' });
  });
});

describe('workflows', () => {
  const reached = async (id: unknown, status: string) => {
    for (;;) {
      const { body } = await ask('GET', `/executions/${id}`);
      if (body.status === status) return body;
    }
  };
  const begun = async () => {
    const file = join(house.directory, `sign${Math.random()}`);
    const { body } = await ask('POST', '/executions', { action: 'shop.deliver', parameters: { file } });
    for (;;) {
      const { body: children } = await ask('GET', `/executions/${body.id}/children`);
      if ((children as unknown as JsonObject[])[0]?.status === 'running') return { id: body.id, file };
    }
  };

  it.each([
    ['pausing', 'resuming'],
    ['paused', 'running'],
  ])('pause for the status %s, and go on for %s', async (pause, resume) => {
    const { id, file } = await begun();
    const asked = await ask('PUT', `/executions/${id}`, { status: pause });
    expect(asked).toMatchObject({ status: 200, body: { id, status: 'pausing', context: { paused_by: 'admin' } } });
    await writeFile(file, '');
    await writeFile(`${file}.letter`, 'dear');
    await reached(id, 'paused');
    expect((await ask('PUT', `/executions/${id}`, { status: resume })).status).toBe(200);
    expect((await ask('GET', `/executions/${id}?wait=30`)).body.status).toBe('succeeded');
  });

  it('are canceled with their tasks', async () => {
    const { id } = await begun();
    expect((await ask('PUT', `/executions/${id}`, { status: 'canceled' })).status).toBe(200);
    expect((await ask('GET', `/executions/${id}?wait=30`)).body.status).toBe('canceled');
    expect((await ask('PUT', `/executions/${id}`, { status: 'paused' })).status).toBe(400);
  });

  it('go on from the tasks that are to run again, as a new execution', async () => {
    const { id, file } = await begun();
    await writeFile(file, '');
    expect((await ask('GET', `/executions/${id}?wait=30`)).body.status).toBe('failed');
    await writeFile(`${file}.letter`, 'dear');
    const again = await ask('POST', `/executions/${id}/re_run`, { tasks: ['send'], parameters: {}, delay: 10 });
    expect(again).toMatchObject({
      status: 201,
      body: { status: 'requested', context: { 're-run': { ref: id, tasks: ['send'] } } },
    });
    expect((await ask('GET', `/executions/${again.body.id}?wait=30`)).body.status).toBe('succeeded');
    const { body: children } = await ask('GET', `/executions/${again.body.id}/children`);
    expect(children).toHaveLength(1);
  });

  it.each([
    ['an unknown task', { tasks: ['nope'] }, 'nope'],
    ['a reset of what does not run again', { tasks: ['send'], reset: ['wait'] }, 'wait'],
    ['parameters beside tasks', { tasks: ['send'], parameters: { file: 'x' } }, 'parameters'],
    ['tasks that are no list', { tasks: 'send' }, 'tasks'],
  ])('refuse %s', async (_, body, word) => {
    const { body: before } = await ask('GET', '/executions?action=shop.deliver&status=failed&limit=1');
    const [failed] = before as unknown as JsonObject[];
    const answer = await ask('POST', `/executions/${failed?.id}/re_run`, body);
    expect(answer.status).toBe(400);
    expect(answer.body.faultstring).toContain(word);
  });

  it('alone can be paused, and no status can be asked for that is no request', async () => {
    const { id } = await finished('core.noop', {});
    const paused = await ask('PUT', `/executions/${id}`, { status: 'pausing' });
    expect(paused.status).toBe(400);
    expect(paused.body.faultstring).toContain('no workflow');
    const unknown = await ask('PUT', `/executions/${id}`, { status: 'scheduled' });
    expect(unknown.status).toBe(400);
    expect(unknown.body.faultstring).toContain('pausing');
  });

  it('run again as a whole with other parameters, or with none of the old ones', async () => {
    const { id } = await finished('core.echo', { message: 'old' });
    const other = await ask('POST', `/executions/${id}/re_run`, { parameters: { message: 'new' } });
    expect((await ask('GET', `/executions/${other.body.id}?wait=30`)).body.result).toMatchObject({ stdout: 'new' });
    expect((await ask('POST', `/executions/${id}/re_run?no_merge=true`, {})).status).toBe(400);
  });
});

describe('events', () => {
  it('dispatches a trigger, and the rule’s execution follows', async () => {
    const { status, body } = await ask('POST', '/webhooks/st2', { trigger: 'shop.order', payload: { item: 'tea' } });
    expect(status).toBe(202);
    const instance = await ask('GET', `/triggerinstances/${body.trigger_instance}`);
    expect(instance.body).toMatchObject({ trigger: 'shop.order', payload: { item: 'tea' }, status: 'processed' });
    const [enforcement] = (await ask('GET', `/ruleenforcements?trigger_instance=${body.trigger_instance}`))
      .body as unknown as JsonObject[];
    expect(enforcement).toMatchObject({ rule: { ref: 'shop.on_order' }, status: 'succeeded' });
    const execution = await ask('GET', `/executions/${enforcement?.execution_id}?wait=30`);
    expect(execution.body).toMatchObject({
      status: 'succeeded',
      result: { stdout: 'tea' },
      context: { rule: { name: 'on_order' } },
    });
  });

  it('does nothing for a second event with the same dedupe key', async () => {
    const event = { trigger: 'shop.order', payload: { item: 'tea' }, dedupe_key: 'order-1' };
    expect((await ask('POST', '/webhooks/st2', event)).body.trigger_instance).toMatch(/^[0-9a-f]{24}$/);
    expect((await ask('POST', '/webhooks/st2', event)).body.trigger_instance).toBeNull();
  });

  it.each([
    ['a payload that breaks the trigger’s schema', { trigger: 'shop.order', payload: { item: 7 } }, 'item'],
    ['an unknown trigger', { trigger: 'shop.nothing', payload: {} }, 'shop.nothing'],
  ])('refuses %s', async (_, event, word) => {
    const { status, body } = await ask('POST', '/webhooks/st2', event);
    expect(status).toBe(400);
    expect(body.faultstring).toContain(word);
  });

  it('takes a webhook that a rule listens on, and knows no other', async () => {
    const { status, body } = await ask('POST', '/webhooks/order', { item: 'milk' });
    expect(status).toBe(202);
    expect(body).toEqual({ item: 'milk' });
    const [instance] = (await ask('GET', '/triggerinstances?trigger=core.st2.webhook')).body as unknown as JsonObject[];
    expect(instance?.payload).toMatchObject({ body: { item: 'milk' } });
    expect(JSON.stringify(instance)).not.toContain(server.token);
    expect((await ask('POST', '/webhooks/nobody', {})).status).toBe(404);
  });

  it('leaves text that looks like a template alone', async () => {
    const { body } = await ask('POST', '/webhooks/order', { item: '{{ 7*7 }}' });
    expect(body).toEqual({ item: '{{ 7*7 }}' });
    const seen = async () => {
      const { body: list } = await ask('GET', '/executions?rule=shop.on_hook&limit=1');
      return (list as unknown as JsonObject[])[0];
    };
    let execution = await seen();
    while (execution?.status !== 'succeeded') execution = await seen();
    expect(execution.result).toMatchObject({ stdout: '{{ 7*7 }}' });
  });
});

describe('keys', () => {
  it('stores, shows, lists and deletes', async () => {
    await ask('PUT', '/keys/colour', { value: 'blue', description: 'a colour' });
    expect((await ask('GET', '/keys/colour')).body).toMatchObject({
      name: 'colour',
      value: 'blue',
      scope: 'st2kv.system',
      secret: false,
    });
    expect((await ask('GET', '/keys?prefix=col')).body).toHaveLength(1);
    expect((await ask('DELETE', '/keys/colour')).status).toBe(204);
    expect((await ask('GET', '/keys/colour')).status).toBe(404);
  });

  it('shows a secret as ciphertext unless it is asked to decrypt', async () => {
    await ask('PUT', '/keys/db%2Fpassword', { value: 'hunter2hunter2', secret: true });
    const hidden = await ask('GET', '/keys/db%2Fpassword');
    expect(hidden.body).toMatchObject({ name: 'db/password', secret: true, encrypted: true });
    expect(hidden.text).not.toContain('hunter2');
    expect((await ask('GET', '/keys/db%2Fpassword?decrypt=true')).body).toMatchObject({
      value: 'hunter2hunter2',
      encrypted: false,
    });
    const database = await server.store.getKey('system', '', 'db/password');
    expect(database?.value).not.toContain('hunter2');
  });
});

describe('notification settings', () => {
  it('of a request are kept with the execution, and checked', async () => {
    const notify = { 'on-success': { message: 'done', routes: ['chat'] } };
    const { status, body } = await ask('POST', '/executions', { action: 'core.noop', notify });
    expect(status).toBe(201);
    expect(body.liveaction).toMatchObject({ notify });
    const wrong = await ask('POST', '/executions', { action: 'core.noop', notify: { 'on-succes': {} } });
    expect(wrong.status).toBe(400);
    expect(wrong.body.faultstring).toContain('on-succes');
  });
});

describe('content', () => {
  it('lists actions, rules, trigger types and packs, and answers one by reference', async () => {
    for (const [path, ref] of [
      ['actions', 'core.local'],
      ['rules', 'shop.on_order'],
      ['triggertypes', 'shop.order'],
      ['policies', 'shop.logins'],
      ['policytypes', 'action.concurrency'],
      ['packs', 'shop'],
    ]) {
      const list = (await ask('GET', `/${path}`)).body as unknown as JsonObject[];
      expect(list.map((item) => item.ref)).toContain(ref);
      expect((await ask('GET', `/${path}/${ref}`)).body).toMatchObject({ ref });
      expect((await ask('GET', `/${path}/no.such`)).status).toBe(404);
    }
  });

  it('shows policies and their types as StackStorm does', async () => {
    const policy = (await ask('GET', '/policies/shop.logins')).body;
    expect(policy).toEqual({
      id: policy.id,
      uid: 'policy:shop:logins',
      ref: 'shop.logins',
      pack: 'shop',
      name: 'logins',
      description: 'One by one.',
      enabled: true,
      resource_ref: 'shop.login',
      policy_type: 'action.concurrency',
      parameters: { threshold: 1, action: 'delay' },
      metadata_file: 'policies/logins.yaml',
    });
    expect((await ask('GET', '/policies?resource_ref=shop.deliver')).body).toEqual([]);
    const types = (await ask('GET', '/policytypes?resource_type=action')).body as unknown as JsonObject[];
    expect(types.map(({ uid }) => uid)).toEqual([
      'policy_type:action:concurrency',
      'policy_type:action:concurrency.attr',
      'policy_type:action:retry',
    ]);
    expect(types[2]?.parameters).toMatchObject({ max_retry_count: { maximum: 5, default: 2 } });
  });

  it('answers 404 with a faultstring for an unknown route', async () => {
    const { status, body } = await ask('GET', '/nothing');
    expect(status).toBe(404);
    expect(body.faultstring).toContain('/api/v1/nothing');
  });
});
