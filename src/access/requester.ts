import type { ApiKeys } from './api-keys.ts';
import { sameText } from './credentials.ts';
import { ADMIN, isOwnUser } from './names.ts';
import type { RoleBook } from './role-book.ts';
import type { Grant, Role, Subject } from './roles.ts';
import type { Tokens } from './tokens.ts';

export type Method = 'admin_token' | 'token' | 'session' | 'api_key';

/** Somebody who is known, and how. */
export interface Requester extends Subject {
  readonly method: Method;
  /** Of a token or session: epoch milliseconds. */
  readonly expiresAt?: number;
  /** It is code of this pack, which Petrel runs for the user. */
  readonly pack?: string;
}

export interface Authentication {
  /** Whose token it is; undefined when it is nobody's, or its time is over. `cookie`: it came as one. */
  byToken(token: string, how?: { readonly cookie: boolean }): Promise<Requester | undefined>;
  /** Whose API key it is; undefined when it is nobody's, or not enabled. The admin token is taken as well. */
  byApiKey(key: string): Promise<Requester | undefined>;
}

interface RunHolder {
  readonly user: string;
  readonly pack: string;
}

/** Tokens of what runs now. */
export interface RunTokenHolders {
  holderOf(token: string): RunHolder | undefined;
}

/** Code of a pack has its pack's keys, whatever the user may for whom it runs. */
function packRole(pack: string): Role {
  const grant: Grant = { permissions: ['key_value_pair_all'], resourceUid: `pack:${pack}` };
  return { name: 'run', description: 'What runs may use the keys of its pack.', system: false, grants: [grant] };
}

/** Who is behind a credential. `adminToken`: the one of the data directory. */
export function createAuthentication(services: {
  readonly tokens: Tokens;
  readonly apiKeys: ApiKeys;
  readonly roles: RoleBook;
  readonly adminToken: string;
  readonly runTokens?: RunTokenHolders;
}): Authentication {
  const { tokens, apiKeys, roles, adminToken, runTokens } = services;
  const known = async (user: string, method: Method): Promise<Requester> => ({
    user,
    method,
    roles: await roles.of(user),
  });
  /** What Petrel does by itself (rules, resources, sensors) it does as a system administrator. */
  const ofRun = async ({ user, pack }: RunHolder): Promise<Requester> => {
    const asked = await known(isOwnUser(user) ? ADMIN : user, 'token');
    return { ...asked, user, pack, roles: [...asked.roles, packRole(pack)] };
  };
  return {
    async byToken(token, how = { cookie: false }) {
      if (sameText(token, adminToken)) return known(ADMIN, how.cookie ? 'session' : 'admin_token');
      const holder = runTokens?.holderOf(token);
      if (holder !== undefined) return await ofRun(holder);
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
