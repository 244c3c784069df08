import type { Id } from './ids.ts';
import type { JsonObject } from './json.ts';

/** Somebody who may sign in. Times are epoch milliseconds. */
export interface StoredUser {
  readonly name: string;
  /** Of the password, with its parameters; absent: the user comes from an identity provider and has none. */
  readonly passwordHash?: string;
  /** Who it is at the identity provider: `ISSUER SUBJECT`. */
  readonly subject?: string;
  readonly createdAt: number;
}

/** A token that was handed out; only its hash is kept. */
export interface StoredToken {
  readonly id: Id;
  readonly hash: string;
  readonly user: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly metadata: JsonObject;
}

/** An API key; only its hash is kept. */
export interface StoredApiKey {
  readonly id: Id;
  readonly hash: string;
  readonly user: string;
  readonly createdAt: number;
  readonly enabled: boolean;
  readonly metadata: JsonObject;
}

/** That a user has a role. `source`: `local` by an administrator, `oidc` by a group at the identity provider. */
export interface RoleAssignment {
  readonly user: string;
  readonly role: string;
  readonly source: 'local' | 'oidc';
  readonly createdAt: number;
}

/** That somebody changed, or tried to change, something. */
export interface AuditRecord {
  readonly id: Id;
  readonly at: number;
  /** Empty: nobody who is known. */
  readonly user: string;
  /** How the user was known: `token`, `api_key`, `session`, `admin_token`, `password`, `oidc`, `none`. */
  readonly method: string;
  readonly address: string;
  readonly requestId: string;
  /** As in `POST /executions/:id/re_run`. */
  readonly action: string;
  /** The path that was asked, without its query. */
  readonly target: string;
  readonly permission: string;
  readonly outcome: 'done' | 'denied' | 'failed';
  /** The status of the answer. */
  readonly status: number;
}
