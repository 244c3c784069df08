import type { Answer, Incoming } from '../loopback.ts';
import { envelope, noContent, VaultError } from './answers.ts';
import { type Body, bodyOf } from './body.ts';
import type { Operation } from './kv.ts';
import { MAX_TTL, newAccessor, newTokenId, type Token, type Tokens } from './tokens.ts';

/** Who asks. */
export interface Caller {
  readonly token: Token;
  /** The root token, or one with `sudo` on the path that is asked. */
  readonly isSudo: boolean;
}

type Endpoint = (body: Body, caller: Caller, tokens: Tokens, now: number) => Answer;

const WRITES: ReadonlyMap<string, Endpoint> = new Map([
  ['create', (body, caller, tokens, now) => create(body, caller, tokens, now, body.no_parent === true)],
  ['create-orphan', (body, caller, tokens, now) => create(body, caller, tokens, now, true)],
  ['lookup', (body, _, tokens, now) => lookup(byId(body, tokens), now)],
  ['lookup-accessor', (body, _, tokens, now) => lookup(byAccessor(body, tokens), now, false)],
  ['renew', (body, _, tokens, now) => renew(byId(body, tokens), body, tokens, now)],
  ['renew-self', (body, { token }, tokens, now) => renew(token, body, tokens, now)],
  ['renew-accessor', (body, _, tokens, now) => renew(byAccessor(body, tokens), body, tokens, now, false)],
  ['revoke', (body, _, tokens) => revoke(tokens.find(String(body.token ?? '')), tokens)],
  ['revoke-self', (_, { token }, tokens) => revoke(token, tokens)],
  ['revoke-accessor', (body, _, tokens) => revoke(byAccessor(body, tokens), tokens)],
  ['revoke-orphan', (body, _, tokens) => revoke(byId(body, tokens), tokens, false)],
]);

/** What only `sudo` allows, whatever else a policy allows there. */
export const SUDO_PATHS = new Set(['auth/token/accessors/', 'auth/token/create-orphan', 'auth/token/revoke-orphan']);

/** `auth/token/NAME`. */
export function handleTokens(
  operation: Operation,
  name: string,
  request: Incoming,
  caller: Caller,
  tokens: Tokens,
  now: number,
): Answer {
  if (operation === 'list' && name.replace(/\/$/, '') === 'accessors') {
    return envelope({ keys: tokens.all().map(({ accessor }) => accessor) });
  }
  if (operation === 'read' && name === 'lookup-self') return lookup(caller.token, now);
  const endpoint = WRITES.get(name);
  if (endpoint === undefined && name !== 'lookup-self' && name !== 'accessors') {
    throw new VaultError(404, `no handler for route "auth/token/${name}". route entry not found.`);
  }
  if (operation !== 'write' || endpoint === undefined) {
    throw new VaultError(405, '1 error occurred:\n\t* unsupported operation\n\n');
  }
  return endpoint(bodyOf(request), caller, tokens, now);
}

function create(body: Body, caller: Caller, tokens: Tokens, now: number, isOrphan: boolean): Answer {
  const { isSudo } = caller;
  const isRoot = caller.token.policies.includes('root');
  const refuse = (what: string) => new VaultError(400, `root or sudo privileges required to ${what}`);
  if (body.id !== undefined && !isSudo) throw refuse('specify token id');
  if (body.no_parent === true && !isSudo) throw refuse('create orphan token');
  const period = seconds(body.period, 'period');
  if (period > 0 && !isSudo) throw refuse('create periodic token');
  if (body.type !== undefined && body.type !== 'service') {
    throw new VaultError(400, 'the sandbox makes service tokens only');
  }
  const policies = policiesOf(body, caller);
  if (policies.includes('root') && !isRoot) {
    throw new VaultError(400, 'root tokens may not be created without parent token being root');
  }
  const asked = seconds(body.ttl ?? body.lease, 'ttl');
  const explicitMaxTtl = seconds(body.explicit_max_ttl, 'explicit_max_ttl');
  const forEver = policies.includes('root') && asked === 0 && period === 0;
  const ttl = forEver ? 0 : Math.min(period || asked || MAX_TTL, explicitMaxTtl || MAX_TTL, MAX_TTL);
  const name = String(body.display_name ?? '').replace(/[^a-zA-Z0-9-]/g, '-');
  const token: Token = {
    id: body.id === undefined ? newTokenId() : String(body.id),
    accessor: newAccessor(),
    policies,
    meta: metaOf(body),
    displayName: name === '' ? 'token' : `token-${name}`,
    path: `auth/token/create${isOrphan && body.no_parent !== true ? '-orphan' : ''}`,
    createdAt: now,
    creationTtl: ttl,
    expiresAt: forEver ? undefined : now + ttl * 1000,
    explicitMaxTtl,
    period,
    usesLeft: Number(body.num_uses ?? 0) || 0,
    renewable: !forEver && body.renewable !== false,
    parent: isOrphan ? undefined : caller.token.accessor,
    renewedAt: undefined,
  };
  tokens.add(token);
  return envelope(null, { auth: authOf(token, now) });
}

