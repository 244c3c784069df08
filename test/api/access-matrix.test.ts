import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessOf, ROUTE_TABLE, routeKey } from '../../src/api/auth-table.ts';
import { type AccessServer, startAccessServer } from './access-server.ts';

let house: AccessServer;
beforeAll(async () => {
  house = await startAccessServer();
  await makeThings();
});
afterAll(() => house.stop());

/** What needs no credentials; said here again, so that an entry that opens a door by mistake is noticed. */
const OPEN = [
  'GET /healthz',
  'GET /readyz',
  'GET /openapi.json',
  'POST /tokens',
  'POST /tokens/validate',
  'POST /session',
  'GET /sso',
  'GET /sso/request',
  'GET /sso/callback',
];
/** What everybody may who is known; lists show what one may see. */
const KNOWN = [
  'GET /',
  'DELETE /session',
  'GET /user',
  'PUT /user/password',
  'GET /apikeys',
  'GET /keys',
  'GET /configs',
  'GET /rbac/permission_types',
  'POST /workflows/inspect',
  'GET /ruletypes',
  'GET /ruletypes/:',
  'GET /service_registry/groups',
  'GET /service_registry/groups/:/members',
];
/** Reads that are administrators' all the same. */
const ADMINS_READ = [
  'GET /users',
  'GET /rbac/roles',
  'GET /rbac/roles/:',
  'GET /rbac/role_assignments',
  'GET /rbac/role_assignments/:',
  'GET /audit',
  'GET /configs/:',
  'GET /packs/index/health',
  'GET /actionalias/help',
  // Its owner's.
  'GET /apikeys/:',
];
const OBSERVER_POSTS = ['POST /packs/index/search'];

/** Things that are there, so that it is the permission that is asked for, by what stands before them in the path. */
const there: Record<string, string> = {
  '/actions/': 'shop.buy',
  '/rules/': 'shop.on_hook',
  '/packs/': 'shop',
  '/webhooks/': 'shop',
  '/keys/': 'shop',
};

async function makeThings(): Promise<void> {
  const make = async (path: string, body: object) => (await house.ask('admin', 'POST', `/v1${path}`, body)).body;
  const idOf = async (path: string) => {
    const { text } = await house.ask('admin', 'GET', `/v1${path}?limit=1`);
    return String(JSON.parse(text)[0].id);
  };
  there['/executions/'] = String((await make('/executions', { action: 'core.noop' })).id);
  there['/apikeys/'] = String((await make('/apikeys', { user: 'sam' })).id);
  there['/inquiries/'] = String((await make('/executions', { action: 'core.ask' })).id);
  await make('/webhooks/shop', {});
  there['/triggerinstances/'] = await idOf('/triggerinstances');
  there['/ruleenforcements/'] = await idOf('/ruleenforcements');
}

function pathOf(route: string): string {
  const path = route.slice(route.indexOf(' ') + 1);
  if (/^\/(?:healthz|readyz|openapi\.json|metrics)$/.test(path)) return path;
  const before = Object.keys(there).find((prefix) => path.startsWith(prefix)) ?? '';
  return `/v1${path.replace(/[*:]/, there[before] ?? 'none.none').replaceAll(/\/[*:]/g, '/none.none')}`;
}

/** Whether the user got past the guard: what comes behind it may say that there is no such thing, or that the body is wrong. */
async function passes(user: string | undefined, route: string): Promise<boolean> {
  const method = route.slice(0, route.indexOf(' '));
  // Bodies that are nobody's, so that nothing is changed whoever asks.
  const body = method === 'GET' || method === 'DELETE' ? undefined : { old_password: '', password: 'none' };
  const { status } = await house.ask(user, method, pathOf(route), body);
  // 503: what takes a cluster, of which there is none here.
  expect([500, 501, 502, 504], `${String(user)} ${route}`).not.toContain(status);
  return status !== 401 && status !== 403;
}

/** Those of the routes that the user passes. Routes that refuse by themselves, or end the session, have tests of their own. */
async function passed(user: string | undefined): Promise<string[]> {
  const found: string[] = [];
  for (const route of compared(house.server.routes)) if (await passes(user, route)) found.push(route);
  return found;
}

const OWN_REFUSAL = ['POST /tokens', 'POST /session', 'PUT /user/password', 'DELETE /session'];
/** Objects of a cluster that is not there. */
const NOT_HERE = '/resources/objects/:';
const compared = (routes: readonly string[]) =>
  routes.filter((route) => !OWN_REFUSAL.includes(route) && !route.includes(NOT_HERE));
const registered = (routes: readonly string[]) =>
  compared(routes.filter((route) => house.server.routes.includes(route)));
