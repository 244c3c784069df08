import {
  AddTagsToResourceCommand,
  CreateDBInstanceCommand,
  type CreateDBInstanceCommandInput,
  CreateDBInstanceReadReplicaCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  ListTagsForResourceCommand,
  ModifyDBInstanceCommand,
  paginateDescribeDBInstances,
  RDSClient,
  RebootDBInstanceCommand,
  RemoveTagsFromResourceCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startRdsSandbox } from '../../../src/sandbox/index.ts';
import { motoPlace, startMoto } from '../../real/moto.ts';

/**
 * What a client may count on, whoever serves it. States pass at their own pace, so the suite waits for `available`; what only one
 * of the servers does is in that server's own tests.
 */
const backends = [
  {
    name: 'the sandbox',
    start: async () => {
      const sandbox = await startRdsSandbox({
        delays: { create: 20, modify: 20, reboot: 20, delete: 20, snapshot: 20 },
      });
      return { url: sandbox.url, stop: sandbox.close };
    },
  },
  ...(motoPlace() === undefined ? [] : [{ name: 'moto', start: startMoto }]),
];

describe.each(backends)('the RDS API of $name', ({ start }) => {
  let rds: RDSClient;
  let stop: () => Promise<void>;
  const made = new Set<string>();

  beforeAll(async () => {
    const server = await start();
    stop = server.stop;
    rds = new RDSClient({
      endpoint: server.url,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'AKIDTEST', secretAccessKey: 'x' },
      maxAttempts: 1,
    });
  });
  afterEach(async () => {
    for (const id of made)
      await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: id, SkipFinalSnapshot: true }));
    for (const id of made) await gone(id);
    made.clear();
  });
  afterAll(async () => {
    rds.destroy();
    await stop();
  });

  async function create(id: string, changes: Partial<CreateDBInstanceCommandInput> = {}) {
    const answer = await rds.send(
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
    made.add(id);
    return answer.DBInstance;
  }
  async function find(id: string) {
    const answer = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }));
    return answer.DBInstances?.[0];
  }
  const available = (id: string) =>
    expect.poll(async () => (await find(id))?.DBInstanceStatus, { interval: 10, timeout: 5000 }).toBe('available');
  const gone = (id: string) =>
    expect
      .poll(
        async () =>
          find(id).then(
            () => 'there',
            (error: Error) => error.name,
          ),
        { interval: 10, timeout: 5000 },
      )
      .toBe('DBInstanceNotFoundFault');

  it('creates an instance that becomes available with an endpoint', async () => {
    const created = await create('orders', { Port: 3307, Tags: [{ Key: 'team', Value: 'a +b= ä/c@d' }] });
    expect(created).toMatchObject({ DBInstanceIdentifier: 'orders', Engine: 'mysql', DBInstanceClass: 'db.t3.micro' });
    await available('orders');
    const found = await find('orders');
    expect(found).toMatchObject({ AllocatedStorage: 20, MasterUsername: 'orders', Endpoint: { Port: 3307 } });
    expect(found?.Endpoint?.Address).toMatch(/^orders\./);
    expect(found?.DBInstanceArn).toMatch(/^arn:aws:rds:eu-west-1:\d{12}:db:orders$/);
    expect(found?.TagList).toEqual([{ Key: 'team', Value: 'a +b= ä/c@d' }]);
  });

  it.each([
    ['mysql', 3306],
    ['postgres', 5432],
  ])('gives %s the usual port', async (engine, port) => {
    await create('usual', { Engine: engine });
    await available('usual');
    expect((await find('usual'))?.Endpoint?.Port).toBe(port);
  });

  it('never tells the master password', async () => {
    await create('discreet');
    expect(JSON.stringify(await find('discreet'))).not.toContain('correct-horse');
  });

  it('refuses to create the same identifier twice', async () => {
    await create('twice');
    await expect(create('twice')).rejects.toMatchObject({
      name: 'DBInstanceAlreadyExistsFault',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('says DBInstanceNotFound about what is not there', async () => {
    const missing = { name: 'DBInstanceNotFoundFault' };
    const id = { DBInstanceIdentifier: 'nobody' };
    await expect(rds.send(new DescribeDBInstancesCommand(id))).rejects.toMatchObject(missing);
    await expect(rds.send(new ModifyDBInstanceCommand({ ...id, AllocatedStorage: 30 }))).rejects.toMatchObject(missing);
    await expect(rds.send(new DeleteDBInstanceCommand({ ...id, SkipFinalSnapshot: true }))).rejects.toMatchObject(
      missing,
    );
  });

  it('modifies an instance', async () => {
    await create('growing');
    await available('growing');
    await rds.send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: 'growing',
        AllocatedStorage: 40,
        DBInstanceClass: 'db.m5.large',
        ApplyImmediately: true,
      }),
    );
    await expect.poll(async () => (await find('growing'))?.AllocatedStorage, { interval: 10 }).toBe(40);
    expect((await find('growing'))?.DBInstanceClass).toBe('db.m5.large');
  });

  it('reboots an instance', async () => {
    await create('tired');
    await available('tired');
    const answer = await rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'tired' }));
    expect(answer.DBInstance?.DBInstanceIdentifier).toBe('tired');
    await available('tired');
  });

  it('deletes an instance', async () => {
    await create('ephemeral');
    await available('ephemeral');
    const command = new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'ephemeral', SkipFinalSnapshot: true });
    const answer = await rds.send(command);
    made.delete('ephemeral');
    expect(answer.DBInstance?.DBInstanceStatus).toBe('deleting');
    await gone('ephemeral');
  });

  it('adds, lists and removes tags', async () => {
    const ResourceName = (await create('tagged', { Tags: [{ Key: 'a', Value: '1' }] }))?.DBInstanceArn;
    await rds.send(
      new AddTagsToResourceCommand({
        ResourceName,
        Tags: [
          { Key: 'b', Value: '2' },
          { Key: 'a', Value: '3' },
        ],
      }),
    );
    const both = await rds.send(new ListTagsForResourceCommand({ ResourceName }));
    expect(new Map(both.TagList?.map((tag) => [tag.Key, tag.Value]))).toEqual(
      new Map([
        ['a', '3'],
        ['b', '2'],
      ]),
    );
    await rds.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ['a'] }));
    expect((await find('tagged'))?.TagList).toEqual([{ Key: 'b', Value: '2' }]);
  });

  it('lists in pages and by filter', async () => {
    const ids = Array.from({ length: 23 }, (_, index) => `page-${String(index).padStart(2, '0')}`);
    for (const id of ids) await create(id);
    const pages: (string | undefined)[][] = [];
    for await (const page of paginateDescribeDBInstances({ client: rds, pageSize: 20 }, {})) {
      pages.push((page.DBInstances ?? []).map((instance) => instance.DBInstanceIdentifier));
    }
    expect(pages.map((page) => page.length)).toEqual([20, 3]);
    expect(pages.flat().sort()).toEqual(ids);
    const filtered = await rds.send(
      new DescribeDBInstancesCommand({
        Filters: [{ Name: 'db-instance-id', Values: ['page-03', 'page-21', 'nobody'] }],
      }),
    );
    expect(filtered.DBInstances?.map((instance) => instance.DBInstanceIdentifier)).toEqual(['page-03', 'page-21']);
  });

  describe('snapshots', () => {
    const taken = new Set<string>();
    afterEach(async () => {
      for (const id of taken) await rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: id }));
      taken.clear();
    });

    async function take(id: string, snapshot: string, tags: { Key: string; Value: string }[] = []) {
      const command = new CreateDBSnapshotCommand({
        DBInstanceIdentifier: id,
        DBSnapshotIdentifier: snapshot,
        Tags: tags,
      });
      const { DBSnapshot } = await rds.send(command);
      taken.add(snapshot);
      await expect
        .poll(async () => (await findSnapshot(snapshot))?.Status, { interval: 10, timeout: 5000 })
        .toBe('available');
      return DBSnapshot;
    }
    async function findSnapshot(id: string) {
      const answer = await rds.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id }));
      return answer.DBSnapshots?.[0];
    }
    const missing = { name: 'DBSnapshotNotFoundFault' };

    it('are taken, described with their tags, and deleted', async () => {
      await create('snapped', { AllocatedStorage: 30 });
      await available('snapped');
      const began = await take('snapped', 'snap-1', [{ Key: 'team', Value: 'shop' }]);
      expect(began).toMatchObject({ DBSnapshotIdentifier: 'snap-1', DBInstanceIdentifier: 'snapped' });
      expect(await findSnapshot('snap-1')).toMatchObject({
        Engine: 'mysql',
        AllocatedStorage: 30,
        MasterUsername: 'orders',
        SnapshotType: 'manual',
        TagList: [{ Key: 'team', Value: 'shop' }],
        DBSnapshotArn: expect.stringMatching(/^arn:aws:rds:eu-west-1:\d{12}:snapshot:snap-1$/),
        SnapshotCreateTime: expect.any(Date),
      });
      const ofIt = await rds.send(
        new DescribeDBSnapshotsCommand({ DBInstanceIdentifier: 'snapped', SnapshotType: 'manual' }),
      );
      expect(ofIt.DBSnapshots?.map((one) => one.DBSnapshotIdentifier)).toEqual(['snap-1']);
      await rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'snap-1' }));
      taken.delete('snap-1');
      await expect(findSnapshot('snap-1')).rejects.toMatchObject(missing);
    });

    it('are not taken twice, nor of what is not there', async () => {
      await create('snapped');
      await available('snapped');
      await take('snapped', 'snap-2');
      await available('snapped');
      await expect(take('snapped', 'snap-2')).rejects.toMatchObject({ name: 'DBSnapshotAlreadyExistsFault' });
      await expect(take('nobody', 'snap-3')).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
      await expect(rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'snap-3' }))).rejects.toMatchObject(
        missing,
      );
    });

    it('outlive their instance, and another is restored from them', async () => {
      await create('lost', { AllocatedStorage: 30 });
      await available('lost');
      made.delete('lost');
      await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'lost', FinalDBSnapshotIdentifier: 'last' }));
      taken.add('last');
      await gone('lost');
      const restore = (id: string, DBSnapshotIdentifier = 'last') =>
        rds.send(
          new RestoreDBInstanceFromDBSnapshotCommand({
            DBInstanceIdentifier: id,
            DBSnapshotIdentifier,
            DBInstanceClass: 'db.m5.large',
            Tags: [{ Key: 'a', Value: 'b' }],
          }),
        );
      await expect.poll(async () => (await findSnapshot('last'))?.Status, { interval: 10 }).toBe('available');
      await restore('found');
      made.add('found');
      await available('found');
      expect(await find('found')).toMatchObject({
        Engine: 'mysql',
        AllocatedStorage: 30,
        DBInstanceClass: 'db.m5.large',
        MasterUsername: 'orders',
        TagList: [{ Key: 'a', Value: 'b' }],
      });
      await expect(restore('found')).rejects.toMatchObject({ name: 'DBInstanceAlreadyExistsFault' });
      await expect(restore('other', 'nothing')).rejects.toMatchObject(missing);
    });
  });

  it('makes read replicas', async () => {
    await create('source', { BackupRetentionPeriod: 1 });
    await available('source');
    await rds.send(
      new CreateDBInstanceReadReplicaCommand({
        DBInstanceIdentifier: 'reader',
        SourceDBInstanceIdentifier: 'source',
        DBInstanceClass: 'db.t3.small',
        Tags: [{ Key: 'a', Value: 'b' }],
      }),
    );
    await available('reader');
    expect(await find('reader')).toMatchObject({
      ReadReplicaSourceDBInstanceIdentifier: 'source',
      DBInstanceClass: 'db.t3.small',
      Engine: 'mysql',
      TagList: [{ Key: 'a', Value: 'b' }],
    });
    expect((await find('source'))?.ReadReplicaDBInstanceIdentifiers).toEqual(['reader']);
    await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'reader', SkipFinalSnapshot: true }));
    await gone('reader');
    expect((await find('source'))?.ReadReplicaDBInstanceIdentifiers ?? []).toEqual([]);
    const ofNobody = new CreateDBInstanceReadReplicaCommand({
      DBInstanceIdentifier: 'reader',
      SourceDBInstanceIdentifier: 'nobody',
    });
    await expect(rds.send(ofNobody)).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
  });
});
