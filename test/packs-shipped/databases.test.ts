import { DeleteDBInstanceCommand, ModifyDBInstanceCommand } from '@aws-sdk/client-rds';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type DatabasesHouse, mysql, ofOldForm, openDatabasesHouse, postgres } from './databases-house.ts';

let house: DatabasesHouse;

beforeAll(async () => {
  house = await openDatabasesHouse();
}, 60_000);
afterEach(() => house.nothingLeft());
afterAll(() => house.close());

const orders = mysql('orders');
const PATH = 'databases/shop/orders';

describe('a MysqlDb', () => {
  it('is an instance, keys in Consul, credentials in Vault and a policy, until it is deleted', async () => {
    await house.create(orders);
    const outputs = await house.ready(orders);
    const [instance] = house.rds.listInstances();
    expect(instance).toMatchObject({
      identifier: outputs.instance,
      instanceClass: 'db.t3.small',
      allocatedStorage: 20,
    });
    expect(outputs).toMatchObject({
      engine: 'mysql',
      database: 'app',
      provider: 'rds',
      consulPath: PATH,
      vaultPath: PATH,
    });
    expect(house.keys(PATH)).toEqual({
      '.owner': expect.stringMatching(/^petrel\/[0-9a-f]{8}\/databases\.mysqldb\/shop\/orders\//),
      engine: 'mysql',
      version: outputs.engineVersion,
      host: outputs.endpoint,
      port: '3306',
      database: 'app',
      vault_path: PATH,
    });
    const secret = house.vault.readSecret(PATH) ?? {};
    expect(secret).toMatchObject({ username: 'petrel', host: outputs.endpoint, port: '3306', database: 'app' });
    expect(secret).not.toHaveProperty('previous_password');
    expect(house.rds.hasPassword(String(outputs.instance), String(secret.password))).toBe(true);
    expect(house.vault.readPolicy('databases-shop')).toContain('secret/data/databases/shop/*');
    expect(await house.shown()).not.toContain(String(secret.password));
    await house.removed(orders);
  });
});

describe('a name that RDS would refuse', () => {
  it.each(['9to5', 'a.b.c', 'x--y', `n${'-'.repeat(60)}n`, 'n'.repeat(253)])(
    'is given to a database: %s',
    async (name) => {
      await house.create(mysql(name));
      const { instance } = await house.ready(mysql(name));
      expect(house.rds.listInstances()).toMatchObject([{ identifier: instance }]);
      expect(house.keys(`databases/shop/${name}`)['.owner']?.length).toBeLessThanOrEqual(256);
      await house.resources().reconcile('databases.mysqldb', { dryRun: false });
      expect(house.resources().orphans('databases.mysqldb')).toEqual([]);
      await house.removed(mysql(name));
    },
  );
});

describe('a change of wishes', () => {
  it('grows and upgrades the instance, and is refused where it cannot be', async () => {
    await house.create(orders, { engineVersion: '8.0', storageGb: 30 });
    await house.ready(orders);
    await house.change(orders, { size: 'huge', storageGb: 100, engineVersion: '8.4' });
    const outputs = await house.ready(orders);
    expect(house.rds.listInstances()).toMatchObject([{ instanceClass: 'db.r5.8xlarge', allocatedStorage: 100 }]);
    expect(outputs).toMatchObject({ storageGb: 100, engineVersion: expect.stringMatching(/^8\.4/) });
    expect(house.keys(PATH).version).toBe(outputs.engineVersion);
    await expect(house.change(orders, { storageGb: 50 })).rejects.toThrow('storageGb can grow, not shrink');
    await expect(house.change(orders, { engine: 'mariadb' })).rejects.toThrow('The engine cannot be changed');
    await expect(house.change(orders, { class: 'other' })).rejects.toThrow('The class cannot be changed');
    await expect(house.change(orders, { replicaOf: 'x' })).rejects.toThrow('replicaOf can be taken away');
    await expect(house.change(orders, { restoreFrom: { snapshot: 'x' } })).rejects.toThrow('restoreFrom cannot be');
    await house.removed(orders);
  });

  it('counts also while the database is being created', async () => {
    await house.create(orders);
    await house.until('it is being created', () => house.rds.listInstances().length === 1);
    await house.change(orders, { size: 'medium', credentials: { rotation: 'again' } });
    const { instance } = await house.ready(orders);
    expect(house.rds.listInstances()).toMatchObject([{ instanceClass: 'db.m5.large' }]);
    expect(house.rds.hasPassword(String(instance), String(house.vault.readSecret(PATH)?.password))).toBe(true);
    await house.removed(orders);
  });

  it('may be to delete what is being created', async () => {
    await house.create(orders);
    await house.until('it is being created', () => house.rds.listInstances().length === 1);
    await house.removed(orders);
  });

  it('says of a size that it is not configured, and creates nothing', async () => {
    await house.create(orders, { size: 'gigantic' });
    const { conditions } = await house.reaches(orders, 'Ready', 'False', 'SizeUnknown');
    expect(JSON.stringify(conditions)).toContain('Sizes: small, medium, large, huge.');
    expect(house.rds.listInstances()).toEqual([]);
    await house.change(orders, { size: 'small' });
    await house.ready(orders);
    await house.removed(orders);
  });
});

describe('credentials', () => {
  const passwords = () => house.vault.readSecret(PATH) ?? {};

  it('are changed by another rotation, with both to be found until the new ones hold', async () => {
    await house.create(orders);
    const { instance } = await house.ready(orders);
    const before = String(passwords().password);
    let both: Record<string, unknown> | undefined;
    await house.change(orders, { credentials: { rotation: '2026-11' } });
    await house.until('both are there', () => {
      if (passwords().previous_password !== undefined) both = { ...passwords() };
      return both !== undefined;
    });
    expect(both?.previous_password).toBe(before);
    await house.ready(orders);
    const after = String(passwords().password);
    expect(both?.password).toBe(after);
    expect(after).not.toBe(before);
    expect(passwords()).not.toHaveProperty('previous_password');
    expect([before, after].map((password) => house.rds.hasPassword(String(instance), password))).toEqual([false, true]);
    const { items } = await house.server().store.listKeys('system', '', '', { limit: 10, offset: 0 });
    expect(items.filter(({ name }) => name.includes('.password.'))).toHaveLength(1);
    const shown = await house.shown();
    for (const password of [before, after]) expect(shown).not.toContain(password);
    await house.removed(orders);
  });

  it('are written to a Secret where one is asked for, which is moved and put back', async () => {
    const secret = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', name, namespace: 'shop' });
    const decoded = async (name: string) =>
      Object.fromEntries(
        Object.entries(((await house.get(secret(name)))?.data ?? {}) as Record<string, string>).map(([key, value]) => [
          key,
          Buffer.from(value, 'base64').toString(),
        ]),
      );
    await house.create(orders, { credentials: { secret: 'orders-db' } });
    const { endpoint, secret: told } = await house.ready(orders);
    expect(told).toBe('orders-db');
    const { password } = passwords();
    expect(await decoded('orders-db')).toEqual({
      username: 'petrel',
      password,
      engine: 'mysql',
      host: endpoint,
      port: '3306',
      database: 'app',
      url: `mysql://petrel:${password}@${endpoint}:3306/app`,
    });
    await house.client.delete(secret('orders-db'));
    await house.corrected('the Secret is back', async () => (await house.get(secret('orders-db'))) !== undefined);
    await house.change(orders, { credentials: { secret: 'other' } });
    await house.ready(orders);
    expect(await house.get(secret('orders-db'))).toBeUndefined();
    expect(await decoded('other')).toMatchObject({ password });
    const { url } = await decoded('other');
    expect(await house.shown()).not.toContain(Buffer.from(url ?? '').toString('base64'));
    await house.removed(orders);
    expect(await house.get(secret('other'))).toBeUndefined();
  });

  it('are not written over a Secret of somebody else', async () => {
    const theirs = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'theirs', namespace: 'shop' } };
    await house.client.create({ ...theirs, data: { key: 'eA==' } });
    await house.create(orders, { credentials: { secret: 'theirs' } });
    const { conditions } = await house.reaches(orders, 'Degraded', 'True', 'CreateFailed');
    expect(JSON.stringify(conditions)).toContain('The Secret shop/theirs exists and is not of this database');
    await house.removed(orders);
    const found = await house.client.get({ ...theirs, ...theirs.metadata });
    expect(found.data).toEqual({ key: 'eA==' });
    await house.client.delete({ ...theirs, ...theirs.metadata });
  });
});

