import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { type House, MANIFEST, openHouse } from './support.ts';

/** Every answer is held against the OpenAPI document by `house.ask`; what is said here is what the shapes do not say. */
let house: House;
const ask: House['ask'] = (...request) => house.ask(...request);
const ID = /^[0-9a-f]{24}$/;

const ORDER_RULE = {
  name: 'made',
  pack: 'shop',
  enabled: true,
  trigger: { type: 'shop.order' },
  criteria: { 'trigger.item': { type: 'equals', pattern: 'soap' } },
  action: { ref: 'core.echo', parameters: { message: '{{ trigger.item }}' } },
};

beforeAll(async () => {
  house = await openHouse({
    'shop/pack.yaml': MANIFEST('shop'),
    'shop/icon.png': '\u0089PNG\0',
    'shop/triggers/order.yaml': 'name: order\npayload_schema: {type: object}\n',
    'shop/actions/hello.yaml':
      'name: hello\ndescription: says hello\nrunner_type: local-shell-script\nentry_point: hello.sh\ntags: [{name: kind, value: greeting}]\nparameters: {who: {type: string, position: 0, default: you}, timeout: {default: 30}}\n',
    'shop/actions/hello.sh': '#!/bin/sh\necho "hello $1"\n',
    'shop/rules/filed.yaml':
      'name: filed\nenabled: true\ntrigger: {type: shop.order}\ncriteria: {trigger.item: {type: equals, pattern: tea}}\naction: {ref: core.echo, parameters: {message: "{{ trigger.item }}"}}\n',
    'shop/rules/broken.yaml':
      'name: broken\nenabled: true\ntrigger: {type: shop.order}\ncriteria: {trigger.item: {type: equals, pattern: rope}}\naction: {ref: core.echo, parameters: {message: "{{ trigger.nothing.there }}"}}\n',
    'shop/policies/one.yaml':
      'name: one\nresource_ref: shop.hello\npolicy_type: action.concurrency\nparameters: {threshold: 3}\n',
    'shop/config.schema.yaml':
      'region: {type: string, default: north}\npassword: {type: string, secret: true}\nnested: {type: object, properties: {token: {type: string, secret: true}, port: {type: integer}}}\n',
    'shop/actions/flow.yaml': 'name: flow\nrunner_type: orquesta\nentry_point: workflows/flow.yaml\n',
    'shop/actions/workflows/flow.yaml':
      'version: 1.0\ntasks:\n  one: {action: core.noop, next: [{do: two}]}\n  two: {action: shop.inner}\n',
    'shop/actions/inner.yaml': 'name: inner\nrunner_type: orquesta\nentry_point: workflows/inner.yaml\n',
    'shop/actions/workflows/inner.yaml': 'version: 1.0\ntasks:\n  only: {action: core.noop}\n',
  });
});
afterAll(() => house.stop());

const order = async (item: string) => {
  const { body } = await ask('POST', '/webhooks/st2', { trigger: 'shop.order', payload: { item } });
  return String(body.trigger_instance);
};
const executionOf = async (instance: string): Promise<JsonObject> => {
  const [found] = (await ask('GET', `/executions?trigger_instance=${instance}`)).list;
  return (await ask('GET', `/executions/${found?.id}?wait=20`)).body;
};

describe('addresses', () => {
  it.each([
    '//v1/executions',
    '//api/v1/executions',
    '//api/executions',
    '//executions',
    '//executions/',
    '//v1/actionexecutions',
    '//actionexecutions?limit=1',
  ])('%s leads to the executions', async (path) => {
    const { status, headers } = await ask('GET', path);
    expect([status, headers.has('x-total-count')]).toEqual([200, true]);
  });

  it.each(['//v1/nothing', '//nothing', '//auth/v1/nothing', '//executionsx'])('%s leads nowhere', async (path) => {
    expect(await ask('GET', path)).toMatchObject({
      status: 404,
      body: { faultstring: expect.stringContaining('no route') },
    });
  });

  it('without anything behind the version tells the version', async () => {
    for (const path of ['//v1/', '//v1', '//api/v1/', '//api/v1']) {
      expect((await ask('GET', path)).body).toEqual({ version: expect.any(String), docs_url: '/openapi.json' });
    }
  });

  it('that are broken are bad requests in StackStorm’s form', async () => {
    for (const path of ['//v1/executions/%zz', '//v1/keys/a%00b']) {
      expect(await ask('GET', path)).toMatchObject({ status: 400, body: { faultstring: expect.any(String) } });
    }
  });

  it('of bodies that nobody reads are refused', async () => {
    const answer = await ask('POST', '/executions', '<a/>', { 'content-type': 'application/xml' });
    expect(answer).toMatchObject({ status: 400, body: { faultstring: expect.stringContaining('Unsupported') } });
  });
});

