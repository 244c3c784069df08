import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHouse, type House as ResourceHouse } from '../resources/house.ts';
import { declaration } from '../resources/things.ts';
import type { Contract } from './contract.ts';
import { type Answer, askingOf, contractAt, type House, MANIFEST } from './support.ts';

/** What holds for every route there is: nobody can add one and leave it out here. Bodies are held against the document by `ask`. */
let resources: ResourceHouse;
let contract: Contract;
let ask: House['ask'];

const FILES: Readonly<Record<string, string>> = {
  'pack.yaml': MANIFEST('shop'),
  'triggers/order.yaml': 'name: order\npayload_schema: {type: object}\n',
  'rules/hook.yaml':
    'name: hook\nenabled: true\ntrigger: {type: core.st2.webhook, parameters: {url: orders}}\naction: {ref: core.noop}\n',
  'rules/clock.yaml':
    'name: clock\nenabled: true\ntrigger: {type: core.st2.IntervalTimer, parameters: {unit: weeks, delta: 5}}\naction: {ref: core.noop}\n',
  'rules/filed.yaml': 'name: filed\nenabled: true\ntrigger: {type: shop.order}\naction: {ref: core.noop}\n',
  'aliases/buy.yaml': 'name: buy\naction_ref: core.echo\nformats: ["buy {{ message }}"]\n',
  'policies/one.yaml':
    'name: one\nresource_ref: core.noop\npolicy_type: action.concurrency\nparameters: {threshold: 3}\n',
  'sensors/bell.ts': `import { defineSensor, z } from 'petrel/sdk';
export default defineSensor({ triggerTypes: [{ name: 'rung', parameters: z.object({ path: z.string() }) }], poll() {} });`,
  'actions/ask.yaml': 'name: ask\nrunner_type: inquirer\nparameters: {schema: {default: {type: object}}}\n',
  'actions/hide.yaml':
    'name: hide\nrunner_type: local-shell-cmd\nparameters: {password: {type: string, secret: true}, cmd: {immutable: true, default: "echo {{ password }}"}}\n',
  'aliases/hide.yaml': 'name: hide\naction_ref: shop.hide\nformats: ["hide {{ password }}"]\n',
  'config.schema.yaml': 'region: {type: string}\npassword: {type: string, secret: true}\n',
};

