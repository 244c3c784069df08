import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/model/index.ts';
import { type PlatformWorld, reference, startPlatform, until } from './platform-world.ts';

const MASTER = randomUUID();

let world: PlatformWorld;
/** Every token that a team ever had. */
const seen = new Set<string>();

beforeAll(async () => {
  world = await startPlatform({ consulToken: MASTER });
}, 60_000);
afterAll(() => world.stop());

const secretRef = (team: string, name: string) => reference('Secret', name, team, 'v1');

async function tokenOf(team: string, name: string): Promise<string | undefined> {
  const data = (await world.get(secretRef(team, name)))?.data;
  const encoded = isJsonObject(data) ? data.token : undefined;
  if (typeof encoded !== 'string') return undefined;
  const token = Buffer.from(encoded, 'base64').toString('utf8');
  if (token.length > 20) seen.add(token);
  return token;
}
async function tokensOf(team: string) {
  const [vault, consul] = await Promise.all([tokenOf(team, 'vault-token'), tokenOf(team, 'consul-token')]);
  return { vault: vault ?? '', consul: consul ?? '' };
}

async function askVault(token: string, method: string, path: string, body?: JsonObject): Promise<number> {
  const response = await fetch(`${world.vault.url}/v1/${path}`, {
    method,
    headers: { 'x-vault-token': token },
    ...(body && { body: JSON.stringify(body) }),
  });
  return response.status;
}
async function askConsul(token: string, method: string, path: string, body?: string): Promise<number> {
  const response = await fetch(`${world.consul.url}/v1/${path}`, {
    method,
    headers: { 'x-consul-token': token },
    ...(body !== undefined && { body }),
  });
  return response.status;
}

const canUse = async ({ vault, consul }: { vault: string; consul: string }, team: string) => ({
  vault: await askVault(vault, 'GET', `secret/data/apps/${team}/web`),
  consul: await askConsul(consul, 'GET', `kv/apps/${team}/web`),
});
const ALLOWED = { vault: 200, consul: 200 };
const FORBIDDEN = { vault: 403, consul: 403 };

