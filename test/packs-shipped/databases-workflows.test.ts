import { describe, expect, it } from 'vitest';
import ensureWorkflow from '../../packs/databases/actions/ensure.ts';
import rdsEnsure from '../../packs/databases/actions/rds_ensure.ts';
import rdsRemove from '../../packs/databases/actions/rds_remove.ts';
import { readApplied } from '../../packs/databases/lib/applied.ts';
import { instanceId } from '../../packs/databases/lib/names.ts';
import { type Datastore, testWorkflow } from '../../src/sdk/index.ts';

const owner = { name: 'shop-orders-12345678', tag: 'petrel/c/databases.mysqldb/shop/orders/uid' };
const ID = 'db-shop-orders-12345678';
const KEY = 'databases.uid.password.abc';
const config = { waits: { first: 2, longest: 30, limit: 3600 } };

const instance = (more: object = {}) => ({
  result: {
    exists: true,
    instance: {
      id: ID,
      status: 'available',
      engine: 'mysql',
      engine_version: '8.0.40',
      instance_class: 'db.t3.small',
      allocated_storage: 20,
      master_username: 'petrel',
      db_name: 'app',
      host: 'h.example',
      port: 3306,
      owner: owner.tag,
      replica_of: null,
      pending: [],
      ...more,
    },
  },
});
const NOTHING = { result: { exists: false, instance: null } };
const changed = (yes: boolean) => ({ result: { changed: yes } });

const input = {
  owner,
  uid: 'uid',
  id: ID,
  engine: 'mysql' as const,
  instance: { instance_class: 'db.t3.small' },
  storage_gb: 20,
  username: 'petrel',
  rotation: '',
  password_key: KEY,
  restore_from: null,
  replica_of: null,
};
const ensure = (look: readonly object[], more: object = {}, modify: object = changed(false), keys: object = {}) =>
  testWorkflow(rdsEnsure, {
    input: { ...input, ...more },
    config,
    keys: { [KEY]: 'the password', ...keys },
    outcomes: { look, modify, create: {}, restore: {}, replicate: {}, promote: {} },
  });
const told = (key: string) => ({ 'databases.uid.applied': `1 ${key}` });
const applied = ({ context }: { context: { datastore: Datastore } }) => readApplied(context.datastore, 'uid');
const namesOf = ({ calls }: { calls: readonly { kind: string; name: string }[] }) =>
  calls.filter(({ kind }) => kind === 'child').map(({ name }) => name);

describe('an instance on RDS', () => {
  it('is created, and waited for by timers that grow', async () => {
    const creating = instance({ status: 'creating', host: null, port: null });
    const run = await ensure([NOTHING, creating, creating, creating, instance()]);
    expect(run.result).toMatchObject({ host: 'h.example', port: 3306, database: 'app', password_key: KEY });
    const sleeps = run.calls.flatMap(({ kind, seconds }) => (kind === 'sleep' ? [seconds] : []));
    expect(sleeps).toEqual([2, 3, 4.5, 6.75]);
    expect(namesOf(run)).toEqual(['look', 'create', 'look', 'look', 'look', 'look', 'modify']);
    expect(run.calls.find(({ name }) => name === 'create')?.input).toMatchObject({
      master_password: 'the password',
      owner: owner.tag,
      db_name: 'app',
    });
    expect(JSON.stringify(run.result)).not.toContain('the password');
  });

  it('is told its password again when it is not known that it was', async () => {
    const run = await ensure([instance(), instance()], {}, changed(true));
    expect(run.calls.find(({ name }) => name === 'modify')?.input).toMatchObject({ master_password: 'the password' });
    expect(await applied(run)).toMatchObject({ key: KEY, at: expect.any(Number) });
  });

  it('is told it once more when nobody knows whether it took another one', async () => {
    const cut = await ensure([instance()], {}, new Error('lost'), told('other'));
    expect(await applied(cut)).toMatchObject({ key: '' });
  });

  it('is left alone when it is as wished', async () => {
    const run = await ensure([instance()], {}, changed(false), told(KEY));
    expect(namesOf(run)).toEqual(['look', 'modify']);
    expect(run.calls.find(({ name }) => name === 'modify')?.input).not.toHaveProperty('master_password');
  });

  it('keeps storage that it has beyond what is wished', async () => {
    const run = await ensure([instance({ allocated_storage: 50 })], {}, changed(false), told(KEY));
    expect(run.calls.find(({ name }) => name === 'modify')?.input).toMatchObject({ allocated_storage: 50 });
    expect(run.result).toMatchObject({ storage_gb: 50 });
  });

  it.each([
    ['8.0', undefined],
    ['8.4', '8.4'],
  ])('of version 8.0.40 that is to be %s is told %s', async (engine_version, told) => {
    const seen = [instance(), instance({ engine_version: '8.4.3' })];
    const run = await ensure(seen, { engine_version }, changed(told !== undefined));
    const given: { engine_version?: string } = run.calls.find(({ name }) => name === 'modify')?.input ?? {};
    expect(given.engine_version).toBe(told);
  });

  it('waits for one that is being deleted, and is made anew', async () => {
    const run = await ensure([instance({ status: 'deleting' }), NOTHING, instance()]);
    expect(namesOf(run)).toEqual(['look', 'look', 'create', 'look', 'modify']);
  });

  it('begins from a snapshot or another instance', async () => {
    const restored = await ensure([NOTHING, instance(), instance()], { restore_from: 'old' }, changed(true));
    expect(namesOf(restored)).toContain('restore');
    const source = { id: 'db-source', uid: 'other' };
    const copied = await ensure([NOTHING, instance({ replica_of: 'db-source' })], { replica_of: source });
    expect(namesOf(copied)).toEqual(['look', 'replicate', 'look', 'modify']);
    const promoted = await ensure([instance({ replica_of: 'db-source' }), instance(), instance()], {}, changed(true));
    expect(namesOf(promoted)).toContain('promote');
  });

  it.each([
    ['is of somebody else', [instance({ owner: 'x' })], 'exists and is not ours: its owner is x.'],
    ['has failed', [NOTHING, instance({ status: 'failed' })], `The DB instance ${ID} is failed.`],
    ['vanishes', [NOTHING, NOTHING], 'is gone while it was waited for'],
    ['never comes', [NOTHING, instance({ status: 'creating' })], 'took more than 3600 seconds: it is creating'],
  ])('that %s is an error', async (_what, look, message) => {
    const { error } = await ensure(look);
    expect(String(error)).toContain(message);
  });
});

