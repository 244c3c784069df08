import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessServer, basic, PASSWORD, startAccessServer } from './access-server.ts';

const ORIGIN = 'https://st2web.example';
let house: AccessServer;
beforeAll(async () => {
  house = await startAccessServer({ api: { corsOrigins: [ORIGIN], publicUrl: 'https://petrel.example' } });
});
afterAll(() => house.stop());

const login = (user: string, password: string, body: object = {}, path = '/auth/v1/tokens') =>
  house.ask(undefined, 'POST', path, body, basic(user, password));
const cookiesOf = (headers: Headers) =>
  Object.fromEntries(headers.getSetCookie().map((cookie) => cookie.split(';')[0]?.split('=') as [string, string]));

describe('tokens', () => {
  it.each(['/auth/v1/tokens', '/auth/tokens', '/tokens', '/v1/tokens', '/api/v1/tokens'])(
    'are had at %s',
    async (path) => {
      const { status, body } = await login('nil', PASSWORD, {}, path);
      expect(status).toBe(201);
      expect(body).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{24}$/),
        user: 'nil',
        token: expect.stringMatching(/^[0-9a-f]{64}$/),
        expiry: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
        metadata: expect.anything(),
        service: false,
      });
      const whoami = await house.ask(undefined, 'GET', '/v1/user', undefined, { 'x-auth-token': String(body.token) });
      expect(whoami.body).toEqual({
        username: 'nil',
        authentication: { method: 'authentication token', location: 'header', token_expire: body.expiry },
        rbac: { enabled: true, roles: [], is_admin: false },
      });
    },
  );

  it('are had without a body, as StackStorm’s clients send none', async () => {
    const response = await fetch(`${house.server.url}/auth/v1/tokens`, {
      method: 'POST',
      headers: basic('nil', PASSWORD),
    });
    expect(response.status).toBe(201);
  });

  it('are stored as hashes only', async () => {
    const { readFile } = await import('node:fs/promises');
    const token = house.tokens.nil ?? '';
    for (const file of ['petrel.db', 'petrel.db-wal']) {
      const bytes = await readFile(`${house.directory}/data/${file}`).catch(() => Buffer.alloc(0));
      expect(bytes.includes(token)).toBe(false);
      expect(bytes.includes(PASSWORD)).toBe(false);
    }
    expect(await house.log()).not.toContain(token);
  });

  it('live as long as asked, up to a day', async () => {
    const { body } = await login('nil', PASSWORD, { ttl: 60 });
    const left = Date.parse(String(body.expiry)) - Date.now();
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(60_000);
    for (const ttl of [86_401, 0, -1, 1.5]) {
      expect((await login('nil', PASSWORD, { ttl })).status, String(ttl)).toBe(400);
    }
  });

  it('end with their time', async () => {
    const { body } = await login('nil', PASSWORD, { ttl: 1 });
    const token = { 'x-auth-token': String(body.token) };
    expect((await house.ask(undefined, 'GET', '/v1/user', undefined, token)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1050));
    expect((await house.ask(undefined, 'GET', '/v1/user', undefined, token)).status).toBe(401);
    expect((await house.ask(undefined, 'POST', '/auth/v1/tokens/validate', { token: body.token })).body).toEqual({
      valid: false,
    });
  });

  it('that are made up, cut short or longer are nobody’s', async () => {
    const token = house.tokens.sue ?? '';
    for (const forged of ['x', token.slice(1), `${token}0`, token.toUpperCase(), 'f'.repeat(64), "' OR 1=1 --"]) {
      const answer = await house.ask(undefined, 'GET', '/v1/user', undefined, { 'x-auth-token': forged });
      expect(answer).toMatchObject({ status: 401, body: { faultstring: expect.stringContaining('Unauthorized') } });
    }
  });

  it('are validated for whoever asks', async () => {
    const validate = (token: unknown) => house.ask(undefined, 'POST', '/auth/v1/tokens/validate', { token });
    expect((await validate(house.tokens.nil)).body).toEqual({ valid: true });
    expect((await validate('none')).body).toEqual({ valid: false });
    expect((await validate(7)).status).toBe(400);
  });

  it('of others are for administrators, and of system administrators for these', async () => {
    expect((await login('ada', PASSWORD, { user: 'nil' })).body).toMatchObject({ user: 'nil' });
    expect((await login('ada', PASSWORD, { impersonate_user: 'nil' })).body).toMatchObject({ user: 'nil' });
    expect((await login('nil', PASSWORD, { user: 'obi' })).status).toBe(403);
    expect((await login('ada', PASSWORD, { user: 'sue' })).status).toBe(403);
    expect((await login('ada', PASSWORD, { user: 'admin' })).status).toBe(403);
    expect((await login('ada', PASSWORD, { user: 'nobody' })).status).toBe(403);
    expect((await login('sue', PASSWORD, { user: 'admin' })).status).toBe(201);
  });

  it('end when the password changes, and when the user is deleted', async () => {
    await house.ask('admin', 'POST', '/v1/users', { name: 'tom', password: PASSWORD });
    const token = async (password: string) => ({ 'x-auth-token': String((await login('tom', password)).body.token) });
    const first = await token(PASSWORD);
    const key = await house.ask('admin', 'POST', '/v1/apikeys', { user: 'tom' });
    const change = (old_password: string, password: string) =>
      house.ask(undefined, 'PUT', '/v1/user/password', { old_password, password }, first);
    expect((await change('wrong horses', 'another horse')).status).toBe(403);
    expect((await change(PASSWORD, 'short')).status).toBe(400);
    expect((await change(PASSWORD, 'another horse')).status).toBe(204);
    expect((await house.ask(undefined, 'GET', '/v1/user', undefined, first)).status).toBe(401);
    const second = await token('another horse');
    expect((await house.ask('admin', 'DELETE', '/v1/users/tom')).status).toBe(204);
    expect((await house.ask(undefined, 'GET', '/v1/user', undefined, second)).status).toBe(401);
    const byKey = { 'st2-api-key': String(key.body.key) };
    expect((await house.ask(undefined, 'GET', '/v1/user', undefined, byKey)).status).toBe(401);
    expect((await house.ask('admin', 'DELETE', '/v1/users/tom')).status).toBe(404);
  });

  it.each([
    ['an empty password', basic('nil', '')],
    ['no name', basic('', PASSWORD)],
    ['no colon', { authorization: `Basic ${Buffer.from('nil').toString('base64')}` }],
    ['no Basic', { authorization: 'Bearer x' }],
    ['no header', {}],
  ])('are refused with %s, in StackStorm’s words', async (_, headers) => {
    const answer = await house.ask(undefined, 'POST', '/auth/v1/tokens', {}, headers);
    expect(answer).toMatchObject({ status: 401, body: { faultstring: 'Invalid or missing credentials' } });
  });

  it('say the same of a wrong password and of a user who is not there', async () => {
    const [wrong, nobody] = [await login('nil', 'wrong horses'), await login('nobody', 'wrong horses')];
    expect([wrong.status, wrong.body]).toEqual([nobody.status, nobody.body]);
  });
});

