import { z } from 'petrel/sdk';
import { askVault, type VaultContext } from './client.ts';
import { policyName } from './policies.ts';

/** Where a token says whose it is. */
const OWNER = 'petrel_owner';
/** Lookups at a time; Vault can list accessors, but not what they stand for. */
const AT_ONCE = 8;

export const policiesParameter = z.array(policyName).min(1).describe('What the token may do.');

export const ownerOfToken = z
  .string()
  .min(1)
  .max(512)
  .describe(`Whose the token is; its metadata ${OWNER} says it, and what has another is left alone.`);

export const keyOfToken = z.string().min(1).describe('The datastore key that holds the token, encrypted.');

export const tokenView = z.object({
  accessor: z.string(),
  display_name: z.string(),
  owner: z.string().nullable(),
  policies: z.array(z.string()).describe('Without "default".'),
  ttl: z.number().describe('Seconds that are left; 0: for ever.'),
  period: z.number().describe('Seconds; 0: it is not a periodic one.'),
});

export type TokenView = z.output<typeof tokenView>;

const foundSchema = z.object({
  accessor: z.string(),
  display_name: z.string(),
  meta: z.record(z.string(), z.string()).nullish(),
  policies: z.array(z.string()),
  ttl: z.number(),
  period: z.number().optional(),
});

/** Looks up a token by itself or by its accessor; undefined when there is none (any more). */
export async function lookupToken(
  by: { readonly token: string } | { readonly accessor: string },
  what: string,
  context: VaultContext,
): Promise<TokenView | undefined> {
  const path = 'token' in by ? 'lookup' : 'lookup-accessor';
  const { status, data } = await askVault({ method: 'POST', face: 'tokens', path, body: by, what }, context);
  if (status === 404) return undefined;
  const { accessor, display_name, meta, policies, ttl, period = 0 } = foundSchema.parse(data);
  const named = policies.filter((policy) => policy !== 'default').sort();
  return { accessor, display_name, owner: meta?.[OWNER] ?? null, policies: named, ttl, period };
}

const keysSchema = z.object({ keys: z.array(z.string()) });

/** Every token there is. One that ends meanwhile is left out. */
export async function listTokens(what: string, context: VaultContext): Promise<TokenView[]> {
  const request = { method: 'GET', face: 'tokens', path: 'accessors', query: { list: 'true' }, what } as const;
  const { status, data } = await askVault(request, context);
  const accessors = status === 404 ? [] : keysSchema.parse(data).keys;
  const found: TokenView[] = [];
  for (let start = 0; start < accessors.length; start += AT_ONCE) {
    const some = accessors.slice(start, start + AT_ONCE);
    const views = await Promise.all(some.map((accessor) => lookupToken({ accessor }, what, context)));
    found.push(...views.filter((view) => view !== undefined));
  }
  return found;
}

export async function revokeToken(accessor: string, what: string, context: VaultContext): Promise<boolean> {
  const request = { method: 'POST', face: 'tokens', path: 'revoke-accessor', body: { accessor }, what } as const;
  return (await askVault(request, context)).status !== 404;
}

/** Revokes what an owner has but the one to be kept. */
export async function revokeOwned(
  owner: string,
  kept: string | undefined,
  what: string,
  context: VaultContext,
): Promise<number> {
  const owned = (await listTokens(what, context)).filter((token) => token.owner === owner && token.accessor !== kept);
  for (const { accessor } of owned) await revokeToken(accessor, what, context);
  return owned.length;
}

const madeSchema = z.object({ client_token: z.string(), accessor: z.string() });

export interface TokenWishes {
  readonly owner: string;
  readonly policies: readonly string[];
  /** Seconds. */
  readonly period?: number | undefined;
  readonly ttl?: number | undefined;
  readonly displayName?: string | undefined;
}

/** Makes a token that does not go with the one that Petrel itself has. */
export async function createToken(
  { owner, policies, period, ttl, displayName }: TokenWishes,
  what: string,
  context: VaultContext,
): Promise<{ readonly token: string; readonly accessor: string }> {
  const body = {
    policies,
    meta: { [OWNER]: owner },
    display_name: displayName ?? 'petrel',
    ...(period !== undefined && { period }),
    ...(ttl !== undefined && { ttl }),
  };
  const { auth } = await askVault({ method: 'POST', face: 'tokens', path: 'create-orphan', body, what }, context);
  const { client_token: token, accessor } = madeSchema.parse(auth);
  return { token, accessor };
}
