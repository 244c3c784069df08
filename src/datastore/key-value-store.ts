import { PetrelError, type StoredKey } from '../model/index.ts';
import type { KeyOperations, Operations, Store } from '../store/index.ts';
import type { Cipher, Key, KeyAddress, KeyValueStore, Masker } from './datastore.ts';

/** That a key was set or deleted; `before` and `after` as they are stored, a secret in ciphertext. */
export interface KeyChange {
  readonly before?: StoredKey;
  readonly after?: StoredKey;
  /** Whether the clear text is another one than before. */
  readonly isNewValue: boolean;
}

/** Answers what has to be written with a change, and what to call after its commit; undefined when nobody wants to know. */
export type OnKeyChange = (
  change: KeyChange,
) => Promise<{ write(tx: Operations): Promise<void>; committed(): void } | undefined>;

/**
 * Keys over the store. `now`: epoch milliseconds. Reading a secret without `decrypt` gives its ciphertext; so does setting one.
 * `list` without a limit lists all.
 */
export function createKeyValueStore(services: {
  store: KeyOperations & Pick<Store, 'transaction'>;
  cipher: Cipher;
  masker: Masker;
  now: () => number;
  onChange?: OnKeyChange;
}): KeyValueStore {
  const { store, cipher, masker, now, onChange } = services;

  const seenBy = (stored: StoredKey, decrypt: boolean): Key => {
    const decrypted = stored.secret && decrypt;
    const value = decrypted ? cipher.decrypt(stored.value) : stored.value;
    if (decrypted) masker.add(value);
    return {
      scope: stored.scope,
      user: stored.user,
      name: stored.name,
      value,
      secret: stored.secret,
      encrypted: stored.secret && !decrypt,
      ...(stored.description !== undefined && { description: stored.description }),
      ...(stored.expiresAt !== undefined && { expiresAt: stored.expiresAt }),
    };
  };

  const exists = (key: StoredKey): boolean => key.expiresAt === undefined || key.expiresAt > now();

  const isSameValue = (before: StoredKey, after: StoredKey): boolean => {
    const clear = ({ secret, value }: StoredKey) => (secret ? cipher.decrypt(value) : value);
    try {
      return clear(before) === clear(after);
    } catch {
      return false; // what cannot be decrypted any more is replaced
    }
  };

  /** Writes the change, and with it what it brings about. */
  const write = async (
    { scope, user, name }: Pick<StoredKey, 'scope' | 'user' | 'name'>,
    after: StoredKey | undefined,
    work: (tx: KeyOperations) => Promise<void>,
  ): Promise<void> => {
    const found = onChange && (await store.getKey(scope, user, name));
    const before = found !== undefined && exists(found) ? found : undefined;
    const isNewValue = before === undefined || after === undefined || !isSameValue(before, after);
    const event = await onChange?.({ isNewValue, ...(before && { before }), ...(after && { after }) });
    if (event === undefined) return await work(store);
    await store.transaction(async (tx) => {
      await work(tx);
      await event.write(tx);
    });
    event.committed();
  };

  return {
    async get(address, options = {}) {
      const { scope, user, name } = checked(address);
      const stored = await store.getKey(scope, user, name);
      return stored !== undefined && exists(stored) ? seenBy(stored, options.decrypt === true) : undefined;
    },

    async set(address, value, options = {}) {
      const { ttl, encrypted = false, description } = options;
      const secret = options.secret === true || encrypted;
      const plain = encrypted ? cipher.decrypt(value) : value;
      if (ttl !== undefined && !(ttl > 0 && Number.isFinite(ttl))) {
        throw new PetrelError(
          'invalid',
          `The time to live of key "${address.name}" must be a positive number of seconds, not ${ttl}.`,
        );
      }
      if (secret) masker.add(plain);
      const stored: StoredKey = {
        ...checked(address),
        value: secret && !encrypted ? cipher.encrypt(value) : value,
        secret,
        updatedAt: now(),
        ...(description !== undefined && { description }),
        ...(ttl !== undefined && { expiresAt: Math.ceil(now() + ttl * 1000) }),
      };
      await write(stored, stored, (tx) => tx.putKey(stored));
      return seenBy(stored, false);
    },

    async delete(address) {
      const { scope, user, name } = checked(address);
      const stored = await store.getKey(scope, user, name);
      if (stored === undefined || !exists(stored)) {
        await store.deleteKey(scope, user, name);
        return false;
      }
      let deleted = false;
      await write(stored, undefined, async (tx) => {
        deleted = await tx.deleteKey(scope, user, name);
      });
      return deleted;
    },

    async list(address, options = {}) {
      const { prefix = '', decrypt = false, limit = Number.MAX_SAFE_INTEGER, offset = 0 } = options;
      const { scope, user } = checked({ ...address, name: '*' });
      // So that pages and the total count only what exists.
      await store.deleteExpiredKeys(now() + 1);
      const { items, total } = await store.listKeys(scope, user, prefix, { limit, offset });
      return { items: items.map((stored) => seenBy(stored, decrypt)), total };
    },
  };
}

function checked({ scope = 'system', user = '', name }: KeyAddress): Pick<StoredKey, 'scope' | 'user' | 'name'> {
  if (name === '') throw new PetrelError('invalid', 'A key needs a name, and this one is empty.');
  if (scope === 'user' && user === '') {
    throw new PetrelError('invalid', `The key "${name}" is in the scope of a user, but no user was named.`);
  }
  return { scope, user: scope === 'user' ? user : '', name };
}
