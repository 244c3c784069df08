import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import rdsCreate from '../../packs/aws/actions/rds_create.ts';
import rdsCreateDbinstance from '../../packs/aws/actions/rds_create_dbinstance.ts';
import rdsDelete from '../../packs/aws/actions/rds_delete.ts';
import rdsDescribe from '../../packs/aws/actions/rds_describe.ts';
import rdsModify from '../../packs/aws/actions/rds_modify.ts';
import rdsWait from '../../packs/aws/actions/rds_wait.ts';
import { type RdsSandbox, startRdsSandbox } from '../../src/sandbox/index.ts';
import { isTransientError, z } from '../../src/sdk/index.ts';
import { runAction } from './run-action.ts';

let sandbox: RdsSandbox;
let config: Record<string, unknown>;

beforeEach(async () => {
  sandbox = await startRdsSandbox({ delays: { create: 50, modify: 50, delete: 50 } });
  config = { endpoint: sandbox.url, access_key_id: 'AKIDTEST', secret_access_key: 'x' };
});
afterEach(() => sandbox.close());

const specification = {
  id: 'orders',
  engine: 'mysql',
  instance_class: 'db.t3.micro',
  allocated_storage: 20,
  master_username: 'orders',
  master_password: 'correct-horse',
  owner: 'uid-1',
};
const create = (changes: object = {}) => runAction(rdsCreate, { ...specification, ...changes }, config);
const thrownBy = async (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => 'nothing',
    (error: unknown) => error,
  );
const available = () => runAction(rdsWait, { id: 'orders', timeout: 10 }, config);

describe('failures that may pass', () => {
  it.each([
    ['an outage', { status: 503, code: 'ServiceUnavailable' }, 'HTTP 503'],
    ['an internal error', { status: 500, code: 'InternalFailure' }, 'InternalFailure'],
    ['throttling', { status: 400, code: 'Throttling', message: 'Rate exceeded' }, 'Rate exceeded'],
  ])('%s', async (_, failure, words) => {
    sandbox.faults.fail({ ...failure, count: 10 });
    const error = await thrownBy(create());
    expect(isTransientError(error)).toBe(true);
    expect(String(error)).toContain(words);
    sandbox.faults.clear();
    expect((await create()).result.created).toBe(true);
  });

  it('no connection', async () => {
    await sandbox.stop();
    const error = await thrownBy(create());
    expect(isTransientError(error)).toBe(true);
    expect(String(error)).toMatch(/no answer from RDS .*ECONNREFUSED/);
  });

  it('a change while the instance is not ready for one', async () => {
    await sandbox.close();
    sandbox = await startRdsSandbox({ delays: { create: 60_000 } });
    config = { ...config, endpoint: sandbox.url };
    await create();
    const error = await thrownBy(runAction(rdsModify, { id: 'orders', allocated_storage: 40 }, config));
    expect(String(error)).toBe('TransientError: The DB instance orders cannot be changed while it is creating.');
  });

  it('creating what is being deleted', async () => {
    await create();
    await runAction(rdsDelete, { id: 'orders' }, config);
    const error = await thrownBy(create());
    expect(String(error)).toContain('TransientError: The DB instance orders is being deleted');
  });
});

describe('failures that stay', () => {
  it("give AWS's code and words, and never the password", async () => {
    sandbox.faults.fail({
      status: 400,
      code: 'InvalidParameterValue',
      message: 'correct-horse is no password',
      action: 'CreateDBInstance',
    });
    const error = await thrownBy(create());
    expect(isTransientError(error)).toBe(false);
    expect(String(error)).toBe(
      'Error: Creating the DB instance orders failed: RDS answered InvalidParameterValue (HTTP 400): ******** is no password',
    );
  });

  it('an identifier that RDS refuses', async () => {
    await expect(create({ id: 'or--ders' })).rejects.toThrow(/InvalidParameterValue.*not a valid identifier/);
  });

  it('half of a key pair in the configuration', async () => {
    const half = { endpoint: sandbox.url, access_key_id: 'AKIDTEST' };
    await expect(runAction(rdsDescribe, { id: 'orders' }, half)).rejects.toThrow(
      'access_key_id without secret_access_key',
    );
  });
});

describe('answers that get lost', () => {
  it('of a creation: one instance, found again by its tag', async () => {
    sandbox.faults.loseAnswers({ action: 'CreateDBInstance' });
    expect((await create()).result).toMatchObject({ id: 'orders', created: false });
    expect(sandbox.listInstances()).toHaveLength(1);
    expect(sandbox.hasPassword('orders', 'correct-horse')).toBe(true);
  });

  it('of a deletion: it is on its way', async () => {
    await create();
    sandbox.faults.loseAnswers({ action: 'DeleteDBInstance' });
    const { result } = await runAction(rdsDelete, { id: 'orders', owner: 'uid-1' }, config);
    expect(result).toMatchObject({ existed: true });
  });
});

describe('a race for the same identifier', () => {
  it('is lost cleanly when somebody else creates it between looking and creating', async () => {
    await create({ owner: 'somebody-else' });
    // The look before the creation is answered as if nothing were there yet.
    sandbox.faults.fail({ status: 404, code: 'DBInstanceNotFound', action: 'DescribeDBInstances' });
    await expect(create()).rejects.toThrow('exists and is not ours: its tag petrel.dev/owner is "somebody-else"');
  });
});

describe('waiting', () => {
  it('goes on through an outage', async () => {
    await create();
    sandbox.faults.fail({ status: 503, count: 3, action: 'DescribeDBInstances' });
    const { result, log } = await available();
    expect(result.status).toBe('available');
    expect(log.some((line) => line.startsWith('warn:') && line.includes('503'))).toBe(true);
  });

  it('ends with the time limit', async () => {
    await create();
    await expect(runAction(rdsWait, { id: 'orders', until: 'deleted', timeout: 0.3 }, config)).rejects.toThrow(
      /was not deleted after 0.3 seconds/,
    );
  });

  it('ends at once when it is in vain', async () => {
    await create();
    await runAction(rdsDelete, { id: 'orders' }, config);
    await expect(available()).rejects.toThrow('will not become available: it is deleting');
  });

  it('ends when the run is canceled', async () => {
    await create();
    const run = runAction(rdsWait, { id: 'orders', until: 'deleted' }, config, AbortSignal.timeout(100));
    await expect(run).rejects.toMatchObject({ name: expect.stringMatching(/^(AbortError|TimeoutError)$/) });
  });
});

describe('the password in the schemas', () => {
  it.each([
    ['rds_create', rdsCreate.input],
    ['rds_create_dbinstance', rdsCreateDbinstance.input],
    ['rds_modify', rdsModify.input],
  ])('of %s is secret', (_, input) => {
    const schema = z.toJSONSchema(input, { io: 'input', target: 'draft-4' });
    expect(schema.properties).toMatchObject({ master_password: { type: 'string', secret: true } });
  });
});
