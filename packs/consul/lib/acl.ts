import { createHash } from 'node:crypto';
import { z } from 'petrel/sdk';
import { askConsul, type ConsulContext } from './client.ts';

export const policyName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,128}$/, 'must be letters, digits, "-" and "_", at most 128')
  .describe('Name of the ACL policy.');

export const ruleSchema = z.object({
  key: z.string().nullish().describe('A key. Either this or key_prefix.'),
  key_prefix: z.string().nullish().describe('The beginning of keys; an empty one is that of all.'),
  policy: z.enum(['read', 'list', 'write', 'deny']).describe('What may be done there.'),
});

export type Rule = z.output<typeof ruleSchema>;

export const ownerOfToken = z
  .string()
  .min(1)
  .max(512)
  .describe(
    'Whose the token is; its description says it, and its accessor comes of it. What has another is left alone.',
  );

export const keyOfToken = z.string().min(1).describe("The datastore key that holds the token's secret, encrypted.");

/** Rules in HCL, one line each. */
export function renderRules(rules: readonly Rule[]): string {
  return rules.map((rule) => `${lineOf(rule)}\n`).join('');
}

function lineOf({ key, key_prefix: prefix, policy }: Rule): string {
  const [kind, name] = typeof key === 'string' ? ['key', key] : ['key_prefix', prefix ?? ''];
  return `${kind} ${JSON.stringify(name)} { policy = ${JSON.stringify(policy)} }`;
}

const LINE = /^(key|key_prefix) ("(?:[^"\\]|\\.)*") \{ policy = "([a-z]+)" \}$/;

/** The rules of a policy as `renderRules` writes them; null for any other text. */
export function readRules(text: string): Rule[] | null {
  const lines = text.split('\n').filter((line) => line !== '');
  const rules = lines.map((line) => {
    const [, kind = '', quoted = '""', policy] = LINE.exec(line) ?? [];
    const rule = ruleSchema.safeParse({ [kind]: parseText(quoted), policy });
    return rule.success && kind !== '' ? rule.data : null;
  });
  return rules.every((rule) => rule !== null) ? rules : null;
}

function parseText(quoted: string): unknown {
  try {
    return JSON.parse(quoted);
  } catch {
    return null;
  }
}

/**
 * The accessor of an owner's token: a UUID that is the same whenever it is asked for. So a token whose maker was cut short is found again.
 */
export function accessorOf(owner: string): string {
  const hex = createHash('sha256').update(`petrel consul token ${owner}`).digest('hex');
  // Version 8 is for UUIDs of one's own making (RFC 9562).
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const policySchema = z.object({ ID: z.string(), Name: z.string(), Description: z.string(), Rules: z.string() });

export type Policy = z.output<typeof policySchema>;

/** Consul's answer for what is not there, and it is no other status than that of what is forbidden. */
const NOT_FOUND = 'ACL not found';

/** Asks about one policy or token. Undefined: there is none. */
async function findAcl(path: string, what: string, context: ConsulContext): Promise<unknown> {
  const request = { method: 'GET', path: `/v1/acl/${path}`, what, accept: [403, 404] } as const;
  const { status, text } = await askConsul(request, context);
  if (status === 200) return JSON.parse(text);
  if (status === 404) return undefined;
  // The same words are said of the token that asks, so it is asked for itself.
  const self = await askConsul({ method: 'GET', path: '/v1/acl/token/self', what, accept: [403] }, context);
  if (text.includes(NOT_FOUND) && self.status === 200) return undefined;
  throw new Error(
    `${what} failed: Consul answered HTTP 403: ${text.trim()}. The token in the pack's configuration is wrong, or may not do this.`,
  );
}

export async function findPolicy(name: string, what: string, context: ConsulContext): Promise<Policy | undefined> {
  const found = await findAcl(`policy/name/${encodeURIComponent(name)}`, what, context);
  return found === undefined ? undefined : policySchema.parse(found);
}

export const tokenSchema = z.object({
  AccessorID: z.string(),
  SecretID: z.string().optional(),
  Description: z.string(),
  Policies: z
    .array(z.object({ Name: z.string() }))
    .nullish()
    .transform((policies) => (policies ?? []).map(({ Name }) => Name).sort()),
});

export type Token = z.output<typeof tokenSchema>;

export async function findToken(accessor: string, what: string, context: ConsulContext): Promise<Token | undefined> {
  const found = await findAcl(`token/${encodeURIComponent(accessor)}`, what, context);
  return found === undefined ? undefined : tokenSchema.parse(found);
}

/** Asks for a change or a list; anything but success is an error. */
export async function askAcl(
  method: 'GET' | 'PUT' | 'DELETE',
  path: string,
  body: object | undefined,
  what: string,
  context: ConsulContext,
): Promise<unknown> {
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  return JSON.parse((await askConsul({ method, path: `/v1/acl/${path}`, what, ...text }, context)).text);
}
