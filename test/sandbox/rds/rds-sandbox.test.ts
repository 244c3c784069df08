import {
  AddTagsToResourceCommand,
  CreateDBInstanceCommand,
  type CreateDBInstanceCommandInput,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  DescribeEventsCommand,
  ModifyDBInstanceCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RdsSandbox, startRdsSandbox } from '../../../src/sandbox/index.ts';

let sandbox: RdsSandbox;
let rds: RDSClient;
let now: number;

beforeEach(async () => {
  now = 1_480_000_000_000;
  sandbox = await startRdsSandbox({ clock: () => now, quotas: { storage: 100 } });
  const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'x' };
  rds = new RDSClient({ endpoint: sandbox.url, region: 'eu-west-1', credentials, maxAttempts: 1 });
});
afterEach(async () => {
  rds.destroy();
  await sandbox.close();
});

const specification: CreateDBInstanceCommandInput = {
  DBInstanceIdentifier: 'orders',
  Engine: 'mysql',
  DBInstanceClass: 'db.t3.micro',
  AllocatedStorage: 20,
  MasterUsername: 'orders',
  MasterUserPassword: 'correct-horse',
};
const create = (changes: Partial<CreateDBInstanceCommandInput> = {}) =>
  rds.send(new CreateDBInstanceCommand({ ...specification, ...changes }));
const status = async () => {
  const answer = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'orders' }));
  return answer.DBInstances?.[0]?.DBInstanceStatus;
};
const modify = (changes: object) =>
  rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'orders', ...changes }));
const remove = (changes: object = { SkipFinalSnapshot: true }) =>
  rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'orders', ...changes }));

describe('the life of an instance', () => {
  it('goes from creating to available, and has an endpoint only then', async () => {
    expect((await create()).DBInstance).toMatchObject({ DBInstanceStatus: 'creating' });
    now += 999;
    expect(await status()).toBe('creating');
    expect((await rds.send(new DescribeDBInstancesCommand({}))).DBInstances?.[0]?.Endpoint).toBeUndefined();
    now += 1;
    expect(await status()).toBe('available');
    const [instance] = (await rds.send(new DescribeDBInstancesCommand({}))).DBInstances ?? [];
    expect(instance?.Endpoint).toMatchObject({ Address: 'orders.rds.localhost', Port: 3306 });
  });

  it('takes mariadb too', async () => {
    await create({ Engine: 'mariadb' });
    expect(sandbox.listInstances()).toMatchObject([{ engine: 'mariadb', port: 3306, engineVersion: '10.11.10' }]);
  });

  it('shows a change as pending while it is modifying, and as done afterwards', async () => {
    await create();
    now += 1000;
    const { DBInstance } = await modify({ AllocatedStorage: 40, ApplyImmediately: true });
    expect(DBInstance).toMatchObject({
      DBInstanceStatus: 'modifying',
      AllocatedStorage: 20,
      PendingModifiedValues: { AllocatedStorage: 40 },
    });
    now += 1000;
    expect(await status()).toBe('available');
    expect(sandbox.listInstances()).toMatchObject([{ allocatedStorage: 40, pending: {} }]);
  });

  it('leaves a change for the maintenance window when it is not to be applied at once', async () => {
    await create();
    now += 1000;
    await modify({ AllocatedStorage: 40 });
    now += 100_000;
    expect(sandbox.listInstances()).toMatchObject([
      { status: 'available', allocatedStorage: 20, pending: { allocatedStorage: 40 } },
    ]);
  });

  it('goes from deleting to gone', async () => {
    await create();
    await remove();
    expect(await status()).toBe('deleting');
    now += 1000;
    // 404 as AWS documents it; moto answers 400.
    await expect(status()).rejects.toMatchObject({
      name: 'DBInstanceNotFoundFault',
      $metadata: { httpStatusCode: 404 },
    });
    expect(sandbox.listInstances()).toEqual([]);
  });

  it('tells of a password that was reset, when that is done, to whoever asks for that time and kind', async () => {
    await create();
    now += 1000;
    await modify({ MasterUserPassword: 'battery-staple' });
    const events = async (asked: object = {}) =>
      (await rds.send(new DescribeEventsCommand({ SourceType: 'db-instance', ...asked }))).Events ?? [];
    expect(await events()).toEqual([]);
    now += 3_600_000;
    expect(await events({ Duration: 61 })).toMatchObject([
      {
        SourceIdentifier: 'orders',
        Message: 'Reset master credentials',
        EventCategories: ['configuration change'],
        Date: new Date(now - 3_599_000),
      },
    ]);
    expect(await events({ Duration: 59 })).toEqual([]);
    expect(await events({ Duration: 61, EventCategories: ['backup'] })).toEqual([]);
    expect(await events({ Duration: 61, SourceIdentifier: 'other' })).toEqual([]);
    await expect(events({ SourceIdentifier: 'orders', SourceType: undefined })).rejects.toThrow('SourceType must be');
  });

  it('can say whether a password is the right one, also after a change', async () => {
    await create();
    expect(sandbox.hasPassword('orders', 'correct-horse')).toBe(true);
    now += 1000;
    const { DBInstance } = await modify({ MasterUserPassword: 'battery-staple' });
    expect(DBInstance).toMatchObject({
      DBInstanceStatus: 'resetting-master-credentials',
      PendingModifiedValues: { MasterUserPassword: '****' },
    });
    expect(sandbox.hasPassword('orders', 'correct-horse')).toBe(true);
    expect(sandbox.hasPassword('orders', 'battery-staple')).toBe(false);
    now += 1000;
    expect(await status()).toBe('available');
    expect(sandbox.hasPassword('orders', 'correct-horse')).toBe(false);
    expect(sandbox.hasPassword('orders', 'battery-staple')).toBe(true);
    expect(sandbox.hasPassword('nobody', 'battery-staple')).toBe(false);
  });
});