describe('users', () => {
  it.each([
    [{ name: 'nil', password: PASSWORD }, 409],
    [{ name: 'admin', password: PASSWORD }, 409],
    [{ name: 'stanley', password: PASSWORD }, 409],
    [{ name: 'a/b', password: PASSWORD }, 400],
    [{ name: '', password: PASSWORD }, 400],
    [{ name: 'new', password: 'short' }, 400],
    [{ name: 'new' }, 400],
  ])('%j is refused with %i', async (body, status) => {
    const answer = await house.ask('admin', 'POST', '/v1/users', body);
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain(PASSWORD);
  });

  it('are listed without anything secret', async () => {
    const { text, body } = await house.ask('admin', 'GET', '/v1/users');
    expect(body).toContainEqual({ id: 'nil', name: 'nil', origin: 'local', created_at: expect.any(String) });
    expect(text).not.toMatch(/scrypt|hash/);
  });
});

describe('API keys', () => {
  const make = (user: string, body: object = {}) => house.ask(user, 'POST', '/v1/apikeys', body);
  const by = (key: unknown) => house.ask(undefined, 'GET', '/v1/user', undefined, { 'st2-api-key': String(key) });

  it('are said once, and work until they are disabled or deleted', async () => {
    const { status, body } = await make('ada', { metadata: { used_by: 'bot' } });
    expect(status).toBe(201);
    expect(body).toMatchObject({ user: 'ada', enabled: true, key_hash: '********', metadata: { used_by: 'bot' } });
    expect((await by(body.key)).body).toMatchObject({ username: 'ada', authentication: { method: 'API key' } });
    const one = await house.ask('ada', 'GET', `/v1/apikeys/${String(body.id)}`);
    expect(one.body.key).toBeUndefined();
    expect((await house.ask('ada', 'PUT', `/v1/apikeys/${String(body.id)}`, { enabled: false })).body.enabled).toBe(
      false,
    );
    expect((await by(body.key)).status).toBe(401);
    await house.ask('ada', 'PUT', `/v1/apikeys/${String(body.id)}`, { enabled: true });
    expect((await by(body.key)).status).toBe(200);
    expect((await house.ask('ada', 'DELETE', `/v1/apikeys/${String(body.key)}`)).status).toBe(204);
    expect((await by(body.key)).status).toBe(401);
    expect((await house.ask('ada', 'DELETE', `/v1/apikeys/${String(body.id)}`)).status).toBe(404);
  });

  it('mask a secret in what is said about them', async () => {
    await house.ask('ada', 'PUT', '/v1/keys/pin', { value: 'a-secret-pin-of-mine', secret: true });
    const { body, text } = await make('ada', { metadata: { note: 'the pin is a-secret-pin-of-mine' } });
    const list = await house.ask('ada', 'GET', '/v1/apikeys?limit=-1');
    const one = await house.ask('ada', 'GET', `/v1/apikeys/${String(body.id)}`);
    for (const shown of [text, list.text, one.text]) expect(shown).not.toContain('a-secret-pin-of-mine');
    expect(one.body.metadata).toEqual({ note: 'the pin is ********' });
    const target = await house.ask('ada', 'DELETE', '/v1/keys/a-secret-pin-of-mine');
    expect(target.text).not.toContain('a-secret-pin-of-mine');
    expect((await house.ask('ada', 'GET', '/v1/audit?limit=5')).text).not.toContain('a-secret-pin-of-mine');
  });

  it('show their hash to administrators who ask for it', async () => {
    const { body } = await make('ada');
    const path = `/v1/apikeys/${String(body.id)}`;
    expect((await house.ask('ada', 'GET', path)).body.key_hash).toBe('********');
    expect((await house.ask('ada', 'GET', `${path}?show_secrets=true`)).body.key_hash).toMatch(/^[0-9a-f]{128}$/);
    const others = await house.ask('obi', 'GET', '/v1/apikeys?show_secrets=true');
    expect(others.status).toBe(200);
    expect(others.text).not.toMatch(/[0-9a-f]{128}/);
  });

  it('of StackStorm are brought over with their hash', async () => {
    const { createHash } = await import('node:crypto');
    const key = 'NWU0ZTVhYjQ2ZTk4YzM2MTQ4MWU4OTQ5ZTZhM2RiNzQ';
    const key_hash = createHash('sha512').update(`saltnpeper${key}`).digest('hex');
    const id = '65f0c1d2e3f4a5b6c7d8e9f0';
    const brought = { user: 'obi', key_hash, id, created_at: '2020-01-02T03:04:05.000000Z' };
    expect((await make('ada', brought)).body).toMatchObject({ id, created_at: '2020-01-02T03:04:05.000000Z' });
    expect((await by(key)).body).toMatchObject({ username: 'obi' });
    expect(await make('ada', brought)).toMatchObject({ status: 409 });
    expect(await make('ada', { user: 'obi', key_hash })).toMatchObject({ status: 409 });
  });

  it('are each seen by their owner and by administrators', async () => {
    const { body } = await make('ada', { user: 'obi' });
    const users = async (user: string) =>
      new Set(
        ((await house.ask(user, 'GET', '/v1/apikeys?limit=-1')).body as unknown as { user: string }[]).map(
          (key) => key.user,
        ),
      );
    expect(await users('obi')).toEqual(new Set(['obi']));
    expect(await users('nil')).toEqual(new Set());
    expect((await users('ada')).size).toBeGreaterThan(1);
    expect((await house.ask('obi', 'DELETE', `/v1/apikeys/${String(body.id)}`)).status).toBe(204);
    expect((await make('nil')).status).toBe(403);
    expect((await make('ada', { user: 'nobody' })).status).toBe(404);
  });
});

