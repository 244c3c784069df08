/**
 * Who may do what, and who did: users, their tokens and API keys, login by password or OpenID Connect, roles and what they grant,
 * the audit log. What a role permits is decided here, purely (`permits`); which permission a route needs is the API's to say.
 * Nothing here knows HTTP.
 */
export { type Access, type AccessServices, openAccess } from './access.ts';
export type { ApiKeys } from './api-keys.ts';
export type { Audit } from './audit.ts';
export { csrfTokenOf, sameText } from './credentials.ts';
export { ADMIN } from './names.ts';
export { LOGIN_TIME, type Oidc, type OidcSettings } from './oidc.ts';
export { createPasswords, type Passwords } from './passwords.ts';
export { isReading, type PermissionType, permissionTypesByResource, type ResourceType } from './permissions.ts';
export type { Method, Requester } from './requester.ts';
export type { Assignment, RoleBook } from './role-book.ts';
export {
  type Grant,
  isAdmin,
  isSystemAdmin,
  listing,
  permits,
  type Resource,
  type Role,
  type Subject,
  SYSTEM_ADMIN,
} from './roles.ts';
export { LONGEST_TTL, type NewToken, type Tokens } from './tokens.ts';
export type { LoginLimits, Users } from './users.ts';
