import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { API_VERSION, type PlatformWorld, reference, startPlatform, until } from './platform-world.ts';

let world: PlatformWorld;
let consul: PlatformWorld['consul'];
let vault: PlatformWorld['vault'];
let client: PlatformWorld['client'];
let server: PlatformWorld['server'];

beforeAll(async () => {
  world = await startPlatform();
  ({ consul, vault, client, server } = world);
}, 60_000);

afterAll(() => world.stop());

const get: PlatformWorld['get'] = (ref) => world.get(ref);
const create: PlatformWorld['create'] = (...call) => world.create(...call);
const reaches: PlatformWorld['reaches'] = (...call) => world.reaches(...call);
const isGone: PlatformWorld['isGone'] = (ref) => world.isGone(ref);
const look: PlatformWorld['look'] = (resource) => world.look(resource);
const corrected: PlatformWorld['corrected'] = (...call) => world.corrected(...call);

const keysBelow = (prefix: string) =>
  Object.fromEntries(
    [...consul.listKeys()]
      .filter(([key]) => key.startsWith(prefix) && !key.endsWith('/.owner'))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
const putKey = (key: string, body: string) => fetch(`${consul.url}/v1/kv/${key}`, { method: 'PUT', body });
const deleteKey = (key: string) => fetch(`${consul.url}/v1/kv/${key}`, { method: 'DELETE' });
const askVault = (method: string, path: string, body?: JsonObject) =>
  fetch(`${vault.url}/v1/${path}`, {
    method,
    headers: { 'x-vault-token': vault.token },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

describe('a ConsulConfig', () => {
  const ref = reference('ConsulConfig', 'web', 'default');

  it('is a folder of keys, from its creation over drift to its end', async () => {
    await create(ref, { prefix: 'web', keys: { colour: 'green', 'size/max': '9' } });
    await reaches(ref, 'Ready', 'True');
    expect(keysBelow('apps/default/web/')).toEqual({ colour: 'green', 'size/max': '9' });
    expect((await client.get(ref)).status).toMatchObject({ outputs: { path: 'apps/default/web/' } });

    await client.patch(ref, { spec: { keys: { colour: 'red', 'size/max': null, extra: '' } } });
    await reaches(ref, 'Ready', 'True');
    expect(keysBelow('apps/default/web/')).toEqual({ colour: 'red', extra: '' });

    await deleteKey('apps/default/web/extra');
    await putKey('apps/default/web/colour', 'blue');
    await putKey('apps/default/web/stray', 'x');
    await corrected('consulconfig', 'the keys are as wished', () => {
      const { colour, extra, stray } = keysBelow('apps/default/web/');
      return colour === 'red' && extra === '' && stray === undefined;
    });

    await client.delete(ref);
    await isGone(ref);
    expect([...consul.listKeys().keys()]).toEqual([]);
  });

  it('is put back whole when its folder was removed', async () => {
    await create(ref, { prefix: 'web', keys: { colour: 'green' } });
    await reaches(ref, 'Ready', 'True');
    await fetch(`${consul.url}/v1/kv/apps/default/web/?recurse=true`, { method: 'DELETE' });
    await corrected('consulconfig', 'the folder is back', () => keysBelow('apps/default/web/').colour === 'green');
    await deleteKey('apps/default/web/.owner');
    await corrected('consulconfig', 'its owner is back', () => [...consul.listKeys().keys()].length === 2);
    await client.delete(ref);
    await isGone(ref);
  });

  it('has more keys than one transaction takes', async () => {
    const keys = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`k${index}`, `v${index}`]));
    await create(ref, { prefix: 'many', keys });
    await reaches(ref, 'Ready', 'True');
    expect(keysBelow('apps/default/many/')).toEqual(keys);
    await client.delete(ref);
    await isGone(ref);
    expect([...consul.listKeys().keys()]).toEqual([]);
  });

  it('takes neither the keys of nobody nor those of another, and leaves them when it goes', async () => {
    await putKey('apps/default/old/key', 'precious');
    await create(ref, { prefix: 'old', keys: { key: 'new' } });
    const condition = await reaches(ref, 'Degraded', 'True', 'CreateFailed');
    expect(condition.message).toContain('The keys below apps/default/old/ in Consul are not of this ConsulConfig');
    const first = reference('ConsulConfig', 'first', 'default');
    const second = reference('ConsulConfig', 'second', 'default');
    await create(first, { prefix: 'shared', keys: { key: 'first' } });
    await reaches(first, 'Ready', 'True');
    await create(second, { prefix: 'shared', keys: { key: 'second' } });
    await reaches(second, 'Degraded', 'True', 'CreateFailed');
    await client.delete(ref);
    await client.delete(second);
    await Promise.all([isGone(ref), isGone(second)]);
    expect(keysBelow('apps/default/')).toEqual({ 'old/key': 'precious', 'shared/key': 'first' });
    await client.delete(first);
    await isGone(first);
    expect([...consul.listKeys().keys()]).toEqual(['apps/default/old/key']);
    await deleteKey('apps/default/old/key');
  });

  it('keeps its prefix', async () => {
    await create(ref, { prefix: 'web', keys: {} });
    await expect(client.patch(ref, { spec: { prefix: 'other' } })).rejects.toThrow('The prefix cannot be changed');
    await reaches(ref, 'Ready', 'True');
    await client.delete(ref);
    await isGone(ref);
  });
});

