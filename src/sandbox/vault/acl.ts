import { VaultError } from './answers.ts';
import type { Operation } from './kv.ts';

/** What one policy says of one path, with its wildcards. */
export interface PathRule {
  readonly path: string;
  readonly capabilities: readonly string[];
}

const CAPABILITIES: ReadonlySet<string> = new Set([
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

/** The one word that policies had before they had capabilities. */
const OLD_WORDS: Readonly<Record<string, readonly string[]>> = {
  deny: ['deny'],
  read: ['read', 'list'],
  write: ['create', 'read', 'update', 'delete', 'list'],
  sudo: ['create', 'read', 'update', 'delete', 'list', 'sudo'],
};

const BLOCK = /path\s+("(?:[^"\\\n]|\\.)*")\s*\{([^{}]*)\}/g;

/**
 * The rules of a policy, in HCL as far as policies are written in it, or in JSON. Limits on parameters are read over. Throws Vault's
 * complaint about text that is no policy.
 */
export function parsePolicy(policy: string): PathRule[] {
  return policy.trimStart().startsWith('{') ? parseJson(policy) : parseHcl(policy);
}

function parseHcl(policy: string): PathRule[] {
  const text = policy.replace(/^\s*(?:#|\/\/).*$/gm, '');
  const rest = text.replace(BLOCK, '').trim();
  if (rest !== '') throw new VaultError(400, `failed to parse policy: unexpected text "${rest.slice(0, 40)}"`);
  return [...text.matchAll(BLOCK)].map(([, quoted = '""', body = '']) => {
    const list = /capabilities\s*=\s*\[([^\]]*)\]/.exec(body)?.[1] ?? '';
    const old = /(?:^|\s)policy\s*=\s*"([^"]*)"/.exec(body)?.[1];
    return ruleOf(
      String(JSON.parse(quoted)),
      [...list.matchAll(/"([^"]*)"/g)].map(([, word = '']) => word),
      old,
    );
  });
}

function parseJson(policy: string): PathRule[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(policy);
  } catch {
    throw new VaultError(400, 'failed to parse policy: invalid JSON');
  }
  return Object.entries(fieldsOf(fieldsOf(parsed).path)).map(([path, body]) => {
    const { capabilities, policy: old } = fieldsOf(body);
    const words = Array.isArray(capabilities) ? capabilities.map(String) : [];
    return ruleOf(path, words, typeof old === 'string' ? old : undefined);
  });
}

function ruleOf(path: string, words: readonly string[], old: string | undefined): PathRule {
  const capabilities = [...words, ...(old === undefined ? [] : (OLD_WORDS[old] ?? [old]))];
  const bad = capabilities.find((word) => !CAPABILITIES.has(word));
  if (bad !== undefined) {
    throw new VaultError(400, `failed to parse policy: path ${JSON.stringify(path)}: invalid capability "${bad}"`);
  }
  return { path: path.replace(/^\//, ''), capabilities };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  // an object that is neither null nor an array is a record of unknown values
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** What may be done at a path. */
export interface Decision {
  readonly capabilities: ReadonlySet<string>;
}

/**
 * The rules of all policies of a token together: of those whose path fits, only the most specific one counts; where several policies name
 * that same path, all their capabilities, and none with `deny` among them.
 */
export function decide(rules: readonly PathRule[], path: string, operation: Operation): Decision {
  // A folder is listed by its name with a slash behind it, and may be allowed without.
  const names = operation === 'list' ? [path, path.replace(/\/$/, '')] : [path];
  const exact = names.find((name) => rules.some((rule) => rule.path === name && !isPattern(name)));
  const fitting = rules.map((rule) => rule.path).filter((pattern) => isPattern(pattern) && fits(pattern, path));
  const chosen = exact ?? fitting.sort(bySpecificity)[0];
  const capabilities = new Set(rules.filter((rule) => rule.path === chosen).flatMap((rule) => rule.capabilities));
  return { capabilities: capabilities.has('deny') ? new Set() : capabilities };
}

function isPattern(path: string): boolean {
  return path.endsWith('*') || path.split('/').some(isPlus);
}

const isPlus = (segment: string) => segment === '+' || segment === '+*';

/** `*` at the end stands for anything, `+` for one segment. */
function fits(pattern: string, path: string): boolean {
  const isPrefix = pattern.endsWith('*');
  const wanted = (isPrefix ? pattern.slice(0, -1) : pattern).split('/');
  const given = path.split('/');
  if (given.length < wanted.length || (!isPrefix && given.length !== wanted.length)) return false;
  return wanted.every((segment, index) => {
    const part = given[index] ?? '';
    if (segment === '+') return part !== '';
    return isPrefix && index === wanted.length - 1 ? part.startsWith(segment) : part === segment;
  });
}

/** The more specific first, by the rules of Vault's documentation, in their order. */
function bySpecificity(one: string, other: string): number {
  const firstWildcard = (path: string) => {
    const at = path.search(/\+(?=\/|\*?$)|\*$/);
    return at < 0 ? path.length : at;
  };
  const plusses = (path: string) => path.split('/').filter(isPlus).length;
  return (
    firstWildcard(other) - firstWildcard(one) ||
    Number(one.endsWith('*')) - Number(other.endsWith('*')) ||
    plusses(one) - plusses(other) ||
    other.length - one.length ||
    (one < other ? 1 : -1)
  );
}

/** The capability that an operation needs. Writing is creating only where something says that there is nothing yet. */
export function capabilityFor(operation: Operation, exists: boolean): string {
  return operation === 'write' ? (exists ? 'update' : 'create') : operation;
}