function policiesOf(body: Body, { token, isSudo }: Caller): string[] {
  const given = Array.isArray(body.policies) ? body.policies.map((policy) => String(policy).toLowerCase()) : [];
  if (given.length === 0) return [...token.policies];
  if (!isSudo && given.some((policy) => !token.policies.includes(policy))) {
    throw new VaultError(400, 'child policies must be subset of parent');
  }
  if (given.includes('root')) return ['root'];
  const isDefault = body.no_default_policy !== true && (isSudo || token.policies.includes('default'));
  return [...new Set([...given, ...(isDefault ? ['default'] : [])])].sort();
}

function metaOf({ meta }: Body): Record<string, string> | null {
  if (meta === undefined || meta === null) return null;
  const entries = typeof meta === 'object' ? Object.entries(meta) : undefined;
  if (entries === undefined || entries.some(([, value]) => typeof value !== 'string')) {
    throw new VaultError(400, "error converting input for field \"meta\": '' expected type 'string'");
  }
  return Object.fromEntries(entries.map(([key, value]) => [key, String(value)]));
}

function authOf(token: Token, now: number, withId = true): object {
  return {
    client_token: withId ? token.id : '',
    accessor: token.accessor,
    policies: token.policies,
    token_policies: token.policies,
    metadata: token.meta,
    lease_duration: left(token, now),
    renewable: token.renewable,
    entity_id: '',
    token_type: 'service',
    orphan: token.parent === undefined,
    mfa_requirement: null,
    num_uses: token.usesLeft,
  };
}

function lookup(token: Token, now: number, withId = true): Answer {
  return envelope({
    accessor: token.accessor,
    creation_time: Math.floor(token.createdAt / 1000),
    creation_ttl: token.creationTtl,
    display_name: token.displayName,
    entity_id: '',
    expire_time: token.expiresAt === undefined ? null : new Date(token.expiresAt).toISOString(),
    explicit_max_ttl: token.explicitMaxTtl,
    id: withId ? token.id : '',
    ...(token.expiresAt !== undefined && { issue_time: new Date(token.createdAt).toISOString() }),
    ...(token.renewedAt !== undefined && {
      last_renewal: new Date(token.renewedAt).toISOString(),
      last_renewal_time: Math.floor(token.renewedAt / 1000),
    }),
    meta: token.meta,
    num_uses: token.usesLeft,
    orphan: token.parent === undefined,
    path: token.path,
    ...(token.period > 0 && { period: token.period }),
    policies: token.policies,
    ...(token.expiresAt !== undefined && { renewable: token.renewable }),
    ttl: left(token, now),
    type: 'service',
  });
}

function renew(token: Token, body: Body, tokens: Tokens, now: number, withId = true): Answer {
  if (!token.renewable) throw new VaultError(400, 'lease is not renewable');
  const wished = token.period || seconds(body.increment, 'increment') || token.creationTtl;
  return envelope(null, { auth: authOf(tokens.renew(token, wished), now, withId) });
}

function revoke(token: Token | undefined, tokens: Tokens, withChildren = true): Answer {
  if (token !== undefined) tokens.revoke(token, withChildren);
  return noContent;
}

function byId({ token }: Body, tokens: Tokens): Token {
  if (token === undefined || token === '') throw new VaultError(400, 'missing token');
  const found = tokens.find(String(token));
  if (found === undefined) throw new VaultError(403, 'bad token');
  return found;
}

function byAccessor({ accessor }: Body, tokens: Tokens): Token {
  if (accessor === undefined || accessor === '') throw new VaultError(400, 'missing accessor');
  const found = tokens.findAccessor(String(accessor));
  if (found === undefined) throw new VaultError(403, '1 error occurred:\n\t* invalid accessor\n\n');
  return found;
}

const left = ({ expiresAt }: Token, now: number) =>
  expiresAt === undefined ? 0 : Math.max(0, Math.round((expiresAt - now) / 1000));

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A length of time: a number of seconds, or text as Go writes it. */
function seconds(value: unknown, field: string): number {
  if (value === undefined || value === null || value === '') return 0;
  const text = String(value);
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^(?:\d+[smhd])+$/.test(text)) throw new VaultError(400, `error parsing ${field}: invalid duration "${text}"`);
  return [...text.matchAll(/(\d+)([smhd])/g)].reduce(
    (sum, [, n, unit = 's']) => sum + Number(n) * (UNITS[unit] ?? 1),
    0,
  );
}