describe('executions', () => {
  it('of a rule show all that StackStorm shows', async () => {
    const execution = await executionOf(await order('tea'));
    expect(execution).toMatchObject({
      uid: `execution:${execution.id}`,
      status: 'succeeded',
      result: { stdout: 'tea' },
      elapsed_seconds: expect.any(Number),
      result_size: JSON.stringify(execution.result).length,
      action: { ref: 'core.echo', uid: 'action:core:echo', runner_type: 'local-shell-cmd' },
      runner: {
        name: 'local-shell-cmd',
        uid: 'runner_type:local-shell-cmd',
        runner_parameters: { cmd: { type: 'string' } },
      },
      rule: { ref: 'shop.filed', uid: 'rule:shop:filed' },
      trigger: {
        ref: 'shop.order',
        type: 'shop.order',
        uid: expect.stringMatching(/^trigger:shop:order:[0-9a-f]{32}$/),
      },
      trigger_type: { ref: 'shop.order' },
      trigger_instance: { trigger: 'shop.order', payload: { item: 'tea' } },
      liveaction: { action: 'core.echo', action_is_workflow: false, callback: {} },
    });
    const liveaction = execution.liveaction as JsonObject;
    expect(liveaction.id).toMatch(ID);
    expect(liveaction.id).not.toBe(execution.id);
    expect((await ask('GET', `/executions?liveaction=${liveaction.id}`)).list.map(({ id }) => id)).toEqual([
      execution.id,
    ]);
  });

  it('leave out what is empty', async () => {
    const execution = await house.run('core.noop');
    for (const name of ['parameters', 'children', 'parent', 'delay', 'rule'])
      expect(execution).not.toHaveProperty(name);
  });

  it('are found by every filter', async () => {
    const execution = await executionOf(await order('tea'));
    const mine = await house.run('core.echo', { message: 'mine' }, { user: 'ann', context: { ticket: 'T-1' } });
    const found = async (query: string) => (await ask('GET', `/executions?limit=-1&${query}`)).list.map(({ id }) => id);
    const start = String(execution.start_timestamp);
    const later = new Date(Date.parse(start) + 60_000).toISOString();
    const earlier = new Date(Date.parse(start) - 60_000).toISOString();
    for (const query of [
      `id=${execution.id}`,
      'action=core.echo',
      'status=succeeded,failed',
      'rule=shop.filed',
      'runner=local-shell-cmd',
      'trigger=shop.order',
      'trigger_type=shop.order',
      'parent=null',
      'user=stanley',
      `timestamp_gt=${earlier}`,
      `timestamp_lt=${later}`,
      `timestamp=${earlier}..${later}`,
      'filter=parameters.message:tea',
      'filter=action.ref:core.echo,rule.ref:shop.filed',
      'filter=context.rule.name:filed',
    ]) {
      expect(await found(query), query).toContain(execution.id);
    }
    for (const query of [
      'id=0123456789abcdef01234567',
      'action=core.noop',
      'status=canceled',
      'rule=shop.nothing',
      'runner=nothing',
      'trigger_type=core.st2.webhook',
      `parent=${execution.id}`,
      'user=bob',
      `timestamp_gt=${later}`,
      `timestamp_lt=${earlier}`,
      'filter=parameters.message:coffee',
    ]) {
      expect(await found(query), query).not.toContain(execution.id);
    }
    expect(await found('user=ann')).toEqual([mine.id]);
    expect(await found('filter=context.ticket:T-1')).toEqual([mine.id]);
  });

  it.each([
    'status=nothing',
    'limit=0',
    'limit=-2',
    'limit=x',
    'offset=-1',
    'timestamp_gt=yesterday',
    'timestamp=2024-01-01',
    'filter=nothing',
    'filter=result.x:1',
    'include_attributes=id&exclude_attributes=result',
    'exclude_attributes=parameters',
    'limit=1&limit=2',
  ])('cannot be listed with %s', async (query) => {
    expect(await ask('GET', `/executions?${query}`)).toMatchObject({
      status: 400,
      body: { faultstring: expect.any(String) },
    });
  });

  it('are listed newest first, unless asked otherwise, and cut to what is wanted', async () => {
    const ids = async (query: string) =>
      (await ask('GET', `/executions?limit=3&${query}`)).list.map(({ id }) => String(id));
    const newest = await ids('');
    expect(newest).toEqual(newest.toSorted().reverse());
    for (const query of ['sort_asc=true', 'timestamp_gt=2020-01-01T00:00:00Z', 'sort=start_timestamp']) {
      const oldest = await ids(query);
      expect(oldest, query).toEqual(oldest.toSorted());
    }
    const { list } = await ask('GET', '/executions?limit=1&include_attributes=action.ref,context.user,status');
    expect(list).toEqual([
      {
        id: expect.any(String),
        status: expect.any(String),
        action: { ref: expect.any(String) },
        context: { user: expect.any(String) },
      },
    ]);
    const [without] = (await ask('GET', '/executions?limit=1&exclude_attributes=result,trigger_instance')).list;
    expect(without).not.toHaveProperty('result');
    const one = await ask('GET', `/executions/${newest[0]}?exclude_attributes=action.parameters`);
    expect(one.body.action).not.toHaveProperty('parameters');
    const { headers } = await ask('GET', '/executions?limit=-1');
    expect(headers.has('x-limit')).toBe(false);
    expect(Number(headers.get('x-total-count'))).toBeGreaterThan(3);
  });

  it('tell the size of a result that is too large for whoever asks', async () => {
    const { id } = await house.run('core.echo', { message: 'x'.repeat(500) });
    expect((await ask('GET', `/executions/${id}?max_result_size=100`)).body).not.toHaveProperty('result');
    expect((await ask('GET', `/executions/${id}?max_result_size=100`)).body.result_size).toBeGreaterThan(500);
    expect((await ask('GET', `/executions/${id}?max_result_size=10000`)).body.result).toMatchObject({ return_code: 0 });
  });

  it('take context and trace tag from headers', async () => {
    const { body } = await ask(
      'POST',
      '/executions',
      { action: 'core.noop', context: { a: 1 } },
      { 'st2-context': '{"parent": {"execution_id": "x"}}', 'st2-trace-tag': 'tag-7' },
    );
    expect(body.context).toMatchObject({
      a: 1,
      parent: { execution_id: 'x' },
      trace_context: { trace_tag: 'tag-7' },
      user: 'admin',
    });
    const [trace] = (await ask('GET', '/traces?trace_tag=tag-7')).list;
    expect(trace).toMatchObject({ id: body.id, action_executions: [{ object_id: body.id, ref: 'core.noop' }] });
    for (const header of ['nonsense', '[1]']) {
      expect((await ask('POST', '/executions', { action: 'core.noop' }, { 'st2-context': header })).status).toBe(400);
    }
  });

  it('wait for their delay', async () => {
    const { body } = await ask('POST', '/executions', { action: 'core.noop', delay: 3_600_000 });
    expect(body).toMatchObject({ status: 'requested', delay: 3_600_000 });
    expect((await ask('DELETE', `/executions/${body.id}`)).body.status).toBe('canceled');
    expect((await ask('DELETE', `/executions/${body.id}`)).body.status).toBe('canceled');
  });

  it.each([
    { parameters: {} },
    { action: 'core.noop', colour: 'red' },
    { action: 'core.noop', delay: -1 },
    { action: 'core.noop', parameters: [] },
    { action: 'core.noop', callback: 'http://x' },
  ])('are not requested by %j', async (body) => {
    expect((await ask('POST', '/executions', body)).status).toBe(400);
  });

  it('whose parameters cannot be rendered are refused, and kept as failed', async () => {
    const refused = await ask('POST', '/executions', {
      action: 'core.echo',
      parameters: { message: '{{ nothing.there }}' },
    });
    expect(refused).toMatchObject({ status: 400, body: { faultstring: expect.stringContaining('nothing') } });
    expect((await ask('GET', '/executions/last')).body).toMatchObject({
      status: 'failed',
      action: { ref: 'core.echo' },
      parameters: { message: '{{ nothing.there }}' },
      result: { error: refused.body.faultstring },
    });
  });

  it('that have ended cannot be canceled: the answer has status 200 and says so', async () => {
    const { id } = await house.run('core.noop');
    expect(await ask('DELETE', `/executions/${id}`)).toMatchObject({
      status: 200,
      body: { faultstring: expect.any(String) },
    });
    expect((await ask('PUT', `/executions/${id}`, { status: 'canceled' })).status).toBe(400);
    expect((await ask('PUT', `/executions/${id}`, {})).status).toBe(400);
  });

  it('have children to a depth', async () => {
    const { id, children } = await house.run('shop.flow');
    expect(children).toHaveLength(2);
    const tasks = async (query: string) =>
      (await ask('GET', `/executions/${id}/children/?${query}`)).list.map(({ action }) => (action as JsonObject).ref);
    expect(await tasks('')).toEqual(['core.noop', 'shop.inner', 'core.noop']);
    expect(await tasks('depth=1')).toEqual(['core.noop', 'shop.inner']);
    expect(await tasks('depth=-1&result_fmt=sorted')).toHaveLength(3);
    expect(await tasks('depth=0')).toEqual([]);
    expect((await ask('GET', `/executions/${id}/children?depth=-2`)).status).toBe(400);
    expect((await ask('GET', `/executions/${id}/history`)).list.length).toBeGreaterThan(3);
  });

  it('give their result as a file', async () => {
    const { id, result } = await house.run('core.echo', { message: 'file' });
    const plain = await ask('GET', `/executions/${id}/result`);
    expect(plain.headers.get('content-type')).toContain('text/json');
    expect(JSON.parse(plain.text)).toEqual(result);
    expect((await ask('GET', `/executions/${id}/result?pretty_format=1`)).text).toBe(JSON.stringify(result, null, 2));
    const { url, token } = house.server();
    const packed = await fetch(`${url}/executions/${id}/result?download=1&compress=1`, {
      headers: { 'x-auth-token': token },
    });
    expect(packed.headers.get('content-disposition')).toBe(`attachment; filename=execution_${id}_result.json.gz`);
    expect(JSON.parse(gunzipSync(Buffer.from(await packed.arrayBuffer())).toString())).toEqual(result);
  });

  it('give single attributes', async () => {
    const { id } = await house.run('core.noop');
    expect((await ask('GET', `/executions/${id}/attribute/status`)).body).toBe('succeeded');
    expect((await ask('GET', `/executions/${id}/attribute/result`)).body).toMatchObject({ succeeded: true });
    expect((await ask('GET', `/executions/${id}/attribute/trigger_instance`)).body).toBeNull();
    expect((await ask('GET', `/executions/${id}/attribute/parameters`)).status).toBe(400);
  });

  it('tell what they can be filtered by', async () => {
    const { body } = await ask('GET', '/executions/views/filters');
    expect(body).toMatchObject({
      action: expect.arrayContaining(['core.echo', 'core.noop']),
      status: expect.arrayContaining(['succeeded']),
      rule: expect.arrayContaining(['shop.filed']),
      runner: expect.arrayContaining(['local-shell-cmd', 'noop', 'orquesta']),
      // Sensors of shipped packs tell that they have started.
      trigger_type: expect.arrayContaining(['shop.order']),
      user: expect.arrayContaining(['admin', 'stanley']),
    });
    expect(Object.keys((await ask('GET', '/executions/views/filters?types=user,rule')).body)).toEqual(['rule', 'user']);
  });

  it.each([
    ['GET', ''],
    ['DELETE', ''],
    ['GET', '/children'],
    ['GET', '/result'],
    ['GET', '/output'],
    ['GET', '/history'],
    ['GET', '/attribute/status'],
    ['POST', '/re_run'],
  ])('that do not exist are not found by %s %s', async (method, rest) => {
    const { status, body } = await ask(method, `/executions/0123456789abcdef01234567${rest}`);
    expect([status, body.faultstring]).toEqual([
      404,
      'Execution with a reference or id "0123456789abcdef01234567" not found',
    ]);
  });
});

