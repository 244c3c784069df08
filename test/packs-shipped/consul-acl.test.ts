import { randomUUID } from 'node:crypto';
import { testRun } from 'petrel/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import policyDelete from '../../packs/consul/actions/acl_policy_delete.ts';
import policyList from '../../packs/consul/actions/acl_policy_list.ts';
import policyRead from '../../packs/consul/actions/acl_policy_read.ts';
import policyWrite from '../../packs/consul/actions/acl_policy_write.ts';
import tokenCreate from '../../packs/consul/actions/acl_token_create.ts';
import tokenDelete from '../../packs/consul/actions/acl_token_delete.ts';
import tokenList from '../../packs/consul/actions/acl_token_list.ts';
import tokenRead from '../../packs/consul/actions/acl_token_read.ts';
import { startConsulSandbox } from '../../src/sandbox/index.ts';
import { consulProgram, startConsul } from '../real/consul.ts';

const MASTER = randomUUID();

const backends = [
  {
    name: 'the sandbox',
    start: async () => {
      const sandbox = await startConsulSandbox({ token: MASTER });
      return { url: sandbox.url, stop: sandbox.close };
    },
  },
  ...(consulProgram() === undefined ? [] : [{ name: 'a real Consul', start: () => startConsul({ token: MASTER }) }]),
];

describe.each(backends)('access control by the consul pack against $name', ({ start }) => {
  let config: { url: string; token: string };
  let stop: () => Promise<void>;
  let name: string;
  let owner: string;
  let keys: Record<string, string>;
  let count = 0;
  const key = 'team.consul_token';

  beforeAll(async () => {
    const server = await start();
    stop = server.stop;
    config = { url: server.url, token: MASTER };
  });
  beforeEach(() => {
    count += 1;
    name = `team-${count}`;
    owner = `petrel/c1/platform.consultoken/${name}/consul-token/uid`;
    keys = {};
  });
  afterAll(() => stop());

  const rules = () => [
    { key_prefix: `apps/${name}/`, policy: 'write' as const },
    { key: `apps/${name}/"no"`, policy: 'deny' as const },
  ];
  const write = async (input: object = { rules: rules(), description: owner }) =>
    (await testRun(policyWrite, { config, input: { name, ...input } })).result;
  const read = async () => (await testRun(policyRead, { config, input: { name } })).result;
  const remove = async (input: object = {}) =>
    (await testRun(policyDelete, { config, input: { name, ...input } })).result;
  async function make(policies = [name]) {
    const { result, context } = await testRun(tokenCreate, { config, keys, input: { owner, policies, key } });
    const secret = context.keys.get(key)?.value ?? '';
    expect(JSON.stringify([result, context.logged])).not.toContain(secret);
    expect(context.secrets).toContain(secret);
    keys = { [key]: secret };
    return { ...result, secret };
  }
  const look = async (input: object = { owner, key }) => (await testRun(tokenRead, { config, keys, input })).result;
  const get = async (secret: string, path: string) =>
    (await fetch(`${config.url}/v1/kv/${path}`, { headers: { 'x-consul-token': secret } })).status;

  it('writes, reads, lists and deletes policies', async () => {
    expect(await read()).toMatchObject({ found: false, rules: null });
    const { id } = await write();
    expect(await read()).toMatchObject({ found: true, id, description: owner, rules: rules() });
    expect(await write()).toEqual({ name, id });
    const text = 'acl = "read"\n';
    await write({ text });
    expect(await read()).toMatchObject({ id, text, rules: null, description: '' });
    const { policies } = (await testRun(policyList, { config, input: {} })).result;
    expect(policies.find((one) => one.name === name)).toEqual({ name, id, description: '' });
    expect(await remove({ description: owner })).toEqual({ name, existed: false });
    expect(await remove()).toEqual({ name, existed: true });
    expect(await remove()).toEqual({ name, existed: false });
    await expect(write({})).rejects.toThrow('it needs either "text" or "rules"');
    await expect(write({ text: 'hello' })).rejects.toThrow('Failed to parse ACL rules');
  });

  it('makes a token once, keeps its secret, and brings it to the policies that are wished', async () => {
    await write();
    const made = await make();
    expect(made).toMatchObject({ created: true, policies: [name] });
    expect(await look()).toMatchObject({ found: true, kept: true, description: owner, policies: [name] });
    expect([await get(made.secret, `apps/${name}/x`), await get(made.secret, 'apps/other/x')]).toEqual([404, 403]);
    expect(await make()).toEqual({ ...made, created: false });
    keys = {};
    expect((await look()).kept).toBe(false);
    expect(await make()).toEqual({ ...made, created: false });
    await testRun(policyWrite, { config, input: { name: `${name}-more`, rules: [] } });
    expect(await make([name, `${name}-more`])).toMatchObject({ created: false, secret: made.secret });
    expect((await look()).policies).toEqual([name, `${name}-more`]);
    const { tokens } = (await testRun(tokenList, { config, input: {} })).result;
    expect(tokens.find(({ accessor }) => accessor === made.accessor)).toMatchObject({ description: owner });
    expect(JSON.stringify(tokens)).not.toContain(made.secret);
  });

  it('makes another one in place of one that was deleted, and leaves that of somebody else', async () => {
    await write();
    const first = await make();
    const { result, context } = await testRun(tokenDelete, { config, keys, input: { owner, key } });
    expect([result, [...context.keys.keys()]]).toEqual([{ existed: true }, []]);
    expect(await get(first.secret, `apps/${name}/x`)).toBe(403);
    expect(await look()).toMatchObject({ found: false });
    expect((await testRun(tokenDelete, { config, input: { owner } })).result).toEqual({ existed: false });
    const second = await make();
    expect(second).toMatchObject({ created: true, accessor: first.accessor });
    expect(second.secret).not.toBe(first.secret);
    await fetch(`${config.url}/v1/acl/token/${first.accessor}`, {
      method: 'PUT',
      headers: { 'x-consul-token': MASTER },
      body: JSON.stringify({ AccessorID: first.accessor, Description: 'theirs' }),
    });
    await expect(make()).rejects.toThrow('belongs to "theirs". It was left alone.');
    expect((await testRun(tokenDelete, { config, input: { owner } })).result).toEqual({ existed: false });
    expect((await testRun(tokenDelete, { config, input: { accessor: first.accessor } })).result.existed).toBe(true);
  });

  it('tells what is not there from what is forbidden', async () => {
    const wrong = { ...config, token: randomUUID() };
    const error = await testRun(policyRead, { config: wrong, input: { name } }).catch((thrown: Error) => thrown);
    expect(String(error)).toContain(`Reading the ACL policy ${name} failed: Consul answered HTTP 403: ACL not found`);
    expect(String(error)).not.toContain(wrong.token);
    await expect(testRun(policyRead, { config: { url: config.url }, input: { name } })).rejects.toThrow(
      'HTTP 403: Permission denied',
    );
    await expect(testRun(tokenRead, { config, input: {} })).rejects.toThrow('it needs either "accessor" or "owner"');
  });
});

describe('a Consul without access control', () => {
  it('is told from one that has nothing', async () => {
    const sandbox = await startConsulSandbox();
    const input = { name: 'a' };
    await expect(testRun(policyRead, { config: { url: sandbox.url }, input })).rejects.toThrow(
      'Consul answered HTTP 401: ACL support disabled',
    );
    await sandbox.close();
  });
});