describe('a credential in the address', () => {
  const url = (path: string, name: string, user = 'sue') => `${path}?${name}=${house.tokens[user]}`;

  it('is refused wherever headers can be sent, even beside one that is right', async () => {
    for (const name of ['x-auth-token', 'st2-api-key']) {
      const answer = await house.ask(undefined, 'GET', url('/v1/user', name));
      expect(answer).toMatchObject({ status: 401, body: { faultstring: expect.stringContaining('address') } });
      expect(answer.text).not.toContain(house.tokens.sue);
      expect((await house.ask('sue', 'GET', url('/v1/user', name))).status).toBe(401);
    }
    expect((await house.ask(undefined, 'POST', url('/v1/webhooks/shop', 'x-auth-token'), {})).status).toBe(401);
    expect(await house.log()).not.toContain(house.tokens.sue);
  });

  it('is taken for a stream', async () => {
    const { body } = await house.ask('sue', 'POST', '/v1/executions', { action: 'core.noop' });
    expect(
      (await house.ask(undefined, 'GET', url(`/v1/executions/${String(body.id)}/output`, 'x-auth-token'))).status,
    ).toBe(200);
  });

  it('is taken for webhooks, when it is an API key', async () => {
    const { body } = await house.ask('sue', 'POST', '/v1/apikeys', {});
    const hook = `/v1/webhooks/shop?st2-api-key=${String(body.key)}`;
    expect((await house.ask(undefined, 'POST', hook, {})).status).toBe(202);
    expect((await house.ask(undefined, 'POST', '/v1/webhooks/shop?st2-api-key=wrong', {})).status).toBe(401);
  });
});

