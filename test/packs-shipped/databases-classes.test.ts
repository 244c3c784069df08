import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { type DatabasesHouse, databaseClass, mysql, openDatabasesHouse, postgres } from './databases-house.ts';

let house: DatabasesHouse;

beforeAll(async () => {
  house = await openDatabasesHouse();
}, 60_000);
afterEach(() => house.nothingLeft());
afterAll(() => house.close());

const gold = databaseClass('gold');
const SIZES = { small: { instanceClass: 'db.t3.medium', maxStorageGb: 50 }, huge: { instanceClass: 'db.r5.24xlarge' } };

async function classIs(more: JsonObject, ref = gold): Promise<void> {
  await house.create(ref, { provider: 'rds', sizes: SIZES, ...more });
  await house.reaches(ref, 'Ready', 'True');
}

const instances = () => house.rds.listInstances();

describe('a DatabaseClass', () => {
  it('says what sizes mean and what instances are made with', async () => {
    await classIs({ rds: { multiAz: true, storageType: 'gp3', backupRetention: 3 } });
    await house.create(postgres('orders'), { class: 'gold', storageGb: 30 });
    const outputs = await house.ready(postgres('orders'));
    expect(outputs).toMatchObject({ engine: 'postgres', port: 5432, database: 'app' });
    expect(instances()).toMatchObject([
      { engine: 'postgres', instanceClass: 'db.t3.medium', storageType: 'gp3', plain: { MultiAZ: true } },
    ]);
    await house.removed(postgres('orders'));
    await house.removed(gold);
  });

  it('is waited for, and stays as long as a database needs it', async () => {
    await house.create(mysql('orders'), { class: 'gold' });
    await house.reaches(mysql('orders'), 'Ready', 'False', 'WaitingForDependency');
    expect(instances()).toEqual([]);
    await classIs({});
    await house.ready(mysql('orders'));
    await house.remove(gold);
    await house.reaches(gold, 'Ready', 'False', 'WaitingForDependents');
    await house.removed(mysql('orders'));
    await house.isGone(gold);
  });

  it('called default is used where none is named, and databases follow when it changes', async () => {
    await house.create(mysql('orders'));
    await house.ready(mysql('orders'));
    expect(instances()).toMatchObject([{ instanceClass: 'db.t3.small' }]);
    await classIs({}, databaseClass('default'));
    await house.corrected('what small means now', () => instances()[0]?.instanceClass === 'db.t3.medium');
    await house.ready(mysql('orders'));
    await house.removed(mysql('orders'));
    await house.removed(databaseClass('default'));
  });

  it('refuses more storage than a size may have', async () => {
    await classIs({});
    await house.create(mysql('orders'), { class: 'gold', storageGb: 60 });
    const { conditions } = await house.reaches(mysql('orders'), 'Ready', 'False', 'StorageTooLarge');
    expect(JSON.stringify(conditions)).toContain('has at most 50. Ask for less, or for another size.');
    await house.change(mysql('orders'), { size: 'huge' });
    await house.ready(mysql('orders'));
    await house.removed(mysql('orders'));
    await house.removed(gold);
  });

  it.each<[string, JsonObject, string]>([
    ['a provider without its server', { provider: 'server' }, 'The provider server needs to know its server'],
    [
      'a server with snapshots',
      {
        provider: 'server',
        deletionPolicy: 'snapshot',
        server: { engine: 'mysql', host: 'h', port: 1, admin: { username: 'root', key: 'k' } },
      },
      'There are no snapshots on a server',
    ],
    ['RDS without sizes', { provider: 'rds' }, 'The provider rds needs sizes'],
    [
      'an administrator without a password',
      { provider: 'server', server: { engine: 'mysql', host: 'h', port: 1, admin: { username: 'root' } } },
      'Either vaultPath or key says where the password is',
    ],
  ])('cannot be %s', async (_what, spec, complaint) => {
    await expect(house.create(gold, spec)).rejects.toThrow(complaint);
  });

  it('says of a size without instance class that it is not ready', async () => {
    await house.create(gold, { provider: 'rds', sizes: { small: {} } });
    const { conditions } = await house.reaches(gold, 'Degraded', 'True', 'CreateFailed');
    expect(JSON.stringify(conditions)).toContain('has no instanceClass, which the provider rds needs');
    await house.removed(gold);
  });
});

