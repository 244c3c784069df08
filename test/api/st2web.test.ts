import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { type AccessServer, startAccessServer } from './access-server.ts';

/**
 * What StackStorm's web interface (st2web, with the workflow designer) asks, from a page of another origin: its content type on every
 * request, lists of attributes, blanks between filters. Beside each stands what its pages cannot do without.
 */
const ORIGIN = 'https://st2web.example';
const PUBLIC = 'https://petrel.example';
let house: AccessServer;

beforeAll(async () => {
  house = await startAccessServer({
    api: { corsOrigins: [ORIGIN], publicUrl: PUBLIC },
  });
});
afterAll(() => house.stop());

const ask = async (method: string, path: string, body?: unknown, user = 'ada') => {
  const url = `${house.server.url}/api/v1${path}`;
  const headers = { origin: ORIGIN, 'content-type': 'application/json', 'x-auth-token': house.tokens[user] ?? '' };
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const response = await fetch(url, init);
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
  const parsed: unknown = isJson ? JSON.parse(text) : {};
  // What it is, the test says.
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: parsed as JsonObject,
    list: parsed as JsonObject[],
  };
};
const ended = async (id: unknown) => (await ask('GET', `/executions/${id}?wait=30`)).body;
const text = expect.any(String);

describe('a page of another origin', () => {
  it.each(['/api/v1/executions', '/auth/tokens', '/stream/stream'])('may ask %s, with its headers', async (path) => {
    const { status, headers } = await fetch(`${house.server.url}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin: ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'cache-control,content-type,x-auth-token',
      },
    });
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    const allowed = headers.get('access-control-allow-headers')?.toLowerCase().split(', ');
    expect(allowed).toEqual(expect.arrayContaining(['cache-control', 'content-type', 'x-auth-token']));
  });

  it('signs in with a body of nothing, reads the headers of lists, and shows the icons of packs', async () => {
    const authorization = `Basic ${Buffer.from('ada:correct horse').toString('base64')}`;
    const headers = { origin: ORIGIN, authorization, 'content-type': 'application/json' };
    const signed = await fetch(`${house.server.url}/auth/tokens`, { method: 'POST', headers });
    expect(signed.status).toBe(201);
    expect(await signed.json()).toMatchObject({ user: 'ada', token: text, expiry: text });
    const listed = await ask('GET', '/executions?limit=1');
    expect(listed.headers.get('access-control-expose-headers')).toMatch(/X-Limit, X-Total-Count/);
    expect((await ask('GET', '/packs/views/file/shop/pack.yaml')).headers.get('cross-origin-resource-policy')).toBe(
      'cross-origin',
    );
  });
});

describe('history', () => {
  it('lists what was asked for at the top, filtered by paths with blanks between them', async () => {
    const { body } = await ask('POST', '/executions', {
      action: 'core.noop',
      parameters: {},
      context: { trace_context: {} },
    });
    await ended(body.id);
    const query = new URLSearchParams({
      parent: 'null',
      limit: '50',
      offset: '0',
      filter: 'status:succeeded action.ref:core.noop',
      include_attributes:
        'id,status,start_timestamp,action.ref,action.name,action.runner_type,action.parameters,parameters,rule.ref,trigger.type,context.user',
    });
    const { list, headers } = await ask('GET', `/executions?${query}`);
    expect(list).toMatchObject([{ id: body.id, action: { ref: 'core.noop', name: 'noop' }, context: { user: 'ada' } }]);
    expect([headers.get('x-total-count'), headers.get('x-limit')]).toEqual(['1', '50']);
    expect((await ask('GET', '/executions?filter=status:succeeded%20nothing:1')).status).toBe(400);
    expect((await ask('GET', '/executions/views/filters')).body).toMatchObject({
      action: ['core.noop'],
      user: ['ada'],
    });
    expect((await ask('GET', `/executions?parent=${body.id}&exclude_attributes=result,trigger_instance`)).list).toEqual(
      [],
    );
  });

  it('shows one with its runner and its address, runs it again, and cancels', async () => {
    const { body } = await ask('POST', '/executions', { action: 'core.noop', delay: 3_600_000 });
    expect((await ask('GET', `/executions/${body.id}?max_result_size=204800`)).body).toMatchObject({
      action: { ref: 'core.noop', parameters: {}, description: text },
      runner: { name: 'noop', runner_parameters: {} },
      web_url: `${PUBLIC}/#/history/${body.id}/general`,
    });
    expect((await ask('DELETE', `/executions/${body.id}`)).body).toMatchObject({ action: { ref: 'core.noop' } });
    const again = await ask('POST', `/executions/${body.id}/re_run?no_merge=true`, { parameters: {} });
    expect(again).toMatchObject({ status: 201, body: { action: { ref: 'core.noop' } } });
  });
});

