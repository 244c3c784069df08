import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import rdsCreate from '../../packs/aws/actions/rds_create.ts';
import rdsCreateReplica from '../../packs/aws/actions/rds_create_replica.ts';
import rdsDelete from '../../packs/aws/actions/rds_delete.ts';
import rdsDescribe from '../../packs/aws/actions/rds_describe.ts';
import rdsModify from '../../packs/aws/actions/rds_modify.ts';
import rdsPromote from '../../packs/aws/actions/rds_promote.ts';
import rdsRestore from '../../packs/aws/actions/rds_restore.ts';
import rdsSnapshot from '../../packs/aws/actions/rds_snapshot.ts';
import rdsSnapshotDelete from '../../packs/aws/actions/rds_snapshot_delete.ts';
import rdsSnapshotDescribe from '../../packs/aws/actions/rds_snapshot_describe.ts';
import rdsSnapshotList from '../../packs/aws/actions/rds_snapshot_list.ts';
import rdsWait from '../../packs/aws/actions/rds_wait.ts';
import { type RdsSandbox, startRdsSandbox } from '../../src/sandbox/index.ts';
import { motoPlace, startMoto } from '../real/moto.ts';
import { runAction } from './run-action.ts';

const backends: { name: string; start(): Promise<{ url: string; stop(): Promise<void>; sandbox?: RdsSandbox }> }[] = [
  {
    name: 'the sandbox',
    start: async () => {
      const sandbox = await startRdsSandbox({ delays: { create: 20, modify: 20, delete: 20, snapshot: 20 } });
      return { url: sandbox.url, stop: sandbox.close, sandbox };
    },
  },
  ...(motoPlace() === undefined ? [] : [{ name: 'moto', start: () => startMoto() }]),
];

