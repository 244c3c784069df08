import type { Answer, Incoming } from '../loopback.ts';
import { type PathRule, parsePolicy } from './acl.ts';
import { envelope, noContent, nothingHere, VaultError } from './answers.ts';
import { bodyOf } from './body.ts';
import type { Operation } from './kv.ts';

/** Kept as text by name. */
export type Policies = Map<string, string>;

/** What every token may do with itself. */
const DEFAULT = [
  'path "auth/token/lookup-self" {\n    capabilities = ["read"]\n}\n',
  'path "auth/token/renew-self" {\n    capabilities = ["update"]\n}\n',
  'path "auth/token/revoke-self" {\n    capabilities = ["update"]\n}\n',
].join('');

/** What a dev server starts with, shortened; `root` is a name without a text. */
export function newPolicies(): Policies {
  return new Map([
    ['default', DEFAULT],
    ['root', ''],
  ]);
}

/** `sys/policies/acl` and below. `path` is what follows, the name. */
export function handlePolicies(operation: Operation, path: string, request: Incoming, policies: Policies): Answer {
  const name = path.toLowerCase();
  if (operation === 'list') return envelope({ keys: [...policies.keys()].sort() });
  if (name === '') throw new VaultError(405, '1 error occurred:\n\t* unsupported operation\n\n');
  switch (operation) {
    case 'read': {
      const policy = policies.get(name);
      if (policy === undefined) throw nothingHere();
      return envelope({ name, policy });
    }
    case 'write':
      if (name === 'root') throw new VaultError(400, 'cannot update "root" policy');
      policies.set(name, policyOf(request));
      return noContent;
    case 'delete':
      if (name === 'root' || name === 'default') throw new VaultError(400, `cannot delete "${name}" policy`);
      policies.delete(name);
      return noContent;
    default:
      throw new VaultError(405, '1 error occurred:\n\t* unsupported operation\n\n');
  }
}

function policyOf(request: Incoming): string {
  const { policy } = bodyOf(request);
  if (typeof policy !== 'string' || policy === '') {
    throw new VaultError(400, "'policy' parameter not supplied or empty");
  }
  parsePolicy(policy);
  return policy;
}

/** The rules of all policies that a token names; one that is not there says nothing. */
export function rulesOf(names: readonly string[], policies: Policies): PathRule[] {
  return names.flatMap((name) => parsePolicy(policies.get(name) ?? ''));
}
