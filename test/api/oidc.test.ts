import { once } from 'node:events';
import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessServer, startAccessServer } from './access-server.ts';

/** People at the provider. `sub` never changes; the name may. */
const PEOPLE: Record<string, { preferred_username?: string; groups: string[] }> = {
  'sub-dora': { preferred_username: 'dora', groups: ['dba', 'everyone'] },
  'sub-emil': { preferred_username: 'emil', groups: [] },
  'sub-evil': { preferred_username: 'obi', groups: [] },
  'sub-admin': { preferred_username: 'admin', groups: ['dba'] },
  'sub-none': { groups: [] },
};

let house: AccessServer;
let provider: HttpServer;
let handle: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end();

beforeAll(async () => {
  // Each has to know the other's address: the provider's is there first, and answers when it knows Petrel's.
  provider = createServer((request, response) => handle(request, response)).listen(0, '127.0.0.1');
  await once(provider, 'listening');
  const issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  house = await startAccessServer({
    oidc: { issuer, clientId: 'petrel', clientSecret: 'a secret of the client', insecure: true },
  });
  handle = new Provider(issuer, {
    clients: [
      {
        client_id: 'petrel',
        client_secret: 'a secret of the client',
        redirect_uris: [`${house.server.url}/auth/v1/sso/callback`],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'], email: ['email'] },
    findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub, ...PEOPLE[sub] }) }),
    cookies: { keys: ['a key for the test'] },
  }).callback();
});
afterAll(async () => {
  await house.stop();
  provider.closeAllConnections();
  provider.close();
});

/** A browser, as far as a login needs one: it keeps cookies by host and follows redirects. */
function browser() {
  const jar = new Map<string, Map<string, string>>();
  const cookies = (url: URL) => {
    const known = jar.get(url.host) ?? new Map<string, string>();
    jar.set(url.host, known);
    return known;
  };
  const visit = async (address: string, form?: Record<string, string>) => {
    const url = new URL(address);
    const response = await fetch(url, {
      method: form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { cookie: [...cookies(url)].map((pair) => pair.join('=')).join('; ') },
      ...(form !== undefined && { body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0/i.test(line)) cookies(url).delete(name);
      else cookies(url).set(name, value);
    }
    return response;
  };
  /** Follows redirects, and signs in as `sub` wherever the provider asks, until Petrel's callback is next. */
  const upToCallback = async (sub: string, from: string): Promise<string> => {
    let next = from;
    for (let steps = 0; steps < 20; steps += 1) {
      if (next.includes('/sso/callback')) return next;
      const response = await visit(next);
      const location = response.headers.get('location');
      if (location !== null) {
        next = new URL(location, next).href;
        continue;
      }
      const page = await response.text();
      const [, action = ''] = /action="([^"]+)"/.exec(page) ?? [];
      const [, prompt = ''] = /name="prompt" value="([^"]+)"/.exec(page) ?? [];
      const answered = await visit(new URL(action, next).href, { prompt, login: sub, password: 'any' });
      next = new URL(answered.headers.get('location') ?? '', next).href;
    }
    throw new Error(`The login does not come back; last it was at ${next}.`);
  };
  return { visit, upToCallback, cookies: () => Object.fromEntries(cookies(new URL(house.server.url))) };
}

const BEGIN = '/auth/v1/sso/request';
async function signIn(sub: string, query = '') {
  const { visit, upToCallback, cookies } = browser();
  const callback = await upToCallback(sub, `${house.server.url}${BEGIN}${query}`);
  const answer = await visit(callback);
  return { answer, callback, visit, cookies };
}

