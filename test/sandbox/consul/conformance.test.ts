import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startConsulSandbox } from '../../../src/sandbox/index.ts';
import { consulProgram, startConsul } from '../../real/consul.ts';

/** What a client may count on, whoever serves it. */
const backends = [
  {
    name: 'the sandbox',
    start: async () => {
      const sandbox = await startConsulSandbox();
      return { url: sandbox.url, stop: sandbox.close };
    },
  },
  ...(consulProgram() === undefined ? [] : [{ name: 'a real Consul', start: () => startConsul() }]),
];

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly index: number;
  readonly type: string | null;
}

describe.each(backends)('the Consul API of $name', ({ start }) => {
  let url: string;
  let stop: () => Promise<void>;
  let folder: string;
  let count = 0;

  beforeAll(async () => {
    ({ url, stop } = await start());
  });
  beforeEach(() => {
    count += 1;
    folder = `case-${count}`;
  });
  afterAll(() => stop());

  async function ask(method: string, path: string, body?: string): Promise<Reply> {
    const response = await fetch(`${url}/v1/${path}`, { method, ...(body === undefined ? {} : { body }) });
    return {
      status: response.status,
      text: (await response.text()).trim(),
      index: Number(response.headers.get('x-consul-index')),
      type: response.headers.get('content-type'),
    };
  }
  const put = (key: string, value: string, query = '') => ask('PUT', `kv/${folder}/${key}${query}`, value);
  const get = (key: string, query = '') => ask('GET', `kv/${folder}/${key}${query}`);
  const entries = async (key: string, query = '') =>
    JSON.parse((await get(key, query)).text) as Record<string, unknown>[];
  async function entry(key: string) {
    const [first] = await entries(key);
    if (first === undefined) throw new Error(`no entry ${key}`);
    return first;
  }
  const modifyIndex = async (key: string) => Number((await entry(key)).ModifyIndex);
  async function txn(operations: object[]) {
    const reply = await ask('PUT', 'txn', JSON.stringify(operations.map((KV) => ({ KV }))));
    return {
      status: reply.status,
      ...(JSON.parse(reply.text) as { Results: { KV: object }[] | null; Errors: unknown }),
    };
  }
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  describe('one key', () => {
    it('is 404 without a body when it is not there', async () => {
      expect(await get('nothing')).toMatchObject({ status: 404, text: '' });
    });

    it('is kept with its flags and the index it was written at', async () => {
      expect(await put('a', 'grün', '?flags=42')).toMatchObject({
        status: 200,
        text: 'true',
        type: 'application/json',
      });
      const written = await entry('a');
      expect(written).toEqual({
        LockIndex: 0,
        Key: `${folder}/a`,
        Flags: 42,
        Value: base64('grün'),
        CreateIndex: written.ModifyIndex,
        ModifyIndex: expect.any(Number),
      });
      expect((await get('a')).index).toBe(written.ModifyIndex);
    });

    it('has a null value when it was written empty', async () => {
      await put('empty', '');
      expect(await entry('empty')).toMatchObject({ Value: null });
    });

    it('gets a new index with each change, and none when nothing changes', async () => {
      await put('a', 'one');
      const first = await entry('a');
      await put('a', 'one');
      expect(await entry('a')).toEqual(first);
      await put('a', 'two');
      const second = await entry('a');
      expect(second.CreateIndex).toBe(first.CreateIndex);
      expect(Number(second.ModifyIndex)).toBeGreaterThan(Number(first.ModifyIndex));
    });

    it('can be read raw', async () => {
      await put('a', 'plain text');
      expect(await get('a', '?raw')).toMatchObject({ status: 200, text: 'plain text', type: 'text/plain' });
    });

    it('can have a name that needs encoding', async () => {
      await put('a%20b%2Fc', 'x');
      expect(JSON.parse((await get('', '?keys')).text)).toEqual([`${folder}/a b/c`]);
    });

    it('is gone after DELETE, which succeeds for what is not there too', async () => {
      await put('a', 'x');
      expect(await ask('DELETE', `kv/${folder}/a`)).toMatchObject({ status: 200, text: 'true' });
      expect((await get('a')).status).toBe(404);
      expect(await ask('DELETE', `kv/${folder}/a`)).toMatchObject({ status: 200, text: 'true' });
    });

    it('cannot be nameless, other methods are refused, and values have a limit', async () => {
      expect(await ask('GET', 'kv/')).toMatchObject({ status: 400, text: 'Missing key name' });
      expect(await ask('PUT', 'kv/', 'x')).toMatchObject({ status: 400, text: 'Missing key name' });
      expect(await ask('DELETE', 'kv/')).toMatchObject({ status: 400, text: 'Missing key name' });
      expect(await ask('POST', `kv/${folder}/a`, 'x')).toMatchObject({ status: 405, text: 'method POST not allowed' });
      expect(await put('big', 'x'.repeat(512 * 1024 + 1))).toMatchObject({ status: 413 });
      expect(await put('big', 'x'.repeat(512 * 1024))).toMatchObject({ status: 200 });
    });
  });

  describe('check-and-set', () => {
    it('with 0 creates only', async () => {
      expect((await put('a', 'one', '?cas=0')).text).toBe('true');
      expect((await put('a', 'two', '?cas=0')).text).toBe('false');
      expect((await get('a', '?raw')).text).toBe('one');
    });

    it('with an index changes only what has that index', async () => {
      await put('a', 'one');
      const index = await modifyIndex('a');
      expect((await put('a', 'two', `?cas=${index}`)).text).toBe('true');
      expect((await put('a', 'three', `?cas=${index}`)).text).toBe('false');
      expect((await get('a', '?raw')).text).toBe('two');
    });

    it('deletes only what has the index', async () => {
      await put('a', 'one');
      const index = await modifyIndex('a');
      expect((await ask('DELETE', `kv/${folder}/a?cas=${index + 1}`)).text).toBe('false');
      expect((await ask('DELETE', `kv/${folder}/a?cas=0`)).text).toBe('false');
      expect((await ask('DELETE', `kv/${folder}/a?cas=${index}`)).text).toBe('true');
    });

    it('wants a number', async () => {
      const refusal = 'strconv.ParseUint: parsing "soon": invalid syntax';
      expect(await put('a', 'x', '?cas=soon')).toMatchObject({ status: 500, text: refusal });
      expect(await put('a', 'x', '?flags=soon')).toMatchObject({ status: 500, text: refusal });
    });
  });

  describe('many keys', () => {
    beforeEach(async () => {
      for (const key of ['b', 'a/2', 'a/1', 'a/x/y', 'ab']) await put(key, key);
    });
    const named = (...keys: string[]) => keys.map((key) => `${folder}/${key}`);

    it('are read with recurse, in order', async () => {
      expect((await entries('a', '?recurse')).map((found) => found.Key)).toEqual(named('a/1', 'a/2', 'a/x/y', 'ab'));
      expect((await get('nobody', '?recurse')).status).toBe(404);
    });

    it('are listed by name, to the first separator when asked', async () => {
      expect(JSON.parse((await get('a/', '?keys')).text)).toEqual(named('a/1', 'a/2', 'a/x/y'));
      expect(JSON.parse((await get('', '?keys&separator=/')).text)).toEqual(named('a/', 'ab', 'b'));
      expect(JSON.parse((await get('a/', '?keys&separator=/')).text)).toEqual(named('a/1', 'a/2', 'a/x/'));
      expect((await get('nobody', '?keys')).status).toBe(404);
    });

    it('are deleted with recurse, by the beginning of their names', async () => {
      expect((await ask('DELETE', `kv/${folder}/a/?recurse`)).text).toBe('true');
      expect(JSON.parse((await get('', '?keys')).text)).toEqual(named('ab', 'b'));
      expect((await ask('DELETE', `kv/${folder}/b?recurse&cas=1`)).status).toBe(400);
    });
  });

  describe('a blocking query', () => {
    const pending = Symbol('pending');
    const settled = (reply: Promise<Reply>) =>
      Promise.race([reply, new Promise((resolve) => setTimeout(resolve, 300, pending))]);

    it('answers when the key changes, and not before', async () => {
      await put('a', 'one');
      const waiting = get('a', `?index=${await modifyIndex('a')}&wait=20s`);
      expect(await settled(waiting)).toBe(pending);
      await put('a', 'two');
      const reply = await waiting;
      expect(JSON.parse(reply.text)).toMatchObject([{ Value: base64('two') }]);
      expect(reply.index).toBe(await modifyIndex('a'));
    });

    it('answers when a key below the prefix is deleted', async () => {
      await put('p/a', 'x');
      await put('p/b', 'x');
      const { index } = await get('p/', '?recurse');
      const waiting = get('p/', `?recurse&index=${index}&wait=20s`);
      expect(await settled(waiting)).toBe(pending);
      await ask('DELETE', `kv/${folder}/p/a`);
      const reply = await waiting;
      expect(JSON.parse(reply.text)).toMatchObject([{ Key: `${folder}/p/b` }]);
      expect(reply.index).toBeGreaterThan(index);
    });

    it('answers at once for an old index', async () => {
      await put('a', 'x');
      expect((await get('a', '?index=1&wait=20s')).status).toBe(200);
    });

    it('answers with what there is when the time is over', async () => {
      await put('a', 'x');
      const index = await modifyIndex('a');
      expect(await get('a', `?index=${index}&wait=100ms`)).toMatchObject({ status: 200, index });
    });

    it('wants a number and a duration', async () => {
      expect(await get('a', '?index=soon')).toMatchObject({ status: 400, text: 'Invalid index' });
      expect(await get('a', '?index=5&wait=soon')).toMatchObject({ status: 400, text: 'Invalid wait time' });
    });
  });

  describe('a transaction', () => {
    it('writes several keys at one index, and reads its own writes', async () => {
      const { status, Results, Errors } = await txn([
        { Verb: 'set', Key: `${folder}/a`, Value: base64('one'), Flags: 7 },
        { Verb: 'set', Key: `${folder}/b`, Value: base64('two') },
        { Verb: 'get', Key: `${folder}/a` },
      ]);
      const index = await modifyIndex('a');
      const at = { LockIndex: 0, CreateIndex: index, ModifyIndex: index };
      expect(status).toBe(200);
      expect(Errors).toBeNull();
      expect(Results?.map((result) => result.KV)).toEqual([
        { Key: `${folder}/a`, Flags: 7, Value: null, ...at },
        { Key: `${folder}/b`, Flags: 0, Value: null, ...at },
        { Key: `${folder}/a`, Flags: 7, Value: base64('one'), ...at },
      ]);
    });

    it('does nothing when one operation is refused, and tells of each', async () => {
      await put('there', 'x');
      const index = await modifyIndex('there');
      const key = (name: string) => `${folder}/${name}`;
      const { status, Results, Errors } = await txn([
        { Verb: 'set', Key: key('new'), Value: base64('x') },
        { Verb: 'check-not-exists', Key: key('there') },
        { Verb: 'check-index', Key: key('there'), Index: 1 },
        { Verb: 'check-index', Key: key('nobody'), Index: 1 },
        { Verb: 'cas', Key: key('there'), Value: base64('y'), Index: 1 },
        { Verb: 'delete-cas', Key: key('there'), Index: 1 },
        { Verb: 'get', Key: key('nobody') },
        { Verb: 'conquer', Key: key('there') },
      ]);
      expect({ status, Results }).toEqual({ status: 409, Results: null });
      expect(Errors).toEqual([
        { OpIndex: 1, What: `key "${key('there')}" exists` },
        { OpIndex: 2, What: `failed index check for key "${key('there')}", current modify index ${index} != 1` },
        { OpIndex: 3, What: `failed to check index, key "${key('nobody')}" doesn't exist` },
        { OpIndex: 4, What: `failed to set key "${key('there')}", index is stale` },
        { OpIndex: 5, What: `failed to delete key "${key('there')}", index is stale` },
        { OpIndex: 6, What: `key "${key('nobody')}" doesn't exist` },
        { OpIndex: 7, What: 'unknown KV verb "conquer"' },
      ]);
      expect((await get('new')).status).toBe(404);
      expect((await get('there', '?raw')).text).toBe('x');
    });

    it('tells of nameless keys before it tries anything', async () => {
      const { status, Errors } = await txn([
        { Verb: 'get', Key: `${folder}/nobody` },
        { Verb: 'set', Key: '', Value: base64('x') },
      ]);
      expect({ status, Errors }).toEqual({ status: 409, Errors: [{ OpIndex: 1, What: 'Must provide key' }] });
    });

    it('changes what its checks allow, and deletes', async () => {
      await put('a', 'x');
      await put('tree/1', 'x');
      await put('tree/2', 'x');
      const index = await modifyIndex('a');
      const { status, Results } = await txn([
        { Verb: 'check-index', Key: `${folder}/a`, Index: index },
        { Verb: 'check-not-exists', Key: `${folder}/nobody` },
        { Verb: 'cas', Key: `${folder}/a`, Value: base64('y'), Index: index },
        { Verb: 'get-tree', Key: `${folder}/tree/` },
        { Verb: 'delete-tree', Key: `${folder}/tree/` },
        { Verb: 'delete', Key: `${folder}/nobody` },
      ]);
      expect(status).toBe(200);
      expect(Results?.map((result) => result.KV)).toMatchObject([
        { Key: `${folder}/a`, Value: null, ModifyIndex: index },
        { Key: `${folder}/a`, Value: null },
        { Key: `${folder}/tree/1`, Value: base64('x') },
        { Key: `${folder}/tree/2` },
      ]);
      expect(JSON.parse((await get('', '?keys')).text)).toEqual([`${folder}/a`]);
    });

    it('may be empty, and answers how fresh it is when it only reads', async () => {
      const reply = await ask('PUT', 'txn', '[]');
      expect(JSON.parse(reply.text)).toMatchObject({ Results: [], Errors: null, KnownLeader: true, LastContact: 0 });
    });

    it('has at most 64 operations, in JSON, with base64 in it', async () => {
      const many = Array.from({ length: 65 }, () => ({ Verb: 'get', Key: 'x' }));
      const tooMany = await ask('PUT', 'txn', JSON.stringify(many.map((KV) => ({ KV }))));
      expect(tooMany).toMatchObject({ status: 413, text: 'Transaction contains too many operations (65 > 64)' });
      expect(await ask('PUT', 'txn', 'nonsense')).toMatchObject({
        status: 400,
        text: expect.stringMatching(/^Failed to parse body: /),
      });
      const notBase64 = JSON.stringify([{ KV: { Verb: 'set', Key: 'x', Value: '!!' } }]);
      expect(await ask('PUT', 'txn', notBase64)).toMatchObject({
        status: 400,
        text: expect.stringContaining('illegal base64 data'),
      });
    });
  });

  it('has a leader and tells about the agent', async () => {
    expect(JSON.parse((await ask('GET', 'status/leader')).text)).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(JSON.parse((await ask('GET', 'agent/self')).text)).toMatchObject({
      Config: { Datacenter: 'dc1', Server: true },
    });
    expect(await ask('GET', 'kv/a?dc=atlantis')).toMatchObject({ status: 500 });
    expect(await ask('GET', 'nonsense')).toMatchObject({ status: 404 });
  });
});
