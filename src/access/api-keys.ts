import { type Id, type JsonObject, newId, PetrelError, type StoredApiKey } from '../model/index.ts';
import type { Operations } from '../store/index.ts';
import { hashOfApiKey, newApiKey } from './credentials.ts';
import { ADMIN } from './names.ts';

export interface ApiKeys {
  /**
   * A new one, or with `hash` one that StackStorm made. Throws `PetrelError`: `not_found` (no such user), `conflict` (the hash or id is
   * taken).
   */
  create(user: string, options?: NewApiKeyOptions): Promise<StoredApiKey & { readonly key?: string }>;
  find(key: string): Promise<StoredApiKey | undefined>;
  /** By id, by the key itself or by its hash. */
  get(idOrKey: string): Promise<StoredApiKey | undefined>;
  /** Oldest first. */
  list(user?: string): Promise<readonly StoredApiKey[]>;
  update(key: StoredApiKey): Promise<void>;
  delete(id: Id): Promise<boolean>;
}

export interface NewApiKeyOptions {
  readonly metadata?: JsonObject;
  readonly enabled?: boolean;
  /** Of a key that was made elsewhere. */
  readonly hash?: string;
  readonly id?: Id;
  /** Epoch milliseconds. */
  readonly createdAt?: number;
}

export function createApiKeys(services: {
  readonly store: Pick<
    Operations,
    'putApiKey' | 'getApiKey' | 'findApiKey' | 'deleteApiKey' | 'listApiKeys' | 'getUser'
  >;
  readonly now: () => number;
}): ApiKeys {
  const { store, now } = services;
  const find = (key: string) => store.findApiKey(hashOfApiKey(key));
  return {
    async create(user, { metadata = {}, enabled = true, hash, id = newId(), createdAt = now() } = {}) {
      if (user !== ADMIN && (await store.getUser(user)) === undefined) {
        throw new PetrelError('not_found', `There is no user "${user}"; create it with \`petrel user add ${user}\`.`);
      }
      if ((await store.getApiKey(id)) !== undefined) {
        throw new PetrelError('conflict', `API key ${id} exists already.`, { details: { 'conflict-id': id } });
      }
      const key = hash === undefined ? newApiKey() : undefined;
      const stored = { id, hash: hash ?? hashOfApiKey(key ?? ''), user, createdAt, enabled, metadata };
      const same = await store.findApiKey(stored.hash);
      if (same !== undefined) {
        throw new PetrelError('conflict', `This API key exists already, as ${same.id}.`, {
          details: { 'conflict-id': same.id },
        });
      }
      await store.putApiKey(stored);
      return { ...stored, ...(key !== undefined && { key }) };
    },
    find,
    get: async (idOrKey) =>
      (await store.getApiKey(idOrKey)) ?? (await find(idOrKey)) ?? (await store.findApiKey(idOrKey)),
    list: (user) => store.listApiKeys(user),
    update: (key) => store.putApiKey(key),
    delete: (id) => store.deleteApiKey(id),
  };
}
