import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { type Answer, type House, MANIFEST, openHouse } from './support.ts';

/**
 * What StackStorm's command line (`st2`, the Python package st2client) asks, in its own spelling: slashes at the end of lists, `True` for
 * yes, null for what is not said, objects sent back whole but for their reference. Beside each stands what it reads of the answer.
 */
let house: House;

beforeAll(async () => {
  house = await openHouse({
    'shop/pack.yaml': MANIFEST('shop'),
    'shop/triggers/order.yaml': 'name: order\n',
    'shop/actions/hello.yaml': 'name: hello\nrunner_type: local-shell-script\nentry_point: hello.sh\n',
    'shop/actions/hello.sh': 'echo hello\n',
    'shop/actions/flow.yaml': 'name: flow\nrunner_type: orquesta\nentry_point: workflows/flow.yaml\n',
    'shop/actions/workflows/flow.yaml':
      'version: 1.0\ntasks:\n  first: {action: core.noop, next: [{do: second}]}\n  second: {action: core.local cmd="exit 3"}\n',
    'shop/actions/asks.yaml': 'name: asks\nrunner_type: orquesta\nentry_point: workflows/asks.yaml\n',
    'shop/actions/workflows/asks.yaml': 'version: 1.0\ntasks:\n  question: {action: core.ask}\n',
    'shop/rules/filed.yaml':
      'name: filed\npack: shop\nenabled: true\ntrigger: {type: shop.order}\naction: {ref: core.noop}\n',
    'shop/rules/idle.yaml':
      'name: idle\npack: shop\nenabled: false\ntrigger: {type: core.st2.IntervalTimer, parameters: {unit: hours, delta: 7}}\naction: {ref: core.noop}\n',
    'shop/rules/tick.yaml':
      'name: tick\npack: shop\nenabled: true\ntrigger: {type: core.st2.IntervalTimer, parameters: {unit: hours, delta: 5}}\naction: {ref: core.noop}\n',
    'shop/rules/hook.yaml':
      'name: hook\npack: shop\nenabled: true\ntrigger: {type: core.st2.webhook, parameters: {url: sample}}\naction: {ref: core.noop}\n',
    'shop/aliases/say.yaml': 'name: say\naction_ref: core.echo\nformats: ["say {{message}}"]\n',
    'shop/policies/few.yaml':
      'name: few\nresource_ref: shop.hello\npolicy_type: action.concurrency\nparameters: {threshold: 3}\n',
    'shop/config.schema.yaml': 'region: {type: string}\n',
  });
});
afterAll(() => house.stop());

const ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
  house.ask(method, path, body, headers);
const text = expect.any(String);

