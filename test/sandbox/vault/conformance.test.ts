import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startVaultSandbox } from '../../../src/sandbox/index.ts';
import { vaultBackends } from '../../real/vault.ts';

/** What Vault's documented HTTP API promises of health, tokens and KV version 2, as far as a dev server and its stand-in agree. */
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

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/;

describe.each(backends)('the Vault API of $name', ({ start }) => {
  let url: string;
  let token: string;
  let stop: () => Promise<void>;
  let path: string;

  beforeAll(async () => {
    ({ url, token, stop } = await start());
  });
  beforeEach(() => {
    path = `petrel-conformance/${randomUUID()}`;
  });
  afterAll(() => stop());

  interface Reply {
    readonly status: number;
    readonly body: Record<string, unknown> | undefined;
  }
  async function ask(
    method: string,
    target: string,
    body?: unknown,
    headers: Record<string, string> = { 'x-vault-token': token },
  ): Promise<Reply> {
    const response = await fetch(`${url}/v1/${target}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>) };
  }
  const write = (data: unknown, options?: object) =>
    ask('POST', `secret/data/${path}`, { data, ...(options && { options }) });
  const read = (query = '') => ask('GET', `secret/data/${path}${query}`);
  const nothing = { status: 404, body: { errors: [] } };
  const metadata = (version: number) => ({
    created_time: expect.stringMatching(TIME),
    custom_metadata: null,
    deletion_time: '',
    destroyed: false,
    version,
  });

  describe('the server', () => {
    it('tells its health without a token', async () => {
      const { status, body } = await ask('GET', 'sys/health', undefined, {});
      expect(status).toBe(200);
      expect(body).toMatchObject({ initialized: true, sealed: false, standby: false, version: expect.any(String) });
      expect(await ask('HEAD', 'sys/health', undefined, {})).toMatchObject({ status: 200, body: undefined });
      expect((await ask('GET', 'sys/seal-status', undefined, {})).body).toMatchObject({
        type: 'shamir',
        sealed: false,
        t: 1,
        n: 1,
      });
    });

    it('has a KV version 2 engine at secret/', async () => {
      const { body } = await ask('GET', 'sys/mounts');
      const engine = { type: 'kv', options: { version: '2' } };
      expect(body).toMatchObject({ 'secret/': engine, data: { 'secret/': engine } });
    });

    it('knows its token, also as a bearer token', async () => {
      const { body } = await ask('GET', 'auth/token/lookup-self', undefined, { authorization: `Bearer ${token}` });
      expect(body).toMatchObject({ data: { id: token, policies: ['root'], ttl: 0, type: 'service' }, auth: null });
    });

    it('permits nothing without a token or with a wrong one', async () => {
      for (const headers of [{}, { 'x-vault-token': 'wrong' }]) {
        const { status, body } = await ask('GET', `secret/data/${path}`, undefined, headers);
        expect(status).toBe(403);
        // Newer releases add a second message that says what is wrong with the token.
        expect(JSON.stringify(body?.errors)).toContain('permission denied');
      }
    });

    it('tells a missing engine from a missing secret', async () => {
      expect(await read()).toEqual(nothing);
      const { status, body } = await ask('GET', 'no-such-engine/data/a');
      expect(status).toBe(404);
      expect(JSON.stringify(body)).toContain('no handler for route');
    });

    it('explains the path of version 1', async () => {
      const { status, body } = await ask('GET', `secret/${path}`);
      expect(status).toBe(404);
      expect(JSON.stringify(body?.warnings)).toContain('Invalid path for a versioned K/V secrets engine');
    });
  });

  describe('a secret', () => {
    it('is written and read in an envelope', async () => {
      const data = { password: 'correct-horse', port: 3306, nested: { list: [1, null, true] } };
      const written = await write(data);
      expect(written).toEqual({
        status: 200,
        body: expect.objectContaining({
          request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          lease_id: '',
          renewable: false,
          lease_duration: 0,
          data: metadata(1),
          wrap_info: null,
          warnings: null,
          auth: null,
        }),
      });
      expect((await read()).body?.data).toEqual({ data, metadata: metadata(1) });
    });

    it('can be written with PUT too', async () => {
      expect(await ask('PUT', `secret/data/${path}`, { data: { a: '1' } })).toMatchObject({
        status: 200,
        body: { data: { version: 1 } },
      });
    });

    it('gets a new version with each write; old ones stay readable', async () => {
      await write({ a: '1' });
      await write({ a: '2' });
      expect((await read()).body?.data).toEqual({ data: { a: '2' }, metadata: metadata(2) });
      expect((await read('?version=1')).body?.data).toEqual({ data: { a: '1' }, metadata: metadata(1) });
      expect(await read('?version=3')).toEqual(nothing);
    });

    it('keeps its last ten versions', async () => {
      for (let version = 1; version <= 12; version += 1) await write({ version });
      expect(await read('?version=2')).toEqual(nothing);
      expect((await read('?version=3')).status).toBe(200);
      expect((await ask('GET', `secret/metadata/${path}`)).body?.data).toMatchObject({
        current_version: 12,
        oldest_version: 3,
      });
    });

    it.each([
      ['no data', {}, /no data provided/],
      ['data that is not an object', { data: 'text' }, /error converting input/],
      // The words have changed over the releases.
      ['nonsense', '{', /pars(e|ing) JSON/],
    ])('is not made from %s', async (_, body, complaint) => {
      const reply = await ask('POST', `secret/data/${path}`, body);
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(JSON.stringify(reply.body?.errors)).toMatch(complaint);
    });
  });

  describe('check-and-set', () => {
    const refused = { status: 400, body: { errors: ['check-and-set parameter did not match the current version'] } };

    it('with 0 creates only', async () => {
      expect((await write({ a: '1' }, { cas: 0 })).status).toBe(200);
      expect(await write({ a: '2' }, { cas: 0 })).toEqual(refused);
    });

    it('with a version writes over that version only', async () => {
      await write({ a: '1' });
      expect(await write({ a: '2' }, { cas: 2 })).toEqual(refused);
      expect((await write({ a: '2' }, { cas: 1 })).body?.data).toEqual(metadata(2));
    });

    it('can be required', async () => {
      expect((await ask('POST', `secret/metadata/${path}`, { cas_required: true, max_versions: 2 })).status).toBe(204);
      expect(await write({ a: '1' })).toEqual({
        status: 400,
        body: { errors: ['check-and-set parameter required for this call'] },
      });
      for (const cas of [0, 1, 2]) expect((await write({ cas }, { cas })).status).toBe(200);
      expect((await ask('GET', `secret/metadata/${path}`)).body?.data).toMatchObject({
        cas_required: true,
        max_versions: 2,
        oldest_version: 2,
      });
    });
  });

  describe('a patch', () => {
    const patch = (data: unknown, options: object = {}, type = 'application/merge-patch+json') =>
      ask('PATCH', `secret/data/${path}`, { data, options }, { 'x-vault-token': token, 'content-type': type });

    it('merges into the current version', async () => {
      await write({ keep: '1', drop: '2', inner: { a: 1, b: 2 } });
      expect((await patch({ drop: null, add: '3', inner: { b: null, c: 3 } })).body?.data).toEqual(metadata(2));
      expect((await read()).body?.data).toMatchObject({ data: { keep: '1', add: '3', inner: { a: 1, c: 3 } } });
    });

    it('needs something to patch, the right version and the right content type', async () => {
      expect((await patch({ a: '1' })).status).toBe(404);
      await write({ a: '1' });
      expect((await patch({ a: '2' }, { cas: 7 })).status).toBe(400);
      expect((await patch({ a: '2' }, {}, 'application/json')).status).toBe(415);
      await ask('DELETE', `secret/data/${path}`);
      expect((await patch({ a: '2' })).status).toBe(404);
    });
  });

  describe('deletion', () => {
    beforeEach(async () => {
      await write({ a: '1' });
      await write({ a: '2' });
    });
    const versions = (verb: string, list: number[]) => ask('POST', `secret/${verb}/${path}`, { versions: list });
    const done = { status: 204, body: undefined };

    it('of the latest version leaves its metadata and the older ones', async () => {
      expect(await ask('DELETE', `secret/data/${path}`)).toEqual(done);
      const { status, body } = await read();
      expect(status).toBe(404);
      expect(body?.data).toEqual({
        data: null,
        metadata: { ...metadata(2), deletion_time: expect.stringMatching(TIME) },
      });
      expect((await read('?version=1')).status).toBe(200);
    });

    it('of chosen versions can be undone', async () => {
      expect(await versions('delete', [1, 2])).toEqual(done);
      expect((await read()).status).toBe(404);
      expect(await versions('undelete', [2])).toEqual(done);
      expect((await read()).body?.data).toEqual({ data: { a: '2' }, metadata: metadata(2) });
      expect((await read('?version=1')).status).toBe(404);
    });

    it('by destruction cannot', async () => {
      expect(await versions('destroy', [2])).toEqual(done);
      expect(await versions('undelete', [2])).toEqual(done);
      expect(await read()).toMatchObject({
        status: 404,
        body: { data: { data: null, metadata: { destroyed: true, deletion_time: '' } } },
      });
    });

    it('of the metadata takes everything', async () => {
      expect(await ask('DELETE', `secret/metadata/${path}`)).toEqual(done);
      expect(await read()).toEqual(nothing);
      expect(await read('?version=1')).toEqual(nothing);
      expect(await ask('GET', `secret/metadata/${path}`)).toEqual(nothing);
      expect((await write({ a: 'again' })).body?.data).toEqual(metadata(1));
    });

    it('of what is not there is no error', async () => {
      expect(await ask('DELETE', `secret/data/${path}-nobody`)).toEqual(done);
      expect(await ask('DELETE', `secret/metadata/${path}-nobody`)).toEqual(done);
    });

    it('wants to know which versions', async () => {
      expect((await versions('delete', [])).status).toBe(400);
      expect((await versions('destroy', [])).status).toBe(400);
    });
  });

  describe('metadata', () => {
    it('tells of all versions', async () => {
      await write({ a: '1' });
      await write({ a: '2' });
      await ask('POST', `secret/metadata/${path}`, { custom_metadata: { owner: 'uid-1' } });
      const version = { created_time: expect.stringMatching(TIME), deletion_time: '', destroyed: false };
      expect((await ask('GET', `secret/metadata/${path}`)).body?.data).toMatchObject({
        cas_required: false,
        created_time: expect.stringMatching(TIME),
        current_version: 2,
        custom_metadata: { owner: 'uid-1' },
        delete_version_after: '0s',
        max_versions: 0,
        oldest_version: 0,
        updated_time: expect.stringMatching(TIME),
        versions: { 1: version, 2: version },
      });
      expect((await read()).body?.data).toMatchObject({ metadata: { custom_metadata: { owner: 'uid-1' } } });
    });

    it('lists a folder, in both of its ways, with folders marked', async () => {
      const folder = path;
      for (const name of ['b', 'a', 'a/inner', 'c/d/e'])
        await ask('POST', `secret/data/${folder}/${name}`, { data: { x: '1' } });
      const keys = ['a', 'a/', 'b', 'c/'];
      expect((await ask('LIST', `secret/metadata/${folder}`)).body?.data).toEqual({ keys });
      expect((await ask('GET', `secret/metadata/${folder}?list=true`)).body?.data).toEqual({ keys });
      expect((await ask('LIST', `secret/metadata/${folder}/c/`)).body?.data).toEqual({ keys: ['d/'] });
      expect(await ask('LIST', `secret/metadata/${folder}/b`)).toEqual(nothing);
    });
  });

  describe('an ACL policy', () => {
    const policy = 'path "secret/data/a" {\n  capabilities = ["read"]\n}\n';
    let target: string;
    beforeEach(() => {
      target = `sys/policies/acl/${path.replace('/', '-')}`;
    });

    it('is written, listed, read as it was written, and deleted', async () => {
      const name = target.split('/').at(-1);
      expect(await ask('GET', target)).toEqual(nothing);
      expect(await ask('PUT', target, { policy })).toEqual({ status: 204, body: undefined });
      expect((await ask('GET', target)).body?.data).toMatchObject({ name, policy });
      expect((await ask('GET', 'sys/policies/acl?list=true')).body?.data).toEqual({
        keys: expect.arrayContaining(['default', 'root', name]),
      });
      expect(await ask('DELETE', target)).toEqual({ status: 204, body: undefined });
      expect(await ask('DELETE', target)).toEqual({ status: 204, body: undefined });
      expect(JSON.stringify((await ask('LIST', 'sys/policies/acl')).body?.data)).not.toContain(name);
    });

    it('is called in lower case', async () => {
      await ask('POST', target.replace('petrel', 'PETREL'), { policy });
      expect((await ask('GET', target)).body?.data).toMatchObject({ policy });
      await ask('DELETE', target);
    });

    it('must be one, and the built-in ones stay', async () => {
      expect((await ask('PUT', target, {})).status).toBe(400);
      expect((await ask('PUT', target, { policy: policy.replace('read', 'raed') })).status).toBe(400);
      expect((await ask('PUT', 'sys/policies/acl/root', { policy })).status).toBe(400);
      expect((await ask('DELETE', 'sys/policies/acl/default')).status).toBe(400);
      expect(await ask('GET', target)).toEqual(nothing);
    });
  });
});
