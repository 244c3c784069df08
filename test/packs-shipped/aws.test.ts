import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import rdsCreate from '../../packs/aws/actions/rds_create.ts';
import rdsCreateDbinstance from '../../packs/aws/actions/rds_create_dbinstance.ts';
import rdsDelete from '../../packs/aws/actions/rds_delete.ts';
import rdsDeleteDbinstance from '../../packs/aws/actions/rds_delete_dbinstance.ts';
import rdsDescribe from '../../packs/aws/actions/rds_describe.ts';
import rdsList from '../../packs/aws/actions/rds_list.ts';
import rdsModify from '../../packs/aws/actions/rds_modify.ts';
import rdsWait from '../../packs/aws/actions/rds_wait.ts';
import { startRdsSandbox } from '../../src/sandbox/index.ts';
import { motoPlace, startMoto } from '../real/moto.ts';
import { runAction } from './run-action.ts';

const backends = [
  {
    name: 'the sandbox',
    start: async () => {
      const sandbox = await startRdsSandbox({ delays: { create: 20, modify: 20, delete: 20 } });
      return { url: sandbox.url, stop: sandbox.close };
    },
  },
  ...(motoPlace() === undefined ? [] : [{ name: 'moto', start: startMoto }]),
];

describe.each(backends)('the aws pack against $name', ({ start }) => {
  let config: Record<string, unknown>;
  let stop: () => Promise<void>;
  let specification: Parameters<typeof runAction<typeof rdsCreate.input, NonNullable<typeof rdsCreate.output>>>[1];
  let count = 0;

  beforeAll(async () => {
    const server = await start();
    stop = server.stop;
    config = { endpoint: server.url, region: 'eu-west-1', access_key_id: 'AKIDTEST', secret_access_key: 'x' };
  });
  beforeEach(() => {
    count += 1;
    specification = {
      id: `orders-${count}`,
      engine: 'mysql',
      instance_class: 'db.t3.micro',
      allocated_storage: 20,
      master_username: 'orders',
      master_password: 'correct-horse',
      owner: 'uid-1',
    };
  });
  afterAll(() => stop());

  const create = (changes: object = {}) => runAction(rdsCreate, { ...specification, ...changes }, config);
  const wait = (until: 'available' | 'deleted') =>
    runAction(rdsWait, { id: specification.id, until, timeout: 10 }, config);

  it('creates, waits, describes, modifies, deletes and waits again', async () => {
    const { id } = specification;
    const created = await create({ port: 3307, tags: { team: 'shop' } });
    expect(created.result).toMatchObject({ id, created: true, owner: 'uid-1', tags: { team: 'shop' } });
    const available = await wait('available');
    expect(available.result).toMatchObject({ status: 'available', instance: { port: 3307, allocated_storage: 20 } });
    expect(available.result.instance?.host).toMatch(new RegExp(`^${id}\\.`));
    expect(available.log).toContain(`info: The DB instance ${id} is available.`);

    const wanted = { id, owner: 'uid-1', instance_class: 'db.m5.large', allocated_storage: 40 };
    expect((await runAction(rdsModify, wanted, config)).result.changed).toBe(true);
    await wait('available');
    expect((await runAction(rdsDescribe, { id }, config)).result).toMatchObject({
      exists: true,
      instance: { instance_class: 'db.m5.large', allocated_storage: 40 },
    });
    expect((await runAction(rdsModify, wanted, config)).result.changed).toBe(false);

    expect((await runAction(rdsDelete, { id, owner: 'uid-1' }, config)).result).toMatchObject({ existed: true });
    expect((await wait('deleted')).result).toEqual({ status: 'deleted', instance: null });
    expect((await runAction(rdsDescribe, { id }, config)).result).toEqual({ exists: false, instance: null });
    expect((await runAction(rdsDelete, { id, owner: 'uid-1' }, config)).result).toEqual({
      id,
      existed: false,
      status: 'gone',
    });
  });

  it('creates only once for the same owner', async () => {
    await create();
    await wait('available');
    const again = await create();
    expect(again.result).toMatchObject({ id: specification.id, created: false, status: 'available' });
    expect(again.log).toEqual([`info: The DB instance ${specification.id} is there already and ours (available).`]);
  });

  it('touches nothing that is not ours', async () => {
    await create({ owner: undefined });
    await wait('available');
    const { id } = specification;
    const refused = 'exists and is not ours: its tag petrel.dev/owner is missing, not "uid-2"';
    await expect(create({ owner: 'uid-2' })).rejects.toThrow(refused);
    await expect(runAction(rdsModify, { id, owner: 'uid-2', allocated_storage: 40 }, config)).rejects.toThrow(refused);
    await expect(runAction(rdsDelete, { id, owner: 'uid-2' }, config)).rejects.toThrow(refused);
    await expect(create({ owner: undefined })).rejects.toThrow(
      'without an owner it cannot be known whether it is ours',
    );
  });

  it('lists the instances of an owner', async () => {
    await create({ owner: 'uid-list' });
    const { result } = await runAction(rdsList, { owner: 'uid-list' }, config);
    expect(result.instances.map((instance) => instance.id)).toEqual([specification.id]);
    expect((await runAction(rdsList, { id_prefix: 'nobody' }, config)).result.instances).toEqual([]);
  });

  it('answers to the names and parameters of 2016', async () => {
    const { owner: _, ...old } = specification;
    const { id } = specification;
    expect((await runAction(rdsCreateDbinstance, { ...old, port: 3306 }, config)).result).toMatchObject({
      id,
      created: true,
    });
    expect((await runAction(rdsDeleteDbinstance, { id }, config)).result).toMatchObject({ id, existed: true });
  });

  it('never shows the password', async () => {
    const { result, log } = await create();
    expect(JSON.stringify([result, log])).not.toContain('correct-horse');
  });

  it('will not wait for an instance that is not there', async () => {
    await expect(wait('available')).rejects.toThrow(`There is no DB instance ${specification.id} to wait for.`);
  });
});