describe('rules', () => {
  it('are made, take part at once, are replaced and deleted', async () => {
    const { status, body } = await ask('POST', '/rules', ORDER_RULE);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      ref: 'shop.made',
      uid: 'rule:shop:made',
      type: { ref: 'standard' },
      trigger: { type: 'shop.order', ref: 'shop.order' },
    });
    expect(await executionOf(await order('soap'))).toMatchObject({
      result: { stdout: 'soap' },
      rule: { ref: 'shop.made' },
    });
    // What is shown may be sent back, as web interfaces do.
    const changed = await ask('PUT', `/rules/${body.id}`, { ...body, description: 'changed' });
    expect(changed.body).toMatchObject({ id: body.id, description: 'changed' });
    await house.restart();
    expect((await ask('GET', '/rules/shop.made')).body).toMatchObject({ description: 'changed' });
    expect((await ask('DELETE', '/rules/shop.made')).status).toBe(204);
    expect((await ask('GET', `/rules/${body.id}`)).status).toBe(404);
    expect((await ask('GET', `/executions?trigger_instance=${await order('soap')}`)).list).toEqual([]);
  });

  it('cannot be made twice: the answer names what is there', async () => {
    const existing = (await ask('GET', '/rules/shop.filed')).body;
    expect(await ask('POST', '/rules', { ...ORDER_RULE, name: 'filed' })).toMatchObject({
      status: 409,
      body: { faultstring: expect.stringContaining('shop.filed'), 'conflict-id': existing.id },
    });
  });

  it('of a pack’s file can be switched off and on, and changed in no other way', async () => {
    const filed = (await ask('GET', '/rules/shop.filed')).body;
    expect((await ask('PUT', '/rules/shop.filed', { ...filed, enabled: false })).body.enabled).toBe(false);
    expect((await ask('GET', `/executions?trigger_instance=${await order('tea')}`)).list).toEqual([]);
    const views = (await ask('GET', '/rules/views/shop.filed')).body;
    expect((await ask('PUT', `/rules/${filed.id}`, { ...views, enabled: true })).body.enabled).toBe(true);
    expect((await ask('PUT', '/rules/shop.filed', { ...filed, criteria: {} })).status).toBe(409);
    expect(
      await ask('PUT', '/rules/shop.filed', { ...filed, criteria: { 'trigger.x': { type: 'exists' } } }),
    ).toMatchObject({
      status: 409,
      body: { 'conflict-id': filed.id, faultstring: expect.stringContaining('rules/filed.yaml') },
    });
    expect((await ask('DELETE', '/rules/shop.filed')).status).toBe(409);
  });

  it.each([
    ['an unknown trigger type', { ...ORDER_RULE, trigger: { type: 'shop.nothing' } }],
    ['an unknown operator', { ...ORDER_RULE, criteria: { 'trigger.x': { type: 'nope', pattern: 1 } } }],
    ['a name that is none', { ...ORDER_RULE, name: '../x' }],
    ['a pack that is none', { ...ORDER_RULE, pack: 'a/b' }],
    ['no action', { ...ORDER_RULE, action: undefined }],
    ['a list', []],
  ])('are refused for %s', async (_, body) => {
    expect(await ask('POST', '/rules', body)).toMatchObject({ status: 400, body: { faultstring: expect.any(String) } });
  });

  it('are listed by filters', async () => {
    const refs = async (query: string) => (await ask('GET', `/rules?${query}`)).list.map(({ ref }) => ref);
    expect(await refs('pack=shop')).toEqual(['shop.broken', 'shop.filed']);
    expect(await refs('name=filed,other')).toEqual(['shop.filed']);
    expect(await refs('trigger=shop.order&action=core.echo&enabled=true')).toHaveLength(2);
    expect(await refs('enabled=false')).toEqual([]);
    expect(await refs('sort=-name&pack=shop')).toEqual(['shop.filed', 'shop.broken']);
    expect((await ask('GET', '/rules')).headers.has('x-limit')).toBe(false);
    const [view] = (await ask('GET', '/rules/views?name=filed')).list;
    expect(view?.action).toMatchObject({ ref: 'core.echo', description: expect.stringMatching(/./) });
    expect((await ask('GET', '/ruletypes')).list.map(({ name }) => name)).toEqual(['standard', 'backstop']);
    expect((await ask('GET', '/ruletypes/standard')).body).toMatchObject({ name: 'standard' });
    expect((await ask('GET', '/ruletypes/none')).status).toBe(404);
  });
});