describe('a login at the identity provider', () => {
  it('is said to be there', async () => {
    expect((await house.ask(undefined, 'GET', '/auth/v1/sso')).body).toEqual({ enabled: true });
  });

  it('asks with PKCE, state and nonce, and keeps what it remembers from scripts and other sites', async () => {
    const { headers } = await house.ask(undefined, 'GET', BEGIN);
    const asked = new URL(headers.get('location') ?? '').searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    const [cookie = ''] = headers.getSetCookie();
    expect(cookie).toMatch(/^petrel-login=.*; Path=\/auth; Max-Age=600; HttpOnly; SameSite=Lax$/);
    expect(decodeURIComponent(cookie)).not.toContain(asked.get('state'));
  });

  it('begins a session with the roles that the groups give', async () => {
    const { answer, cookies } = await signIn('sub-dora', '?return_to=/ui/executions');
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe('/ui/executions');
    const cookie = `auth-token=${cookies()['auth-token']}`;
    const { body } = await house.ask(undefined, 'GET', '/v1/user', undefined, { cookie });
    expect(body).toMatchObject({ username: 'dora', rbac: { roles: ['observer', 'shop'], is_admin: false } });
    expect((await house.ask(undefined, 'GET', '/v1/rules', undefined, { cookie })).status).toBe(200);
    expect((await house.ask('sue', 'GET', '/v1/users')).body).toContainEqual(
      expect.objectContaining({ name: 'dora', origin: 'oidc' }),
    );
    const [record] = (await house.ask('sue', 'GET', '/v1/audit?user=dora')).body as unknown as object[];
    expect(record).toMatchObject({ action: 'GET /sso/callback', method: 'oidc', outcome: 'done' });
  });

  it('takes roles away with the groups', async () => {
    Object.assign(PEOPLE['sub-dora'] ?? {}, { groups: [] });
    const { cookies } = await signIn('sub-dora');
    const cookie = `auth-token=${cookies()['auth-token']}`;
    expect((await house.ask(undefined, 'GET', '/v1/user', undefined, { cookie })).body).toMatchObject({
      rbac: { roles: [] },
    });
  });

  it('gives nobody a name that is somebody else’s: neither a local user’s nor the administrator’s', async () => {
    for (const sub of ['sub-evil', 'sub-admin']) {
      const { answer, cookies } = await signIn(sub);
      expect(answer.status).toBe(403);
      expect(cookies()['auth-token']).toBeUndefined();
    }
    Object.assign(PEOPLE, { 'sub-thief': { preferred_username: 'dora', groups: [] } });
    expect((await signIn('sub-thief')).answer.status).toBe(403);
  });

  it('of somebody without a name is refused with the claim that is missing', async () => {
    const { answer } = await signIn('sub-none');
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ faultstring: expect.stringContaining('"preferred_username"') });
  });

  it('has no password here', async () => {
    await signIn('sub-emil');
    expect((await house.ask('sue', 'PUT', '/v1/users/emil/password', { password: 'a long password' })).status).toBe(
      400,
    );
    const basic = { authorization: `Basic ${Buffer.from('emil:').toString('base64')}` };
    expect((await house.ask(undefined, 'POST', '/auth/v1/tokens', {}, basic)).status).toBe(401);
  });

  it('comes back to where it was begun, once', async () => {
    const { callback, visit } = await signIn('sub-emil');
    expect((await visit(callback)).status).toBe(401);
    const stolen = await browser().upToCallback('sub-emil', `${house.server.url}${BEGIN}`);
    expect((await browser().visit(stolen)).status).toBe(401);
  });

  it('with another state, or a code that is not the provider’s, is refused', async () => {
    for (const name of ['state', 'code', 'iss']) {
      const { visit, upToCallback } = browser();
      const callback = new URL(await upToCallback('sub-emil', `${house.server.url}${BEGIN}`));
      callback.searchParams.set(name, 'forged');
      expect((await visit(callback.href)).status, name).toBe(401);
    }
    const headers = { cookie: 'petrel-login=made-up' };
    expect((await house.ask(undefined, 'GET', '/auth/v1/sso/callback?code=x&state=y', undefined, headers)).status).toBe(
      401,
    );
  });

  it.each(['//evil.example', 'https://evil.example', '/\\evil.example', '/\tx', ''])(
    'leads to no other site (%j)',
    async (target) => {
      const { answer } = await signIn('sub-emil', `?return_to=${encodeURIComponent(target)}`);
      expect(answer.headers.get('location')).toBe('/');
    },
  );
});

describe('a provider that does not answer', () => {
  it('is named, and asked again the next time', async () => {
    const lost = await startAccessServer({ oidc: { issuer: 'http://127.0.0.1:9', clientId: 'x', insecure: true } });
    const { status, body } = await lost.ask(undefined, 'GET', BEGIN);
    expect([status, body.faultstring]).toEqual([503, expect.stringContaining('http://127.0.0.1:9')]);
    await lost.stop();
  });
});
