import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startConsulSandbox } from '../../../src/sandbox/index.ts';
import { consulProgram, startConsul } from '../../real/consul.ts';

const MASTER = randomUUID();

/** What a client may count on where access control is on, whoever serves it. */
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

interface Fields {
  readonly [name: string]: unknown;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe.each(backends)('access control in the Consul API of $name', ({ start }) => {
  let url: string;
  let stop: () => Promise<void>;
  let name: string;
  let count = 0;

  beforeAll(async () => {
    ({ url, stop } = await start());
  });
  afterAll(() => stop());
  beforeEach(() => {
    count += 1;
    name = `team-${count}`;
  });

  async function ask(token: string | undefined, method: string, path: string, body?: unknown) {
    const response = await fetch(`${url}/v1/${path}`, {
      method,
      headers: token === undefined ? {} : { 'x-consul-token': token },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, text: (await response.text()).trim() };
  }
  const read = ({ text }: { text: string }) => JSON.parse(text) as Fields;
  const readAll = ({ text }: { text: string }) => JSON.parse(text) as Fields[];
  const master = (method: string, path: string, body?: unknown) => ask(MASTER, method, path, body);
  const policy = async (Name: string, Rules: string) =>
    read(await master('PUT', 'acl/policy', { Name, Rules, Description: 'a test' }));
  const token = async (...policies: readonly string[]) => {
    const made = read(await master('PUT', 'acl/token', { Policies: policies.map((Name) => ({ Name })) }));
    return String(made.SecretID);
  };
  const denied = { status: 403, text: 'Permission denied' };
  const unknown = { status: 403, text: 'ACL not found' };

  it('lets nobody in without a token, and none in with one that there is not', async () => {
    expect(await ask(undefined, 'GET', `kv/${name}`)).toEqual(denied);
    expect(await ask(undefined, 'PUT', `kv/${name}`, 'x')).toEqual(denied);
    expect(await ask(undefined, 'GET', 'acl/tokens')).toEqual(denied);
    expect(await ask(undefined, 'GET', 'agent/self')).toEqual(denied);
    expect(await ask(undefined, 'GET', 'acl/token/self')).toEqual(unknown);
    expect(await ask(undefined, 'GET', 'kv/?keys')).toEqual({ status: 200, text: '[]' });
    expect((await ask(undefined, 'GET', 'kv/?recurse')).status).toBe(404);
    for (const path of [`kv/${name}`, 'acl/tokens', 'acl/token/self', 'agent/self']) {
      expect(await ask(randomUUID(), 'GET', path)).toEqual(unknown);
    }
    expect((await ask(undefined, 'GET', 'status/leader')).status).toBe(200);
  });

  it('keeps policies by id and by name', async () => {
    const made = await policy(name, 'key "x" { policy = "read" }');
    const fields = { ID: expect.stringMatching(UUID), Name: name, Description: 'a test', Hash: expect.any(String) };
    const indexes = { CreateIndex: expect.any(Number), ModifyIndex: expect.any(Number) };
    expect(made).toEqual({ ...fields, ...indexes, Rules: 'key "x" { policy = "read" }' });
    expect(read(await master('GET', `acl/policy/${made.ID}`))).toEqual(made);
    expect(read(await master('GET', `acl/policy/name/${name}`))).toEqual(made);
    const listed = readAll(await master('GET', 'acl/policies')).find(({ ID }) => ID === made.ID);
    expect(listed).toEqual({ ...fields, ...indexes, Datacenters: null });
    const changed = read(await master('PUT', `acl/policy/${made.ID}`, { ID: made.ID, Name: name, Rules: '' }));
    expect(changed).toMatchObject({ ID: made.ID, Rules: '', Description: '', CreateIndex: made.CreateIndex });
    expect(await master('DELETE', `acl/policy/${made.ID}`)).toEqual({ status: 200, text: 'true' });
    expect(await master('DELETE', `acl/policy/${made.ID}`)).toEqual({ status: 200, text: 'true' });
    expect(await master('GET', `acl/policy/${made.ID}`)).toEqual(unknown);
    expect(await master('GET', `acl/policy/name/${name}`)).toEqual(unknown);
  });

  it('refuses policies that are none', async () => {
    await policy(name, '');
    const put = async (body: object) => await master('PUT', 'acl/policy', body);
    expect(await put({ Name: name })).toEqual({
      status: 500,
      text: `Invalid Policy: A Policy with Name "${name}" already exists`,
    });
    expect(await put({})).toEqual({ status: 500, text: 'Invalid Policy: no Name is set' });
    expect((await put({ Name: 'a b' })).text).toContain('invalid Name. Only alphanumeric characters');
    const badLevel = await put({ Name: 'other', Rules: 'key_prefix "x" { policy = "nonsense" }' });
    expect([badLevel.status, badLevel.text]).toEqual([500, expect.stringContaining('Invalid key_prefix policy')]);
    const badText = await put({ Name: 'other', Rules: 'hello' });
    expect([badText.status, badText.text]).toEqual([500, expect.stringContaining('Failed to parse ACL rules')]);
    expect(await master('PUT', `acl/policy/${randomUUID()}`, { Name: 'other' })).toMatchObject({
      status: 500,
      text: expect.stringContaining('cannot find policy'),
    });
    const builtIn = await master('DELETE', 'acl/policy/00000000-0000-0000-0000-000000000001');
    expect([builtIn.status, builtIn.text]).toEqual([500, expect.stringContaining('not permitted')]);
    expect((await master('GET', 'acl/policy')).status).toBe(405);
  });

  it('keeps tokens by accessor, with the policies that there are', async () => {
    const { ID } = await policy(name, '');
    const AccessorID = randomUUID();
    const made = read(
      await master('PUT', 'acl/token', { AccessorID, Description: 'mine', Policies: [{ Name: name }] }),
    );
    const fields = {
      AccessorID,
      Description: 'mine',
      Policies: [{ ID, Name: name }],
      Local: false,
      CreateTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      CreateIndex: expect.any(Number),
      ModifyIndex: expect.any(Number),
    };
    // Not said to be equal: a real one has a hash as well.
    expect(made).toMatchObject({ ...fields, SecretID: expect.stringMatching(UUID) });
    expect(read(await master('GET', `acl/token/${AccessorID}`))).toEqual(made);
    expect(read(await ask(String(made.SecretID), 'GET', 'acl/token/self'))).toEqual(made);
    const listed = readAll(await master('GET', 'acl/tokens')).find((one) => one.AccessorID === AccessorID);
    expect(listed).toMatchObject(fields);
    expect(listed).not.toHaveProperty('SecretID');
    const again = await master('PUT', 'acl/token', { AccessorID });
    expect(again).toEqual({ status: 500, text: 'Invalid Token: AccessorID is already in use' });
    const changed = read(await master('PUT', `acl/token/${AccessorID}`, { Description: 'yours' }));
    expect(changed).toMatchObject({ AccessorID, SecretID: made.SecretID, Description: 'yours' });
    expect(changed).not.toHaveProperty('Policies');
    const other = await master('PUT', `acl/token/${AccessorID}`, { SecretID: randomUUID() });
    expect(other).toEqual({ status: 500, text: 'Changing a tokens SecretID is not permitted' });
    await master('PUT', `acl/token/${AccessorID}`, { Policies: [{ ID }] });
    await master('DELETE', `acl/policy/${ID}`);
    expect(read(await master('GET', `acl/token/${AccessorID}`))).not.toHaveProperty('Policies');
    expect(await master('DELETE', `acl/token/${AccessorID}`)).toEqual({ status: 200, text: 'true' });
    expect(await master('DELETE', `acl/token/${AccessorID}`)).toEqual({ status: 200, text: 'true' });
    expect(await master('GET', `acl/token/${AccessorID}`)).toEqual(unknown);
    expect(await ask(String(made.SecretID), 'GET', `kv/${name}`)).toEqual(unknown);
  });

  it('refuses tokens that are none', async () => {
    expect(await master('PUT', 'acl/token', { Policies: [{ Name: 'nobody' }] })).toEqual({
      status: 500,
      text: 'No such ACL policy with name "nobody"',
    });
    expect((await master('PUT', 'acl/token', { AccessorID: 'no-uuid' })).status).toBe(500);
    expect((await master('PUT', `acl/token/${randomUUID()}`, {})).text).toContain('Cannot find token');
    expect((await master('DELETE', 'acl/token/00000000-0000-0000-0000-000000000002')).status).toBe(500);
  });

  describe('on keys', () => {
    let secret: string;
    const keys = ['mine/x', 'mine/no', 'seen/x', 'other/x'];

    beforeEach(async () => {
      const rules = [
        `key_prefix "${name}/mine/" { policy = "write" }`,
        '# but not this one',
        `key "${name}/mine/no" { policy = "deny" }`,
        `key_prefix "${name}/seen/" { policy = "read" }`,
      ];
      await policy(name, rules.join('\n'));
      secret = await token(name);
      for (const key of keys) await master('PUT', `kv/${name}/${key}`, 'v');
    });
    const own = (method: string, path: string, body?: string) => ask(secret, method, `kv/${name}/${path}`, body);

    it.each([
      ['mine/x', 200, 200],
      ['mine/no', 403, 403],
      ['seen/x', 200, 403],
      ['other/x', 403, 403],
      ['nothing', 403, 403],
    ])('%s can be read: %d, and written and deleted: %d', async (key, reads, writes) => {
      expect((await own('GET', key)).status).toBe(reads);
      expect((await own('PUT', key, 'w')).status).toBe(writes);
      expect((await own('DELETE', key)).status).toBe(writes);
    });

    it('leaves out of a list what may not be read', async () => {
      const names = (await own('GET', '?keys')).text;
      expect(JSON.parse(names)).toEqual([`${name}/mine/x`, `${name}/seen/x`]);
      const entries = readAll(await own('GET', '?recurse')).map(({ Key }) => Key);
      expect(entries).toEqual([`${name}/mine/x`, `${name}/seen/x`]);
      expect([(await own('GET', 'other/?recurse')).status, (await own('GET', 'other/?keys')).status]).toEqual([
        404, 404,
      ]);
    });

    it('deletes a folder only where all of it may be written', async () => {
      expect((await own('DELETE', '?recurse')).status).toBe(403);
      expect((await own('DELETE', 'mine/?recurse')).status).toBe(403);
      expect((await own('DELETE', 'mine/sub/?recurse')).status).toBe(200);
      expect((await own('DELETE', 'seen/?recurse')).status).toBe(403);
    });

    it('holds in transactions: one forbidden change forbids all, and what may not be seen is left out', async () => {
      const txn = async (...operations: readonly object[]) => {
        const given = operations.map((KV) => ({ KV }));
        const { status, text } = await ask(secret, 'PUT', 'txn', given);
        const { Results, Errors } = JSON.parse(text) as { Results: { KV: Fields }[] | null; Errors: unknown };
        return { status, keys: Results?.map(({ KV }) => KV.Key), errors: Errors };
      };
      const key = (path: string) => `${name}/${path}`;
      const set = (path: string) => ({ Verb: 'set', Key: key(path), Value: 'eA==' });
      const isDenied = { status: 409, keys: undefined, errors: [{ OpIndex: 0, What: 'Permission denied' }] };
      expect(await txn(set('other/x'), set('mine/y'), { Verb: 'get', Key: key('other/x') })).toEqual(isDenied);
      expect((await own('GET', 'mine/y')).status).toBe(404);
      const seen = await txn({ Verb: 'get', Key: key('other/x') }, { Verb: 'get', Key: key('mine/x') });
      expect(seen).toEqual({ status: 200, keys: [key('mine/x')], errors: null });
      const tree = await txn({ Verb: 'get-tree', Key: `${name}/` }, set('mine/z'));
      expect(tree.keys).toEqual([key('mine/x'), key('seen/x'), key('mine/z')]);
      for (const Verb of ['check-not-exists', 'check-index', 'delete', 'cas']) {
        expect(await txn({ Verb, Key: key('other/q'), Index: 3 })).toEqual(isDenied);
      }
      expect(await txn({ Verb: 'delete-tree', Key: key('mine/') })).toEqual(isDenied);
      expect(await txn({ Verb: 'delete-tree', Key: key('mine/s') })).toMatchObject({ status: 200 });
      expect(await txn({ Verb: 'delete', Key: key('seen/x') })).toEqual(isDenied);
    });

    it('takes several policies together, the stricter word before the other, and a changed one at once', async () => {
      const more = await policy(`${name}-more`, `key_prefix "${name}/other/" { policy = "write" }\nacl = "read"`);
      await policy(`${name}-less`, `key_prefix "${name}/other/" { policy = "deny" }`);
      secret = await token(name, `${name}-more`);
      expect((await own('PUT', 'other/x', 'w')).status).toBe(200);
      expect((await ask(secret, 'GET', 'acl/policies')).status).toBe(200);
      expect(await ask(secret, 'PUT', 'acl/policy', { Name: 'x' })).toEqual(denied);
      const both = await token(name, `${name}-more`, `${name}-less`);
      expect((await ask(both, 'GET', `kv/${name}/other/x`)).status).toBe(403);
      const Rules = `key_prefix "${name}/other/" { policy = "read" }`;
      await master('PUT', `acl/policy/${more.ID}`, { ID: more.ID, Name: more.Name, Rules });
      expect((await own('GET', 'other/x')).status).toBe(200);
      expect((await own('PUT', 'other/x', 'w')).status).toBe(403);
      expect((await ask(secret, 'GET', 'acl/policies')).status).toBe(403);
    });

    it('is not asked of a token about other tokens', async () => {
      expect(await ask(secret, 'GET', 'acl/tokens')).toEqual(denied);
      expect(await ask(secret, 'GET', 'agent/self')).toEqual(denied);
    });
  });
});

describe('a Consul sandbox without a token', () => {
  it('has no access control, as Consul until it is told so', async () => {
    const sandbox = await startConsulSandbox();
    const response = await fetch(`${sandbox.url}/v1/acl/tokens`);
    expect([response.status, await response.text()]).toEqual([401, 'ACL support disabled']);
    await sandbox.close();
  });
});
