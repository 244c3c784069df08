import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import rdsCreate from '../../packs/aws/actions/rds_create.ts';
import rdsCreateReplica from '../../packs/aws/actions/rds_create_replica.ts';
import rdsDelete from '../../packs/aws/actions/rds_delete.ts';
import rdsDescribe from '../../packs/aws/actions/rds_describe.ts';
import rdsList from '../../packs/aws/actions/rds_list.ts';
import rdsModify from '../../packs/aws/actions/rds_modify.ts';
import rdsPromote from '../../packs/aws/actions/rds_promote.ts';
import rdsRestore from '../../packs/aws/actions/rds_restore.ts';
import rdsSnapshot from '../../packs/aws/actions/rds_snapshot.ts';
import rdsSnapshotDelete from '../../packs/aws/actions/rds_snapshot_delete.ts';
import rdsSnapshotDescribe from '../../packs/aws/actions/rds_snapshot_describe.ts';
import { type RdsSandbox, startRdsSandbox } from '../../src/sandbox/index.ts';
import { type ActionDefinition, isTransientError, type z } from '../../src/sdk/index.ts';
import { runAction } from './run-action.ts';

let sandbox: RdsSandbox;
let now: number;
let keys: Map<string, string>;

beforeEach(async () => {
  now = 1_480_000_000_000;
  keys = new Map();
  const delays = { create: 0, modify: 100, delete: 0, snapshot: 0, appear: 500 };
  sandbox = await startRdsSandbox({ clock: () => now, delays });
});
afterEach(() => sandbox.close());

/** Runs an action with the datastore as the runs before have left it. */
async function run<Input extends z.ZodObject, Output extends z.ZodType>(
  action: ActionDefinition<Input, Output>,
  input: z.input<Input>,
): Promise<z.output<Output>> {
  const config = { endpoint: sandbox.url, access_key_id: 'AKIDTEST', secret_access_key: 'x' };
  return (await runAction(action, input, config, undefined, keys)).result;
}
const trouble = async (attempt: Promise<unknown>): Promise<string> => {
  const error = await attempt.then(
    () => 'nothing',
    (thrown: unknown) => thrown,
  );
  return `${isTransientError(error) ? 'transient: ' : ''}${error instanceof Error ? error.message : error}`;
};
const specification = {
  id: 'orders',
  instance_class: 'db.t3.micro',
  allocated_storage: 20,
  master_username: 'orders',
  master_password: 'correct-horse',
  owner: 'uid-1',
};
const create = (changes: object = {}) => run(rdsCreate, { ...specification, ...changes });

describe('an instance that RDS does not show yet', () => {
  const unseen =
    'transient: RDS does not show the DB instance orders, whose creation was asked for less than 60 seconds ago: it may be there all the same.';

  it('is not taken for one that is gone', async () => {
    await create();
    expect(await trouble(run(rdsDescribe, { id: 'orders' }))).toBe(unseen);
    expect(await trouble(run(rdsDelete, { id: 'orders', owner: 'uid-1' }))).toBe(unseen);
    expect(await trouble(run(rdsModify, { id: 'orders', allocated_storage: 40 }))).toBe(unseen);
    now += 500;
    expect((await run(rdsDescribe, { id: 'orders' })).exists).toBe(true);
    expect(keys.size).toBe(0);
    await run(rdsDelete, { id: 'orders', owner: 'uid-1' });
    expect(await run(rdsDescribe, { id: 'orders' })).toEqual({ exists: false, instance: null });
  });

  it('is not created again, and is taken when it appears', async () => {
    await create();
    expect(await trouble(create())).toBe(
      'transient: The DB instance orders exists already, and RDS does not describe it yet.',
    );
    now += 500;
    expect(await create()).toMatchObject({ created: false, owner: 'uid-1' });
    expect(sandbox.listCreations()).toHaveLength(1);
    expect(keys.size).toBe(0);
  });

  it('is known of even when the answer to its creation was lost', async () => {
    sandbox.faults.loseAnswers({ action: 'CreateDBInstance', count: 2 });
    expect(await trouble(create())).toMatch(/^transient: /);
    expect(sandbox.listInstances()).toHaveLength(1);
    expect(await trouble(run(rdsDelete, { id: 'orders', owner: 'uid-1' }))).toBe(unseen);
  });

  it('is known of when Petrel died between request and answer', async () => {
    await create();
    keys = new Map([...keys].filter(([name]) => name === 'aws.announced.instance.orders'));
    expect(await trouble(run(rdsDelete, { id: 'orders', owner: 'uid-1' }))).toBe(unseen);
  });

  it('is not waited for when RDS has refused to create it', async () => {
    expect(await trouble(create({ instance_class: 'huge' }))).toMatch(/InvalidParameterValue/);
    expect(keys.size).toBe(0);
    expect(await run(rdsDelete, { id: 'orders' })).toMatchObject({ existed: false });
  });
});