describe.each(backends)('copies of instances at $name', ({ start }) => {
  let config: Record<string, unknown>;
  let stop: () => Promise<void>;
  let sandbox: RdsSandbox | undefined;
  let count = 0;
  let id: string;

  beforeAll(async () => {
    const server = await start();
    ({ stop, sandbox } = server);
    config = { endpoint: server.url, region: 'eu-west-1', access_key_id: 'AKIDTEST', secret_access_key: 'x' };
  });
  afterAll(() => stop());
  beforeEach(async () => {
    count += 1;
    id = `source-${count}`;
    await runAction(
      rdsCreate,
      {
        id,
        instance_class: 'db.t3.micro',
        allocated_storage: 20,
        master_username: 'orders',
        master_password: 'correct-horse',
        owner: 'uid-1',
        backup_retention: 1,
        multi_az: true,
        storage_type: 'gp3',
        db_name: 'orders',
        tags: { team: 'shop' },
      },
      config,
    );
    await available(id);
  });
  const available = (which: string) => runAction(rdsWait, { id: which, timeout: 10 }, config);
  const snapshot = (changes: object = {}) =>
    runAction(rdsSnapshot, { id, snapshot: `${id}-last`, owner: 'uid-1', ...changes }, config);
  const describeSnapshot = async (which = `${id}-last`) =>
    (await runAction(rdsSnapshotDescribe, { snapshot: which }, config)).result;
  const done = () =>
    expect.poll(async () => (await describeSnapshot()).snapshot?.status, { interval: 10 }).toBe('available');

  it('an instance is made with all that was asked for', async () => {
    const { result } = await runAction(rdsDescribe, { id }, config);
    expect(result.instance).toMatchObject({
      multi_az: true,
      storage_type: 'gp3',
      backup_retention: 1,
      db_name: 'orders',
      tags: { team: 'shop', 'petrel.dev/owner': 'uid-1' },
      replica_of: null,
      replicas: [],
    });
  });

  it('an instance is changed in every respect, and only where it differs', async () => {
    const change = {
      id,
      owner: 'uid-1',
      multi_az: false,
      storage_type: 'gp2',
      backup_retention: 7,
      engine_version: '8.4',
      allocated_storage: 30,
    };
    expect((await runAction(rdsModify, change, config)).result.changed).toBe(true);
    await available(id);
    const { instance } = (await runAction(rdsDescribe, { id }, config)).result;
    expect(instance).toMatchObject({
      multi_az: false,
      storage_type: 'gp2',
      backup_retention: 7,
      engine_version: expect.stringMatching(/^8\.4/),
      allocated_storage: 30,
    });
    expect((await runAction(rdsModify, change, config)).result.changed).toBe(false);
    const password = { id, owner: 'uid-1', master_password: 'battery-staple' };
    expect((await runAction(rdsModify, password, config)).result.changed).toBe(true);
    await available(id);
    expect(sandbox?.hasPassword(id, 'battery-staple') ?? true).toBe(true);
  });

  it('a snapshot is taken once, and lives on when its instance is gone', async () => {
    expect(await describeSnapshot()).toEqual({ found: false, snapshot: null });
    expect((await snapshot()).result).toMatchObject({ created: true, snapshot: { id: `${id}-last`, source: id } });
    await done();
    const again = await snapshot();
    expect(again.result).toMatchObject({ created: false, snapshot: { status: 'available', owner: 'uid-1' } });
    expect(again.log).toEqual([`info: The DB snapshot ${id}-last is there already and ours (available).`]);
    await available(id);
    await runAction(rdsDelete, { id, owner: 'uid-1' }, config);
    await runAction(rdsWait, { id, until: 'deleted', timeout: 10 }, config);
    expect((await describeSnapshot()).found).toBe(true);
    const list = async (filter: object) =>
      (await runAction(rdsSnapshotList, filter, config)).result.snapshots.map((one) => one.id);
    expect(await list({ source: id, owner: 'uid-1' })).toEqual([`${id}-last`]);
    expect(await list({ source: id, owner: 'uid-2' })).toEqual([]);
    const remove = () => runAction(rdsSnapshotDelete, { snapshot: `${id}-last`, owner: 'uid-1' }, config);
    expect((await remove()).result).toEqual({ id: `${id}-last`, existed: true });
    expect((await remove()).result).toEqual({ id: `${id}-last`, existed: false });
  });

  it('an instance is restored from a snapshot, once', async () => {
    await snapshot();
    await done();
    const wish = { id: `${id}-copy`, snapshot: `${id}-last`, owner: 'uid-2', instance_class: 'db.m5.large' };
    expect((await runAction(rdsRestore, wish, config)).result).toMatchObject({ created: true, owner: 'uid-2' });
    await available(`${id}-copy`);
    expect((await runAction(rdsRestore, wish, config)).result).toMatchObject({
      created: false,
      instance_class: 'db.m5.large',
      allocated_storage: 20,
      master_username: 'orders',
      tags: { 'petrel.dev/owner': 'uid-2' },
    });
    const missing = { ...wish, id: `${id}-other`, snapshot: 'nothing' };
    await expect(runAction(rdsRestore, missing, config)).rejects.toThrow(
      'There is no DB snapshot nothing to restore from.',
    );
  });

  it('a read replica is made once', async () => {
    const wish = { id: `${id}-reader`, source: id, owner: 'uid-2', instance_class: 'db.t3.small' };
    expect((await runAction(rdsCreateReplica, wish, config)).result).toMatchObject({ created: true, owner: 'uid-2' });
    await available(`${id}-reader`);
    expect((await runAction(rdsCreateReplica, wish, config)).result).toMatchObject({ created: false, replica_of: id });
    expect((await runAction(rdsDescribe, { id }, config)).result.instance?.replicas).toEqual([`${id}-reader`]);
    await expect(runAction(rdsPromote, { id: `${id}-reader`, owner: 'uid-3' }, config)).rejects.toThrow('is not ours');
    const promote = () => runAction(rdsPromote, { id: `${id}-reader`, owner: 'uid-2' }, config);
    expect((await promote()).result.changed).toBe(true);
    // moto goes on saying that it is a replica.
    if (sandbox === undefined) return;
    await available(`${id}-reader`);
    expect((await promote()).result).toMatchObject({ changed: false, replica_of: null });
  });

  it('nothing of somebody else is touched', async () => {
    await snapshot();
    await done();
    const refused = `The DB snapshot ${id}-last exists and is not ours: its tag petrel.dev/owner is "uid-1", not "uid-2"`;
    await expect(snapshot({ owner: 'uid-2' })).rejects.toThrow(refused);
    await expect(snapshot({ owner: undefined })).rejects.toThrow('cannot be known whether it is ours');
    const removal = runAction(rdsSnapshotDelete, { snapshot: `${id}-last`, owner: 'uid-2' }, config);
    await expect(removal).rejects.toThrow(refused);
    const taken = { id, snapshot: `${id}-last`, owner: 'uid-2', instance_class: 'db.t3.micro' };
    await expect(runAction(rdsRestore, taken, config)).rejects.toThrow(`The DB instance ${id} exists and is not ours`);
    const replica = runAction(rdsCreateReplica, { id, source: id, owner: 'uid-2' }, config);
    await expect(replica).rejects.toThrow(`The DB instance ${id} exists and is not ours`);
    const foreign = runAction(rdsSnapshot, { id, snapshot: 'another', owner: 'uid-2' }, config);
    await expect(foreign).rejects.toThrow(`The DB instance ${id} exists and is not ours`);
  });
});