describe('a VaultPolicy', () => {
  const ref = reference('VaultPolicy', 'orders');
  const rules = [{ path: 'secret/data/orders/*', capabilities: ['read', 'list'] }];
  const RULES = 'path "secret/data/orders/*" {\n  capabilities = ["read", "list"]\n}\n';

  it('is a policy, from its creation over drift to its end', async () => {
    await create(ref, { rules });
    await reaches(ref, 'Ready', 'True');
    expect(vault.readPolicy('orders')).toMatch(/^# petrel\/\S+\n/);
    expect(vault.readPolicy('orders')).toContain(RULES);

    const text = 'path "secret/data/stock" {\n  capabilities = ["deny"]\n}\n';
    await client.patch(ref, { spec: { rules: null, text } });
    await reaches(ref, 'Ready', 'True');
    expect(vault.readPolicy('orders')?.split('\n').slice(1).join('\n')).toBe(text);
    await client.patch(ref, { spec: { rules, text: null } });
    await reaches(ref, 'Ready', 'True');

    const [owner] = vault.readPolicy('orders')?.split('\n') ?? [];
    await askVault('PUT', 'sys/policies/acl/orders', { policy: `${owner}\n${RULES.replace('read', 'sudo')}` });
    const isRight = () => vault.readPolicy('orders') === `${owner}\n${RULES}`;
    await corrected('vaultpolicy', 'the policy is right again', isRight);
    await askVault('DELETE', 'sys/policies/acl/orders');
    await corrected('vaultpolicy', 'the policy is back', isRight);

    await client.delete(ref);
    await isGone(ref);
    expect(vault.listPolicies()).toEqual(['default', 'root']);
  });

  it('does not take the policy of somebody else, and leaves it when it goes', async () => {
    const theirs = reference('VaultPolicy', 'default');
    const before = vault.readPolicy('default');
    await create(theirs, { rules });
    await reaches(theirs, 'Stalled', 'True', 'AlreadyExists');
    await client.delete(theirs);
    await isGone(theirs);
    expect(vault.readPolicy('default')).toBe(before);
  });

  it('has rules or a text', async () => {
    await expect(create(ref, {})).rejects.toThrow('Either rules or text is needed');
    await expect(create(ref, { rules, text: 'x' })).rejects.toThrow('Either rules or text is needed');
  });
});

describe('a TeamNamespace', () => {
  const ref = reference('TeamNamespace', 'shop');
  const namespace = reference('Namespace', 'shop', undefined, 'v1');
  const inside = (kind: string, name: string, apiVersion = 'v1') => reference(kind, name, 'shop', apiVersion);
  const RBAC = 'rbac.authorization.k8s.io/v1';
  const policy = () => vault.readPolicy('team-shop') ?? '';

  it('is all that a team needs, from its creation over drift to its end', async () => {
    await create(ref, {
      quota: { cpu: '4' },
      admins: [
        { kind: 'Group', name: 'shop' },
        { kind: 'User', name: 'ann' },
      ],
      defaults: { region: 'north' },
    });
    await reaches(ref, 'Ready', 'True');
    expect((await client.get(ref)).status).toMatchObject({
      outputs: { namespace: 'shop', vaultPolicy: 'team-shop', vaultSecret: 'vault-token', consulPath: 'apps/shop/' },
    });
    const quota = inside('ResourceQuota', 'team');
    const hard = { 'requests.cpu': '4', 'requests.memory': '16Gi', pods: '100' };
    expect((await client.get(quota)).spec).toEqual({ hard });
    expect((await client.get(inside('LimitRange', 'team'))).spec).toEqual({
      limits: [{ type: 'Container', defaultRequest: { cpu: '100m', memory: '256Mi' }, default: { memory: '256Mi' } }],
    });
    const admins = inside('RoleBinding', 'team-admins', RBAC);
    expect(await client.get(admins)).toMatchObject({
      roleRef: { kind: 'ClusterRole', name: 'admin' },
      subjects: [
        { kind: 'Group', name: 'shop', apiGroup: 'rbac.authorization.k8s.io' },
        { kind: 'User', name: 'ann' },
      ],
    });
    expect(policy()).toContain('path "secret/+/databases/shop/*" {\n  capabilities = ["read", "list"]');
    expect(policy()).toContain('path "secret/+/apps/shop/*" {\n  capabilities = ["create", "read",');
    expect(keysBelow('apps/shop/')).toEqual({ 'defaults/region': 'north' });

    const updates = async () => {
      const filter = { actionRef: 'platform.objects_apply' };
      return (await server.store.listExecutions(filter, { limit: 100, offset: 0 })).items.length;
    };
    await look('teamnamespace');
    await look('teamnamespace');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await updates(), 'what is as wished is left alone').toBe(0);

    const viewers = [{ kind: 'Group', name: 'everybody' }];
    await client.patch(ref, { spec: { viewers, defaults: { region: 'south' }, vault: { apps: ['read'] } } });
    await reaches(ref, 'Ready', 'True');
    expect(await updates()).toBe(1);
    expect(await client.get(inside('RoleBinding', 'team-viewers', RBAC))).toMatchObject({ subjects: viewers });
    expect(policy()).toContain('path "secret/+/apps/shop/*" {\n  capabilities = ["read"]');
    expect(keysBelow('apps/shop/')).toEqual({ 'defaults/region': 'south' });

    await client.patch(quota, { spec: { hard: { pods: '7' } } });
    await client.delete(admins);
    await client.delete(inside('ConsulConfig', 'defaults', API_VERSION));
    await client.patch(reference('VaultPolicy', 'team-shop'), {
      spec: { rules: [{ path: '*', capabilities: ['sudo'] }] },
    });
    await corrected('teamnamespace', 'the drift is corrected', async () => {
      const found = (await get(quota))?.spec;
      const isPolicy = policy().includes('secret/+/databases/shop/*') && !policy().includes('sudo');
      const isQuota = JSON.stringify(found) === JSON.stringify({ hard });
      return (
        isQuota && isPolicy && (await get(admins)) !== undefined && keysBelow('apps/shop/defaults/').region === 'south'
      );
    });
    await reaches(ref, 'Ready', 'True');

    await client.delete(ref);
    await isGone(ref);
    expect(await get(namespace)).toBeUndefined();
    expect(vault.listPolicies()).toEqual(['default', 'root']);
    expect(vault.listTokens()).toEqual([]);
    expect([...consul.listKeys().keys()]).toEqual([]);
    await until('nothing is remembered', async () => (await server.store.listResources()).length === 0);
    const { items } = await server.store.listExecutions({ actionRef: 'kubernetes.delete' }, { limit: 9, offset: 0 });
    expect(items.map(({ parameters }) => `${parameters.kind} ${parameters.name}`).reverse()).toEqual([
      'ConsulConfig defaults',
      'VaultToken vault-token',
      'VaultPolicy team-shop',
      'RoleBinding team-viewers',
      'RoleBinding team-editors',
      'RoleBinding team-admins',
      'LimitRange team',
      'ResourceQuota team',
      'Namespace shop',
    ]);
  }, 90_000);

  it('takes back what it made when its creation fails half-way, and tries again', async () => {
    const theirs = reference('VaultPolicy', 'team-shop');
    const rules = [{ path: 'a', capabilities: ['read'] }];
    await create(theirs, { rules });
    await reaches(theirs, 'Ready', 'True');
    await create(ref, { defaults: { region: 'north' } });
    const { message } = await reaches(ref, 'Degraded', 'True', 'CreateFailed');
    expect(message).toContain('The VaultPolicy team-shop exists already and is not of this TeamNamespace.');
    await isGone(namespace);
    expect((await client.get(theirs)).spec).toEqual({ rules });
    await client.delete(theirs);
    await isGone(theirs);
    await world.resources.reconcile('shop', { dryRun: false });
    await reaches(ref, 'Ready', 'True');
    expect(policy()).toContain('secret/+/apps/shop/*');
    await client.delete(ref);
    await isGone(ref);
    expect([...consul.listKeys().keys()]).toEqual([]);
  }, 60_000);

  it('can be deleted while it waits for one of its parts', async () => {
    await askVault('PUT', 'sys/policies/acl/team-shop', { policy: 'path "a" {\n  capabilities = ["read"]\n}' });
    await create(ref, {});
    await reaches(reference('VaultPolicy', 'team-shop'), 'Stalled', 'True', 'AlreadyExists');
    expect(await get(namespace)).toBeDefined();
    await client.delete(ref);
    await isGone(ref);
    expect(await get(namespace)).toBeUndefined();
    expect(vault.readPolicy('team-shop')).toContain('path "a"');
    await askVault('DELETE', 'sys/policies/acl/team-shop');
  }, 60_000);

  it('does not take a namespace that exists, and leaves it when it goes', async () => {
    const theirs = reference('TeamNamespace', 'default');
    await create(theirs, {});
    const { message } = await reaches(theirs, 'Degraded', 'True', 'CreateFailed');
    expect(message).toContain('The Namespace default exists already and is not of this TeamNamespace.');
    await client.delete(theirs);
    await isGone(theirs);
    const found = await client.get(reference('Namespace', 'default', undefined, 'v1'));
    expect(found.metadata.deletionTimestamp).toBeUndefined();
    expect(found.metadata.labels ?? {}).not.toHaveProperty('platform.petrel.dev/team');
  });
});