describe('the deletion of an instance', () => {
  const remove = (look: readonly object[], more: object = {}, outcomes: object = {}) =>
    testWorkflow(rdsRemove, {
      input: { owner, id: ID, snapshot: null, ...more },
      config,
      outcomes: { look, delete: {}, snapshot: {}, look_at_snapshot: {}, ...outcomes },
    });

  it('ends when it is gone', async () => {
    const run = await remove([instance(), instance({ status: 'deleting' }), NOTHING]);
    expect(run.result).toEqual({ existed: true });
    expect(namesOf(run)).toEqual(['look', 'delete', 'look', 'look']);
  });

  it.each([
    ['is not there', NOTHING],
    ['is not ours', instance({ owner: 'x' })],
  ])('does nothing where it %s', async (_what, seen) => {
    const run = await remove([seen]);
    expect([run.result, namesOf(run)]).toEqual([{ existed: false }, ['look']]);
  });

  it('begins when the snapshot is there, for which the instance must be available', async () => {
    const snapshot = (status: string) => ({ result: { found: true, snapshot: { status } } });
    const run = await remove(
      [instance({ status: 'modifying' }), instance(), NOTHING],
      { snapshot: `${ID}-final` },
      { look_at_snapshot: [snapshot('creating'), snapshot('available')] },
    );
    const names = ['look', 'look', 'snapshot', 'look_at_snapshot', 'look_at_snapshot', 'delete', 'look'];
    expect(namesOf(run)).toEqual(names);
    const failed = await remove([instance()], { snapshot: 's' }, { look_at_snapshot: snapshot('failed') });
    expect(String(failed.error)).toContain(`The DB snapshot s failed, so ${ID} is not deleted.`);
    expect(namesOf(failed)).not.toContain('delete');
  });

  it('is tried again in a state that allows none, and fails for other reasons', async () => {
    const not = new Error('RDS answered InvalidDBInstanceState (HTTP 400): it is being created');
    const run = await remove([instance(), NOTHING], {}, { delete: [not, not, {}] });
    expect(namesOf(run)).toEqual(['look', 'delete', 'delete', 'delete', 'look']);
    const { error } = await remove([instance()], {}, { delete: new Error('AccessDenied') });
    expect(String(error)).toContain('AccessDenied');
  });
});

describe('the identifier of an instance', () => {
  it.each([
    ['shop-orders-12345678', 'db-shop-orders-12345678'],
    ['9to5-12345678', 'db-9to5-12345678'],
    [`${'n'.repeat(54)}-12345678`, `db-${'n'.repeat(51)}-12345678`],
    [`${'n'.repeat(50)}-abc-12345678`, `db-${'n'.repeat(50)}-12345678`],
  ])('of %s is %s', (name, id) => {
    expect(instanceId(name)).toBe(id);
    expect(id.length).toBeLessThanOrEqual(63);
    expect(id).toMatch(/^[a-z](?:-?[a-z0-9])*$/);
  });
});