describe('a browser’s session', () => {
  const begin = async (user: string) => {
    const { headers, body } = await house.ask(undefined, 'POST', '/auth/v1/session', {
      username: user,
      password: PASSWORD,
    });
    const cookie = Object.entries(cookiesOf(headers))
      .map((pair) => pair.join('='))
      .join('; ');
    return { headers, csrf: String(body.csrf_token), cookie };
  };
  // A login takes its time on purpose: most of these share one.
  const begun = new Map<string, ReturnType<typeof begin>>();
  const start = (user = 'sue') => {
    const session = begun.get(user) ?? begin(user);
    begun.set(user, session);
    return session;
  };
  const change = (cookie: string, headers: Record<string, string>) =>
    house.ask(undefined, 'PUT', '/v1/keys/session', { value: 'x' }, { cookie, ...headers });

  it('is a cookie that no script reads, over TLS alone', async () => {
    const { headers } = await start();
    const [session = '', csrf = ''] = headers.getSetCookie();
    expect(session).toMatch(/^auth-token=[0-9a-f]{64}; Path=\/; Max-Age=86\d{3}; HttpOnly; Secure; SameSite=Lax$/);
    expect(csrf).toMatch(/^petrel-csrf=[\w-]{43}; Path=\/; Max-Age=86\d{3}; Secure; SameSite=Lax$/);
  });

  it('reads with its cookie', async () => {
    const { cookie, csrf } = await start();
    const { body } = await house.ask(undefined, 'GET', '/v1/user', undefined, { cookie });
    expect(body).toMatchObject({ username: 'sue', authentication: { location: 'cookie', csrf_token: csrf } });
  });

  it('changes nothing without the token that the page has to know', async () => {
    const { cookie, csrf } = await start();
    const other = await start('obi');
    expect((await change(cookie, {})).status).toBe(403);
    expect((await change(cookie, { 'x-csrf-token': 'x' })).status).toBe(403);
    expect((await change(cookie, { 'x-csrf-token': other.csrf })).status).toBe(403);
    expect((await change(cookie, { 'x-csrf-token': csrf })).status).toBe(200);
  });

  it.each([
    ['https://evil.example', 403],
    ['null', 403],
    ['https://petrel.example.evil.example', 403],
    ['https://petrel.example', 200],
    [ORIGIN, 200],
  ])('changes things from a page of %s: %i', async (origin, status) => {
    const { cookie, csrf } = await start();
    expect((await change(cookie, { origin, 'x-csrf-token': csrf })).status).toBe(status);
  });

  it('ends when it is asked to', async () => {
    const { cookie, csrf } = await begin('sue');
    const ended = await house.ask(undefined, 'DELETE', '/auth/v1/session', undefined, { cookie, 'x-csrf-token': csrf });
    expect(ended.status).toBe(204);
    expect(ended.headers.getSetCookie()[0]).toMatch(/^auth-token=; Path=\/; Max-Age=0/);
    expect((await house.ask(undefined, 'GET', '/v1/user', undefined, { cookie })).status).toBe(401);
  });

  it('begins, as in StackStorm, with the use of a token; a wrong header is not made good by a right cookie', async () => {
    const { headers } = await house.ask('sue', 'GET', '/v1/user');
    expect(cookiesOf(headers)['auth-token']).toBe(house.tokens.sue);
    const { cookie } = await start();
    expect((await house.ask(undefined, 'GET', '/v1/user', undefined, { cookie, 'x-auth-token': 'x' })).status).toBe(
      401,
    );
    expect((await house.ask('admin', 'GET', '/v1/user')).headers.getSetCookie()).toEqual([]);
  });
});