describe('st2 run', () => {
  it('reads the action and its runner, and follows the execution', async () => {
    expect((await ask('GET', '/actions/core.echo')).body).toMatchObject({
      pack: 'core',
      name: 'echo',
      ref: 'core.echo',
      runner_type: 'local-shell-cmd',
      parameters: { message: { type: 'string', required: true } },
    });
    const { list } = await ask('GET', '/runnertypes/?name=local-shell-cmd');
    expect(list).toMatchObject([{ name: 'local-shell-cmd', runner_parameters: { cmd: { type: 'string' } } }]);
    const request = { action: 'core.echo', parameters: { message: 'hi' }, user: null };
    const { status, body } = await ask('POST', '/executions', {
      ...request,
      context: { trace_context: { trace_tag: 'told' } },
    });
    expect(status).toBe(201);
    const ended = (await ask('GET', `/executions/${body.id}?wait=30`)).body;
    expect(ended).toMatchObject({
      status: 'succeeded',
      action: { ref: 'core.echo', runner_type: 'local-shell-cmd' },
      context: { user: 'admin' },
      parameters: { message: 'hi' },
      result: { stdout: 'hi', stderr: '', return_code: 0 },
      start_timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      end_timestamp: text,
    });
    expect((await ask('GET', `/executions/${body.id}/output?output_type=stdout`)).text).toBe('hi\n');
    expect((await ask('GET', '/traces/?trace_tag=told&sort_desc=True&limit=50')).list).toMatchObject([
      { id: body.id, trace_tag: 'told', action_executions: [{ object_id: body.id, ref: 'core.echo', caused_by: {} }] },
    ]);
    const again = { parameters: {}, tasks: [], reset: [], delay: 0, user: null };
    const rerun = await ask('POST', `/executions/${body.id}/re_run`, again);
    expect(rerun.body).toMatchObject({ context: { 're-run': { ref: body.id } }, parameters: { message: 'hi' } });
    // Told with status 200, which it prints.
    expect(await ask('DELETE', `/executions/${body.id}`)).toMatchObject({ status: 200, body: { faultstring: text } });
  });

  it('shows the tasks of a workflow, and the error of the one that failed', async () => {
    const { id } = await house.run('shop.flow');
    const shown = 'status,result,parameters,action.ref,action.runner_type,start_timestamp,end_timestamp,children';
    const query = new URLSearchParams({ include_attributes: shown, max_result_size: '131072' });
    const { body } = await ask('GET', `/executions/${id}?${query}`);
    expect(body).toMatchObject({ status: 'failed', action: { ref: 'shop.flow', runner_type: 'orquesta' } });
    expect(body.children).toHaveLength(2);
    const { list } = await ask('GET', `/executions/${id}/children/?depth=-1`);
    expect(list).toMatchObject([
      { parent: id, status: 'succeeded', context: { orquesta: { task_name: 'first' } }, action: { ref: 'core.noop' } },
      { parent: id, status: 'failed', context: { orquesta: { task_name: 'second' } }, result: { return_code: 3 } },
    ]);
    const again = { parameters: {}, tasks: ['second'], reset: [], delay: 0, user: null };
    expect((await ask('POST', `/executions/${id}/re_run`, again)).body.context).toMatchObject({
      're-run': { ref: id, tasks: ['second'] },
    });
  });

  it('lists executions by what it shows of them', async () => {
    const columns = 'id,action.ref,action.runner_type,context.user,status,start_timestamp,end_timestamp,children';
    const query = new URLSearchParams({ include_attributes: columns, parent: 'null', limit: '2', sort_desc: 'True' });
    const { list, headers } = await ask('GET', `/executions/?${query}`);
    expect(list).toHaveLength(2);
    expect(Object.keys(list[0] ?? {})).not.toContain('parameters');
    expect(Number(headers.get('x-total-count'))).toBeGreaterThan(2);
    const since = '/executions/?sort_asc=True&timestamp_gt=2000-01-01T12:00:00.000Z&status=failed&action=shop.flow';
    expect((await ask('GET', since)).list.length).toBeGreaterThan(0);
    expect((await ask('GET', `/executions/${list[0]?.id}?exclude_attributes=`)).body).toMatchObject({ status: text });
    expect(await ask('GET', '/executions/nonsense')).toMatchObject({ status: 404, body: { faultstring: text } });
  });
});