const isRead = (route: string) => route.startsWith('GET ');

describe('the table of permissions', () => {
  it('has an entry for every registered route', () => {
    expect(house.server.routes.length).toBeGreaterThan(60);
    expect(house.server.routes.filter((route) => !Object.hasOwn(ROUTE_TABLE, route))).toEqual([]);
  });

  it('opens just those doors that are named here', () => {
    const open = Object.entries(ROUTE_TABLE).filter(([, { kind }]) => kind === 'public');
    expect(open.map(([route]) => route).sort()).toEqual([...OPEN].sort());
  });

  it.each([
    ['GET', '/api/v1/executions/:id', 'GET /executions/:'],
    ['HEAD', '/v1/executions/:id/', 'GET /executions/:'],
    ['GET', '/actionexecutions/:ref_or_id/output', 'GET /executions/:/output'],
    ['GET', '/stream/v1/executions/:id/output', 'GET /executions/:/output'],
    ['GET', '/stream', 'GET /stream'],
    ['GET', '/stream/stream', 'GET /stream'],
    ['GET', '/stream/v1/stream', 'GET /stream'],
    ['POST', '/auth/v1/tokens', 'POST /tokens'],
    ['POST', '/auth/tokens', 'POST /tokens'],
    ['POST', '/webhooks/*', 'POST /webhooks/*'],
    ['GET', '/v1', 'GET /'],
    ['GET', '/apikeys', 'GET /apikeys'],
  ])('knows %s %s as %s', (method, url, key) => {
    expect(routeKey(method, url)).toBe(key);
    expect(accessOf(method, url)).toBeDefined();
  });

  it.each(['constructor', '__proto__', 'toString'])('has no entry by accident (%s)', (name) => {
    expect(accessOf('GET', `/${name}`)).toBeUndefined();
  });
});

describe('each role on each route', () => {
  it('nobody passes the open ones', async () => {
    expect(await passed(undefined)).toEqual(registered(OPEN).sort());
  });

  it('who has no role passes, besides, what is everybody’s', async () => {
    expect(await passed('nil')).toEqual(registered([...OPEN, ...KNOWN]).sort());
  });

  it('an observer passes what reads', async () => {
    const readable = compared(house.server.routes).filter(
      (route) =>
        (isRead(route) && !ADMINS_READ.includes(route)) || [...OPEN, ...KNOWN, ...OBSERVER_POSTS].includes(route),
    );
    expect(await passed('obi')).toEqual(readable);
  });

  it.each(['ada', 'sue', 'admin'])('an administrator (%s) passes everywhere', async (user) => {
    const reached = await passed(user);
    expect(compared(house.server.routes).filter((route) => !reached.includes(route))).toEqual([]);
  });
});

