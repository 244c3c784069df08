import type { Answer, Incoming } from '../loopback.ts';
import { envelope, noContent, nothingHere, VaultError } from './answers.ts';
import { bodyOf } from './body.ts';
import type { Operation } from './kv.ts';

/** Kept as text by name, in the order of names; nothing is enforced, since the one token there is may do everything. */
export type Policies = Map<string, string>;

const CAPABILITIES: ReadonlySet<unknown> = new Set([
  'create',
  'read',
  'update',
  'patch',
  'delete',
  'list',
  'sudo',
  'deny',
  'subscribe',
]);

/** What a dev server starts with, shortened; `root` is a name without a text. */
export function newPolicies(): Policies {
  return new Map([
    ['default', 'path "auth/token/lookup-self" {\n    capabilities = ["read"]\n}\n'],
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
  if (policy.trimStart().startsWith('{')) checkJson(policy);
  else checkHcl(policy);
  return policy;
}

function checkJson(policy: string): void {
  try {
    JSON.parse(policy);
  } catch {
    throw new VaultError(400, 'failed to parse policy: invalid JSON');
  }
}

const BLOCK = /path\s+("(?:[^"\\\n]|\\.)*")\s*\{([^{}]*)\}/g;

/** Catches what people get wrong: text that is no block, and capabilities that do not exist. It is no parser of HCL. */
function checkHcl(policy: string): void {
  const text = policy.replace(/^\s*(?:#|\/\/).*$/gm, '');
  const rest = text.replace(BLOCK, '').trim();
  if (rest !== '') throw new VaultError(400, `failed to parse policy: unexpected text "${rest.slice(0, 40)}"`);
  for (const [, path, body = ''] of text.matchAll(BLOCK)) {
    const list = /capabilities\s*=\s*\[([^\]]*)\]/.exec(body)?.[1] ?? '';
    for (const [, word] of list.matchAll(/"([^"]*)"/g)) {
      if (!CAPABILITIES.has(word))
        throw new VaultError(400, `failed to parse policy: path ${path}: invalid capability "${word}"`);
    }
  }
}
