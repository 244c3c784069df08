import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createCipher,
  createKeyValueStore,
  createMasker,
  type KeyValueStore,
  type Masker,
} from '../../src/datastore/index.ts';
import { openSqliteStore, type Store } from '../../src/store/index.ts';

describe('the datastore', () => {
  let directory = '';
  let store: Store;
  let masker: Masker;
  let keys: KeyValueStore;
  let now = 1_000_000;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'petrel-keys-'));
    store = await openSqliteStore({ directory });
    masker = createMasker();
    keys = createKeyValueStore({ store, cipher: createCipher(new Uint8Array(32)), masker, now: () => now });
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  const invalid = { code: 'invalid' };

  it('gives back what was set, in the system scope unless said otherwise', async () => {
    const key = await keys.set({ name: 'host' }, 'web1', { description: 'where' });
    expect(key).toEqual({
      scope: 'system',
      user: '',
      name: 'host',
      value: 'web1',
      secret: false,
      encrypted: false,
      description: 'where',
    });
    expect(await keys.get({ name: 'host' })).toEqual(key);
    expect(await keys.get({ name: 'none' })).toBeUndefined();
  });

  it('keeps the scopes and the users apart', async () => {
    await keys.set({ name: 'k' }, 'system');
    await keys.set({ scope: 'user', user: 'alice', name: 'k' }, 'of alice');
    expect((await keys.get({ scope: 'user', user: 'alice', name: 'k' }))?.value).toBe('of alice');
    expect(await keys.get({ scope: 'user', user: 'bob', name: 'k' })).toBeUndefined();
    expect((await keys.get({ scope: 'system', user: 'alice', name: 'k' }))?.value).toBe('system');
  });

  it('encrypts secrets at rest, and shows ciphertext unless asked to decrypt', async () => {
    const set = await keys.set({ name: 'password' }, 'hunter2', { secret: true });
    expect(set).toMatchObject({ secret: true, encrypted: true, value: expect.stringMatching(/^petrel:v1:/) });
    expect((await store.getKey('system', '', 'password'))?.value).toBe(set.value);
    expect(await keys.get({ name: 'password' })).toEqual(set);
    expect(await keys.get({ name: 'password' }, { decrypt: true })).toMatchObject({
      value: 'hunter2',
      secret: true,
      encrypted: false,
    });
  });

  it('makes secrets known to the masker before anybody has them', async () => {
    await keys.set({ name: 'password' }, 'hunter2', { secret: true });
    expect(masker.mask('hunter2')).toBe('********');
    const fresh = createMasker();
    const again = createKeyValueStore({
      store,
      cipher: createCipher(new Uint8Array(32)),
      masker: fresh,
      now: () => now,
    });
    await again.list({});
    expect(fresh.mask('hunter2')).toBe('hunter2');
    await again.list({}, { decrypt: true });
    expect(fresh.mask('hunter2')).toBe('********');
  });

  it('has keys expire, to the millisecond', async () => {
    const key = await keys.set({ name: 'brief' }, 'x', { ttl: 1.5 });
    expect(key.expiresAt).toBe(now + 1500);
    now += 1499;
    expect(await keys.get({ name: 'brief' })).toBeDefined();
    expect((await keys.list({})).total).toBe(1);
    now += 1;
    expect(await keys.get({ name: 'brief' })).toBeUndefined();
    expect(await keys.list({})).toEqual({ items: [], total: 0 });
    expect(await keys.delete({ name: 'brief' })).toBe(false);
  });

  it('forgets an old time to live when the key is set again', async () => {
    await keys.set({ name: 'k' }, 'x', { ttl: 1 });
    await keys.set({ name: 'k' }, 'y');
    now += 10_000;
    expect((await keys.get({ name: 'k' }))?.value).toBe('y');
  });

  it('deletes', async () => {
    await keys.set({ name: 'k' }, 'x');
    expect(await keys.delete({ name: 'k' })).toBe(true);
    expect(await keys.delete({ name: 'k' })).toBe(false);
  });

  it('lists by name, prefix and page, all of them when no limit is given', async () => {
    for (const name of ['b.1', 'a.2', 'b.2', 'b.3']) await keys.set({ name }, name);
    const names = async (options?: Parameters<KeyValueStore['list']>[1]) =>
      (await keys.list({}, options)).items.map((item) => item.name);
    expect(await names()).toEqual(['a.2', 'b.1', 'b.2', 'b.3']);
    expect(await names({ prefix: 'b.', limit: 2, offset: 1 })).toEqual(['b.2', 'b.3']);
    expect((await keys.list({}, { prefix: 'b.', limit: 1 })).total).toBe(3);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d as a time to live', async (ttl) => {
    await expect(keys.set({ name: 'k' }, 'x', { ttl })).rejects.toMatchObject(invalid);
  });

  it('refuses an empty name, and the scope of a user nobody named', async () => {
    await expect(keys.set({ name: '' }, 'x')).rejects.toMatchObject(invalid);
    await expect(keys.get({ scope: 'user', name: 'k' })).rejects.toMatchObject(invalid);
    await expect(keys.list({ scope: 'user' })).rejects.toMatchObject(invalid);
  });
});