beforeAll(async () => {
  resources = await openHouse({ thing: declaration('Thing') });
  for (const [path, text] of Object.entries(FILES)) {
    const file = join(resources.directory, 'packs', 'shop', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  contract = await contractAt(resources.server().url);
  ask = askingOf(resources.server, contract);
  await ask('POST', '/packs/register', { packs: ['shop'] });
  await resources.create('Thing', 'one', { value: '1' });
  await resources.reaches('Thing', 'one', 'Ready', 'True');
  await makeThings();
}, 60_000);
afterAll(() => resources.close());

/** Ids and names of things that are there, for the placeholders below. */
const there: Record<string, string> = {};

async function makeThings(): Promise<void> {
  const make = async (path: string, body: object) => (await ask('POST', path, body)).body;
  const execution = await make('/executions', { action: 'core.noop' });
  there.execution = String(execution.id);
  await ask('GET', `/executions/${there.execution}?wait=30`);
  there.cancelled = String((await make('/executions', { action: 'core.pause', parameters: { max_pause: 60 } })).id);
  there.deleted = String((await make('/executions', { action: 'core.pause', parameters: { max_pause: 60 } })).id);
  there.inquiry = String((await make('/executions', { action: 'shop.ask' })).id);
  await ask('GET', `/executions/${there.inquiry}?wait=0`);
  await make('/webhooks/st2', { trigger: 'shop.order', payload: {} });
  await make('/users', { name: 'sam', password: 'a long enough password' });
  await make('/rbac/role_assignments', { user: 'sam', role: 'observer' });
  there.assignment = String((await ask('GET', '/rbac/role_assignments')).list.find(({ user }) => user === 'sam')?.id);
  there.key = String((await make('/apikeys', { user: 'sam' })).id);
  const first = async (path: string) => {
    let [found] = (await ask('GET', path)).list;
    for (const end = Date.now() + 20_000; found === undefined && Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      [found] = (await ask('GET', path)).list;
    }
    return String(found?.id);
  };
  there.instance = await first('/triggerinstances?trigger=shop.order');
  there.enforcement = await first('/ruleenforcements?rule_ref=shop.filed');
  there.trace = await first('/traces');
  await first('/inquiries');
}

type Success = readonly [route: string, status: number, path: string, body?: unknown];

const TEXT = JSON.stringify;
const RULE = { pack: 'shop', trigger: { type: 'shop.order' }, action: { ref: 'core.noop' }, enabled: false };
const TRIGGER_TYPE = { name: 'made', pack: 'shop', payload_schema: { type: 'object' } };
const ALIAS = { name: 'made', pack: 'shop', action_ref: 'core.noop', formats: ['make it'] };
const POLICY = {
  name: 'made',
  pack: 'shop',
  resource_ref: 'core.echo',
  policy_type: 'action.concurrency',
  parameters: { threshold: 2 },
};
const ACTION = {
  name: 'made',
  pack: 'shop',
  runner_type: 'local-shell-cmd',
  entry_point: '',
  enabled: true,
  parameters: {},
};

/** Each route once as it is meant to be used, in this order. `<name>`: what is there. */
const SUCCESSES: readonly Success[] = [
  ['GET /api/v1/executions', 200, '/executions'],
  ['POST /api/v1/executions', 201, '/executions', { action: 'core.noop' }],
  ['GET /api/v1/executions/{id}', 200, '/executions/<execution>'],
  ['PUT /api/v1/executions/{id}', 200, '/executions/<cancelled>', { status: 'canceled' }],
  ['DELETE /api/v1/executions/{id}', 200, '/executions/<deleted>'],
  ['POST /api/v1/executions/{id}/re_run', 201, '/executions/<execution>/re_run', {}],
  ['GET /api/v1/executions/{id}/children', 200, '/executions/<execution>/children'],
  ['GET /api/v1/executions/{id}/history', 200, '/executions/<execution>/history'],
  ['GET /api/v1/executions/{id}/attribute/{name}', 200, '/executions/<execution>/attribute/status'],
  ['GET /api/v1/executions/{id}/result', 200, '/executions/<execution>/result'],
  ['GET /api/v1/executions/{id}/output', 200, '/executions/<execution>/output?existing_only=true'],
  ['GET /api/v1/executions/views/filters', 200, '/executions/views/filters'],
  ['GET /api/v1/inquiries', 200, '/inquiries'],
  ['GET /api/v1/inquiries/{id}', 200, '/inquiries/<inquiry>'],
  ['PUT /api/v1/inquiries/{id}', 200, '/inquiries/<inquiry>', { id: '<inquiry>', response: {} }],
  ['GET /api/v1/actions', 200, '/actions'],
  ['POST /api/v1/actions', 201, '/actions', ACTION],
  ['GET /api/v1/actions/views/overview', 200, '/actions/views/overview'],
  ['GET /api/v1/actions/views/overview/{ref}', 200, '/actions/views/overview/shop.made'],
  ['GET /api/v1/actions/views/parameters/{ref}', 200, '/actions/views/parameters/shop.made'],
  ['GET /api/v1/actions/views/entry_point/{ref}', 200, '/actions/views/entry_point/things.put'],
  ['GET /api/v1/actions/{ref}', 200, '/actions/shop.made'],
  ['PUT /api/v1/actions/{ref}', 200, '/actions/shop.made', { ...ACTION, description: 'new' }],
  ['POST /api/v1/actions/{ref}/clone', 201, '/actions/shop.made/clone', { dest_pack: 'shop', dest_action: 'twin' }],
  ['DELETE /api/v1/actions/{ref}', 204, '/actions/shop.twin'],
  ['GET /api/v1/runnertypes', 200, '/runnertypes'],
  ['GET /api/v1/runnertypes/{name}', 200, '/runnertypes/noop'],
  ['PUT /api/v1/runnertypes/{name}', 200, '/runnertypes/winrm-cmd', { enabled: false }],
  ['POST /api/v1/workflows/inspect', 200, '/workflows/inspect', 'version: 1.0\ntasks: {}\n'],
  ['GET /api/v1/rules', 200, '/rules'],
  ['POST /api/v1/rules', 201, '/rules', { ...RULE, name: 'made' }],
  ['GET /api/v1/rules/views', 200, '/rules/views'],
  ['GET /api/v1/rules/views/{ref}', 200, '/rules/views/shop.made'],
  ['GET /api/v1/rules/{ref}', 200, '/rules/shop.made'],
  ['PUT /api/v1/rules/{ref}', 200, '/rules/shop.made', { ...RULE, name: 'made', enabled: true }],
  ['DELETE /api/v1/rules/{ref}', 204, '/rules/shop.made'],
  ['GET /api/v1/ruletypes', 200, '/ruletypes'],
  ['GET /api/v1/ruletypes/{id}', 200, '/ruletypes/standard'],
  ['GET /api/v1/ruleenforcements', 200, '/ruleenforcements'],
  ['GET /api/v1/ruleenforcements/views', 200, '/ruleenforcements/views'],
  ['GET /api/v1/ruleenforcements/views/{id}', 200, '/ruleenforcements/views/<enforcement>'],
  ['GET /api/v1/ruleenforcements/{id}', 200, '/ruleenforcements/<enforcement>'],
  ['GET /api/v1/triggertypes', 200, '/triggertypes'],
  ['POST /api/v1/triggertypes', 201, '/triggertypes', TRIGGER_TYPE],
  ['GET /api/v1/triggertypes/{ref}', 200, '/triggertypes/shop.made'],
  ['PUT /api/v1/triggertypes/{ref}', 200, '/triggertypes/shop.made', { ...TRIGGER_TYPE, description: 'new' }],
  ['DELETE /api/v1/triggertypes/{ref}', 204, '/triggertypes/shop.made'],
  ['GET /api/v1/triggerinstances', 200, '/triggerinstances'],
  ['GET /api/v1/triggerinstances/{id}', 200, '/triggerinstances/<instance>'],
  ['POST /api/v1/triggerinstances/{id}/re_emit', 200, '/triggerinstances/<instance>/re_emit', {}],
  ['GET /api/v1/triggers', 200, '/triggers'],
  ['GET /api/v1/triggers/{ref}', 200, '/triggers/shop.order'],
  ['GET /api/v1/timers', 200, '/timers'],
  ['GET /api/v1/timers/{ref}', 200, '/timers/<timer>'],
  ['GET /api/v1/webhooks', 200, '/webhooks'],
  ['GET /api/v1/webhooks/{path}', 200, '/webhooks/orders'],
  ['POST /api/v1/webhooks/{path}', 202, '/webhooks/orders', { any: 'thing' }],
  ['POST /api/v1/webhooks/st2', 202, '/webhooks/st2', { trigger: 'shop.order', payload: {} }],
  ['GET /api/v1/sensortypes', 200, '/sensortypes'],
  ['GET /api/v1/sensortypes/{ref}', 200, '/sensortypes/shop.bell'],
  ['PUT /api/v1/sensortypes/{ref}', 200, '/sensortypes/shop.bell', { enabled: false }],
  ['GET /api/v1/packs', 200, '/packs'],
  ['GET /api/v1/packs/{ref}', 200, '/packs/shop'],
  ['GET /api/v1/packs/index', 200, '/packs/index'],
  ['GET /api/v1/packs/index/health', 200, '/packs/index/health'],
  ['POST /api/v1/packs/index/search', 200, '/packs/index/search', { query: 'shop' }],
  ['GET /api/v1/packs/views/files/{ref}', 200, '/packs/views/files/shop'],
  ['GET /api/v1/packs/views/file/{ref}/{path}', 200, '/packs/views/file/shop/pack.yaml'],
  ['POST /api/v1/packs/install', 202, '/packs/install', { packs: ['file:///nowhere'] }],
  ['POST /api/v1/packs/uninstall', 202, '/packs/uninstall', { packs: ['nowhere'] }],
  ['POST /api/v1/packs/register', 200, '/packs/register', { packs: ['shop'] }],
  ['GET /api/v1/configs', 200, '/configs'],
  ['PUT /api/v1/configs/{pack}', 200, '/configs/shop', { region: 'north' }],
  ['GET /api/v1/configs/{pack}', 200, '/configs/shop'],
  ['GET /api/v1/config_schemas', 200, '/config_schemas'],
  ['GET /api/v1/config_schemas/{pack}', 200, '/config_schemas/shop'],
  ['GET /api/v1/policies', 200, '/policies'],
  ['POST /api/v1/policies', 201, '/policies', POLICY],
  ['GET /api/v1/policies/{ref}', 200, '/policies/shop.made'],
  ['PUT /api/v1/policies/{ref}', 200, '/policies/shop.made', { ...POLICY, enabled: false }],
  ['DELETE /api/v1/policies/{ref}', 204, '/policies/shop.made'],
  ['GET /api/v1/policytypes', 200, '/policytypes'],
  ['GET /api/v1/policytypes/{ref}', 200, '/policytypes/action.concurrency'],
  ['GET /api/v1/actionalias', 200, '/actionalias'],
  ['POST /api/v1/actionalias', 201, '/actionalias', ALIAS],
  ['GET /api/v1/actionalias/help', 200, '/actionalias/help'],
  ['POST /api/v1/actionalias/match', 200, '/actionalias/match', { command: 'make it' }],
  ['GET /api/v1/actionalias/{ref}', 200, '/actionalias/shop.made'],
  ['PUT /api/v1/actionalias/{ref}', 200, '/actionalias/shop.made', { ...ALIAS, description: 'new' }],
  ['DELETE /api/v1/actionalias/{ref}', 204, '/actionalias/shop.made'],
  [
    'POST /api/v1/aliasexecution',
    201,
    '/aliasexecution',
    { name: 'buy', format: 'buy {{ message }}', command: 'buy tea' },
  ],
  ['POST /api/v1/aliasexecution/match_and_execute', 201, '/aliasexecution/match_and_execute', { command: 'buy tea' }],
  ['GET /api/v1/keys', 200, '/keys'],
  ['PUT /api/v1/keys/{path}', 200, '/keys/word', { name: 'word', value: 'v' }],
  ['GET /api/v1/keys/{path}', 200, '/keys/word'],
  ['DELETE /api/v1/keys/{path}', 204, '/keys/word'],
  ['GET /api/v1/traces', 200, '/traces'],
  ['GET /api/v1/traces/{id}', 200, '/traces/<trace>'],
  ['GET /api/v1/resources', 200, '/resources'],
  ['GET /api/v1/resources/orphans', 200, '/resources/orphans'],
  ['GET /api/v1/resources/objects', 200, '/resources/objects'],
  ['GET /api/v1/resources/objects/{name}', 200, '/resources/objects/one'],
  ['GET /api/v1/resources/objects/{name}/explain', 200, '/resources/objects/one/explain'],
  ['POST /api/v1/resources/objects/{name}/reconcile', 200, '/resources/objects/one/reconcile', { dry_run: true }],
  ['POST /api/v1/resources/objects/{name}/abandon', 200, '/resources/objects/one/abandon', {}],
  ['GET /api/v1/resources/{ref}', 200, '/resources/things.thing'],
  ['GET /api/v1/resources/{ref}/crd', 200, '/resources/things.thing/crd'],
  ['POST /api/v1/resources/{ref}/reconcile', 200, '/resources/things.thing/reconcile', { dry_run: true }],
  ['GET /api/v1/service_registry/groups', 200, '/service_registry/groups'],
  ['GET /api/v1/service_registry/groups/{id}/members', 200, '/service_registry/groups/api/members'],
  ['GET /api/v1/user', 200, '/user'],
  ['GET /api/v1/users', 200, '/users'],
  ['POST /api/v1/users', 201, '/users', { name: 'ann', password: 'a long enough password' }],
  ['PUT /api/v1/users/{name}/password', 204, '/users/ann/password', { password: 'another long password' }],
  ['GET /api/v1/apikeys', 200, '/apikeys'],
  ['POST /api/v1/apikeys', 201, '/apikeys', { user: 'ann' }],
  ['GET /api/v1/apikeys/{id}', 200, '/apikeys/<key>'],
  ['PUT /api/v1/apikeys/{id}', 200, '/apikeys/<key>', { enabled: false }],
  ['DELETE /api/v1/apikeys/{id}', 204, '/apikeys/<key>'],
  ['GET /api/v1/rbac/roles', 200, '/rbac/roles'],
  ['GET /api/v1/rbac/roles/{role}', 200, '/rbac/roles/admin'],
  ['GET /api/v1/rbac/role_assignments', 200, '/rbac/role_assignments'],
  ['GET /api/v1/rbac/role_assignments/{id}', 200, '/rbac/role_assignments/<assignment>'],
  ['POST /api/v1/rbac/role_assignments', 201, '/rbac/role_assignments', { user: 'ann', role: 'observer' }],
  ['DELETE /api/v1/rbac/role_assignments/{user}/{role}', 204, '/rbac/role_assignments/ann/observer'],
  ['GET /api/v1/rbac/permission_types', 200, '/rbac/permission_types'],
  ['POST /api/v1/rbac/reload', 200, '/rbac/reload'],
  ['DELETE /api/v1/users/{name}', 204, '/users/ann'],
  ['GET /api/v1/audit', 200, '/audit'],
  [
    'GET /stream/v1/executions/{id}/output',
    200,
    '//stream/v1/executions/<execution>/output?output_type=stdout&end_event=true',
  ],
  ['POST /auth/v1/tokens/validate', 200, '//auth/v1/tokens/validate', { token: 'none' }],
  ['GET /auth/v1/sso', 200, '//auth/v1/sso'],
];

/** These need a password, a browser's cookie, another server or an open connection: auth.test.ts, oidc.test.ts, stream.test.ts. */
const ELSEWHERE = [
  'PUT /api/v1/user/password',
  'POST /auth/v1/tokens',
  'POST /auth/v1/session',
  'DELETE /auth/v1/session',
  'GET /auth/v1/sso/request',
  'GET /auth/v1/sso/callback',
  'GET /stream/v1/stream',
];

const filled = (text: string, places = there) =>
  text.replaceAll(/<(\w+)>/g, (whole, name: string) => places[name] ?? whole);
const names = (filter: (name: string) => boolean = () => true) => [...contract.operations.keys()].filter(filter).sort();
/** A path whose placeholders nothing has. */
const nowhere = (name: string) => `/${name.slice(name.indexOf(' ') + 1).replaceAll(/\{\w+\}/g, 'none.none')}`;
/** `GET /x 404`, when the answer says why. */
const refusal = (name: string, { status, body }: Answer) =>
  `${name} ${status}${/\S/.test(String(body?.faultstring ?? '')) ? '' : ' without a faultstring'}`;
const takesJson = (name: string) =>
  contract.operations.get(name)?.requestBody?.content['application/json'] !== undefined;

/** Limited as StackStorm does it: its texts are what is counted. */
const HELP = 'GET /api/v1/actionalias/help';

describe('every route', () => {
  it('does what it is for', async () => {
    there.timer = String((await ask('GET', '/timers')).list[0]?.id);
    expect([...SUCCESSES.map(([name]) => name), ...ELSEWHERE].sort()).toEqual(names());
    const found: string[] = [];
    for (const [name, , path, body] of SUCCESSES) {
      const isText = typeof body === 'string';
      const sent = body === undefined || isText ? body : JSON.parse(filled(TEXT(body)));
      const headers = isText ? { 'content-type': 'text/plain' } : {};
      const { status, text } = await ask(name.slice(0, name.indexOf(' ')), filled(path), sent, headers);
      found.push(`${name} ${status}${status < 300 ? '' : ` ${text}`}`);
    }
    expect(found).toEqual(SUCCESSES.map(([name, status]) => `${name} ${status}`));
  }, 60_000);

  it('keeps a secret, wherever it went', async () => {
    const secret = 'correct-horse-battery';
    await ask('PUT', '/keys/hushed', { name: 'hushed', value: secret, secret: true });
    await ask('PUT', '/configs/shop', { region: 'north', password: secret });
    const { body } = await ask('POST', '/executions', { action: 'shop.hide', parameters: { password: secret } });
    const spoken = await ask('POST', '/aliasexecution/match_and_execute', { command: `hide ${secret}` });
    expect(spoken.text).not.toContain(secret);
    for (const hook of ['/webhooks/orders', '/webhooks/st2'])
      await ask('POST', hook, { trigger: 'shop.order', payload: { said: secret } });
    const ended = await ask('GET', `/executions/${body.id}?wait=30`);
    expect(ended.body).toMatchObject({ status: 'succeeded', result: { stdout: '********' } });
    const places = { ...there, execution: String(body.id) };
    const reads = SUCCESSES.filter(([name]) => name.startsWith('GET '));
    const told: string[] = [];
    for (const [name, , path] of reads)
      if ((await ask('GET', filled(path, places))).text.includes(secret)) told.push(name);
    expect(told).toEqual([]);
    expect((await ask('GET', '/keys/hushed?decrypt=true')).text).toContain(secret);
  }, 60_000);

  it('that names a thing says so when there is none', async () => {
    const found: string[] = [];
    // A key is made by naming it.
    const asked = names((name) => name.includes('{') && name !== 'PUT /api/v1/keys/{path}');
    for (const name of asked) {
      const method = name.slice(0, name.indexOf(' '));
      const [success] = SUCCESSES.filter(([route]) => route === name);
      found.push(refusal(name, await ask(method, nowhere(name), success?.[3])));
    }
    expect(found).toEqual(asked.map((name) => `${name} 404`));
  });

  it.each([
    ['/actions', ACTION],
    ['/rules', RULE],
    ['/triggertypes', TRIGGER_TYPE],
    ['/policies', POLICY],
    ['/actionalias', ALIAS],
  ])('that creates names what is in the way: %s', async (path, body) => {
    const made = await ask('POST', path, { ...body, name: 'double' });
    const again = await ask('POST', path, { ...body, name: 'double' });
    expect([made.status, again.status]).toEqual([201, 409]);
    expect(again.body).toEqual({ faultstring: expect.stringContaining('double'), 'conflict-id': made.body.id });
  });

  it('that takes JSON refuses what is none, and what has another shape', async () => {
    // Who posts to a webhook learns first whether there is one.
    const asked = names((name) => takesJson(name) && name !== 'POST /api/v1/webhooks/{path}');
    expect(asked.length).toBeGreaterThan(25);
    const found: string[] = [];
    for (const name of asked) {
      const method = name.slice(0, name.indexOf(' '));
      found.push(refusal(name, await ask(method, nowhere(name), '{"a": ')));
    }
    expect(found).toEqual(asked.map((name) => `${name} 400`));
  });

  it('that lists pages, counts, and refuses other limits', async () => {
    const asked = names(
      (name) =>
        name.startsWith('GET ') &&
        !name.includes('{') &&
        name !== HELP &&
        contract.operations.get(name)?.parameters.some((parameter) => parameter.name === 'limit') === true,
    );
    expect(asked.length).toBeGreaterThan(20);
    for (const name of asked) {
      const path = nowhere(name);
      const whole = await ask('GET', `/${path.slice(1)}`);
      const total = Number(whole.headers.get('x-total-count'));
      expect([name, total >= whole.list.length]).toEqual([name, true]);
      const page = await ask('GET', `${path}?limit=1`);
      expect([name, page.headers.get('x-limit'), page.list.length]).toEqual([name, '1', Math.min(total, 1)]);
      if (total > 1) {
        const next = await ask('GET', `${path}?limit=1&offset=1`);
        expect([name, next.list.length, next.text === page.text]).toEqual([name, 1, false]);
      }
      expect([name, (await ask('GET', `${path}?offset=100000`)).list]).toEqual([name, []]);
      for (const bad of ['limit=none', 'limit=-2', 'limit=1.5', 'offset=-1', 'offset=x']) {
        expect(refusal(`${name}?${bad}`, await ask('GET', `${path}?${bad}`))).toBe(`${name}?${bad} 400`);
      }
    }
  }, 60_000);
});