describe('what RDS refuses', () => {
  it.each<[string, Partial<CreateDBInstanceCommandInput>, string, RegExp]>([
    [
      'an identifier that starts with a digit',
      { DBInstanceIdentifier: '1orders' },
      'InvalidParameterValue',
      /valid identifier/,
    ],
    [
      'an identifier with two hyphens in a row',
      { DBInstanceIdentifier: 'or--ders' },
      'InvalidParameterValue',
      /valid identifier/,
    ],
    [
      'an identifier that ends in a hyphen',
      { DBInstanceIdentifier: 'orders-' },
      'InvalidParameterValue',
      /valid identifier/,
    ],
    [
      'an identifier with an underscore',
      { DBInstanceIdentifier: 'or_ders' },
      'InvalidParameterValue',
      /valid identifier/,
    ],
    [
      'an identifier of 64 letters',
      { DBInstanceIdentifier: 'a'.repeat(64) },
      'InvalidParameterValue',
      /longer than 63/,
    ],
    ['an engine it does not have', { Engine: 'dbase' }, 'InvalidParameterValue', /Invalid DB engine/],
    [
      'an instance class of no form',
      { DBInstanceClass: 'huge' },
      'InvalidParameterValue',
      /Invalid DB Instance class: huge/,
    ],
    ['too little storage', { AllocatedStorage: 5 }, 'InvalidParameterCombination', /Invalid storage size/],
    ['more storage than the quota', { AllocatedStorage: 101 }, 'StorageQuotaExceeded', /quota/],
    ['a short password', { MasterUserPassword: 'seven77' }, 'InvalidParameterValue', /shorter than 8/],
    [
      'a password longer than the engine takes',
      { MasterUserPassword: 'a'.repeat(42) },
      'InvalidParameterValue',
      /longer than 41/,
    ],
    ['a password with a slash', { MasterUserPassword: 'slash/slash' }, 'InvalidParameterValue', /printable ASCII/],
    ['a reserved user name', { MasterUsername: 'rdsadmin' }, 'InvalidParameterValue', /reserved word/],
    ['a port out of range', { Port: 22 }, 'InvalidParameterValue', /1150/],
    ['no password at all', { MasterUserPassword: undefined }, 'MissingParameter', /MasterUserPassword/],
    [
      'a tag with characters that AWS does not take',
      { Tags: [{ Key: 'team', Value: 'a <b>' }] },
      'InvalidParameterValue',
      /characters other than/,
    ],
    [
      'a version that the engine does not have',
      { EngineVersion: '9.9' },
      'InvalidParameterCombination',
      /^Cannot find version 9.9 for mysql$/,
    ],
    [
      'backups for longer than it keeps them',
      { BackupRetentionPeriod: 36 },
      'InvalidParameterValue',
      /between 0 and 35/,
    ],
    ['a tag of AWS', { Tags: [{ Key: 'aws:x', Value: '' }] }, 'InvalidParameterValue', /reserved/],
    [
      'a parameter the sandbox would have to ignore',
      { Timezone: 'UTC' },
      'InvalidParameterValue',
      /does not support.*Timezone/,
    ],
  ])('%s', async (_, changes, code, message) => {
    await expect(create(changes)).rejects.toMatchObject({
      name: expect.stringMatching(new RegExp(`^${code}(Fault)?$`)),
      message: expect.stringMatching(message),
      $metadata: { httpStatusCode: 400 },
    });
    expect(sandbox.listInstances()).toEqual([]);
  });

  it('changing or deleting with a snapshot while it is creating', async () => {
    await create();
    const busy = { name: 'InvalidDBInstanceStateFault', $metadata: { httpStatusCode: 400 } };
    await expect(modify({ AllocatedStorage: 40 })).rejects.toMatchObject(busy);
    await expect(remove({ FinalDBSnapshotIdentifier: 'last' })).rejects.toMatchObject(busy);
  });

  it('deleting twice', async () => {
    await create();
    await remove();
    await expect(remove()).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
  });

  it('deleting without saying what becomes of the data, or saying both', async () => {
    await create();
    now += 1000;
    for (const unclear of [{}, { SkipFinalSnapshot: true, FinalDBSnapshotIdentifier: 'last' }]) {
      await expect(remove(unclear)).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
    }
    await remove({ FinalDBSnapshotIdentifier: 'last' });
    expect(sandbox.listSnapshots()).toMatchObject([{ identifier: 'last', source: { identifier: 'orders' } }]);
  });

  it('deleting what is protected', async () => {
    await create({ DeletionProtection: true });
    now += 1000;
    await expect(remove()).rejects.toMatchObject({ message: expect.stringContaining('protected') });
    await modify({ DeletionProtection: false, ApplyImmediately: true });
    now += 1000;
    await remove();
  });

  it('less storage than there is', async () => {
    await create({ AllocatedStorage: 40 });
    now += 1000;
    await expect(modify({ AllocatedStorage: 20 })).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
      message: 'Requested storage size (20) cannot be less than the current storage size (40).',
    });
  });

  it('pages of fewer than 20, and filters it does not know', async () => {
    await expect(rds.send(new DescribeDBInstancesCommand({ MaxRecords: 5 }))).rejects.toThrow(
      'Must be between 20 and 100',
    );
    const filter = new DescribeDBInstancesCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] });
    await expect(rds.send(filter)).rejects.toThrow('Unrecognized filter name: colour');
  });

  it('tags on what is no instance', async () => {
    const tag = (ResourceName: string) =>
      rds.send(new AddTagsToResourceCommand({ ResourceName, Tags: [{ Key: 'a', Value: 'b' }] }));
    await expect(tag('orders')).rejects.toThrow('Invalid resource name');
    await expect(tag('arn:aws:rds:eu-west-1:123456789012:db:orders')).rejects.toMatchObject({
      name: 'DBInstanceNotFoundFault',
    });
  });

  it.each([
    ['no signature', {}, 'MissingAuthenticationToken'],
    ['a signature of another form', { authorization: 'Basic YTpi' }, 'IncompleteSignature'],
  ])('a request with %s', async (_, headers, code) => {
    const body = 'Action=DescribeDBInstances&Version=2014-10-31';
    const response = await fetch(sandbox.url, { method: 'POST', body, headers });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain(`<Error><Type>Sender</Type><Code>${code}</Code><Message>`);
  });
});