describe('CORS', () => {
  const preflight = (origin: string) =>
    house.ask(undefined, 'OPTIONS', '/v1/executions', undefined, {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-auth-token',
    });

  it('lets the configured origins in, with credentials', async () => {
    const { status, headers } = await preflight(ORIGIN);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    expect(headers.get('access-control-allow-methods')).toBe('GET, POST, PUT, DELETE, OPTIONS');
    expect(headers.get('access-control-allow-headers')).toMatch(/X-Auth-Token, St2-Api-Key, X-Request-ID/);
    const answer = await house.ask('sue', 'GET', '/v1/user', undefined, { origin: ORIGIN });
    expect(answer.headers.get('access-control-expose-headers')).toMatch(/X-Limit, X-Total-Count, X-Request-ID/);
    expect(answer.headers.get('vary')).toMatch(/Origin/);
    // So that a page can read why it was refused.
    const refused = await house.ask(undefined, 'GET', '/v1/user', undefined, { origin: ORIGIN });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, ORIGIN]);
  });

  it.each(['https://evil.example', 'null', `${ORIGIN}.evil.example`, ORIGIN.replace('https', 'http')])(
    'lets %s read nothing',
    async (origin) => {
      for (const answer of [
        await preflight(origin),
        await house.ask('sue', 'GET', '/v1/user', undefined, { origin }),
      ]) {
        expect(answer.headers.get('access-control-allow-origin')).toBeNull();
        expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
      }
    },
  );
});

describe('every answer', () => {
  it.each([
    ['an answer', 'sue', '/v1/user', 200],
    ['a refusal', undefined, '/v1/user', 401],
    ['what is not there', 'sue', '/v1/nothing', 404],
    ['what is open', undefined, '/healthz', 200],
  ])('tells browsers what not to do: %s', async (_, user, path, status) => {
    const answer = await house.ask(user, 'GET', path);
    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      'strict-transport-security': 'max-age=31536000',
      'x-request-id': expect.any(String),
    });
  });

  it('to a body that is too large is 413, and to one of nobody 401 before it is read', async () => {
    const large = { value: 'x'.repeat(11 * 1024 * 1024) };
    expect((await house.ask('sue', 'PUT', '/v1/keys/large', large)).status).toBe(413);
    const login = { username: 'sue', password: 'x'.repeat(20_000) };
    expect((await house.ask(undefined, 'POST', '/auth/v1/session', login)).status).toBe(413);
    // Nobody sends more than the headers: the answer is there all the same.
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const { hostname, port } = new URL(house.server.url);
      const request = httpRequest({
        hostname,
        port,
        method: 'PUT',
        path: '/v1/keys/x',
        headers: { 'content-length': '1000000', 'content-type': 'application/json' },
      });
      request.on('response', (response) => {
        resolve(response.statusCode);
        request.destroy();
      });
      request.on('error', reject);
      request.flushHeaders();
    });
    expect(status).toBe(401);
  });

  it('stands in the log with its ids, and without what is secret', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await house.ask('sue', 'GET', '/v1/keys/some-name', undefined, { traceparent, 'x-request-id': 'find-me' });
    const line = (await house.log()).split('\n').find((text) => text.includes('find-me')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      request_id: 'find-me',
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      method: 'GET',
      route: '/api/v1/keys/*',
      status: 404,
      user: 'sue',
      address: '127.0.0.1',
      milliseconds: expect.any(Number),
    });
  });
});

describe('health', () => {
  it('is said to everybody', async () => {
    expect((await house.ask(undefined, 'GET', '/healthz')).body).toEqual({ status: 'ok', problems: [] });
    expect((await house.ask(undefined, 'GET', '/readyz')).body).toEqual({ status: 'ok', problems: [] });
  });
});