describe('a database', () => {
  const plan = {
    provider: 'rds',
    class: 'default',
    engine: 'mysql',
    storage_gb: 20,
    deletion_policy: 'delete',
    rotation: 'two',
    secret: null,
    limits: {},
    consul_path: 'databases/shop/orders',
    vault_path: 'databases/shop/orders',
    policy: 'databases-shop',
    id: ID,
    username: 'petrel',
    instance: { instance_class: 'db.t3.small' },
    server: null,
    restore_from: null,
    replica_of: null,
  };
  const object = {
    api_version: 'databases.petrel.dev/v1',
    kind: 'MysqlDb',
    namespace: 'shop',
    name: 'orders',
    uid: 'uid',
  };
  const made = { host: 'h', port: 3306, database: 'app', username: 'petrel', engine_version: '8.0.40', storage_gb: 20 };
  const before = {
    provider: 'rds',
    instance: ID,
    engine: 'mysql',
    engineVersion: '8.0.40',
    endpoint: 'h',
    port: 3306,
    database: 'app',
    storageGb: 20,
    consulPath: plan.consul_path,
    vaultPath: plan.vault_path,
    vaultPolicy: plan.policy,
  };
  const note = (more: object = {}) =>
    JSON.stringify({
      owner: owner.tag,
      provider: 'rds',
      server: null,
      deletion_policy: 'delete',
      claimed: true,
      ...more,
    });
  const run = (more: { plan?: object; keys?: Record<string, string>; outputs?: object; outcomes?: object } = {}) =>
    testWorkflow(ensureWorkflow, {
      input: { owner, object, spec: { engine: 'mysql' }, outputs: more.outputs ?? {} },
      config,
      keys: more.keys ?? {},
      outcomes: {
        specification: { result: { plan: { ...plan, ...more.plan }, refused: null } },
        allowance: { result: { refused: null } },
        owner: { result: { found: true, value: owner.tag } },
        claim: {},
        provide: ({ password_key }: { password_key: string }) => ({ result: { ...made, password_key } }),
        configuration: {},
        policy: {},
        credentials: { result: { version: 7 } },
        ...more.outcomes,
      },
    });
  const writes = ({ calls }: { calls: readonly { name: string; input?: object }[] }) =>
    calls.flatMap(({ name, input }) => (name === 'credentials' ? [input] : []));

  it('waits where its wish is refused, or its namespace has no room, and nothing is made', async () => {
    const refused = { reason: 'SizeUnknown', message: 'no such size' };
    const { result, calls } = await run({ outcomes: { specification: { result: { plan: null, refused } } } });
    expect(result).toEqual({ waiting: refused });
    expect(calls).toHaveLength(1);
    const full = { reason: 'LimitReached', message: 'full' };
    const limited = await run({
      plan: { limits: { databases: 1 } },
      outcomes: { allowance: { result: { refused: full } } },
    });
    expect(limited.result).toEqual({ waiting: full });
    expect(limited.context.keys.size).toBe(0);
  });

  it('is noted and its paths are claimed before anything is made', async () => {
    const missing = { owner: { result: { found: false, value: null } }, provide: new Error('RDS is away') };
    const { error, context, calls } = await run({ outcomes: missing });
    expect(String(error)).toContain('RDS is away');
    expect(JSON.parse(context.keys.get('databases.uid.note')?.value ?? '')).toMatchObject({
      provider: 'rds',
      claimed: true,
    });
    expect(calls.find(({ name }) => name === 'claim')?.input).toMatchObject({ cas: 0, value: owner.tag });
  });

  it('has both passwords in Vault before the instance is told the new one, and the new one alone after it', async () => {
    const former = 'databases.uid.password.former';
    const keys = { 'databases.uid.note': note({ password_key: former, rotation: 'one' }), [former]: 'the old one' };
    const done = await run({ keys, outputs: before });
    const names = done.calls.map(({ name }) => name);
    expect(names.indexOf('credentials')).toBeLessThan(names.indexOf('provide'));
    expect(names.lastIndexOf('credentials')).toBeGreaterThan(names.indexOf('provide'));
    const [first, last] = writes(done);
    expect(first).toMatchObject({ data: { previous_password: 'the old one' } });
    expect(last).not.toMatchObject({ data: { previous_password: expect.anything() } });
    expect([...done.context.keys.keys()]).not.toContain(former);
    expect(JSON.parse(done.context.keys.get('databases.uid.note')?.value ?? '')).toMatchObject({ vault_version: 7 });
    expect(JSON.stringify(done.result)).not.toContain('the old one');
  });

  it('is not given to another provider', async () => {
    const keys = { 'databases.uid.note': note({ provider: 'server' }) };
    const { error } = await run({ keys });
    expect(String(error)).toContain('was made by the provider server, and its class default says rds now');
  });

  it('takes no paths that are of somebody else', async () => {
    const { error, calls } = await run({ outcomes: { owner: { result: { found: true, value: 'theirs' } } } });
    expect(String(error)).toContain("Consul's keys below databases/shop/orders/ belong to theirs");
    expect(calls.map(({ name }) => name)).not.toContain('provide');
  });
});
