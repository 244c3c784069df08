import { randomUUID } from 'node:crypto';
import { testRun } from 'petrel/sdk';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import policyWrite from '../../packs/vault/actions/policy_write.ts';
import create from '../../packs/vault/actions/token_create.ts';
import list from '../../packs/vault/actions/token_list.ts';
import lookup from '../../packs/vault/actions/token_lookup.ts';
import revoke from '../../packs/vault/actions/token_revoke.ts';
import { startVaultSandbox } from '../../src/sandbox/index.ts';
import { vaultBackends } from '../real/vault.ts';

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

describe.each(backends)('tokens by the vault pack against $name', ({ start }) => {
  let config: { url: string; token: string };
  let stop: () => Promise<void>;
  let owner: string;
  let policies: string[];
  let keys: Record<string, string>;
  const key = 'team.vault_token';

  beforeAll(async () => {
    const server = await start();
    stop = server.stop;
    config = { url: server.url, token: server.token };
  });
  beforeEach(async () => {
    owner = `petrel-test/${randomUUID()}`;
    policies = [`petrel-${randomUUID()}`];
    keys = {};
  });
  afterEach(() => testRun(revoke, { config, input: { owner } }));
  afterAll(() => stop());

  async function make(wishes: { policies?: string[]; period?: number; ttl?: number } = {}) {
    const { result, context } = await testRun(create, { config, keys, input: { owner, policies, key, ...wishes } });
    const kept = context.keys.get(key)?.value ?? '';
    const said = JSON.stringify([result, context.logged]);
    expect(kept).not.toBe('');
    expect(said).not.toContain(kept);
    expect(context.secrets).toContain(kept);
    keys = { [key]: kept };
    return { ...result, token: kept };
  }
  const look = async (input: { accessor?: string; key?: string; renew?: boolean }, by = config) =>
    (await testRun(lookup, { config: by, keys, input })).result;
  const owned = async () => {
    const { result } = await testRun(list, { config, input: { owner_prefix: owner } });
    return result.tokens.map(({ accessor }) => accessor);
  };
  const self = async (token: string, path = 'auth/token/lookup-self') =>
    (await fetch(`${config.url}/v1/${path}`, { headers: { 'x-vault-token': token } })).status;

  it('are made, kept encrypted, and made once', async () => {
    const made = await make({ period: 7200 });
    expect(made).toMatchObject({ created: true, key, policies });
    expect(await self(made.token)).toBe(200);
    const known = { accessor: made.accessor, owner, policies, period: 7200, display_name: 'token-petrel' };
    expect(await look({ key })).toMatchObject({ found: true, token: known });
    expect(await look({ accessor: made.accessor })).toMatchObject({ found: true, token: known });
    expect(await make({ period: 7200 })).toEqual({ ...made, created: false });
    expect(await owned()).toEqual([made.accessor]);
  });

  it('are replaced where others are wished, and when they are gone', async () => {
    const first = await make();
    const second = await make({ policies: [...policies, 'petrel-more', 'default'] });
    expect(second).toMatchObject({ created: true, policies: [...policies, 'petrel-more'].sort() });
    expect([await self(first.token), await self(second.token)]).toEqual([403, 200]);
    await testRun(revoke, { config, input: { accessor: second.accessor } });
    const third = await make({ policies: [...policies, 'petrel-more'] });
    expect(third.created).toBe(true);
    expect(await owned()).toEqual([third.accessor]);
  });

  it('that were made by a run that was cut short are revoked by the next', async () => {
    const lost = await make();
    keys = {};
    const made = await make();
    expect([await self(lost.token), await self(made.token)]).toEqual([403, 200]);
    expect(await owned()).toEqual([made.accessor]);
  });

  it('are revoked by accessor or owner, with the key; what is not there is a success', async () => {
    const { accessor, token } = await make();
    const { result, context } = await testRun(revoke, { config, keys, input: { owner, key } });
    expect(result).toEqual({ revoked: 1 });
    expect([...context.keys.keys()]).toEqual([]);
    expect(await self(token)).toBe(403);
    expect(await look({ accessor })).toEqual({ found: false, token: null });
    expect(await look({ key })).toEqual({ found: false, token: null });
    expect((await testRun(revoke, { config, input: { accessor } })).result).toEqual({ revoked: 0 });
    expect((await testRun(revoke, { config, input: { owner } })).result).toEqual({ revoked: 0 });
  });

  it('may do what their policy says and no more', async () => {
    const rules = [{ path: 'secret/data/petrel-tokens/a/*', capabilities: ['read'] }];
    await testRun(policyWrite, { config, input: { name: policies[0] ?? '', rules } });
    const { token } = await make();
    expect(await self(token, 'secret/data/petrel-tokens/a/x')).toBe(404);
    expect(await self(token, 'secret/data/petrel-tokens/b/x')).toBe(403);
  });

  it('want one way to be named, and a token of our own that is good', async () => {
    await expect(look({})).rejects.toThrow('it needs either "accessor" or "key"');
    await expect(testRun(revoke, { config, input: {} })).rejects.toThrow('it needs either "accessor" or "owner"');
    const wrong = { ...config, token: 'wrong-token' };
    const error = await look({ accessor: 'x' }, wrong).catch((thrown: Error) => thrown);
    expect(String(error)).toContain('Looking up the token x failed: Vault answered HTTP 403');
    expect(String(error)).not.toContain('wrong-token');
  });
});

describe('time, to the tokens of the vault pack', () => {
  it('is renewed as long as somebody looks, and only when half of it is over', async () => {
    let now = Date.now();
    const sandbox = await startVaultSandbox({ clock: () => now });
    const config = { url: sandbox.url, token: sandbox.token };
    const input = { owner: 'me', policies: ['a'], key: 'k', period: 100 };
    const { context, result } = await testRun(create, { config, input });
    const keys = { k: context.keys.get('k')?.value ?? '' };
    const look = async (renew: boolean) => (await testRun(lookup, { config, keys, input: { key: 'k', renew } })).result;
    now += 40_000;
    expect((await look(true)).token?.ttl).toBe(60);
    now += 20_000;
    expect((await look(false)).token?.ttl).toBe(40);
    expect((await look(true)).token?.ttl).toBe(100);
    now += 90_000;
    expect(await look(false)).toMatchObject({ found: true, token: { accessor: result.accessor, ttl: 10 } });
    now += 20_000;
    expect(await look(true)).toEqual({ found: false, token: null });
    await sandbox.close();
  });
});
