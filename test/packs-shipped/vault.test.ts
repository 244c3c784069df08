import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import kvDelete from '../../packs/vault/actions/kv_delete.ts';
import kvList from '../../packs/vault/actions/kv_list.ts';
import kvRead from '../../packs/vault/actions/kv_read.ts';
import kvVersions from '../../packs/vault/actions/kv_versions.ts';
import kvWrite from '../../packs/vault/actions/kv_write.ts';
import policyDelete from '../../packs/vault/actions/policy_delete.ts';
import policyList from '../../packs/vault/actions/policy_list.ts';
import policyRead from '../../packs/vault/actions/policy_read.ts';
import policyWrite from '../../packs/vault/actions/policy_write.ts';
import { startVaultSandbox, type VaultSandbox } from '../../src/sandbox/index.ts';
import { isTransientError, z } from '../../src/sdk/index.ts';
import { vaultBackends } from '../real/vault.ts';
import { runAction } from './run-action.ts';

const backends = [
  {
    name: 'the sandbox',
    start: async () => {
      const sandbox = await startVaultSandbox();
      return { url: sandbox.url, token: sandbox.token, stop: sandbox.close };
    },
  },
  ...vaultBackends(),
];

describe.each(backends)('the vault pack against $name', ({ start }) => {
  let config: Record<string, unknown>;
  let stop: () => Promise<void>;
  let folder: string;
  let path: string;

  beforeAll(async () => {
    const server = await start();
    stop = server.stop;
    config = { url: server.url, token: server.token };
  });
  beforeEach(() => {
    folder = `petrel-packs/${randomUUID()}`;
    path = `${folder}/orders`;
  });
  afterAll(() => stop());

  const write = (data: Record<string, unknown>, more: object = {}) =>
    runAction(kvWrite, { path, data, ...more }, config);
  const read = (more: object = {}) => runAction(kvRead, { path, ...more }, config);

  it('writes and reads a secret, and marks every text in it', async () => {
    expect((await write({ password: 'correct-horse', port: 3306, more: { list: ['battery'] } })).result).toMatchObject({
      path,
      version: 1,
    });
    const { result, secrets } = await read();
    expect(result).toMatchObject({
      path,
      version: 1,
      data: { password: 'correct-horse', port: 3306, more: { list: ['battery'] } },
    });
    expect(secrets).toEqual(['correct-horse', 'battery']);
  });

  it('masks neither what was written as open nor what was not asked for', async () => {
    const { secrets: written } = await write({ password: 'correct-horse' }, { open: { username: 'postgres' } });
    expect(written).not.toContain('postgres');
    const { result, secrets } = await read({ names: ['password'] });
    expect(result.data).toEqual({ password: 'correct-horse' });
    expect(secrets).toEqual(['correct-horse']);
    expect((await read()).result.data).toEqual({ password: 'correct-horse', username: 'postgres' });
  });

  it('reads an older version', async () => {
    await write({ password: 'one' });
    await write({ password: 'two' });
    expect((await read({ version: 1 })).result.data).toEqual({ password: 'one' });
  });

  it('writes only over the version it knows, when asked to', async () => {
    await write({ password: 'one' }, { cas: 0 });
    await expect(write({ password: 'two' }, { cas: 0 })).rejects.toThrow(
      'check-and-set parameter did not match the current version',
    );
    await write({ password: 'two' }, { cas: 1 });
  });

  it('deletes all versions and the metadata', async () => {
    await write({ password: 'one' });
    await write({ password: 'two' });
    expect((await runAction(kvDelete, { path }, config)).result).toEqual({ path, existed: true });
    await expect(read({ version: 1 })).rejects.toThrow(
      `Reading the secret ${path} failed: there is no such secret or version.`,
    );
    expect((await runAction(kvList, { path: folder }, config)).result).toEqual({ keys: [] });
    expect((await runAction(kvDelete, { path }, config)).result).toEqual({ path, existed: false });
  });

  it('lists a folder', async () => {
    await write({ password: 'one' });
    await runAction(kvWrite, { path: `${path}/inner`, data: { a: 'x' } }, config);
    expect((await runAction(kvList, { path: `${folder}/` }, config)).result).toEqual({ keys: ['orders', 'orders/'] });
  });

  it('says which versions are the current ones, of what is deleted or was never there none, and reads nothing', async () => {
    const names = ['one', 'two', 'deleted', 'never'].map((name) => `${path}-${name}`);
    for (const name of names.slice(0, 3))
      await runAction(kvWrite, { path: name, data: { password: 'hush-hush' } }, config);
    await runAction(kvWrite, { path: `${path}-two`, data: { password: 'hush-hush' } }, config);
    await fetch(`${config.url}/v1/secret/data/${path}-deleted`, {
      method: 'DELETE',
      headers: { 'x-vault-token': String(config.token) },
    });
    const { result, secrets } = await runAction(kvVersions, { paths: names }, config);
    expect(result.versions).toEqual(names.map((name, index) => ({ path: name, version: [1, 2, null, null][index] })));
    expect(secrets).toEqual([]);
  });

  it('says when a version is deleted', async () => {
    await write({ password: 'one' });
    await fetch(`${config.url}/v1/secret/data/${path}`, {
      method: 'DELETE',
      headers: { 'x-vault-token': String(config.token) },
    });
    await expect(read()).rejects.toThrow(/version 1 is deleted since \d{4}-/);
  });

  it('tells a missing secret from a missing engine', async () => {
    await expect(read()).rejects.toThrow(`Reading the secret ${path} failed: there is no such secret.`);
    await expect(runAction(kvRead, { path }, { ...config, mount: 'nobody' })).rejects.toThrow(
      'there is no KV version 2 engine at "nobody"',
    );
  });

  it('says that the token is not good enough, and nothing about it', async () => {
    const error = await runAction(kvRead, { path }, { ...config, token: 'hvs.wrong' }).catch(String);
    expect(error).toMatch(/Vault answered HTTP 403: .*permission denied.*The token is wrong/);
    expect(error).not.toContain('hvs.wrong');
  });

  it.each(['/orders', 'orders/', 'a//b', '../sys/raw', 'a/./b'])('refuses the path %s', async (wrong) => {
    await expect(runAction(kvRead, { path: wrong }, config)).rejects.toThrow('must not begin or end with a slash');
  });
});