describe('what was changed behind our back', () => {
  it('is put right: the instance, and an instance that is gone', async () => {
    await house.create(orders);
    const { instance } = await house.ready(orders);
    const id = String(instance);
    const larger = { DBInstanceIdentifier: id, DBInstanceClass: 'db.m5.large', ApplyImmediately: true };
    await house.console.send(new ModifyDBInstanceCommand(larger));
    await house.until('somebody has changed it', () =>
      house.rds.listInstances().some(({ instanceClass }) => instanceClass === 'db.m5.large'),
    );
    await house.corrected('it is small again', () =>
      house.rds.listInstances().some(({ instanceClass }) => instanceClass === 'db.t3.small'),
    );
    await house.ready(orders);
    await house.console.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: id, SkipFinalSnapshot: true }));
    await house.until('somebody has deleted it', () => house.rds.listInstances().length === 0);
    await house.corrected('it is back', () => house.rds.listInstances().length === 1);
    await house.ready(orders);
    expect(house.rds.hasPassword(id, String(house.vault.readSecret(PATH)?.password))).toBe(true);
    await house.removed(orders);
  });

  it('is put back: keys in Consul, the secret and the policy in Vault', async () => {
    await house.create(orders);
    await house.ready(orders);
    const before = { keys: house.keys(PATH), secret: house.vault.readSecret(PATH) };
    await fetch(`${house.consul.url}/v1/kv/${PATH}/host`, { method: 'PUT', body: 'elsewhere' });
    await house.corrected('the host is right', () => house.keys(PATH).host === before.keys.host);
    await house.ready(orders);
    await fetch(`${house.consul.url}/v1/kv/${PATH}/?recurse=true`, { method: 'DELETE' });
    await house.corrected('all keys are back', () => Object.keys(house.keys(PATH)).length === 7);
    expect(house.keys(PATH)).toEqual(before.keys);
    await house.ready(orders);
    await house.askVault('DELETE', `secret/metadata/${PATH}`);
    await house.askVault('DELETE', 'sys/policies/acl/databases-shop');
    await house.corrected('secret and policy are back', () => house.vault.readSecret(PATH) !== undefined);
    await house.ready(orders);
    expect(house.vault.readSecret(PATH)).toEqual(before.secret);
    expect(house.vault.listPolicies()).toContain('databases-shop');
    await house.removed(orders);
  });

  it('is put right: the content of the secret in Vault and of the Secret, and a secret that is deleted softly', async () => {
    const ref = { apiVersion: 'v1', kind: 'Secret', name: 'orders-db', namespace: 'shop' };
    await house.create(orders, { credentials: { secret: 'orders-db' } });
    await house.ready(orders);
    const before = { vault: house.vault.readSecret(PATH), secret: (await house.get(ref))?.data };
    await house.askVault('POST', `secret/data/${PATH}`, { data: { ...before.vault, password: 'not ours' } });
    const isBack = () => house.vault.readSecret(PATH)?.password === before.vault?.password;
    await house.corrected('the secret says what it said', isBack);
    await house.ready(orders);
    expect(house.vault.readSecret(PATH)).toEqual(before.vault);
    await house.askVault('DELETE', `secret/data/${PATH}`);
    await house.corrected('the secret can be read again', isBack);
    await house.ready(orders);
    await house.client.patch(ref, { data: { host: 'eA==', extra: 'eA==' } });
    const { host } = before.secret as { host: string }; // it was written
    await house.corrected('the Secret says what it said', async () => {
      const data = (await house.get(ref))?.data as { host: string }; // as before
      return data.host === host;
    });
    await house.ready(orders);
    // What somebody adds beside it is theirs.
    expect((await house.get(ref))?.data).toEqual({ ...(before.secret as object), extra: 'eA==' });
    await house.corrected(
      'a look shows nothing any more',
      async () => (await house.resources().explain('orders')).difference.length === 0,
    );
    const shown = await house.shown();
    expect(shown).not.toContain(String(before.vault?.password));
    expect(shown).toContain('vault.kv_versions');
    await house.removed(orders);
  });

  it('is put right: a master password that somebody has reset, once', async () => {
    await house.create(orders);
    const { instance } = await house.ready(orders);
    const id = String(instance);
    const holds = () => house.rds.hasPassword(id, String(house.vault.readSecret(PATH)?.password));
    const reset = { DBInstanceIdentifier: id, MasterUserPassword: 'theirs-not-ours', ApplyImmediately: true };
    await house.console.send(new ModifyDBInstanceCommand(reset));
    await house.until('somebody has reset it', () => !holds());
    await house.corrected('it is ours again', holds);
    await house.ready(orders);
    const resets = async () =>
      (await house.server().store.listExecutions({ actionRef: 'aws.rds_modify' }, { limit: 500, offset: 0 })).items
        .length;
    const before = await resets();
    for (let looks = 0; looks < 2; looks += 1) {
      await house.resources().reconcile('databases.mysqldb', { dryRun: false });
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    expect(await resets()).toBe(before);
    expect(await house.resources().explain('orders')).toMatchObject({ state: 'unchanged', difference: [] });
    await house.removed(orders);
  });

  it('is nothing while all is as wished', async () => {
    await house.create(orders);
    await house.ready(orders);
    const updates = async () =>
      (await house.server().store.listExecutions({ actionRef: 'databases.ensure' }, { limit: 500, offset: 0 })).items
        .length;
    const before = await updates();
    for (let looks = 0; looks < 3; looks += 1) {
      await house.resources().reconcile('databases.mysqldb', { dryRun: false });
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    expect(await updates()).toBe(before);
    expect(await house.resources().explain('orders')).toMatchObject({ state: 'unchanged', difference: [] });
    await house.removed(orders);
  });
});

