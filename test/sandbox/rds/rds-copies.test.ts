import {
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
  RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RdsSandbox, type RdsSandboxOptions, startRdsSandbox } from '../../../src/sandbox/index.ts';

let sandbox: RdsSandbox;
let rds: RDSClient;
let now: number;

async function open(options: RdsSandboxOptions = {}): Promise<void> {
  sandbox = await startRdsSandbox({ clock: () => now, ...options });
  const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'x' };
  rds = new RDSClient({ endpoint: sandbox.url, region: 'eu-west-1', credentials, maxAttempts: 1 });
}
beforeEach(() => {
  now = 1_480_000_000_000;
});
afterEach(async () => {
  rds.destroy();
  await sandbox.close();
});

const create = (id = 'orders', changes: object = {}) =>
  rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: id,
      Engine: 'mysql',
      DBInstanceClass: 'db.t3.micro',
      AllocatedStorage: 20,
      MasterUsername: 'orders',
      MasterUserPassword: 'correct-horse',
      ...changes,
    }),
  );
const find = async (id = 'orders') =>
  (await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }))).DBInstances?.[0];
const status = async (id = 'orders') => (await find(id))?.DBInstanceStatus;
const modify = (changes: object, id = 'orders') =>
  rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: id, ApplyImmediately: true, ...changes }));
const remove = (id: string, changes: object = { SkipFinalSnapshot: true }) =>
  rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: id, ...changes }));
const take = (snapshot: string, id = 'orders') =>
  rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: id, DBSnapshotIdentifier: snapshot }));
const findSnapshot = async (id: string) =>
  (await rds.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id }))).DBSnapshots?.[0];
const restore = (id: string, snapshot: string, changes: object = {}) =>
  rds.send(
    new RestoreDBInstanceFromDBSnapshotCommand({
      DBInstanceIdentifier: id,
      DBSnapshotIdentifier: snapshot,
      ...changes,
    }),
  );
const replicate = (id: string, source = 'orders') =>
  rds.send(new CreateDBInstanceReadReplicaCommand({ DBInstanceIdentifier: id, SourceDBInstanceIdentifier: source }));
const promote = (id: string) => rds.send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: id }));
const busy = { name: 'InvalidDBInstanceStateFault', $metadata: { httpStatusCode: 400 } };

describe('states that pass', () => {
  it('go from creating over backing-up to available, where backups are kept', async () => {
    await open({ delays: { create: 100, backup: 50 } });
    await create();
    await create('unsaved', { BackupRetentionPeriod: 0 });
    now += 100;
    expect([await status(), await status('unsaved')]).toEqual(['backing-up', 'available']);
    expect((await find())?.Endpoint?.Port).toBe(3306);
    await expect(modify({ AllocatedStorage: 40 })).rejects.toMatchObject(busy);
    now += 50;
    expect(await status()).toBe('available');
  });

  it('are over as soon as their time is, however late somebody looks', async () => {
    await open({ delays: { create: 100, backup: 50 } });
    await create();
    now += 1000;
    expect(await status()).toBe('available');
  });

  it('are upgrading for another version', async () => {
    await open();
    await create('orders', { EngineVersion: '8.0.36' });
    now += 1000;
    await modify({ EngineVersion: '8.0.40' });
    expect(await status()).toBe('upgrading');
    now += 1000;
    expect((await find())?.EngineVersion).toBe('8.0.40');
  });
});

describe('versions', () => {
  it('may be given by their beginning', async () => {
    await open();
    await create('orders', { EngineVersion: '8.0' });
    expect((await find())?.EngineVersion).toBe('8.0.40');
  });

  it('of another major need a flag, and there is no way back', async () => {
    await open();
    await create();
    now += 1000;
    await expect(modify({ EngineVersion: '8.4' })).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
      message: 'The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.',
    });
    await modify({ EngineVersion: '8.4', AllowMajorVersionUpgrade: true });
    now += 1000;
    await expect(modify({ EngineVersion: '8.0', AllowMajorVersionUpgrade: true })).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
      message: 'Cannot upgrade mysql from 8.4.3 to 8.0.40',
    });
  });
});

it('storage grows by a tenth at least', async () => {
  await open();
  await create('orders', { AllocatedStorage: 100 });
  now += 1000;
  await modify({ AllocatedStorage: 101 });
  now += 1000;
  expect((await find())?.AllocatedStorage).toBe(110);
});

describe('quotas', () => {
  it('bound the instances', async () => {
    await open({ quotas: { instances: 1 } });
    await create();
    await expect(create('more')).rejects.toMatchObject({
      name: 'InstanceQuotaExceededFault',
      $metadata: { httpStatusCode: 400 },
    });
    await expect(create()).rejects.toMatchObject({ name: 'DBInstanceAlreadyExistsFault' });
  });

  it('bound the snapshots', async () => {
    await open({ quotas: { snapshots: 1 } });
    await create();
    now += 1000;
    await take('first');
    now += 1000;
    await expect(take('second')).rejects.toMatchObject({ name: 'SnapshotQuotaExceededFault' });
  });
});