describe.each(backends)('policies of $name', ({ start }) => {
  let config: Record<string, unknown>;
  let stop: () => Promise<void>;
  let name: string;

  beforeAll(async () => {
    const server = await start();
    stop = server.stop;
    config = { url: server.url, token: server.token };
  });
  beforeEach(() => {
    name = `petrel-${randomUUID()}`;
  });
  afterAll(() => stop());

  const read = async () => (await runAction(policyRead, { name }, config)).result;
  const names = async () => (await runAction(policyList, {}, config)).result.names;
  const rules = [
    { path: 'secret/data/a "quoted" one/*', capabilities: ['read', 'list'] },
    { path: 'secret/+/b/*', capabilities: ['create'] },
  ];

  it('are written from rules, read back as such, replaced and deleted', async () => {
    expect(await read()).toEqual({ name, found: false, comment: '', policy: '', rules: null });
    await runAction(policyWrite, { name, rules, comment: 'of orders' }, config);
    expect(await read()).toMatchObject({ found: true, comment: 'of orders', rules });
    await runAction(policyWrite, { name, rules: rules.slice(1) }, config);
    expect(await read()).toMatchObject({ comment: '', rules: rules.slice(1) });
    expect(await names()).toContain(name);
    expect((await runAction(policyDelete, { name }, config)).result).toEqual({ name, existed: true });
    expect(await names()).not.toContain(name);
    expect((await runAction(policyDelete, { name }, config)).result).toEqual({ name, existed: false });
  });

  it('are kept as the text that was written', async () => {
    const policy = '# about a\npath "secret/data/a" {\n  capabilities = ["read"]\n  min_wrapping_ttl = "1s"\n}';
    await runAction(policyWrite, { name, policy, comment: 'of orders' }, config);
    expect(await read()).toMatchObject({ comment: 'of orders', policy, rules: null });
    await runAction(policyDelete, { name }, config);
  });

  it('are left alone by a deletion that means another', async () => {
    await runAction(policyWrite, { name, rules, comment: 'of orders' }, config);
    const { result } = await runAction(policyDelete, { name, comment: 'of stock' }, config);
    expect(result).toEqual({ name, existed: false });
    expect(await read()).toMatchObject({ found: true });
    expect((await runAction(policyDelete, { name, comment: 'of orders' }, config)).result.existed).toBe(true);
  });

  it('with a mistake are refused with Vault’s words', async () => {
    const capabilities = ['raed'];
    await expect(runAction(policyWrite, { name, rules: [{ path: 'a', capabilities }] }, config)).rejects.toThrow(
      `Writing the policy ${name} failed: Vault answered HTTP 400: failed to parse policy`,
    );
    await expect(runAction(policyWrite, { name, policy: 'everything' }, config)).rejects.toThrow('HTTP 400');
    await expect(runAction(policyWrite, { name }, config)).rejects.toThrow('it needs either "policy"');
    await expect(runAction(policyDelete, { name: 'default' }, config)).rejects.toThrow('cannot delete');
    expect(await read()).toMatchObject({ found: false });
  });
});

describe('when Vault is in trouble', () => {
  let sandbox: VaultSandbox;
  beforeEach(async () => {
    sandbox = await startVaultSandbox();
  });
  afterEach(() => sandbox.close());

  const write = () =>
    runAction(kvWrite, { path: 'a', data: { password: 'correct-horse' } }, { url: sandbox.url, token: sandbox.token });
  const thrownBy = async (run: Promise<unknown>): Promise<unknown> =>
    run.then(
      () => 'nothing',
      (error: unknown) => error,
    );

  it('no connection is transient', async () => {
    await sandbox.stop();
    const error = await thrownBy(write());
    expect(isTransientError(error)).toBe(true);
    expect(String(error)).toContain(`Writing the secret a failed: Vault at ${sandbox.url} did not answer`);
  });

  it('a seal is transient', async () => {
    sandbox.seal();
    const error = await thrownBy(write());
    expect(isTransientError(error)).toBe(true);
    expect(String(error)).toContain('HTTP 503: Vault is sealed');
  });

  it.each([500, 502, 429, 473])('HTTP %i is transient', async (status) => {
    sandbox.faults.fail({ status });
    expect(isTransientError(await thrownBy(write()))).toBe(true);
  });

  it('a refusal is not, and does not repeat the secret', async () => {
    sandbox.faults.fail({ status: 400, message: 'missing path' });
    const error = await thrownBy(write());
    expect(String(error)).toBe('Error: Writing the secret a failed: Vault answered HTTP 400: missing path');
  });

  it('a configuration without a token is told as such', async () => {
    await expect(runAction(kvRead, { path: 'a' }, { url: sandbox.url })).rejects.toThrow(
      'the configuration of the pack vault has no token',
    );
  });
});

describe('secrets in the schemas', () => {
  it('are what is written and what is read', () => {
    const marked = (schema: z.ZodType) =>
      z.toJSONSchema(schema, { io: 'input' }) as { properties?: Record<string, { secret?: boolean }> };
    expect(marked(kvWrite.input).properties?.data?.secret).toBe(true);
    expect(kvRead.output && marked(kvRead.output).properties?.data?.secret).toBe(true);
  });
});