describe('the limits of a class', () => {
  const name = (index: number) => mysql(`db-${index}`);

  it('let as many have room as there is, however many come at once, and the next when one goes', async () => {
    await classIs({ limits: { databases: 3, namespaces: { stock: { databases: 1 } } } });
    const refs = Array.from({ length: 12 }, (_, index) => name(index));
    await Promise.all([...refs, mysql('other', 'stock')].map((ref) => house.create(ref, { class: 'gold' })));
    await house.ready(mysql('other', 'stock'));
    const inState = async (reason: string) => {
      const texts = await Promise.all(refs.map(async (ref) => JSON.stringify((await house.get(ref))?.status ?? '')));
      return refs.filter((_, index) => texts[index]?.includes(`"reason":"${reason}"`));
    };
    const settledAs = (ready: number, waiting: number) =>
      house.until(`${ready} are ready and ${waiting} wait`, async () => {
        const [has, waits] = [await inState('Available'), await inState('LimitReached')];
        return has.length === ready && waits.length === waiting && { has, waits };
      });
    const { has, waits } = await settledAs(3, 9);
    const created = () => house.rds.listCreations().filter(({ identifier }) => identifier.includes('-db-')).length;
    expect(created()).toBe(3);
    const { conditions } = await house.reaches(waits[0] ?? name(0), 'Ready', 'False', 'LimitReached');
    expect(JSON.stringify(conditions)).toContain('3 of 3 databases are taken. Delete what is not needed, or ask');
    await house.removed(has[0] ?? name(0));
    await settledAs(3, 8);
    expect(created()).toBe(4);
    await house.removed(...refs.filter((ref) => ref.name !== has[0]?.name), mysql('other', 'stock'));
    await house.removed(gold);
  }, 90_000);

  it('are of storage, too, and hold for those that grow', async () => {
    await classIs({ limits: { storageGb: 60 }, sizes: { small: { instanceClass: 'db.t3.small' } } });
    await house.create(name(0), { class: 'gold', storageGb: 30 });
    await house.ready(name(0));
    await house.create(name(1), { class: 'gold', storageGb: 40 });
    const { conditions } = await house.reaches(name(1), 'Ready', 'False', 'LimitReached');
    expect(JSON.stringify(conditions)).toContain('30 of 60 GB are taken, and it asks for 40 more');
    await house.create(name(2), { class: 'gold', storageGb: 20 });
    await house.ready(name(2));
    await house.change(name(0), { storageGb: 50 });
    // It works on as it is, and nobody takes the wish for fulfilled.
    await house.reaches(name(0), 'Ready', 'True', 'LimitReached');
    const held = await house.reaches(name(0), 'Degraded', 'True', 'LimitReached');
    expect(JSON.stringify(held.conditions)).toContain('Generation 1 is in effect, and 2 must wait: The namespace shop');
    await house.reaches(name(0), 'Stalled', 'True', 'LimitReached');
    expect(instances().map(({ allocatedStorage }) => allocatedStorage)).toEqual([30, 20]);
    await house.removed(name(2));
    await house.reaches(name(0), 'Ready', 'True', 'Available');
    await house.removed(name(0), name(1));
    await house.removed(gold);
  });
});

describe('snapshots', () => {
  it('are taken before the deletion where the class says so, and databases begin from them', async () => {
    await classIs({ deletionPolicy: 'snapshot' });
    await house.create(mysql('orders'), { class: 'gold' });
    const { instance, snapshot } = await house.ready(mysql('orders'));
    const password = String(house.vault.readSecret('databases/shop/orders')?.password);
    await house.removed(mysql('orders'));
    expect(house.rds.listSnapshots().map(({ identifier }) => identifier)).toEqual([snapshot]);
    expect(snapshot).toBe(`${instance}-final`);

    const again = mysql('again');
    const restoreFrom: JsonObject = { snapshot: String(snapshot) };
    await house.create(again, { class: 'gold', restoreFrom, storageGb: 40, deletionPolicy: 'delete' });
    const restored = await house.ready(again);
    expect(instances().map(({ allocatedStorage }) => allocatedStorage)).toEqual([40]);
    const given = String(house.vault.readSecret('databases/shop/again')?.password);
    expect(given).not.toBe(password);
    const holds = (text: string) => house.rds.hasPassword(String(restored.instance), text);
    expect([holds(password), holds(given)]).toEqual([false, true]);
    await house.removed(again);
    expect(house.rds.listSnapshots()).toHaveLength(1);
    await house.removed(gold);
  });

  it('that do not exist are said to be missing', async () => {
    await house.create(mysql('orders'), { restoreFrom: { snapshot: 'nothing' } });
    const { conditions } = await house.reaches(mysql('orders'), 'Degraded', 'True', 'CreateFailed');
    expect(JSON.stringify(conditions)).toContain('There is no DB snapshot nothing to restore from.');
    await house.removed(mysql('orders'));
  });
});

