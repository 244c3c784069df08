import type { ApiKeys } from './api-keys.ts';
import { sameText } from './credentials.ts';
import { ADMIN } from './names.ts';
import type { RoleBook } from './role-book.ts';
import type { Subject } from './roles.ts';
import type { Tokens } from './tokens.ts';

export type Method = 'admin_token' | 'token' | 'session' | 'api_key';

/** Somebody who is known, and how. */
export interface Requester extends Subject {
  readonly method: Method;
  /** Of a token or session: epoch milliseconds. */
  readonly expiresAt?: number;
}

export interface Authentication {
  /** Whose token it is; undefined when it is nobody's, or its time is over. `cookie`: it came as one. */
  byToken(token: string, how?: { readonly cookie: boolean }): Promise<Requester | undefined>;
  /** Whose API key it is; undefined when it is nobody's, or not enabled. The admin token is taken as well. */
  byApiKey(key: string): Promise<Requester | undefined>;
}

/** Who is behind a credential. `adminToken`: the one of the data directory. */
export function createAuthentication(services: {
  readonly tokens: Tokens;
  readonly apiKeys: ApiKeys;
  readonly roles: RoleBook;
  readonly adminToken: string;
}): Authentication {
  const { tokens, apiKeys, roles, adminToken } = services;
  const known = async (user: string, method: Method): Promise<Requester> => ({
    user,
    method,
    roles: await roles.of(user),
  });
  return {
    async byToken(token, how = { cookie: false }) {
      if (sameText(token, adminToken)) return known(ADMIN, how.cookie ? 'session' : 'admin_token');
      const stored = await tokens.find(token);
      if (stored === undefined) return undefined;
      return { ...(await known(stored.user, how.cookie ? 'session' : 'token')), expiresAt: stored.expiresAt };
    },
    async byApiKey(key) {
      if (sameText(key, adminToken)) return known(ADMIN, 'admin_token');
      const stored = await apiKeys.find(key);
      return stored?.enabled === true ? known(stored.user, 'api_key') : undefined;
    },
  };
}