describe('two databases', () => {
  it('share the policy of their namespace, and the last one takes it along', async () => {
    const names = [mysql('one'), mysql('two'), mysql('three', 'stock')];
    for (const ref of names) await house.create(ref);
    for (const ref of names) await house.ready(ref);
    const policies = () => house.vault.listPolicies().filter((name) => name.startsWith('databases-'));
    expect(policies()).toEqual(['databases-shop', 'databases-stock']);
    await house.removed(mysql('one'));
    expect(policies()).toEqual(['databases-shop', 'databases-stock']);
    await house.removed(mysql('two'), mysql('three', 'stock'));
  });

  it('of one name and two kinds do not take what the other has published', async () => {
    await house.create(orders);
    await house.ready(orders);
    const second = postgres('orders');
    await house.create(second);
    const { conditions } = await house.reaches(second, 'Degraded', 'True', 'CreateFailed');
    expect(JSON.stringify(conditions)).toContain("Consul's keys below databases/shop/orders/ belong to");
    expect(house.rds.listInstances()).toHaveLength(1);
    const before = house.vault.readSecret(PATH);
    await house.removed(second);
    expect(house.vault.readSecret(PATH)).toEqual(before);
    await house.removed(orders);
  });
});

describe('the kind of 2016', () => {
  it('is handled by the same handlers', async () => {
    const old = ofOldForm('orders');
    await house.create(old, { size: 'medium' });
    const outputs = await house.ready(old);
    expect(house.rds.listInstances()).toMatchObject([{ instanceClass: 'db.m5.large', identifier: outputs.instance }]);
    expect(house.keys(PATH).host).toBe(outputs.endpoint);
    await house.change(old, { storageGb: 40 });
    await house.ready(old);
    expect(house.rds.listInstances()).toMatchObject([{ allocatedStorage: 40 }]);
    await house.removed(old);
  });
});
