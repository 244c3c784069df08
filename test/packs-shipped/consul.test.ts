import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import kvDelete from '../../packs/consul/actions/kv_delete.ts';
import kvGet from '../../packs/consul/actions/kv_get.ts';
import kvList from '../../packs/consul/actions/kv_list.ts';
import kvPut from '../../packs/consul/actions/kv_put.ts';
import txn from '../../packs/consul/actions/txn.ts';
import { type ConsulSandbox, startConsulSandbox } from '../../src/sandbox/index.ts';
import { isTransientError } from '../../src/sdk/index.ts';
import { consulProgram, startConsul } from '../real/consul.ts';
import { runAction } from './run-action.ts';

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

describe.each(backends)('the consul pack against $name', ({ start }) => {
  let config: Record<string, unknown>;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    const server = await start();
    stop = server.stop;
    config = { url: server.url };
  });
  afterEach(() => runAction(kvDelete, { key: 'app', recurse: true }, config));
  afterAll(() => stop());

  const put = (key: string, value: string, more: object = {}) => runAction(kvPut, { key, value, ...more }, config);
  const get = async (key: string) => (await runAction(kvGet, { key }, config)).result;
  const list = async (more: object) => (await runAction(kvList, { prefix: 'app/', ...more }, config)).result;

  it('writes and reads a key', async () => {
    expect((await put('app/grüße & mehr?', 'grün', { flags: 7 })).result).toEqual({
      key: 'app/grüße & mehr?',
      written: true,
    });
    expect(await get('app/grüße & mehr?')).toMatchObject({ found: true, value: 'grün', entry: { flags: 7 } });
  });

  it('answers that a key is not there', async () => {
    expect(await get('app/nobody')).toEqual({ key: 'app/nobody', found: false, value: null, entry: null });
  });

  it('keeps an empty value apart from a missing one', async () => {
    await put('app/empty', '');
    expect(await get('app/empty')).toMatchObject({ found: true, value: '' });
  });

  it('writes only over what it knows, when asked to', async () => {
    await put('app/a', 'one', { cas: 0 });
    await expect(put('app/a', 'two', { cas: 0 })).rejects.toThrow('Writing the key app/a failed: it exists already.');
    const { entry } = await get('app/a');
    await put('app/a', 'two', { cas: entry?.modify_index });
    await expect(put('app/a', 'three', { cas: entry?.modify_index })).rejects.toThrow('somebody else has changed it');
    expect(await get('app/a')).toMatchObject({ value: 'two' });
  });

  it('lists names, one level, or entries', async () => {
    for (const key of ['app/a', 'app/b/c', 'app/b/d']) await put(key, key);
    expect(await list({})).toEqual({ keys: ['app/a', 'app/b/c', 'app/b/d'], entries: [] });
    expect((await list({ separator: '/' })).keys).toEqual(['app/a', 'app/b/']);
    expect((await list({ values: true })).entries.map((entry) => entry.value)).toEqual(['app/a', 'app/b/c', 'app/b/d']);
    expect(await list({ prefix: 'nobody/' })).toEqual({ keys: [], entries: [] });
  });

  it('deletes one key, or all that begin with a text', async () => {
    for (const key of ['app/a', 'app/b/c', 'app/b/d']) await put(key, key);
    await runAction(kvDelete, { key: 'app/b/', recurse: true }, config);
    expect((await list({})).keys).toEqual(['app/a']);
    for (const _ of ['there', 'gone']) {
      expect((await runAction(kvDelete, { key: 'app/a' }, config)).result).toEqual({ key: 'app/a', deleted: true });
    }
    expect((await list({})).keys).toEqual([]);
  });

  it('deletes only what it knows, when asked to', async () => {
    await put('app/a', 'one');
    const index = (await get('app/a')).entry?.modify_index ?? 0;
    await expect(runAction(kvDelete, { key: 'app/a', cas: index + 1 }, config)).rejects.toThrow(
      'somebody else has changed it',
    );
    await runAction(kvDelete, { key: 'app/a', cas: index }, config);
    expect(await get('app/a')).toMatchObject({ found: false });
  });

  it('writes several keys at once', async () => {
    const operations = [
      { key: 'app/host', value: 'db.example.com' },
      { key: 'app/port', value: '3306' },
      { verb: 'get' as const, key: 'app/host' },
    ];
    const { entries } = (await runAction(txn, { operations }, config)).result;
    expect(entries.map(({ key, value }) => [key, value])).toEqual([
      ['app/host', ''],
      ['app/port', ''],
      ['app/host', 'db.example.com'],
    ]);
    expect(new Set(entries.map((entry) => entry.modify_index)).size).toBe(1);
  });

  it('rolls everything back when one operation is refused, and says which', async () => {
    const operations = [
      { key: 'app/host', value: 'db.example.com' },
      { verb: 'check-index' as const, key: 'app/nobody', index: 1 },
    ];
    await expect(runAction(txn, { operations }, config)).rejects.toThrow(
      `The transaction of 2 operations was rolled back: operation 2 (check-index app/nobody): failed to check index, key "app/nobody" doesn't exist.`,
    );
    expect((await list({})).keys).toEqual([]);
  });

  it.each(['/app', 'app//a', 'app/../secret', './app'])(
    'refuses %s, which HTTP would read as another key',
    async (key) => {
      await expect(put(key, 'x')).rejects.toThrow('must not begin with a slash');
      await expect(runAction(kvDelete, { key, recurse: true }, config)).rejects.toThrow('must not begin with a slash');
    },
  );
});

describe('when Consul is in trouble', () => {
  let sandbox: ConsulSandbox;
  beforeEach(async () => {
    sandbox = await startConsulSandbox({ token: 'let-me-in' });
  });
  afterEach(() => sandbox.close());

  const put = (token = 'let-me-in', signal?: AbortSignal) =>
    runAction(kvPut, { key: 'app/a', value: 'x' }, { url: `${sandbox.url}/`, token }, signal);
  const thrownBy = async (run: Promise<unknown>): Promise<unknown> =>
    run.then(
      () => 'nothing',
      (error: unknown) => error,
    );

  it('no connection is transient, and the connection that was open before too', async () => {
    await put();
    await sandbox.stop();
    const error = await thrownBy(put());
    expect(isTransientError(error)).toBe(true);
    expect(String(error)).toContain(`Writing the key app/a failed: Consul at ${sandbox.url} did not answer`);
    await sandbox.start();
    await put();
  });

  it.each([500, 503, 429])('HTTP %i is transient', async (status) => {
    sandbox.faults.fail({ status });
    const error = await thrownBy(put());
    expect(isTransientError(error)).toBe(true);
    expect(String(error)).toContain(`HTTP ${status}: No cluster leader`);
  });

  it('a lost answer is transient, and writing again does no harm', async () => {
    sandbox.faults.loseAnswers();
    expect(isTransientError(await thrownBy(put()))).toBe(true);
    await put();
    expect(sandbox.listKeys()).toEqual(new Map([['app/a', 'x']]));
  });

  it('a wrong token is not, and is not repeated', async () => {
    const error = await thrownBy(put('wrong-token'));
    expect(isTransientError(error)).toBe(false);
    expect(String(error)).toBe('Error: Writing the key app/a failed: Consul answered HTTP 403: ACL not found');
  });

  it('a canceled run ends with its reason', async () => {
    await expect(put('let-me-in', AbortSignal.abort(new Error('canceled by ada')))).rejects.toThrow('canceled by ada');
  });
});