describe('rule enforcements', () => {
  it('are shown with what they are about', async () => {
    const instance = await order('tea');
    const { id: execution } = await executionOf(instance);
    const [enforcement] = (await ask('GET', `/ruleenforcements?trigger_instance=${instance}`)).list;
    expect(enforcement).toMatchObject({
      uid: `rule_enforcement:${enforcement?.id}`,
      execution_id: execution,
      rule: { ref: 'shop.filed' },
    });
    for (const query of [
      `execution=${execution}`,
      'rule_ref=shop.filed',
      `rule_id=${(enforcement?.rule as JsonObject | undefined)?.id}`,
      'enforced_at_gt=2020-01-01T00:00:00Z',
    ]) {
      expect(
        (await ask('GET', `/ruleenforcements?${query}`)).list.map(({ id }) => id),
        query,
      ).toContain(enforcement?.id);
    }
    expect((await ask('GET', '/ruleenforcements?enforced_at_lt=2020-01-01T00:00:00Z')).list).toEqual([]);
    expect((await ask('GET', '/ruleenforcements')).headers.get('x-limit')).toBe('50');
    const view = { execution: { id: execution }, trigger_instance: { id: instance, payload: { item: 'tea' } } };
    expect((await ask('GET', `/ruleenforcements/views/${enforcement?.id}`)).body).toMatchObject(view);
    expect((await ask('GET', `/ruleenforcements/views?trigger_instance=${instance}`)).list).toMatchObject([view]);
    expect((await ask('GET', `/ruleenforcements/${enforcement?.id}`)).body).toEqual(enforcement);
    for (const path of ['/ruleenforcements/x', '/ruleenforcements/views/x'])
      expect((await ask('GET', path)).status).toBe(404);
  });

  it('tell why they failed', async () => {
    const instance = await order('rope');
    const [view] = (await ask('GET', `/ruleenforcements/views?trigger_instance=${instance}`)).list;
    expect(view).toMatchObject({ status: 'failed', failure_reason: expect.stringMatching(/./) });
  });
});