describe('the deletion policy', () => {
  const retainedOf = () => house.resources().orphans('databases.mysqldb');

  it('retain of a class keeps the instance and all that was published, and tells where it is; it can be taken away later', async () => {
    await classIs({ deletionPolicy: 'retain' });
    const object = await house.create(mysql('orders'), { class: 'gold' });
    const { instance } = await house.ready(mysql('orders'));
    const before = house.vault.readSecret('databases/shop/orders');
    await house.removed(mysql('orders'));
    expect(instances()).toMatchObject([{ identifier: instance }]);
    expect(house.vault.readSecret('databases/shop/orders')).toEqual(before);
    expect(house.keys('databases/shop/orders')).toMatchObject({ host: before?.host });
    expect(retainedOf()).toMatchObject([{ name: 'orders', state: 'orphaned', step: 'none' }]);
    // Its class is not needed any more.
    await house.removed(gold);
    const uid = String(object.metadata.uid);
    const owner = {
      name: String(instance).replace(/^db-/, ''),
      tag: house.keys('databases/shop/orders')['.owner'] ?? '',
    };
    const { apiVersion, kind, name } = mysql('orders');
    const subject = { api_version: apiVersion, kind, namespace: 'shop', name, uid };
    const { executions } = house.server();
    const { id } = await executions.request({
      actionRef: 'databases.remove',
      parameters: { owner, object: subject, spec: {}, policy: 'delete' },
      user: 'ann',
    });
    expect(await executions.wait(id, AbortSignal.timeout(20_000))).toMatchObject({ status: 'succeeded' });
    await house.corrected('it is forgotten', () => retainedOf().length === 0);
  });

  it("is the object's own where its class allows it, as it says when it is deleted", async () => {
    await classIs({ deletionPolicy: 'retain', deletionPolicies: ['delete', 'snapshot'] });
    await house.create(mysql('orders'), { class: 'gold' });
    const { instance } = await house.ready(mysql('orders'));
    // At once: nothing has been brought about for this wish.
    await house.change(mysql('orders'), { deletionPolicy: 'snapshot' });
    await house.removed(mysql('orders'));
    expect(instances()).toEqual([]);
    expect(house.rds.listSnapshots().map(({ identifier }) => identifier)).toContain(`${instance}-final`);
    await house.removed(gold);
  });

  it("is the class's where it does not allow the object's, which is said", async () => {
    await classIs({ deletionPolicies: ['snapshot'] });
    await house.create(mysql('orders'), { class: 'gold' });
    await house.ready(mysql('orders'));
    await house.change(mysql('orders'), { deletionPolicy: 'retain' });
    const { conditions } = await house.reaches(mysql('orders'), 'Stalled', 'True', 'PolicyNotAllowed');
    expect(JSON.stringify(conditions)).toContain('delete holds. Leave it out, or choose of: snapshot.');
    await house.reaches(mysql('orders'), 'Ready', 'True', 'PolicyNotAllowed');
    await house.removed(mysql('orders'));
    expect(instances()).toEqual([]);
    expect(retainedOf()).toEqual([]);
    await house.removed(gold);
  });
});

describe('a replica', () => {
  it('follows its source and its credentials, is deleted before it, and can become independent', async () => {
    await classIs({ rds: { backupRetention: 1 } });
    const [source, replica] = [mysql('source'), mysql('replica')];
    await house.create(replica, { class: 'gold', replicaOf: 'source' });
    await house.reaches(replica, 'Ready', 'False', 'WaitingForDependency');
    await house.create(source, { class: 'gold' });
    const made = await house.ready(source);
    const followed = await house.ready(replica);
    const sourceOf = (id: unknown) => instances().find(({ identifier }) => identifier === id)?.replicaOf;
    expect(sourceOf(followed.instance)).toBe(made.instance);
    const secretOf = (name: string) => house.vault.readSecret(`databases/shop/${name}`) ?? {};
    expect(secretOf('replica')).toMatchObject({ password: secretOf('source').password, host: followed.endpoint });

    await house.change(source, { credentials: { rotation: 'two' } });
    await house.ready(source);
    await house.corrected(
      'the replica knows the new password',
      () => secretOf('replica').password === secretOf('source').password,
    );
    await house.ready(replica);

    await house.remove(source);
    await house.reaches(source, 'Ready', 'False', 'WaitingForDependents');
    await house.change(replica, { replicaOf: null });
    await house.isGone(source);
    await house.ready(replica);
    expect(instances()).toMatchObject([{ identifier: followed.instance }]);
    expect(instances()[0]?.replicaOf).toBeUndefined();
    expect(house.rds.hasPassword(String(followed.instance), String(secretOf('replica').password))).toBe(true);
    await house.removed(replica);
    await house.removed(gold);
  });
});
