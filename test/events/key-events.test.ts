import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCipher, createKeyValueStore, createMasker, type KeyValueStore } from '../../src/datastore/index.ts';
import { createKeyEvents } from '../../src/events/index.ts';
import type { TriggerEvent } from '../../src/model/index.ts';
import { openSqliteStore, type Store } from '../../src/store/index.ts';

describe('A change of the datastore', () => {
  let directory = '';
  let store: Store;
  let keys: KeyValueStore;
  let now = 1_000_000;
  let written: TriggerEvent[] = [];
  let bound = true;
  let failing = false;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'petrel-key-events-'));
    store = await openSqliteStore({ directory });
    [written, bound, failing] = [[], true, false];
    const onChange = createKeyEvents({
      isBound: () => bound,
      plan: async (events) => ({
        async write() {
          if (failing) throw new Error('the disk is full');
        },
        committed: () => void written.push(...events),
      }),
    });
    const cipher = createCipher(new Uint8Array(32));
    keys = createKeyValueStore({ store, cipher, masker: createMasker(), now: () => now, onChange });
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  const told = () => written.splice(0).map(({ trigger, payload }) => [trigger.replace(/^.*_pair\./, ''), payload]);
  const item = (value: string, more: object = {}) => ({
    uid: 'key_value_pair:st2kv.system:host',
    scope: 'st2kv.system',
    name: 'host',
    value,
    secret: false,
    ...more,
  });

  it('is an event: a key is new, is set again, has another value, is deleted', async () => {
    await keys.set({ name: 'host' }, 'web1');
    expect(told()).toEqual([['create', { object: item('web1') }]]);
    await keys.set({ name: 'host' }, 'web1', { description: 'where' });
    expect(told()).toEqual([['update', { object: item('web1', { description: 'where' }) }]]);
    await keys.set({ name: 'host' }, 'web2');
    expect(told()).toEqual([
      ['update', { object: item('web2') }],
      ['value_change', { old_object: item('web1', { description: 'where' }), new_object: item('web2') }],
    ]);
    expect(await keys.delete({ name: 'host' })).toBe(true);
    expect(told()).toEqual([['delete', { object: item('web2') }]]);
    expect(await keys.delete({ name: 'host' })).toBe(false);
    expect(told()).toEqual([]);
  });

  it('of a secret shows its ciphertext, and tells the same value from another', async () => {
    await keys.set({ name: 'host' }, 'hunter2', { secret: true });
    await keys.set({ name: 'host' }, 'hunter2', { secret: true });
    expect(written.map(({ trigger }) => trigger)).not.toContain('core.st2.key_value_pair.value_change');
    await keys.set({ name: 'host' }, 'hunter3', { secret: true });
    expect(written.map(({ trigger }) => trigger)).toContain('core.st2.key_value_pair.value_change');
    expect(JSON.stringify(written)).not.toContain('hunter');
  });

  it('knows an expired key as one that is not there', async () => {
    await keys.set({ name: 'host' }, 'web1', { ttl: 10 });
    now += 11_000;
    expect(await keys.delete({ name: 'host' })).toBe(false);
    await keys.set({ name: 'host' }, 'web2');
    expect(told().map(([name]) => name)).toEqual(['create', 'create']);
  });

  it('names the user of a user scope', async () => {
    await keys.set({ scope: 'user', user: 'ann', name: 'host' }, 'web1');
    expect(told()).toEqual([
      [
        'create',
        { object: item('web1', { uid: 'key_value_pair:st2kv.user:ann:host', scope: 'st2kv.user', name: 'ann:host' }) },
      ],
    ]);
  });

  it('is written where nobody listens, too', async () => {
    bound = false;
    await keys.set({ name: 'host' }, 'web1');
    expect([(await keys.get({ name: 'host' }))?.value, told()]).toEqual(['web1', []]);
  });

  it('is not made when its event cannot be written', async () => {
    failing = true;
    await expect(keys.set({ name: 'host' }, 'web1')).rejects.toThrow('the disk is full');
    expect(await keys.get({ name: 'host' })).toBeUndefined();
  });
});
