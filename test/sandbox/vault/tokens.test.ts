import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startVaultSandbox } from '../../../src/sandbox/index.ts';
import { vaultBackends } from '../../real/vault.ts';

/** What Vault's documented HTTP API promises of tokens and of the policies that they have. */
const backends = [
  {
    name: 'the sandbox',
    start: async () => {
      const sandbox = await startVaultSandbox();
      return { url: sandbox.url, token: sandbox.token, stop: sandbox.close };
    },
  },
  ...vaultBackends(),
];

interface Fields {
  readonly [name: string]: unknown;
}

describe.each(backends)('tokens in the Vault API of $name', ({ start }) => {
  let url: string;
  let root: string;
  let stop: () => Promise<void>;
  let name: string;
  const made: string[] = [];

  beforeAll(async () => {
    ({ url, token: root, stop } = await start());
  });
  beforeEach(() => {
    name = `petrel-${randomUUID()}`;
  });
  afterAll(async () => {
    for (const token of made) await ask(root, 'POST', 'auth/token/revoke', { token });
    await stop();
  });

  async function ask(token: string, method: string, path: string, body?: unknown) {
    const response = await fetch(`${url}/v1/${path}`, {
      method,
      headers: { 'x-vault-token': token },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed = (text === '' ? {} : JSON.parse(text)) as { auth?: Fields; data?: Fields; errors?: string[] };
    return { status: response.status, ...parsed };
  }
  async function create(body: object, by = root) {
    const { auth } = await ask(by, 'POST', 'auth/token/create', body);
    if (auth === undefined) throw new Error('no token was made');
    const [id, accessor] = [String(auth.client_token), String(auth.accessor)];
    made.push(id);
    return { id, accessor, auth };
  }
  const policy = (rules: Readonly<Record<string, readonly string[]>>, called = name) =>
    ask(root, 'PUT', `sys/policies/acl/${called}`, {
      policy: Object.entries(rules)
        .map(([path, words]) => `path "${path}" {\n capabilities = ${JSON.stringify(words)}\n}`)
        .join('\n'),
    });
  const status = async (token: string, method: string, path: string, body?: unknown) =>
    (await ask(token, method, path, body)).status;

  it('are made with policies, a time to live and what one wants to know of them', async () => {
    const ask1 = { policies: [name, 'a', 'a'], ttl: '1h', meta: { owner: 'me' }, display_name: 'of ours' };
    const { id, accessor, auth } = await create(ask1);
    expect(auth).toMatchObject({
      policies: ['a', 'default', name].sort(),
      metadata: { owner: 'me' },
      lease_duration: 3600,
      renewable: true,
      token_type: 'service',
      orphan: false,
    });
    const known = {
      id,
      accessor,
      display_name: 'token-of-ours',
      policies: ['a', 'default', name].sort(),
      meta: { owner: 'me' },
      path: 'auth/token/create',
      type: 'service',
      creation_ttl: 3600,
      num_uses: 0,
      orphan: false,
    };
    expect((await ask(root, 'POST', 'auth/token/lookup', { token: id })).data).toMatchObject(known);
    expect((await ask(id, 'GET', 'auth/token/lookup-self')).data).toMatchObject(known);
    const byAccessor = (await ask(root, 'POST', 'auth/token/lookup-accessor', { accessor })).data;
    expect(byAccessor).toMatchObject({ ...known, id: '' });
    expect((await ask(root, 'LIST', 'auth/token/accessors')).data?.keys).toContain(accessor);
  });

  it('live 32 days when nothing else is said, and for ever when they are root', async () => {
    expect((await create({ policies: [name] })).auth.lease_duration).toBe(768 * 3600);
    const own = (await create({})).auth;
    expect(own).toMatchObject({ policies: ['root'], lease_duration: 0, renewable: false });
    const without = (await create({ policies: [name], no_default_policy: true })).auth;
    expect(without.policies).toEqual([name]);
  });

  it('are renewed, periodic ones to their period', async () => {
    const { id, accessor } = await create({ policies: [name], ttl: 100 });
    expect((await ask(root, 'POST', 'auth/token/renew', { token: id, increment: 500 })).auth).toMatchObject({
      client_token: id,
      lease_duration: 500,
    });
    expect((await ask(root, 'POST', 'auth/token/renew-accessor', { accessor, increment: 50 })).auth).toMatchObject({
      client_token: '',
      lease_duration: 50,
    });
    const periodic = await create({ policies: [name], period: '600s' });
    expect((await ask(periodic.id, 'GET', 'auth/token/lookup-self')).data).toMatchObject({ period: 600 });
    const self = (await ask(periodic.id, 'POST', 'auth/token/renew-self', { increment: 5 })).auth;
    expect(self).toMatchObject({ lease_duration: 600 });
    const fixed = await create({ policies: [name], ttl: 100, renewable: false });
    expect(await status(root, 'POST', 'auth/token/renew', { token: fixed.id })).toBe(400);
  });

  it('are revoked, by themselves, by their accessor, with what they made and no orphans', async () => {
    const { id, accessor } = await create({ policies: [name] });
    expect(await status(root, 'POST', 'auth/token/revoke-accessor', { accessor })).toBe(204);
    expect(await ask(id, 'GET', 'auth/token/lookup-self')).toMatchObject({ status: 403 });
    expect(await ask(root, 'POST', 'auth/token/lookup', { token: id })).toMatchObject({ status: 403 });
    const lost = await ask(root, 'POST', 'auth/token/lookup-accessor', { accessor });
    expect([400, 403]).toContain(lost.status);
    expect(JSON.stringify(lost.errors)).toContain('invalid accessor');
    expect((await ask(root, 'LIST', 'auth/token/accessors')).data?.keys).not.toContain(accessor);

    const parent = await create({});
    const child = await create({ policies: [name] }, parent.id);
    const orphan = (await ask(parent.id, 'POST', 'auth/token/create-orphan', { policies: [name] })).auth;
    expect(orphan).toMatchObject({ orphan: true });
    made.push(String(orphan?.client_token));
    expect(await status(parent.id, 'POST', 'auth/token/revoke-self')).toBe(204);
    const alive = async (token: unknown) => (await status(String(token), 'GET', 'auth/token/lookup-self')) === 200;
    expect([await alive(parent.id), await alive(child.id), await alive(orphan?.client_token)]).toEqual([
      false,
      false,
      true,
    ]);
    expect(await status(root, 'POST', 'auth/token/revoke', { token: String(orphan?.client_token) })).toBe(204);
    expect(await alive(orphan?.client_token)).toBe(false);
  });

  it('may do what their policies allow, and nothing else', async () => {
    await policy({
      [`secret/data/${name}/own/*`]: ['create', 'read', 'update'],
      [`secret/data/${name}/own/closed`]: ['deny'],
      [`secret/metadata/${name}/own/*`]: ['list'],
      [`secret/+/${name}/fresh`]: ['create'],
      [`secret/data/${name}/seen`]: ['read'],
    });
    const { id } = await create({ policies: [name] });
    const data = { data: { a: 1 } };
    const at = (path: string, face = 'data') => `secret/${face}/${name}/${path}`;
    for (const path of ['own/closed', 'seen', 'other']) await ask(root, 'POST', at(path), data);
    expect(await status(id, 'POST', at('own/x'), data)).toBe(200);
    expect(await status(id, 'POST', at('own/x'), data)).toBe(200);
    expect(await status(id, 'GET', at('own/x'))).toBe(200);
    expect(await status(id, 'DELETE', at('own/x'))).toBe(403);
    expect(await status(id, 'GET', at('own/nothing'))).toBe(404);
    const closed = await ask(id, 'GET', at('own/closed'));
    expect([closed.status, JSON.stringify(closed.errors)]).toEqual([403, expect.stringContaining('permission denied')]);
    expect(await status(id, 'LIST', at('own', 'metadata'))).toBe(200);
    expect(await status(id, 'GET', `${at('own', 'metadata')}?list=true`)).toBe(200);
    expect(await status(id, 'LIST', at('', 'metadata'))).toBe(403);
    expect(await status(id, 'POST', at('fresh'), data)).toBe(200);
    expect(await status(id, 'POST', at('fresh'), data)).toBe(403);
    expect([await status(id, 'GET', at('seen')), await status(id, 'POST', at('seen'), data)]).toEqual([200, 403]);
    expect([await status(id, 'GET', at('other')), await status(id, 'POST', at('other'), data)]).toEqual([403, 403]);
    for (const path of ['sys/policies/acl/default', 'sys/mounts']) expect(await status(id, 'GET', path)).toBe(403);
    expect(await status(id, 'POST', 'auth/token/create', {})).toBe(403);
    expect(await status(id, 'POST', 'auth/token/lookup', { token: root })).toBe(403);
    // A policy that changes changes what its tokens may do.
    await policy({ [`secret/data/${name}/other`]: ['read'] });
    expect([await status(id, 'GET', at('other')), await status(id, 'GET', at('seen'))]).toEqual([200, 403]);
    await ask(root, 'DELETE', `sys/policies/acl/${name}`);
    expect(await status(id, 'GET', at('other'))).toBe(403);
    expect(await status(id, 'GET', 'auth/token/lookup-self')).toBe(200);
  });

  it('make others with their own policies only, unless they have sudo', async () => {
    await policy({
      'auth/token/create': ['update'],
      'auth/token/create-orphan': ['update'],
      'auth/token/accessors': ['list'],
      'sys/policies/acl/*': ['read', 'create', 'update'],
    });
    const { id } = await create({ policies: [name] });
    const refused = await ask(id, 'POST', 'auth/token/create', { policies: ['other'] });
    expect([refused.status, refused.errors]).toEqual([400, ['child policies must be subset of parent']]);
    for (const extra of [{ period: '1h' }, { no_parent: true }, { id: 'mine' }]) {
      expect(await status(id, 'POST', 'auth/token/create', extra)).toBe(400);
    }
    expect((await create({ policies: [name] }, id)).auth).toMatchObject({ policies: [name, 'default'].sort() });
    expect(await status(id, 'POST', 'auth/token/create-orphan', {})).toBe(403);
    expect(await status(id, 'LIST', 'auth/token/accessors')).toBe(403);
    expect(await status(id, 'GET', 'sys/policies/acl/default')).toBe(200);
    await policy({
      'auth/token/create': ['update', 'sudo'],
      'auth/token/create-orphan': ['update', 'sudo'],
      'auth/token/accessors/': ['list', 'sudo'],
    });
    expect((await create({ policies: ['other'], period: '1h' }, id)).auth.policies).toEqual(['default', 'other']);
    expect(await status(id, 'POST', 'auth/token/create', { policies: ['root'] })).toBe(400);
    const orphan = await ask(id, 'POST', 'auth/token/create-orphan', { policies: ['other'] });
    made.push(String(orphan.auth?.client_token));
    expect([orphan.status, orphan.auth?.orphan]).toEqual([200, true]);
    expect(await status(id, 'LIST', 'auth/token/accessors')).toBe(200);
    await ask(root, 'DELETE', `sys/policies/acl/${name}`);
  });

  it('that may be used so many times are gone after them', async () => {
    const { id } = await create({ policies: [name], num_uses: 2 });
    const self = () => status(id, 'GET', 'auth/token/lookup-self');
    expect([await self(), await self(), await self()]).toEqual([200, 200, 403]);
  });
});

describe('time in the Vault sandbox', () => {
  it('ends tokens, and what they made', async () => {
    let now = Date.now();
    const sandbox = await startVaultSandbox({ clock: () => now });
    const ask = async (token: string, method: string, path: string, body?: object) => {
      const init = { method, headers: { 'x-vault-token': token }, ...(body && { body: JSON.stringify(body) }) };
      const response = await fetch(`${sandbox.url}/v1/${path}`, init);
      const { auth } = (await response.json()) as { auth?: { client_token: string } };
      return { status: response.status, token: auth?.client_token ?? '' };
    };
    const short = (await ask(sandbox.token, 'POST', 'auth/token/create', { ttl: 60 })).token;
    const child = (await ask(short, 'POST', 'auth/token/create', { ttl: 600 })).token;
    const periodic = (await ask(sandbox.token, 'POST', 'auth/token/create', { policies: ['a'], period: 60 })).token;
    const self = async (token: string) => (await ask(token, 'GET', 'auth/token/lookup-self')).status;
    now += 59_000;
    expect([await self(short), await self(child), await self(periodic)]).toEqual([200, 200, 200]);
    await ask(periodic, 'POST', 'auth/token/renew-self');
    now += 2000;
    expect([await self(short), await self(child), await self(periodic)]).toEqual([403, 403, 200]);
    now += 60_000;
    expect(await self(periodic)).toBe(403);
    expect(sandbox.listTokens()).toEqual([]);
    await sandbox.close();
  });
});