describe('clients that know how an action has ended', () => {
  const slow = { action: 'core.local', parameters: { cmd: 'sleep 30' } };
  const put = (id: unknown, body: object) => ask('PUT', `/executions/${id}`, body);
  const request = async (body: object) => String((await ask('POST', '/executions', body)).body.id);
  const statusOf = async (id: string) => (await ask('GET', `/executions/${id}`)).body.status;

  it('say so with its result, and its own run is cut short', async () => {
    const id = await request(slow);
    await expect.poll(() => statusOf(id)).toBe('running');
    expect((await put(id, { status: 'succeeded', result: { answer: 42 } })).body).toMatchObject({
      status: 'succeeded',
      result: { answer: 42 },
    });
    // What it comes to when it is cut short is refused.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await ask('GET', `/executions/${id}`)).body).toMatchObject({
      status: 'succeeded',
      result: { answer: 42 },
      log: [{ status: 'requested' }, { status: 'scheduled' }, { status: 'running' }, { status: 'succeeded' }],
    });
    const again = await put(id, { status: 'failed' });
    expect(again).toMatchObject({ status: 400, body: { faultstring: expect.stringContaining('succeeded already') } });
  });

  it('say it of what has not begun, and of nothing that does not end by itself', async () => {
    const delayed = await request({ ...slow, delay: 3_600_000 });
    expect((await put(delayed, { status: 'timeout' })).body).toMatchObject({ status: 'timeout' });
    const workflow = await request({ action: 'shop.asks' });
    await expect.poll(() => statusOf(workflow)).toBe('paused');
    const [question] = (await ask('GET', `/executions/${workflow}/children`)).list;
    for (const [id, status, why] of [
      [workflow, 'succeeded', 'workflow'],
      [question?.id, 'succeeded', 'answer'],
      [question?.id, 'requested', 'these can'],
    ]) {
      expect(await put(id, { status })).toMatchObject({
        status: 400,
        body: { faultstring: expect.stringContaining(String(why)) },
      });
    }
  });

  it('put executions below others by the header st2-context, where no workflow waits for them', async () => {
    const workflow = await request({ action: 'shop.asks' });
    await expect.poll(() => statusOf(workflow)).toBe('paused');
    const context = JSON.stringify({ parent: { execution_id: workflow, pack: 'shop' } });
    const child = await ask('POST', '/executions', { action: 'core.noop' }, { 'st2-context': context });
    expect(child.body).toMatchObject({
      parent: workflow,
      context: { parent: { execution_id: workflow }, user: 'admin' },
    });
    await ask('GET', `/executions/${child.body.id}?wait=30`);
    expect((await ask('GET', `/executions?parent=${workflow}`)).list.map(({ id }) => id)).toContain(child.body.id);
    expect(await statusOf(workflow)).toBe('paused');
    const waiting = await ask('POST', '/executions', { ...slow, delay: 3_600_000 }, { 'st2-context': context });
    expect((await ask('DELETE', `/executions/${workflow}`)).status).toBe(200);
    await expect.poll(() => statusOf(String(waiting.body.id))).toBe('canceled');
    const nobody = JSON.stringify({ parent: { execution_id: '0123456789abcdef01234567' } });
    const alone = await ask('POST', '/executions', { action: 'core.noop' }, { 'st2-context': nobody });
    expect(alone.status).toBe(201);
    expect(alone.body.parent).toBeUndefined();
    expect((await ask('POST', '/executions', slow, { 'st2-context': '[]' })).status).toBe(400);
  });
});

describe('what packs bring', () => {
  it.each([
    '/actions/shop.hello',
    '/rules/shop.filed',
    '/policies/shop.few',
    '/actionalias/shop.say',
    '/sensortypes/linux.FileWatchSensor',
  ])('%s is switched off and on by sending it back without its reference', async (path) => {
    const { ref, ...whole } = (await ask('GET', path)).body;
    const [, collection] = path.split('/');
    for (const enabled of [false, true]) {
      expect(await ask('PUT', `/${collection}/${whole.id}`, { ...whole, enabled })).toMatchObject({
        status: 200,
        body: { ref, enabled },
      });
    }
  });

  it('is made, cloned and deleted, a body with the deletion', async () => {
    const made = await ask('POST', '/actions', {
      name: 'mine',
      pack: 'shop',
      runner_type: 'noop',
      enabled: true,
      entry_point: '',
    });
    expect(made).toMatchObject({ status: 201, body: { ref: 'shop.mine' } });
    const clone = { dest_pack: 'shop', dest_action: 'other', overwrite: false };
    expect(await ask('POST', '/actions/shop.mine/clone', clone)).toMatchObject({ status: 201 });
    // It says no content type here.
    const url = `${house.server().url}/api/v1/actions/${made.body.id}`;
    const headers = { 'x-auth-token': house.server().token };
    const body = new TextEncoder().encode('{"remove_files": true}');
    expect((await fetch(url, { method: 'DELETE', headers, body })).status).toBe(204);
    expect((await fetch(url, { method: 'DELETE', headers, body: new TextEncoder().encode('{') })).status).toBe(400);
    const strange = { ...headers, 'content-type': 'application/x-strange' };
    expect((await fetch(url, { method: 'DELETE', headers: strange, body })).status).toBe(400);
    expect((await ask('DELETE', '/actions/shop.other')).status).toBe(204);
  });

  const LISTS: readonly (readonly [string, readonly JsonObject[]])[] = [
    ['/actions/?pack=shop&limit=50&include_attributes=ref,pack,description', [{ ref: 'shop.asks', pack: 'shop' }]],
    ['/rules/?limit=50&pack=shop&enabled=False&include_attributes=ref,enabled', [{ ref: 'shop.idle', enabled: false }]],
    [
      '/rules/?limit=50&pack=shop&trigger=shop.order',
      [{ trigger: { ref: 'shop.order' }, action: { ref: 'core.noop' } }],
    ],
    ['/triggertypes?pack=shop', [{ ref: 'shop.order', payload_schema: {}, parameters_schema: {} }]],
    ['/timers/?timer_type=core.st2.IntervalTimer', [{ type: 'core.st2.IntervalTimer', uid: text, pack: 'core' }]],
    ['/webhooks', [{ type: 'core.st2.webhook', parameters: { url: 'sample' }, description: text }]],
    ['/policies/?resource_ref=shop.hello', [{ ref: 'shop.few', policy_type: 'action.concurrency' }]],
    ['/policytypes/?resource_type=action', [{ id: text, name: 'concurrency', description: text }]],
    ['/config_schemas?limit=1', [{ pack: 'shop', attributes: { region: { type: 'string' } } }]],
    ['/rbac/roles/?system=True', [{ id: text, name: 'system_admin', system: true }]],
    ['/rbac/role_assignments/?user=admin', [{ role: 'system_admin', is_remote: false, source: text }]],
    ['/sensortypes?pack=linux', [{ ref: 'linux.FileWatchSensor', enabled: true }]],
  ];
  it.each(LISTS)('%s is listed', async (path, first) => {
    const { status, list } = await ask('GET', path);
    expect({ status, list: list.slice(0, first.length) }).toMatchObject({ status: 200, list: first });
  });

  it('shows one assignment of a role, and those that come from elsewhere', async () => {
    const [one] = (await ask('GET', '/rbac/role_assignments')).list;
    expect((await ask('GET', `/rbac/role_assignments/${one?.id}`)).body).toEqual(one);
    expect((await ask('GET', '/rbac/role_assignments/0123456789abcdef01234567')).status).toBe(404);
    expect((await ask('GET', '/rbac/role_assignments/?remote=True')).list).toEqual([]);
  });
});