describe('actions and rules', () => {
  it('have overviews', async () => {
    const attributes = 'include_attributes=ref,pack,name,description,runner_type';
    expect((await ask('GET', `/actions?${attributes}`)).list).toContainEqual(
      expect.objectContaining({ ref: 'shop.buy', pack: 'shop', name: 'buy', runner_type: 'noop' }),
    );
    expect(
      (await ask('GET', '/actions/views/overview?include_attributes=ref,description,parameters')).list,
    ).toContainEqual(
      expect.objectContaining({ ref: 'core.local', parameters: expect.objectContaining({ cmd: expect.anything() }) }),
    );
    expect((await ask('GET', '/triggertypes')).list).toContainEqual(
      expect.objectContaining({
        ref: 'core.st2.webhook',
        parameters_schema: expect.objectContaining({ properties: expect.anything() }),
      }),
    );
  });

  it('of a rule is saved as it was shown, with the descriptions of what it names', async () => {
    const shown = (await ask('GET', '/rules/views/shop.on_hook')).body;
    expect(shown).toMatchObject({ trigger: { description: text }, action: { description: text } });
    for (const enabled of [false, true]) {
      expect((await ask('PUT', `/rules/${shown.id}`, { ...shown, enabled })).body).toMatchObject({ enabled });
    }
  });

  it('show what a rule has done, with the event and the execution', async () => {
    await ask('POST', '/webhooks/shop', { size: 1 });
    const done = '/ruleenforcements/views?rule_ref=shop.on_hook&limit=10';
    await expect.poll(async () => (await ask('GET', done)).list.length).toBe(1);
    expect((await ask('GET', done)).list).toMatchObject([
      {
        status: 'succeeded',
        enforced_at: text,
        execution_id: text,
        trigger_instance: { trigger: 'core.st2.webhook', payload: { body: { size: 1 } } },
        execution: { action: { parameters: {} } },
      },
    ]);
    const events = (await ask('GET', '/triggerinstances?trigger_type=core.st2.webhook&limit=10')).list;
    expect(events).toMatchObject([{ id: text, occurrence_time: text, status: text }]);
  });

  it('are run from the workflow designer, which knows what is a workflow', async () => {
    const request = {
      action: 'core.noop',
      action_is_workflow: true,
      parameters: {},
      callback: { source: 'mistral', url: 'x' },
    };
    const { status, body } = await ask('POST', '/executions', request);
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { liveaction: { action: 'core.noop' }, web_url: text },
    });
    expect((await ask('GET', `/executions?id=${body.id}`)).list).toHaveLength(1);
  });
});

describe('a workflow that was drawn', () => {
  const drawn = (description: string) => ({
    name: 'drawn',
    pack: 'shop',
    runner_type: 'orquesta',
    enabled: true,
    entry_point: 'workflows/drawn.yaml',
    description,
    metadata_file: 'actions/drawn.meta.yaml',
    data_files: [
      {
        file_path: 'workflows/drawn.yaml',
        content: `version: 1.0\ntasks: {a: {action: core.noop}}\n# ${description}\n`,
      },
      { file_path: 'drawn.meta.yaml', content: `name: drawn\ndescription: ${description}\n` },
    ],
  });

  it('is kept with its files, opened again by them, and saved again', async () => {
    expect((await ask('POST', '/actions', drawn('first'))).status).toBe(201);
    expect((await ask('PUT', '/actions/shop.drawn', drawn('second'))).status).toBe(200);
    // Its list of actions switches it off without its files, which stay.
    const shown = (await ask('GET', '/actions/shop.drawn')).body;
    expect((await ask('PUT', '/actions/shop.drawn', { ...shown, enabled: false })).body).toMatchObject({
      enabled: false,
    });
    expect((await ask('PUT', '/actions/shop.drawn', { ...shown, enabled: true })).body).toMatchObject({
      enabled: true,
    });
    const { metadata_file: meta, entry_point: entry } = (await ask('GET', '/actions/shop.drawn')).body;
    expect((await ask('GET', `/packs/views/file/shop/${meta}`)).text).toBe('name: drawn\ndescription: second\n');
    expect((await ask('GET', `/packs/views/file/shop/actions/${entry}`)).text).toContain('# second');
    expect((await ask('GET', '/packs/views/file/shop/actions/drawn.other')).status).toBe(404);
    const stored = await house.server.store.listContent();
    expect(JSON.stringify(stored.find(({ ref }) => ref === 'shop.drawn'))).toContain('# second');
    const { body } = await ask('POST', '/executions', { action: 'shop.drawn', parameters: {} });
    expect((await ended(body.id)).status).toBe('succeeded');
  });
});

describe('packs', () => {
  it('are shown with their files and settings, to administrators and to others', async () => {
    for (const user of ['ada', 'obi']) {
      const packs = (await ask('GET', '/packs', undefined, user)).list;
      expect(packs.find(({ ref }) => ref === 'shop')).toMatchObject({
        files: expect.arrayContaining(['actions/buy.yaml']),
      });
      expect((await ask('GET', '/packs/index', undefined, user)).body).toMatchObject({ index: expect.anything() });
      expect((await ask('GET', '/config_schemas', undefined, user)).status).toBe(200);
    }
    const lean = (await ask('GET', '/packs?include_attributes=name,description')).list;
    expect(Object.keys(lean[0] ?? {}).sort()).toEqual(['description', 'id', 'name']);
  });
});

