import type { Cipher } from '../datastore/index.ts';
import type { Events } from '../events/index.ts';
import { messageOf } from '../model/index.ts';
import type { Logger } from '../sdk/index.ts';
import type { Store } from '../store/index.ts';
import { type ApiKeys, createApiKeys } from './api-keys.ts';
import { type Audit, createAudit } from './audit.ts';
import { createOidc, type Oidc, type OidcSettings } from './oidc.ts';
import { createPasswords, type Passwords } from './passwords.ts';
import { type Authentication, createAuthentication, type RunTokenHolders } from './requester.ts';
import { openRoleBook, type RoleBook } from './role-book.ts';
import { createTokens, type Tokens } from './tokens.ts';
import { createUsers, type LoginLimits, type Users } from './users.ts';

/** Everything about who may do what, and who did. */
export interface Access {
  readonly authentication: Authentication;
  readonly users: Users;
  readonly tokens: Tokens;
  readonly apiKeys: ApiKeys;
  readonly roles: RoleBook;
  readonly audit: Audit;
  /** Absent: no identity provider is configured. */
  readonly oidc?: Oidc;
  /** Forgets what is over, now and every hour. Answers a function that ends it. */
  keepSwept(): () => void;
}

export interface AccessServices {
  readonly store: Store;
  readonly cipher: Cipher;
  readonly events: Pick<Events, 'dispatch' | 'isBound'>;
  readonly log: Logger;
  readonly now: () => number;
  /** The administrator's token of the data directory. */
  readonly adminToken: string;
  /** Tokens of what runs now; they live in memory. */
  readonly runTokens?: RunTokenHolders;
  /** Of role files; it need not exist. */
  readonly rolesDirectory: string;
  /** What the API listens on. */
  readonly url: () => string;
  readonly oidc?: OidcSettings;
  readonly limits?: LoginLimits;
  readonly passwords?: Passwords;
}

const SWEEPING = 60 * 60_000;

/** Throws `PetrelError` (`invalid`) when a role file is wrong. */
export async function openAccess(services: AccessServices): Promise<Access> {
  const { store, now, log, limits, adminToken } = services;
  const roles = await openRoleBook({ store, directory: services.rolesDirectory, now });
  const tokens = createTokens({ store, now });
  const apiKeys = createApiKeys({ store, now });
  const passwords = services.passwords ?? createPasswords();
  const users = createUsers({ store, passwords, roles, now, ...(limits && { limits }) });
  const audit = createAudit({ store, events: services.events, log, now });
  return {
    authentication: createAuthentication({
      tokens,
      apiKeys,
      roles,
      adminToken,
      ...(services.runTokens && { runTokens: services.runTokens }),
    }),
    users,
    tokens,
    apiKeys,
    roles,
    audit,
    ...(services.oidc && { oidc: createOidc(services.oidc, { ...services, users }) }),
    keepSwept() {
      const sweep = () => {
        Promise.all([tokens.sweep(), audit.sweep()]).catch((error: unknown) => {
          log.warn(`Tokens and audit records that are over could not be forgotten: ${messageOf(error)}`);
        });
      };
      sweep();
      const timer = setInterval(sweep, SWEEPING).unref();
      return () => clearInterval(timer);
    },
  };
}
