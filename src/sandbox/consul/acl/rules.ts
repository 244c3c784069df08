import { ConsulError } from '../answers.ts';

export type Level = 'deny' | 'read' | 'list' | 'write';

/** What a policy says about keys, and about access control itself. Rules about anything else are read and never asked for. */
export interface Rules {
  readonly keys: ReadonlyMap<string, Level>;
  readonly prefixes: ReadonlyMap<string, Level>;
  readonly acl?: Level;
}

/** Kinds of rules that have a name. */
const NAMED = ['agent', 'event', 'key', 'node', 'query', 'service', 'session'];
const KINDS = new Set(NAMED.flatMap((kind) => [kind, `${kind}_prefix`]));
/** Kinds of rules that stand for all there is. */
const GLOBAL = new Set(['acl', 'keyring', 'operator']);

const COMMENT = /^\s*(?:#|\/\/).*$/gm;
const BLOCK = /^\s*([a-z_]+)\s+"((?:[^"\\]|\\.)*)"\s*\{\s*policy\s*=\s*"([^"]*)"\s*(?:intentions\s*=\s*"[^"]*"\s*)?\}/;
const SETTING = /^\s*([a-z_]+)\s*=\s*"([^"]*)"/;

/** Reads HCL, as far as rules are written in it. Throws what Consul answers. */
export function parseRules(text: string): Rules {
  const keys = new Map<string, Level>();
  const prefixes = new Map<string, Level>();
  let acl: Level | undefined;
  for (let rest = text.replace(COMMENT, '').trim(); rest !== ''; ) {
    const block = BLOCK.exec(rest);
    const setting = block === null ? SETTING.exec(rest) : null;
    const [whole = '', kind = '', ...values] = block ?? setting ?? [];
    const [name, level] = block === null ? ['', values[0]] : values;
    if (!(block === null ? GLOBAL : KINDS).has(kind)) {
      throw new ConsulError(500, `Failed to parse ACL rules: unexpected "${rest.slice(0, 40)}"`);
    }
    const access = levelOf(kind, level ?? '', text);
    if (kind === 'acl') acl = access;
    if (kind === 'key') keys.set(unescaped(name ?? ''), access);
    if (kind === 'key_prefix') prefixes.set(unescaped(name ?? ''), access);
    rest = rest.slice(whole.length).trim();
  }
  return { keys, prefixes, ...(acl !== undefined && { acl }) };
}

function levelOf(kind: string, level: string, text: string): Level {
  if (level === 'read' || level === 'write' || level === 'deny') return level;
  if (level === 'list' && kind === 'key_prefix') return level;
  throw new ConsulError(500, `Invalid ${kind} policy: "${level}" in ${text}`);
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

/** What a token may do. */
export interface Access {
  read(key: string): boolean;
  write(key: string): boolean;
  /** Whether everything below may be written, whatever may come to be there. */
  writeBelow(prefix: string): boolean;
  readonly readAcl: boolean;
  readonly writeAcl: boolean;
  /** The agent itself. */
  readonly readAgent: boolean;
}

/** May do everything: the policy `global-management`, or no access control at all. */
export const EVERYTHING: Access = {
  read: () => true,
  write: () => true,
  writeBelow: () => true,
  readAcl: true,
  writeAcl: true,
  readAgent: true,
};

/** Where several policies have a rule for the same, the stricter word counts, and the longer prefix before the shorter. The rest is denied. */
export function accessOf(policies: readonly Rules[]): Access {
  const keys = merged(policies.map((rules) => rules.keys));
  const prefixes = merged(policies.map((rules) => rules.prefixes));
  const covering = (key: string): Level => {
    const [longest] = [...prefixes].filter(([prefix]) => key.startsWith(prefix)).sort(byLength);
    return longest?.[1] ?? 'deny';
  };
  const levelFor = (key: string) => keys.get(key) ?? covering(key);
  const acl = policies.flatMap((rules) => rules.acl ?? []).reduce(stricter, 'read');
  const saysAcl = policies.some((rules) => rules.acl !== undefined);
  return {
    read: (key) => levelFor(key) !== 'deny',
    write: (key) => levelFor(key) === 'write',
    writeBelow: (prefix) =>
      covering(prefix) === 'write' &&
      [...keys, ...prefixes].every(([key, level]) => !key.startsWith(prefix) || level === 'write'),
    readAcl: saysAcl && acl !== 'deny',
    writeAcl: saysAcl && acl === 'write',
    readAgent: false,
  };
}

const byLength = ([one]: readonly [string, Level], [other]: readonly [string, Level]) => other.length - one.length;

const ORDER: readonly Level[] = ['read', 'list', 'write', 'deny'];

function stricter(one: Level, other: Level): Level {
  return ORDER.indexOf(one) > ORDER.indexOf(other) ? one : other;
}

function merged(all: readonly ReadonlyMap<string, Level>[]): Map<string, Level> {
  const result = new Map<string, Level>();
  for (const rules of all) {
    for (const [name, level] of rules) {
      const other = result.get(name);
      result.set(name, other === undefined ? level : stricter(other, level));
    }
  }
  return result;
}