describe('a snapshot that RDS does not show yet', () => {
  it('is neither taken for gone nor taken twice', async () => {
    await create();
    now += 500;
    await run(rdsSnapshot, { id: 'orders', snapshot: 'last', owner: 'uid-1' });
    const unseen = /^transient: RDS does not show the DB snapshot last,/;
    expect(await trouble(run(rdsSnapshotDescribe, { snapshot: 'last' }))).toMatch(unseen);
    expect(await trouble(run(rdsSnapshotDelete, { snapshot: 'last' }))).toMatch(unseen);
    expect(await trouble(run(rdsRestore, { id: 'copy', snapshot: 'last' }))).toMatch(unseen);
    expect(await trouble(run(rdsSnapshot, { id: 'orders', snapshot: 'last', owner: 'uid-1' }))).toBe(
      'transient: The DB snapshot last exists already, and RDS does not describe it yet.',
    );
    now += 500;
    expect(await run(rdsSnapshotDescribe, { snapshot: 'last' })).toMatchObject({ found: true });
    expect(sandbox.listSnapshots()).toHaveLength(1);
  });
});

describe('answers that get lost', () => {
  beforeEach(async () => {
    await create();
    now += 500;
  });

  it('of a snapshot: one, found again by its tag', async () => {
    sandbox.faults.loseAnswers({ action: 'CreateDBSnapshot' });
    await trouble(run(rdsSnapshot, { id: 'orders', snapshot: 'last', owner: 'uid-1' }));
    now += 500;
    expect(await run(rdsSnapshot, { id: 'orders', snapshot: 'last', owner: 'uid-1' })).toMatchObject({
      created: false,
    });
    expect(sandbox.listSnapshots()).toHaveLength(1);
  });

  it('of a change: it is under way', async () => {
    sandbox.faults.loseAnswers({ action: 'ModifyDBInstance' });
    expect(await run(rdsModify, { id: 'orders', allocated_storage: 40, owner: 'uid-1' })).toMatchObject({
      changed: true,
      status: 'modifying',
      pending: ['AllocatedStorage'],
    });
  });

  it('of a new password: the right one holds in the end', async () => {
    sandbox.faults.loseAnswers({ action: 'ModifyDBInstance' });
    const change = { id: 'orders', master_password: 'battery-staple', owner: 'uid-1' };
    expect(await trouble(run(rdsModify, change))).toMatch(/^transient: /);
    now += 100;
    expect((await run(rdsModify, change)).changed).toBe(true);
    now += 100;
    expect(sandbox.hasPassword('orders', 'battery-staple')).toBe(true);
  });

  it('of a replica and of its promotion', async () => {
    const wish = { id: 'reader', source: 'orders', owner: 'uid-2' };
    sandbox.faults.loseAnswers({ action: 'CreateDBInstanceReadReplica' });
    await trouble(run(rdsCreateReplica, wish));
    now += 500;
    expect(await run(rdsCreateReplica, wish)).toMatchObject({ created: false, replica_of: 'orders' });
    sandbox.faults.loseAnswers({ action: 'PromoteReadReplica' });
    expect(await run(rdsPromote, { id: 'reader', owner: 'uid-2' })).toMatchObject({ changed: true, replica_of: null });
    expect(sandbox.listCreations()).toHaveLength(2);
  });

  it('of the deletion of a snapshot', async () => {
    await run(rdsSnapshot, { id: 'orders', snapshot: 'last', owner: 'uid-1' });
    now += 500;
    sandbox.faults.loseAnswers({ action: 'DeleteDBSnapshot' });
    expect(await run(rdsSnapshotDelete, { snapshot: 'last', owner: 'uid-1' })).toEqual({ id: 'last', existed: true });
  });
});