describe('trigger instances and types', () => {
  it('are listed by filters', async () => {
    const id = await order('tea');
    for (const query of [
      `id=${id}`,
      'trigger=shop.order,core.x',
      'trigger_type=shop.order',
      'status=processed',
      'timestamp_gt=2020-01-01T00:00:00Z',
    ]) {
      expect(
        (await ask('GET', `/triggerinstances?${query}`)).list.map((item) => item.id),
        query,
      ).toContain(id);
    }
    expect((await ask('GET', '/triggerinstances?timestamp_lt=2020-01-01')).list).toEqual([]);
    expect((await ask('GET', '/triggerinstances?status=nothing')).status).toBe(400);
    expect((await ask('GET', `/triggerinstances/${id}`)).body).toMatchObject({ id, trigger: 'shop.order' });
    expect((await ask('GET', '/triggerinstances/x')).status).toBe(404);
  });

  it('can be made', async () => {
    const made = await ask('POST', '/triggertypes', {
      name: 'arrived',
      pack: 'harbour',
      payload_schema: { type: 'object' },
    });
    expect(made).toMatchObject({ status: 201, body: { ref: 'harbour.arrived', uid: 'trigger_type:harbour:arrived' } });
    expect((await ask('POST', '/triggertypes', { name: 'arrived', pack: 'harbour' })).status).toBe(409);
    expect((await ask('POST', '/webhooks/st2', { trigger: 'harbour.arrived', payload: {} })).status).toBe(202);
    const put = await ask('PUT', '/triggertypes/harbour.arrived', {
      name: 'arrived',
      pack: 'harbour',
      description: 'a ship',
    });
    expect(put.body).toMatchObject({ description: 'a ship' });
    expect((await ask('PUT', '/triggertypes/harbour.arrived', { name: 'left', pack: 'harbour' })).status).toBe(400);
    expect((await ask('DELETE', `/triggertypes/${made.body.id}`)).status).toBe(204);
    expect((await ask('GET', '/triggertypes/harbour.arrived')).status).toBe(404);
  });
});