describe('a role of one pack (shop)', () => {
  const sam = (method: string, path: string, body?: unknown) => house.ask('sam', method, `/v1${path}`, body);
  const executionOf = async (action: string, parameters = {}) =>
    String((await house.ask('admin', 'POST', '/v1/executions', { action, parameters })).body.id);

  it.each([
    ['GET', '/actions/shop.buy', 200],
    ['GET', '/actions/bank.buy', 403],
    ['GET', '/actions/shop.none', 404],
    ['GET', '/rules/shop.on_hook', 200],
    ['GET', '/rules/bank.on_hook', 403],
    ['GET', '/packs/shop', 200],
    ['GET', '/packs/bank', 403],
    ['GET', '/keys/shop', 404],
    ['GET', '/keys/bank', 403],
    ['GET', '/audit', 403],
    ['GET', '/policies', 403],
    ['GET', '/triggerinstances', 403],
    ['GET', '/metrics', 404],
  ])('%s %s is answered with %i', async (method, path, status) => {
    expect((await sam(method, path)).status).toBe(status);
  });

  it('sees of lists what it may', async () => {
    const refs = async (path: string) =>
      ((await sam('GET', path)).body as unknown as { ref: string }[]).map(({ ref }) => ref);
    expect((await refs('/actions')).sort()).toEqual(['core.noop', 'shop.buy']);
    expect(await refs('/actions?include_attributes=ref')).toHaveLength(2);
    expect((await sam('GET', '/actions')).headers.get('x-total-count')).toBe('2');
    expect(await refs('/rules')).toEqual(['shop.on_hook']);
    expect(await refs('/packs')).toEqual(['shop']);
  });

  it('finds by id what it may find by reference', async () => {
    const { body } = await house.ask('admin', 'GET', '/v1/actions/bank.buy');
    expect((await sam('GET', `/actions/${String(body.id)}`)).status).toBe(403);
    const own = await house.ask('admin', 'GET', '/v1/actions/shop.buy');
    expect((await sam('GET', `/actions/${String(own.body.id)}`)).status).toBe(200);
  });

  it('runs its actions and no others, and not as somebody else', async () => {
    expect((await sam('POST', '/executions', { action: 'shop.buy' })).status).toBe(201);
    expect((await sam('POST', '/executions', { action: 'bank.buy' })).status).toBe(403);
    expect((await sam('POST', '/executions', { action: 'core.local', parameters: { cmd: 'id' } })).status).toBe(403);
    expect((await sam('POST', '/executions', {})).status).toBe(403);
    const other = await sam('POST', '/executions', { action: 'shop.buy', user: 'obi' });
    expect(other).toMatchObject({ status: 403, body: { faultstring: expect.stringContaining('"obi"') } });
    expect((await sam('POST', '/executions', { action: 'shop.buy', user: 'sam' })).status).toBe(201);
  });

  it('cannot say in the context that it is somebody else', async () => {
    const { body } = await sam('POST', '/executions', { action: 'shop.buy', context: { user: 'admin', ticket: 7 } });
    expect(body.context).toMatchObject({ user: 'sam', ticket: 7 });
  });

  it('sees, stops and repeats executions of its actions alone', async () => {
    const [mine, other] = [await executionOf('shop.buy'), await executionOf('bank.buy')];
    expect((await sam('GET', `/executions/${mine}`)).status).toBe(200);
    for (const path of ['', '/result', '/output', '/children', '/history', '/attribute/status']) {
      expect((await sam('GET', `/executions/${other}${path}`)).status, path).toBe(403);
    }
    expect((await sam('DELETE', `/executions/${other}`)).status).toBe(403);
    expect((await sam('PUT', `/executions/${other}`, { status: 'canceled' })).status).toBe(403);
    expect((await sam('POST', `/executions/${other}/re_run`, {})).status).toBe(403);
    expect((await sam('POST', `/executions/${mine}/re_run`, { user: 'obi' })).status).toBe(403);
    expect((await sam('POST', `/executions/${mine}/re_run`, {})).status).toBe(201);
    const { body } = await sam('GET', '/executions');
    const ids = (body as unknown as { id: string }[]).map(({ id }) => id);
    expect(ids).toContain(mine);
    expect(ids).not.toContain(other);
  });

  it('writes rules in its pack, for actions that it may run itself', async () => {
    const rule = (pack: string, name: string, ref: string) => ({
      pack,
      name,
      enabled: true,
      trigger: { type: 'core.st2.webhook', parameters: { url: name } },
      action: { ref, parameters: {} },
    });
    expect((await sam('POST', '/rules', rule('shop', 'mine', 'core.noop'))).status).toBe(201);
    expect((await sam('POST', '/rules', rule('bank', 'mine', 'core.noop'))).status).toBe(403);
    expect((await sam('POST', '/rules', rule('shop', 'other', 'core.local'))).status).toBe(403);
    expect((await sam('POST', '/rules', {})).status).toBe(403);
    expect((await sam('PUT', '/rules/shop.mine', rule('shop', 'mine', 'core.local'))).status).toBe(403);
    expect((await sam('PUT', '/rules/bank.on_hook', rule('shop', 'mine', 'core.noop'))).status).toBe(403);
    expect(
      (await sam('PUT', '/rules/shop.mine', { ...rule('shop', 'mine', 'core.noop'), enabled: false })).status,
    ).toBe(200);
    expect((await sam('POST', '/actions/shop.buy/clone', { dest_pack: 'bank', dest_action: 'buy2' })).status).toBe(403);
    expect((await sam('DELETE', '/rules/bank.on_hook')).status).toBe(403);
    expect((await sam('DELETE', '/rules/shop.mine')).status).toBe(204);
  });

  it('sends to its webhook and no other', async () => {
    expect((await sam('POST', '/webhooks/shop', {})).status).toBe(202);
    expect((await sam('POST', '/webhooks/bank', {})).status).toBe(403);
    expect((await sam('POST', '/webhooks/st2', { trigger: 'core.st2.webhook', payload: {} })).status).toBe(403);
    expect((await sam('POST', '/webhooks/%2Fst2', {})).status).toBe(403);
  });

  it('sets its key, and those in its own scope', async () => {
    expect((await sam('PUT', '/keys/shop', { value: 'x' })).status).toBe(200);
    expect((await sam('PUT', '/keys/other', { value: 'x' })).status).toBe(403);
    expect((await sam('PUT', '/keys/mine', { value: 'secret-of-sam', scope: 'user', secret: true })).status).toBe(200);
    expect((await sam('GET', '/keys/mine?scope=user&decrypt=true')).body).toMatchObject({
      user: 'sam',
      value: 'secret-of-sam',
    });
    await house.ask('obi', 'PUT', '/v1/keys/his', { value: 'x', scope: 'user' });
    expect((await sam('GET', '/keys/his?scope=user&user=obi')).status).toBe(403);
    expect((await sam('PUT', '/keys/his', { value: 'x', scope: 'user', user: 'obi' })).status).toBe(403);
    expect((await sam('DELETE', '/keys/his?scope=user&user=obi')).status).toBe(403);
    // Only a PUT says in its body which key it is about.
    expect((await sam('DELETE', '/keys/shop', { scope: 'user' })).status).toBe(403);
    expect((await sam('GET', '/keys/his?scope=user')).status).toBe(404);
    expect((await sam('GET', '/keys?scope=user&user=obi')).body).toEqual([]);
    const names = ((await sam('GET', '/keys?scope=all')).body as unknown as { name: string }[]).map(({ name }) => name);
    expect(names.sort()).toEqual(['mine', 'shop']);
  });

  it('reads no secret of all in clear text, and neither does an observer', async () => {
    await house.ask('admin', 'PUT', '/v1/keys/shop', { value: 'secret-of-all', secret: true });
    for (const user of ['sam', 'obi']) {
      expect((await house.ask(user, 'GET', '/v1/keys/shop')).text).not.toContain('secret-of-all');
      for (const yes of ['true', '1', 'yes', 'on', 'Y', '']) {
        const { status, text } = await house.ask(user, 'GET', `/v1/keys/shop?decrypt=${yes}`);
        expect([yes, status, text]).toEqual([yes, 403, expect.not.stringContaining('secret-of-all')]);
      }
      expect((await house.ask(user, 'GET', '/v1/keys?decrypt=true')).text).not.toContain('secret-of-all');
    }
    expect((await house.ask('ada', 'GET', '/v1/keys/shop?decrypt=true')).body.value).toBe('secret-of-all');
  });
});