describe('what must wait', () => {
  beforeEach(async () => {
    await create({ backup_retention: 0 });
    now += 500;
  });

  it('is tried again, with the reason', async () => {
    await run(rdsModify, { id: 'orders', allocated_storage: 40 });
    expect(await trouble(run(rdsSnapshot, { id: 'orders', snapshot: 'last', owner: 'uid-1' }))).toBe(
      'transient: No snapshot of the DB instance orders can be taken while it is modifying.',
    );
    expect(await trouble(run(rdsModify, { id: 'orders', instance_class: 'db.m5.large' }))).toBe(
      'transient: The DB instance orders cannot be changed while it is modifying.',
    );
  });

  it('is not tried again where waiting does not help', async () => {
    expect(await trouble(run(rdsCreateReplica, { id: 'reader', source: 'orders', owner: 'uid-2' }))).toBe(
      'The DB instance orders keeps no backups, and so has no replicas: give it a backup_retention by aws.rds_modify first.',
    );
    expect(await trouble(run(rdsModify, { id: 'orders', allocated_storage: 10 }))).toMatch(
      /^Changing the DB instance orders failed: RDS answered InvalidParameterCombination/,
    );
    expect(await trouble(run(rdsModify, { id: 'nobody', allocated_storage: 40 }))).toBe(
      'There is no DB instance nobody to change.',
    );
  });
});

describe('what is no difference', () => {
  it('is not asked of RDS', async () => {
    await create({ engine_version: '8.0', allocated_storage: 22 });
    now += 500;
    sandbox.faults.fail({ status: 500, action: 'ModifyDBInstance', count: 10 });
    const change = { id: 'orders', engine_version: '8.0', allocated_storage: 21, instance_class: 'db.t3.micro' };
    expect((await run(rdsModify, change)).changed).toBe(false);
  });
});

describe('tags', () => {
  it('are refused before AWS is asked, with what is wrong', async () => {
    await expect(create({ owner: 'a<b' })).rejects.toThrow('only letters, digits, blanks');
    await expect(create({ owner: 'a'.repeat(257) })).rejects.toThrow('256');
    await expect(create({ tags: { team: 'a&b' } })).rejects.toThrow('only letters, digits, blanks');
    expect(await create({ owner: 'petrel/databases.petrel.dev/MysqlDb/shop/ä b/uid=1+1@x' })).toMatchObject({
      created: true,
    });
  });

  it('come with the list: one call for a page of a hundred', async () => {
    for (let index = 0; index < 120; index += 1) await create({ id: `db-${index}`, owner: `uid-${index}` });
    now += 500;
    sandbox.faults.fail({ status: 500, count: 100, action: 'ListTagsForResource' });
    sandbox.faults.delay(0, { count: 2, action: 'DescribeDBInstances' });
    sandbox.faults.fail({ status: 400, code: 'Forbidden', count: 100, action: 'DescribeDBInstances' });
    const { instances } = await run(rdsList, {});
    expect(new Set(instances.map(({ owner }) => owner)).size).toBe(120);
  });
});