describe('actions', () => {
  it('show what their runner adds', async () => {
    const overview = (await ask('GET', '/actions/views/overview/shop.hello')).body;
    expect(overview.parameters).toMatchObject({
      who: { default: 'you' },
      timeout: { type: 'integer', default: 30 },
      sudo: { type: 'boolean' },
    });
    expect((await ask('GET', '/actions/views/parameters/shop.hello')).body.parameters).toEqual(overview.parameters);
    expect((await ask('GET', '/actions/views/overview?pack=shop&name=hello')).list).toEqual([overview]);
    expect((await ask('GET', '/actions/shop.hello')).body.parameters).not.toHaveProperty('sudo');
    expect((await ask('GET', '/actions/views/entry_point/shop.hello')).text).toContain('echo "hello $1"');
    expect((await ask('GET', '/actions/views/entry_point/core.noop')).status).toBe(404);
    expect((await ask('GET', '/actions?tags=kind:greeting')).list.map(({ ref }) => ref)).toEqual(['shop.hello']);
  });

  it('are made with their files, run, cloned and deleted', async () => {
    const made = await ask('POST', '/actions', {
      name: 'bye',
      pack: 'shop',
      runner_type: 'local-shell-script',
      entry_point: 'bye.sh',
      parameters: { who: { type: 'string', position: 0 } },
      data_files: [{ file_path: 'bye.sh', content: 'echo "bye $1"\n' }],
    });
    expect(made).toMatchObject({ status: 201, body: { ref: 'shop.bye', enabled: true } });
    expect(made.body).not.toHaveProperty('metadata_file');
    expect(await house.run('shop.bye', { who: 'all' })).toMatchObject({ result: { stdout: 'bye all' } });
    const clone = await ask('POST', '/actions/shop.hello/clone', { dest_pack: 'shop', dest_action: 'again' });
    expect(clone).toMatchObject({ status: 201, body: { ref: 'shop.again', description: 'says hello' } });
    expect(await house.run('shop.again', { who: 'you' })).toMatchObject({ result: { stdout: 'hello you' } });
    expect((await ask('POST', '/actions/shop.bye/clone', { dest_pack: 'shop', dest_action: 'again' })).status).toBe(
      400,
    );
    const over = await ask('POST', '/actions/shop.bye/clone', {
      dest_pack: 'shop',
      dest_action: 'again',
      overwrite: true,
    });
    expect(over.status).toBe(201);
    expect(await house.run('shop.again', { who: 'you' })).toMatchObject({ result: { stdout: 'bye you' } });
    expect((await ask('POST', '/actions/shop.bye/clone', { dest_pack: 'nowhere', dest_action: 'x' })).status).toBe(400);
    for (const ref of ['shop.bye', 'shop.again'])
      expect((await ask('DELETE', `/actions/${ref}`, { remove_files: true })).status).toBe(204);
    expect((await ask('POST', '/executions', { action: 'shop.bye' })).status).toBe(400);
  });

  it('of files and of the system stay as they are', async () => {
    const hello = (await ask('GET', '/actions/shop.hello')).body;
    expect((await ask('PUT', '/actions/shop.hello', { ...hello, description: 'other' })).status).toBe(409);
    expect((await ask('PUT', '/actions/shop.hello', { ...hello, enabled: false })).body.enabled).toBe(false);
    expect((await ask('POST', '/executions', { action: 'shop.hello' })).status).toBe(400);
    expect((await ask('PUT', '/actions/shop.hello', { ...hello, enabled: true })).body.enabled).toBe(true);
    expect((await ask('DELETE', '/actions/core.noop')).status).toBe(400);
    expect((await ask('DELETE', '/actions/shop.hello')).status).toBe(409);
    expect((await ask('POST', '/actions', { name: 'x', runner_type: 'nope' })).status).toBe(400);
  });

  it('have runners, which can be switched off', async () => {
    expect((await ask('GET', '/runnertypes?limit=-1')).list.map(({ name }) => name)).toContain('orquesta');
    const noop = (await ask('GET', '/runnertypes/noop')).body;
    expect((await ask('GET', `/runnertypes/${noop.id}`)).body).toEqual(noop);
    expect((await ask('PUT', '/runnertypes/noop', { ...noop, enabled: false })).body.enabled).toBe(false);
    expect((await ask('POST', '/executions', { action: 'core.noop' })).body.faultstring).toContain('disabled');
    expect((await ask('PUT', '/runnertypes/noop', { enabled: true })).body.enabled).toBe(true);
    expect((await ask('GET', '/runnertypes/none')).status).toBe(404);
  });
});