describe('snapshots', () => {
  beforeEach(async () => {
    await open();
    await create();
    now += 1000;
  });

  it('take their time, in which the instance is backing up and the snapshot is of no use', async () => {
    expect((await take('last')).DBSnapshot).toMatchObject({ Status: 'creating', PercentProgress: 0 });
    expect(await status()).toBe('backing-up');
    const early = { name: 'InvalidDBSnapshotStateFault', $metadata: { httpStatusCode: 400 } };
    await expect(restore('copy', 'last')).rejects.toMatchObject(early);
    await expect(rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'last' }))).rejects.toMatchObject(early);
    await expect(take('another')).rejects.toMatchObject(busy);
    now += 1000;
    expect(await status()).toBe('available');
    expect(await findSnapshot('LAST')).toMatchObject({ Status: 'available', PercentProgress: 100 });
  });

  it('keep the password of their time', async () => {
    await take('last');
    now += 1000;
    await modify({ MasterUserPassword: 'battery-staple' });
    now += 1000;
    await restore('copy', 'last');
    expect(sandbox.hasPassword('copy', 'correct-horse')).toBe(true);
    expect(sandbox.hasPassword('orders', 'battery-staple')).toBe(true);
  });

  it('are 404 when they are not there, and no restored instance is smaller', async () => {
    await expect(findSnapshot('nothing')).rejects.toMatchObject({
      name: 'DBSnapshotNotFoundFault',
      message: 'DBSnapshot nothing not found.',
      $metadata: { httpStatusCode: 404 },
    });
    await modify({ AllocatedStorage: 40 });
    now += 1000;
    await take('last');
    now += 1000;
    await expect(restore('copy', 'last', { AllocatedStorage: 20 })).rejects.toThrow(
      "The allocated storage size can't be less than the source snapshot or backup size.",
    );
  });

  it('taken last keep the instance deleting until they are done', async () => {
    await remove('orders', { FinalDBSnapshotIdentifier: 'last' });
    now += 1500;
    expect(await status()).toBe('deleting');
    now += 500;
    await expect(status()).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
    expect(await findSnapshot('last')).toMatchObject({ Status: 'available', DBInstanceIdentifier: 'orders' });
  });
});

describe('read replicas', () => {
  beforeEach(async () => {
    await open();
    await create();
    now += 1000;
  });

  it('need backups of their source', async () => {
    await modify({ BackupRetentionPeriod: 0 });
    now += 1000;
    await expect(replicate('reader')).rejects.toMatchObject({
      ...busy,
      message: expect.stringMatching(/^Automated backups are not enabled for this database instance\./),
    });
  });

  it('follow the password of their source until they are promoted', async () => {
    await replicate('reader');
    now += 1000;
    await modify({ MasterUserPassword: 'battery-staple' });
    now += 1000;
    expect(sandbox.hasPassword('reader', 'battery-staple')).toBe(true);
    await promote('reader');
    now += 1000;
    expect(await find('reader')).toMatchObject({ DBInstanceStatus: 'available', BackupRetentionPeriod: 1 });
    expect((await find('reader'))?.ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
    expect((await find())?.ReadReplicaDBInstanceIdentifiers ?? []).toEqual([]);
    await modify({ MasterUserPassword: 'third-word' });
    now += 1000;
    expect(sandbox.hasPassword('reader', 'battery-staple')).toBe(true);
  });

  it('cannot be promoted when they are none, and leave no last snapshot', async () => {
    await expect(promote('orders')).rejects.toMatchObject({ ...busy, message: 'DB Instance is not a read replica.' });
    await replicate('reader');
    now += 1000;
    await expect(remove('reader', { FinalDBSnapshotIdentifier: 'last' })).rejects.toThrow(
      'FinalDBSnapshotIdentifier can not be specified when deleting a replica instance',
    );
  });

  it('live on by themselves when their source is gone', async () => {
    await replicate('reader');
    now += 1000;
    await remove('orders');
    now += 1000;
    await expect(status()).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
    expect((await find('reader'))?.ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
  });
});

it('can keep from descriptions what was just created', async () => {
  await open({ delays: { create: 0, appear: 500, snapshot: 0 } });
  await create();
  await expect(status()).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
  expect((await rds.send(new DescribeDBInstancesCommand({}))).DBInstances).toEqual([]);
  await expect(create()).rejects.toMatchObject({ name: 'DBInstanceAlreadyExistsFault' });
  await take('last');
  await expect(findSnapshot('last')).rejects.toMatchObject({ name: 'DBSnapshotNotFoundFault' });
  now += 500;
  expect(await status()).toBe('available');
  expect((await findSnapshot('last'))?.Status).toBe('available');
});

it('remembers everything that was ever created', async () => {
  await open({ delays: { create: 0, delete: 0, snapshot: 0 } });
  const Tags = [{ Key: 'owner', Value: 'uid-1' }];
  await create('orders', { Tags });
  await take('last');
  await remove('orders');
  await create('orders', { Tags });
  expect(sandbox.listCreations().map(({ what, identifier, tags }) => [what, identifier, tags.get('owner')])).toEqual([
    ['instance', 'orders', 'uid-1'],
    ['snapshot', 'last', undefined],
    ['instance', 'orders', 'uid-1'],
  ]);
});