describe('pages', () => {
  it('have at most 100 items, but for administrators, where lists grow without end', async () => {
    const lists = [
      '/executions',
      '/triggerinstances',
      '/ruleenforcements',
      '/ruleenforcements/views',
      '/traces',
      '/inquiries',
    ];
    for (const path of lists) {
      expect((await ask('GET', `${path}?limit=100`, undefined, 'obi')).status).toBe(200);
      expect(await ask('GET', `${path}?limit=101`, undefined, 'obi')).toMatchObject({
        status: 403,
        body: { faultstring: expect.stringContaining('Limit "101" specified, maximum value is "100"') },
      });
      expect(await ask('GET', `${path}?limit=-1`, undefined, 'obi')).toMatchObject({
        status: 403,
        body: { faultstring: expect.stringContaining('Administrator access required') },
      });
      expect((await ask('GET', `${path}?limit=-1`)).status).toBe(200);
    }
    // A bot's user lists the aliases so.
    expect((await ask('GET', '/actionalias?limit=-1', undefined, 'obi')).status).toBe(200);
  });

  it('are made, and counted, of what one may see', async () => {
    const seen = (await ask('GET', '/actions?sort=ref', undefined, 'sam')).list.map(({ ref }) => ref);
    expect(seen).toContain('shop.buy');
    expect(seen).not.toContain('bank.buy');
    for (const [offset, ref] of seen.entries()) {
      const path = `/actions?sort=ref&limit=1&offset=${offset}&include_attributes=ref`;
      const { list, headers } = await ask('GET', path, undefined, 'sam');
      expect(list).toMatchObject([{ ref }]);
      expect(headers.get('x-total-count')).toBe(String(seen.length));
    }
  });
});

describe('show_secrets', () => {
  it('shows administrators parameters and results in clear text, and is audited; others get them masked', async () => {
    await ask('POST', '/actions', {
      name: 'safe',
      pack: 'shop',
      runner_type: 'local-shell-cmd',
      parameters: {
        pin: { type: 'string', secret: true },
        cmd: { default: 'echo {{ pin }}', immutable: true },
      },
    });
    const safe = { action: 'shop.safe', parameters: { pin: 'open-sesame-77' } };
    const { body } = await ask('POST', '/executions', safe);
    expect(body.parameters).toEqual({ pin: '********' });
    await ended(body.id);
    const paths = [`/executions/${body.id}?`, `/executions?action=shop.safe&`];
    for (const path of paths) {
      expect((await ask('GET', path)).text).not.toContain('open-sesame-77');
      const asked = await ask('GET', `${path}show_secrets=true`, undefined, 'obi');
      expect(asked.status).toBe(200);
      expect(asked.text).not.toContain('open-sesame-77');
      const { body: one, list } = await ask('GET', `${path}show_secrets=true`);
      expect(Array.isArray(list) ? list : [one]).toMatchObject([
        { parameters: { pin: 'open-sesame-77' }, result: { stdout: 'open-sesame-77' } },
      ]);
    }
    const records = (await ask('GET', '/audit?limit=100')).list.filter(({ action }) =>
      /show_secrets/.test(String(action)),
    );
    expect(records).toMatchObject([
      { user: 'ada', action: 'GET /executions?show_secrets', outcome: 'done' },
      { user: 'ada', action: 'GET /executions/:?show_secrets', outcome: 'done' },
    ]);
  });

  it('shows administrators by which name a configuration has a secret, so that it can be sent back', async () => {
    const asked = await ask('GET', '/configs?show_secrets=true', undefined, 'obi');
    expect(asked).toMatchObject({ status: 200, text: '[]' });
    expect((await ask('GET', '/configs?show_secrets=true')).list).toContainEqual(
      expect.objectContaining({ pack: 'shop', values: {} }),
    );
  });
});

describe('inquiries', () => {
  it('are looked at and answered at the address of old, the inquiry sent back', async () => {
    const schema = { type: 'object', properties: { ok: { type: 'boolean' } } };
    const { body } = await ask('POST', '/executions', { action: 'core.ask', parameters: { schema } });
    await expect.poll(async () => (await ask('GET', `/executions/${body.id}`)).body.status).toBe('pending');
    const old = { origin: ORIGIN, 'x-auth-token': house.tokens.ada ?? '', 'content-type': 'application/json' };
    const url = `${house.server.url}/api/exp/inquiries/${body.id}`;
    const inquiry = (await (await fetch(url, { headers: old })).json()) as JsonObject; // an inquiry
    expect(inquiry).toMatchObject({ id: body.id, schema });
    expect((await ask('GET', '/executions?runner=inquirer&limit=50&offset=0')).list).toMatchObject([
      { id: body.id, status: 'pending', result: { schema, users: [], roles: [] } },
    ]);
    const answer = JSON.stringify({ ...inquiry, response: { ok: true } });
    expect((await fetch(url, { method: 'PUT', headers: old, body: answer })).status).toBe(200);
    expect((await ended(body.id)).status).toBe('succeeded');
  });
});