describe('the audit log', () => {
  const records = async (query = '') =>
    (await house.ask('sue', 'GET', `/v1/audit?limit=1000${query}`)).body as unknown as Record<string, unknown>[];

  it('says who changed what, when, from where and how it ended', async () => {
    const before = Date.now();
    await house.ask('sam', 'PUT', '/v1/keys/shop', { value: 'hush-hush' }, { 'x-request-id': 'audited' });
    const [record] = await records('&user=sam');
    expect(record).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      timestamp: expect.any(String),
      user: 'sam',
      method: 'token',
      address: '127.0.0.1',
      request_id: 'audited',
      action: 'PUT /keys/*',
      target: '/v1/keys/shop',
      permission: 'key_value_pair_set',
      outcome: 'done',
      status: 200,
    });
    expect(Date.parse(String(record?.timestamp))).toBeGreaterThanOrEqual(before);
  });

  it('has what was denied and what failed, and not what only reads', async () => {
    await house.ask('nil', 'PUT', '/v1/keys/other', { value: 'x' });
    await house.ask('ada', 'DELETE', '/v1/keys/none');
    await house.ask('nil', 'GET', '/v1/audit');
    expect((await records('&user=nil'))[0]).toMatchObject({ action: 'PUT /keys/*', outcome: 'denied', status: 403 });
    expect((await records('&user=ada'))[0]).toMatchObject({ action: 'DELETE /keys/*', outcome: 'failed', status: 404 });
    const reads = (await records()).filter(({ action }) => String(action).startsWith('GET'));
    expect(reads.filter(({ action }) => !String(action).endsWith('?show_secrets'))).toEqual([]);
    expect((await records('&outcome=denied')).every(({ outcome }) => outcome === 'denied')).toBe(true);
  });

  it('has logins, and never a secret', async () => {
    await login('obi', 'a wrong horse');
    expect((await records('&user=obi'))[0]).toMatchObject({
      action: 'POST /tokens',
      method: 'password',
      outcome: 'denied',
    });
    const { text } = await house.ask('sue', 'GET', '/v1/audit?limit=1000');
    for (const secret of [PASSWORD, 'a wrong horse', 'hush-hush', house.tokens.sue ?? ''])
      expect(text).not.toContain(secret);
  });

  it('is had by pages', async () => {
    const { headers, body } = await house.ask('sue', 'GET', '/v1/audit?limit=2&offset=1');
    expect(body).toHaveLength(2);
    expect(Number(headers.get('x-total-count'))).toBeGreaterThan(2);
    for (const query of ['outcome=none', 'timestamp_gt=yesterday', 'limit=0']) {
      expect((await house.ask('sue', 'GET', `/v1/audit?${query}`)).status, query).toBe(400);
    }
  });
});

describe('roles', () => {
  it('from files are told from those that were given', async () => {
    const { body } = await house.ask('sue', 'GET', '/v1/rbac/role_assignments');
    expect(body).toContainEqual(expect.objectContaining({ user: 'tim', role: 'team_a', source: 'file' }));
    expect(body).toContainEqual(expect.objectContaining({ user: 'sam', role: 'shop', source: 'local' }));
    expect(body).toContainEqual(expect.objectContaining({ user: 'admin', role: 'system_admin', source: 'built-in' }));
    expect((await house.ask('sue', 'DELETE', '/v1/rbac/role_assignments/tim/team_a')).status).toBe(400);
    expect((await house.ask('sue', 'POST', '/v1/rbac/role_assignments', { user: 'nil', role: 'none' })).status).toBe(
      404,
    );
    expect((await house.ask('sue', 'POST', '/v1/rbac/role_assignments', { user: 'none', role: 'admin' })).status).toBe(
      404,
    );
  });

  it('are given and taken with effect at once', async () => {
    const may = async () => (await house.ask('nil', 'GET', '/v1/actions')).status;
    expect(await may()).toBe(403);
    await house.ask('sue', 'POST', '/v1/rbac/role_assignments', { user: 'nil', role: 'observer' });
    expect(await may()).toBe(200);
    expect((await house.ask('sue', 'DELETE', '/v1/rbac/role_assignments/nil/observer')).status).toBe(204);
    expect(await may()).toBe(403);
  });

  it('from files are read again on demand, all or none of them', async () => {
    const { writeFile } = await import('node:fs/promises');
    const file = `${house.directory}/data/rbac/assignments/nil.yaml`;
    await writeFile(file, 'username: nil\nroles: [observr]\n');
    const refused = await house.ask('sue', 'POST', '/v1/rbac/reload', {});
    expect(refused).toMatchObject({
      status: 400,
      body: { faultstring: expect.stringMatching(/nil\.yaml:2:9.*observer/s) },
    });
    expect(
      (await house.ask('tim', 'POST', '/v1/executions', { action: 'bank.buy', parameters: { namespace: 'a' } })).status,
    ).toBe(201);
    await writeFile(file, 'username: nil\nroles: [observer]\n');
    expect((await house.ask('sue', 'POST', '/v1/rbac/reload', {})).status).toBe(200);
    expect((await house.ask('nil', 'GET', '/v1/actions')).status).toBe(200);
  });
});