describe('a role of one namespace (team_a)', () => {
  const tim = (method: string, path: string, body?: unknown) => house.ask('tim', method, `/v1${path}`, body);
  const run = (namespace?: string) => ({
    action: 'bank.buy',
    parameters: { ...(namespace !== undefined && { namespace }) },
  });

  it('runs actions there and nowhere else', async () => {
    expect((await tim('POST', '/executions', run('a'))).status).toBe(201);
    expect((await tim('POST', '/executions', run('b'))).status).toBe(403);
    expect((await tim('POST', '/executions', run())).status).toBe(403);
    expect((await tim('POST', '/executions', run('{{ "a" }}'))).status).toBe(403);
    expect((await tim('POST', '/executions', { ...run('a'), action: 'shop.buy' })).status).toBe(403);
  });

  it('sees executions of there alone, whatever their action', async () => {
    const started = async (action: string, namespace: string) =>
      String((await house.ask('admin', 'POST', '/v1/executions', { action, parameters: { namespace } })).body.id);
    const [here, elsewhere] = [await started('shop.buy', 'a'), await started('bank.buy', 'b')];
    expect((await tim('GET', `/executions/${here}`)).status).toBe(200);
    expect((await tim('GET', `/executions/${elsewhere}`)).status).toBe(403);
    const ids = ((await tim('GET', '/executions?limit=100')).body as unknown as { id: string }[]).map(({ id }) => id);
    expect(ids).toContain(here);
    expect(ids).not.toContain(elsewhere);
  });
});

describe('administrators', () => {
  const ada = (method: string, path: string, body?: unknown) => house.ask('ada', method, `/v1${path}`, body);

  it('cannot make themselves system administrators, nor act as one', async () => {
    expect((await ada('POST', '/rbac/role_assignments', { user: 'ada', role: 'system_admin' })).status).toBe(403);
    expect((await ada('DELETE', '/rbac/role_assignments/sue/system_admin')).status).toBe(403);
    expect((await ada('PUT', '/users/sue/password', { password: 'another horse' })).status).toBe(403);
    expect((await ada('DELETE', '/users/sue')).status).toBe(403);
    expect((await ada('POST', '/apikeys', { user: 'sue' })).status).toBe(403);
    expect((await ada('POST', '/apikeys', { user: 'admin' })).status).toBe(403);
  });

  it('act for others', async () => {
    expect((await ada('POST', '/executions', { action: 'core.noop', user: 'obi' })).body.context).toMatchObject({
      user: 'obi',
    });
  });
});