describe('policies', () => {
  it('are made, replaced and deleted', async () => {
    const policy = {
      name: 'again',
      pack: 'shop',
      resource_ref: 'shop.hello',
      policy_type: 'action.retry',
      parameters: { retry_on: 'failure' },
    };
    const made = await ask('POST', '/policies', policy);
    expect(made).toMatchObject({ status: 201, body: { parameters: { retry_on: 'failure', max_retry_count: 2 } } });
    expect((await ask('POST', '/policies', policy)).status).toBe(409);
    expect((await ask('PUT', '/policies/shop.again', { ...made.body, enabled: false })).body.enabled).toBe(false);
    expect((await ask('GET', '/policies?policy_type=action.retry')).list).toHaveLength(1);
    expect((await ask('DELETE', '/policies/shop.again')).status).toBe(204);
    expect((await ask('POST', '/policies', { ...policy, parameters: {} })).status).toBe(400);
    expect((await ask('GET', '/policies/shop.again')).status).toBe(404);
    expect((await ask('GET', '/policytypes/none')).status).toBe(404);
  });
});

describe('packs', () => {
  it('show their files', async () => {
    const pack = (await ask('GET', '/packs/shop')).body;
    expect(pack.files).toEqual(expect.arrayContaining(['pack.yaml', 'actions/hello.sh']));
    expect((await ask('GET', `/packs/${pack.id}`)).body).toEqual(pack);
    const files = (await ask('GET', '/packs/views/files/shop')).list;
    expect(files).toContainEqual({ file_path: 'pack.yaml', content: MANIFEST('shop') });
    expect(files.map(({ file_path }) => file_path)).not.toContain('icon.png');
    const file = await ask('GET', '/packs/views/file/shop/actions/hello.sh');
    expect(file.text).toBe(readFileSync(`${house.directory}/packs/shop/actions/hello.sh`, 'utf8'));
    const etag = file.headers.get('etag') ?? '';
    const modified = file.headers.get('last-modified') ?? '';
    const headers: readonly Record<string, string>[] = [{ 'if-none-match': etag }, { 'if-modified-since': modified }];
    for (const header of headers) {
      expect(await ask('GET', '//v1/packs/views/file/shop/actions/hello.sh', undefined, header)).toMatchObject({
        status: 304,
        text: '',
      });
    }
    expect((await ask('GET', '/packs/views/file/shop/icon.png')).headers.get('content-type')).toBe('image/png');
    for (const path of ['nothing', '..%2f..%2fdata%2fadmin.token', 'actions', '']) {
      expect((await ask('GET', `//v1/packs/views/file/shop/${path}`)).status, path).toBe(404);
    }
    expect((await ask('GET', '/packs/none')).status).toBe(404);
  });

  it('are in an index', async () => {
    const { body } = await ask('GET', '/packs/index');
    expect((body.index as readonly JsonObject[]).map(({ ref }) => ref)).toContain('shop');
    expect((await ask('POST', '/packs/index/search', { query: 'SHOP' })).list.map(({ ref }) => ref)).toEqual(['shop']);
    expect((await ask('POST', '/packs/index/search', { pack: 'shop' })).body).toMatchObject({ ref: 'shop' });
    expect((await ask('POST', '/packs/index/search', { pack: 'none' })).body).toEqual({});
    expect((await ask('POST', '/packs/index/search', {})).status).toBe(400);
    expect((await ask('GET', '/packs/index/health')).body).toMatchObject({ packs: { count: expect.any(Number) } });
  });

  it('are configured, with secrets in the datastore', async () => {
    expect((await ask('GET', '/config_schemas/shop')).body.attributes).toMatchObject({ password: { secret: true } });
    expect((await ask('GET', '/config_schemas/core')).status).toBe(404);
    expect((await ask('GET', '/configs/shop')).body.values).toMatchObject({ region: 'north' });
    const values = { region: 'south', password: 'hunter2hunter2', nested: { token: 'swordfish-99', port: 7 } };
    const put = await ask('PUT', '/configs/shop?show_secrets=true', values);
    const named = (name: string) => `{{ st2kv.system.config__shop__${name} }}`;
    const nested = { token: named('nested__token'), port: 7 };
    expect(put.body.values).toEqual({ region: 'south', password: named('password'), nested });
    const shown = (await ask('GET', '/configs/shop')).body.values as JsonObject; // an object
    expect(shown).toEqual({ region: 'south', password: '********', nested: { token: '********', port: 7 } });
    const stored = JSON.stringify(await house.server().store.listContent());
    expect(stored).not.toMatch(/hunter2|swordfish/);
    expect((await ask('GET', '/keys/config__shop__password?decrypt=true')).body.value).toBe('hunter2hunter2');
    // What was shown comes back: the secret stays.
    await ask('PUT', '/configs/shop', { ...shown, region: 'west' });
    expect(house.server().registry.snapshot().packs.get('shop')?.config).toMatchObject({
      region: 'west',
      password: '{{ st2kv.system.config__shop__password }}',
      nested: { token: '{{ st2kv.system.config__shop__nested__token }}' },
    });
    expect((await ask('PUT', '/configs/shop', { region: 7 })).status).toBe(400);
    expect((await ask('PUT', '/configs/none', {})).status).toBe(404);
    expect((await ask('GET', '/configs')).list.map(({ pack }) => pack)).toContain('shop');
  });
});