describe('the tokens of teams', () => {
  const teams = ['shop', 'bank'];
  const ref = (team: string) => reference('TeamNamespace', team);

  it('let each team do what is its own, and see nothing of another', async () => {
    for (const team of teams) {
      await askVault(world.vault.token, 'POST', `secret/data/apps/${team}/web`, { data: { a: 1 } });
      await askConsul(MASTER, 'PUT', `kv/apps/${team}/web`, 'x');
      await askConsul(MASTER, 'PUT', `kv/databases/${team}/orders/host`, 'x');
      await world.create(ref(team), {});
    }
    for (const team of teams) await world.reaches(ref(team), 'Ready', 'True');
    expect((await world.client.get(ref('shop'))).status).toMatchObject({
      outputs: { vaultSecret: 'vault-token', consulSecret: 'consul-token' },
    });
    for (const [own, other] of [teams, teams.toReversed()]) {
      if (own === undefined || other === undefined) throw new Error('there are two teams');
      const tokens = await tokensOf(own);
      expect(await canUse(tokens, own)).toEqual(ALLOWED);
      expect(await canUse(tokens, other)).toEqual(FORBIDDEN);
      expect(await askVault(tokens.vault, 'POST', `secret/data/apps/${own}/new`, { data: { a: 1 } })).toBe(200);
      expect(await askVault(tokens.vault, 'POST', `secret/data/databases/${own}/new`, { data: { a: 1 } })).toBe(403);
      expect(await askVault(tokens.vault, 'GET', 'sys/policies/acl/default')).toBe(403);
      expect(await askConsul(tokens.consul, 'PUT', `kv/apps/${own}/new`, 'x')).toBe(200);
      expect(await askConsul(tokens.consul, 'GET', `kv/databases/${own}/orders/host`)).toBe(200);
      expect(await askConsul(tokens.consul, 'PUT', `kv/databases/${own}/orders/host`, 'y')).toBe(403);
      expect(await askConsul(tokens.consul, 'GET', 'acl/tokens')).toBe(403);
    }
  }, 60_000);

  it('follow the spec', async () => {
    const before = await tokensOf('shop');
    await world.client.patch(ref('shop'), { spec: { consul: { apps: 'read' }, vault: { apps: ['list'] } } });
    await world.reaches(ref('shop'), 'Ready', 'True');
    expect(await tokensOf('shop')).toEqual(before);
    expect(await askConsul(before.consul, 'PUT', 'kv/apps/shop/web', 'x')).toBe(403);
    expect(await askConsul(before.consul, 'GET', 'kv/apps/shop/web')).toBe(200);
    expect(await askVault(before.vault, 'GET', 'secret/data/apps/shop/web')).toBe(403);
    await world.client.patch(ref('shop'), { spec: { consul: null, vault: null } });
    await world.reaches(ref('shop'), 'Ready', 'True');
    expect(await canUse(before, 'shop')).toEqual(ALLOWED);
    await world.client.patch(ref('shop'), { spec: { vault: { tokenDays: 7 } } });
    await world.reaches(ref('shop'), 'Ready', 'True');
    const after = await tokensOf('shop');
    expect([after.vault === before.vault, after.consul === before.consul]).toEqual([false, true]);
    expect([await canUse(after, 'shop'), (await canUse(before, 'shop')).vault]).toEqual([ALLOWED, 403]);
  }, 60_000);

  it('are made again when they were revoked behind our back', async () => {
    const before = await tokensOf('shop');
    expect(await askVault(before.vault, 'POST', 'auth/token/revoke-self')).toBe(204);
    const accessors = [...world.consul.listTokens()].filter(([, owner]) => owner.includes('/shop/consul-token/'));
    for (const [accessor] of accessors) await askConsul(MASTER, 'DELETE', `acl/token/${accessor}`);
    expect(await canUse(before, 'shop')).toEqual(FORBIDDEN);
    await world.corrected('vaulttoken', 'the token in Vault is back', async () => {
      return (await canUse(await tokensOf('shop'), 'shop')).vault === 200;
    });
    await world.corrected('consultoken', 'the token in Consul is back', async () => {
      return (await canUse(await tokensOf('shop'), 'shop')).consul === 200;
    });
    expect(await canUse(await tokensOf('shop'), 'bank')).toEqual(FORBIDDEN);
  }, 60_000);

  it('are written into their Secrets again when those were changed or removed', async () => {
    const before = await tokensOf('bank');
    await world.client.patch(secretRef('bank', 'vault-token'), { data: { token: 'eA==' } });
    await world.client.delete(secretRef('bank', 'consul-token'));
    const isBack = async (name: string, token: string) => (await tokenOf('bank', name)) === token;
    await world.corrected('vaulttoken', 'the Secret is right', () => isBack('vault-token', before.vault));
    await world.corrected('consultoken', 'the Secret is back', () => isBack('consul-token', before.consul));
    // And the objects themselves, when somebody removes them.
    await world.client.delete(reference('VaultToken', 'vault-token', 'bank'));
    await world.client.delete(reference('ConsulPolicy', 'team-bank'));
    await world.corrected('teamnamespace', 'the team has all of its own again', async () => {
      const [token, policy] = await Promise.all([
        world.get(reference('VaultToken', 'vault-token', 'bank')),
        world.get(reference('ConsulPolicy', 'team-bank')),
      ]);
      const isThere = token !== undefined && policy !== undefined;
      // A policy that is deleted is gone from its tokens as well, which the next look at them finds.
      await world.look('consultoken');
      return isThere && JSON.stringify(await canUse(await tokensOf('bank'), 'bank')) === JSON.stringify(ALLOWED);
    });
    await world.reaches(ref('bank'), 'Ready', 'True');
  }, 60_000);

  it('end with the team, and were shown nowhere', async () => {
    const last = await Promise.all(teams.map(tokensOf));
    for (const team of teams) await world.client.delete(ref(team));
    for (const team of teams) await world.isGone(ref(team));
    for (const [index, team] of teams.entries()) {
      expect(await canUse(last[index] ?? { vault: '', consul: '' }, team)).toEqual(FORBIDDEN);
    }
    expect(world.vault.listTokens()).toEqual([]);
    expect([...world.consul.listTokens().values()]).toEqual(['Master Token', 'Anonymous Token']);
    expect([world.vault.listPolicies(), world.consul.listPolicies()]).toEqual([
      ['default', 'root'],
      ['global-management'],
    ]);
    const { items } = await world.server.store.listKeys('system', '', '', { limit: 100, offset: 0 });
    expect(items).toEqual([]);
    await until('nothing is remembered', async () => (await world.server.store.listResources()).length === 0);
    await world.server.stop(0);
    expect(seen.size).toBeGreaterThanOrEqual(6);
    const all = await readdir(world.directory, { recursive: true, withFileTypes: true });
    for (const file of all.filter((one) => one.isFile())) {
      const text = await readFile(join(file.parentPath, file.name), 'latin1');
      const shown = [...seen].filter(
        (token) => text.includes(token) || text.includes(Buffer.from(token).toString('base64')),
      );
      expect([file.name, shown.length]).toEqual([file.name, 0]);
    }
  }, 60_000);
});

describe('a ConsulPolicy and a token by themselves', () => {
  it('are refused where the Secret of that name belongs to somebody else, which stays', async () => {
    const ours = await startPlatform({ consulToken: MASTER });
    try {
      const theirs = secretRef('default', 'taken');
      await ours.client.create({
        ...theirs,
        metadata: { namespace: 'default', name: 'taken' },
        stringData: { a: 'b' },
      });
      const ref = reference('VaultToken', 'taken', 'default');
      await ours.create(ref, { policies: ['a'] });
      const { message } = await ours.reaches(ref, 'Degraded', 'True', 'CreateFailed');
      expect(message).toContain('The Secret default/taken is there and belongs to somebody else.');
      await ours.client.delete(ref);
      await ours.isGone(ref);
      expect(await ours.client.get(theirs)).toMatchObject({ data: { a: 'Yg==' } });
      expect(ours.vault.listTokens()).toEqual([]);
      const policy = reference('ConsulPolicy', 'orders');
      await expect(ours.create(policy, { rules: [{ policy: 'read' }] })).rejects.toThrow('Either key or key_prefix');
      await expect(ours.create(policy, {})).rejects.toThrow('Either rules or text is needed');
      await ours.create(policy, { text: 'key_prefix "" { policy = "read" }' });
      await ours.reaches(policy, 'Ready', 'True');
      expect(ours.consul.listPolicies()).toEqual(['global-management', 'orders']);
      await ours.client.delete(policy);
      await ours.isGone(policy);
      expect(ours.consul.listPolicies()).toEqual(['global-management']);
    } finally {
      await ours.stop();
    }
  }, 60_000);
});