describe('events', () => {
  it('are dispatched, listed, followed and dispatched again', async () => {
    const event = { trigger: 'shop.order', payload: { size: 1 } };
    expect((await ask('POST', '/webhooks/st2', event, { 'st2-trace-tag': 'tag' })).status).toBe(202);
    const listed = '/triggerinstances/?limit=50&trigger=shop.order&status=processed';
    await expect.poll(async () => (await ask('GET', listed)).list.length).toBe(1);
    const { list, headers } = await ask('GET', listed);
    expect(list).toMatchObject([{ trigger: 'shop.order', occurrence_time: text, payload: { size: 1 } }]);
    expect(headers.get('x-total-count')).toBe('1');
    // A body of `null`.
    expect((await ask('POST', `/triggerinstances/${list[0]?.id}/re_emit`, 'null')).body.message).toContain('re-sent');
    const enforcements = (await ask('GET', `/ruleenforcements/?limit=50&trigger_instance=${list[0]?.id}`)).list;
    expect(enforcements).toMatchObject([{ rule: { ref: 'shop.filed' }, execution_id: text, enforced_at: text }]);
  });
});

describe('keys', () => {
  it('are set, listed in all scopes and deleted', async () => {
    const said = { secret: true, ttl: 60 };
    const key = (name: string, more: object) => ({ id: name, name, value: 'v', scope: 'system', user: null, ...more });
    expect((await ask('PUT', '/keys/one', key('one', {}))).body).toMatchObject({ name: 'one', value: 'v' });
    expect((await ask('PUT', '/keys/two', key('two', said))).body).toMatchObject({ encrypted: true, secret: true });
    expect((await ask('PUT', '/keys/mine', key('mine', { scope: 'user' }))).body).toMatchObject({ user: 'admin' });
    const { list } = await ask('GET', '/keys/?decrypt=false&scope=all&limit=50');
    expect(list.map(({ name }) => name)).toEqual(expect.arrayContaining(['one', 'two', 'mine']));
    expect((await ask('GET', '/keys/two?decrypt=true&scope=system')).body).toMatchObject({ value: 'v' });
    expect((await ask('GET', '/keys?prefix=tw')).list).toHaveLength(1);
    expect((await ask('DELETE', '/keys/mine?scope=user')).status).toBe(204);
    expect((await ask('GET', '/keys/mine?decrypt=false&scope=user')).status).toBe(404);
  });
});