describe('keys', () => {
  it('are listed by scope, prefix and name, and paged', async () => {
    for (const name of ['a/1', 'a/2', 'b/1']) await ask('PUT', `/keys/${encodeURIComponent(name)}`, { value: name });
    await ask('PUT', '/keys/mine', { value: 'x', scope: 'user', ttl: 60 });
    const names = async (query: string) => (await ask('GET', `/keys?${query}`)).list.map(({ name }) => name);
    expect(await names('prefix=a/')).toEqual(['a/1', 'a/2']);
    expect(await names('prefix=a/&limit=1&offset=1')).toEqual(['a/2']);
    expect(await names('name=b/1')).toEqual(['b/1']);
    expect(await names('name=none')).toEqual([]);
    expect(await names('scope=st2kv.user')).toEqual(['mine']);
    expect(await names('scope=all&prefix=')).toEqual(expect.arrayContaining(['a/1', 'mine']));
    expect((await ask('GET', '/keys/mine?scope=user')).body).toMatchObject({
      user: 'admin',
      uid: 'key_value_pair:st2kv.user:admin:mine',
    });
    expect((await ask('GET', '/keys?scope=nothing')).status).toBe(400);
    expect((await ask('PUT', '/keys/x', { value: 7 })).status).toBe(400);
    expect((await ask('PUT', '/keys/x', { value: 'x', ttl: -1 })).status).toBe(400);
    expect((await ask('DELETE', '/keys/none')).status).toBe(404);
  });

  it('take a secret that is encrypted already', async () => {
    await ask('PUT', '/keys/secret', { value: 'swordfish-12', secret: true });
    const { body: hidden } = await ask('GET', '/keys/secret');
    const put = await ask('PUT', '/keys/copy', { value: hidden.value, encrypted: true });
    expect(put.body).toMatchObject({ secret: true, encrypted: true });
    expect((await ask('GET', '/keys/copy?decrypt=true')).body.value).toBe('swordfish-12');
    expect((await ask('PUT', '/keys/copy', { value: 'nonsense', encrypted: true })).status).toBe(400);
  });
});

describe('the rest', () => {
  it('inspects workflows', async () => {
    const inspect = (text: string) => ask('POST', '/workflows/inspect', text, { 'content-type': 'text/plain' });
    expect((await inspect('version: 1.0\ntasks: {one: {action: core.noop}}\n')).list).toEqual([]);
    const [error] = (await inspect('version: 1.0\ntasks: {one: {action: core.noop, next: [{do: nowhere}]}}\n')).list;
    expect(error).toMatchObject({ type: 'semantic', message: expect.stringContaining('nowhere') });
  });

  it('follows traces from any of their parts', async () => {
    const instance = await order('tea');
    const { id } = await executionOf(instance);
    for (const part of [instance, id]) {
      expect((await ask('GET', `/traces/${part}`)).body).toMatchObject({
        id: instance,
        trigger_instances: [{ object_id: instance, ref: 'shop.order' }],
        rules: [{ ref: 'shop.filed', caused_by: { type: 'trigger_instance', id: instance } }],
        action_executions: [{ object_id: id, caused_by: { type: 'rule' } }],
      });
    }
    for (const query of [`execution=${id}`, `trigger_instance=${instance}`, 'rule=shop.filed', '']) {
      expect(
        (await ask('GET', `/traces?${query}`)).list.map((trace) => trace.id),
        query,
      ).toContain(instance);
    }
    const flow = await house.run('shop.flow');
    expect((await ask('GET', `/traces/${flow.id}`)).body.action_executions).toHaveLength(4);
    expect((await ask('GET', '/traces/none')).status).toBe(404);
  });

  it('knows its services', async () => {
    const { body } = await ask('GET', '/service_registry/groups');
    expect(body.groups).toContain('api');
    const { body: members } = await ask('GET', '/service_registry/groups/api/members');
    expect(members.members).toMatchObject([{ group_id: 'api', capabilities: { pid: process.pid } }]);
    expect((await ask('GET', '/service_registry/groups/none/members')).status).toBe(404);
  });

  it('asks everybody for credentials, at every route but those for signing in', async () => {
    const open: string[] = [];
    for (const [operation, { security }] of house.contract.operations) {
      if (security?.length === 0) {
        open.push(operation);
        continue;
      }
      const [method = '', path = ''] = operation.split(' ');
      const response = await fetch(house.server().url + path.replaceAll(/\{\w+\}/g, 'x'), { method });
      expect([operation, response.status]).toEqual([operation, 401]);
      expect(await response.json()).toEqual({ faultstring: expect.stringContaining('Unauthorized') });
    }
    expect(open).toEqual([
      'POST /auth/v1/tokens',
      'POST /auth/v1/tokens/validate',
      'POST /auth/v1/session',
      'GET /auth/v1/sso',
      'GET /auth/v1/sso/request',
      'GET /auth/v1/sso/callback',
    ]);
  });
});
