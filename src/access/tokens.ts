import { type JsonObject, newId, PetrelError, type StoredToken } from '../model/index.ts';
import type { Operations } from '../store/index.ts';
import { hashOfToken, newToken } from './credentials.ts';

/** As StackStorm's `token_ttl`; seconds. */
export const LONGEST_TTL = 86_400;

export interface Tokens {
  /** `ttl` in seconds, by default the longest. Throws `PetrelError` (`invalid`): longer, or no positive whole number. */
  create(user: string, options?: { readonly ttl?: number; readonly metadata?: JsonObject }): Promise<NewToken>;
  /** One that is still good. */
  find(token: string): Promise<StoredToken | undefined>;
  /** False when there is none. */
  revoke(token: string): Promise<boolean>;
  /** Forgets those whose time is over. */
  sweep(): Promise<number>;
}

/** The only moment at which the token itself is known. */
export interface NewToken extends StoredToken {
  readonly token: string;
}

export function createTokens(services: {
  readonly store: Pick<Operations, 'insertToken' | 'getToken' | 'deleteToken' | 'deleteExpiredTokens'>;
  readonly now: () => number;
  readonly longestTtl?: number;
}): Tokens {
  const { store, now, longestTtl = LONGEST_TTL } = services;
  return {
    async create(user, { ttl = longestTtl, metadata = {} } = {}) {
      if (!Number.isInteger(ttl) || ttl <= 0) {
        throw new PetrelError('invalid', `The ttl of a token is a whole number of seconds above 0, not ${ttl}.`);
      }
      if (ttl > longestTtl) {
        throw new PetrelError('invalid', `TTL specified ${ttl} is greater than max allowed ${longestTtl}.`);
      }
      const token = newToken();
      const createdAt = now();
      const expiresAt = createdAt + ttl * 1000;
      const stored = { id: newId(), hash: hashOfToken(token), user, createdAt, expiresAt, metadata };
      await store.insertToken(stored);
      return { ...stored, token };
    },
    async find(token) {
      const stored = await store.getToken(hashOfToken(token));
      return stored !== undefined && stored.expiresAt > now() ? stored : undefined;
    },
    revoke: (token) => store.deleteToken(hashOfToken(token)),
    sweep: () => store.deleteExpiredTokens(now()),
  };
}