describe('identifiers', () => {
  it('are kept in lower case and found in any', async () => {
    await create({ DBInstanceIdentifier: 'Orders' });
    expect(sandbox.listInstances()).toMatchObject([{ identifier: 'orders' }]);
    const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'ORDERS' }));
    expect(DBInstances).toHaveLength(1);
  });
});

describe('trouble on request', () => {
  it('answers an error a number of times, to one action only', async () => {
    sandbox.faults.fail({ status: 503, code: 'ServiceUnavailable', count: 2, action: 'CreateDBInstance' });
    for (const _ of [1, 2]) {
      await expect(create()).rejects.toMatchObject({ name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } });
      expect((await rds.send(new DescribeDBInstancesCommand({}))).DBInstances).toEqual([]);
    }
    await create();
  });

  it('answers an error for a number of seconds', async () => {
    sandbox.faults.fail({ status: 400, code: 'Throttling', message: 'Rate exceeded', seconds: 5 });
    now += 4999;
    await expect(create()).rejects.toMatchObject({ name: 'Throttling', message: 'Rate exceeded' });
    now += 1;
    await create();
  });

  it('does what was asked and loses the answer', async () => {
    sandbox.faults.loseAnswers({ action: 'CreateDBInstance' });
    await expect(create()).rejects.toMatchObject({ $metadata: expect.not.objectContaining({ httpStatusCode: 200 }) });
    expect(sandbox.listInstances()).toHaveLength(1);
  });

  it('goes away and comes back with everything', async () => {
    await create();
    await sandbox.stop();
    await expect(status()).rejects.toMatchObject({ code: expect.stringMatching(/^ECONN(REFUSED|RESET)$/) });
    await sandbox.start();
    expect(await status()).toBe('creating');
  });
});