describe('packs', () => {
  it('are searched, registered, configured, and installed', async () => {
    expect((await ask('POST', '/packs/index/search', { pack: 'none' })).body).toEqual({});
    expect((await ask('POST', '/packs/register', { types: ['actions'], packs: ['shop'] })).body).toMatchObject({
      actions: 3,
    });
    expect((await ask('PUT', '/configs/shop', { region: 'north' })).body).toMatchObject({
      values: { region: 'north' },
    });
    const request = { packs: ['/nowhere'], force: false, python3: false, skip_dependencies: false };
    const { status, body } = await ask('POST', '/packs/install', request);
    expect({ status, body }).toEqual({ status: 202, body: { execution_id: text } });
    expect((await ask('GET', `/executions/${body.execution_id}?wait=30`)).body).toMatchObject({ status: 'failed' });
  });
});

describe('who one is', () => {
  it('is told with when the token expires, whichever it is', async () => {
    expect((await ask('GET', '/user')).body).toMatchObject({
      username: 'admin',
      authentication: { method: 'authentication token', token_expire: text },
      rbac: { enabled: true, roles: ['system_admin', 'admin'], is_admin: true },
    });
  });

  it('is found out by name and password at the address of the auth service', async () => {
    await ask('POST', '/users', { name: 'ann', password: 'correct horse battery' });
    const authorization = `Basic ${Buffer.from('ann:correct horse battery').toString('base64')}`;
    for (const path of ['//auth/tokens', '//auth/v1/tokens']) {
      const { status, body } = await ask('POST', path, { ttl: 60 }, { authorization });
      expect({ status, body }).toMatchObject({ status: 201, body: { user: 'ann', token: text, expiry: text } });
    }
  });

  it('has API keys, which are loaded where they are not known yet', async () => {
    const loaded = { user: 'admin', key_hash: 'a'.repeat(128), metadata: {}, enabled: true };
    const id = '0123456789abcdef01234567';
    expect((await ask('PUT', `/apikeys/${id}`, { ...loaded, id })).status).toBe(404);
    expect(await ask('POST', '/apikeys', { ...loaded, id })).toMatchObject({ status: 201, body: { id } });
    expect((await ask('GET', '/apikeys?show_secrets=True')).list).toMatchObject([{ key_hash: 'a'.repeat(128) }]);
    const { ref: _, ...whole } = (await ask('GET', `/apikeys/${id}`)).body;
    expect((await ask('PUT', `/apikeys/${id}`, { ...whole, enabled: false })).body).toMatchObject({ enabled: false });
  });
});

describe('the rest', () => {
  it('finds aliases and runs them', async () => {
    expect((await ask('POST', '/actionalias/match', { command: 'say hi' })).body).toMatchObject({
      actionalias: { name: 'say' },
      representation: text,
    });
    const command = { command: 'say hi', user: null, source_channel: 'cli' };
    expect((await ask('POST', '/aliasexecution/match_and_execute', command)).body).toMatchObject({
      results: [{ actionalias: { ref: 'shop.say' }, execution: { id: text } }],
    });
  });

  it('inspects workflows, and looks at services', async () => {
    const inspected = await ask('POST', '/workflows/inspect', 'version: 1.0\ntasks: {a: {next: [{do: b}]}}\n', {
      'content-type': 'text/plain',
    });
    expect(inspected.list).toMatchObject([{ type: 'semantic', message: text, spec_path: text }]);
    const calls = 'version: 1.0\ntasks: {a: {action: shop.nothing}, b: {action: core.local}, c: {action: core.noop}}\n';
    const unknown = await ask('POST', '/workflows/inspect', calls, { 'content-type': 'text/plain' });
    expect(unknown.list).toMatchObject([
      { type: 'content', message: 'The action "shop.nothing" is not registered in the database.' },
      { type: 'content', message: 'Action "core.local" is missing required input "cmd".' },
    ]);
    expect((await ask('GET', '/service_registry/groups')).body.groups).toContain('api');
    expect((await ask('GET', '/service_registry/groups/api/members')).body).toMatchObject({
      members: [{ group_id: 'api', member_id: text, capabilities: { hostname: text } }],
    });
  });
});
