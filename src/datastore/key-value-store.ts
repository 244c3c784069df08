import { PetrelError, type StoredKey } from '../model/index.ts';
import type { KeyOperations } from '../store/index.ts';
import type { Cipher, Key, KeyAddress, KeyValueStore, Masker } from './datastore.ts';

/**
 * Keys over the store. `now`: epoch milliseconds. Reading a secret without `decrypt` gives its ciphertext; so does setting one.
 * `list` without a limit lists all.
 */
export function createKeyValueStore(services: {
  store: KeyOperations;
  cipher: Cipher;
  masker: Masker;
  now: () => number;
}): KeyValueStore {
  const { store, cipher, masker, now } = services;

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
      await store.putKey(stored);
      return seenBy(stored, false);
    },

    async delete(address) {
      const { scope, user, name } = checked(address);
      const stored = await store.getKey(scope, user, name);
      const deleted = await store.deleteKey(scope, user, name);
      return deleted && stored !== undefined && exists(stored);
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
