import { z } from 'petrel/sdk';
import { askVault, type VaultContext } from './client.ts';

/** A policy's name. Vault makes names lower case; one that is not would come back under another name. */
export const policyName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'must be lower case letters, digits, ".", "_" and "-"')
  .describe('Name of the ACL policy.');

export const ruleSchema = z.object({
  path: z.string().min(1).describe('A path of Vault, with its wildcards, e.g. secret/data/apps/orders/*.'),
  capabilities: z.array(z.string().min(1)).min(1).describe('What may be done there, e.g. [read, list].'),
});

export type Rule = z.output<typeof ruleSchema>;

/** One line at the top of a policy: Vault keeps nothing else about one beside its text. */
export const commentParameter = z
  .string()
  .regex(/^\S(?:.*\S)?$/, 'must be one line, with no space at its ends')
  .optional();

export function renderRules(rules: readonly Rule[]): string {
  const blocks = rules.map(
    ({ path, capabilities }) =>
      `path ${JSON.stringify(path)} {\n  capabilities = [${capabilities.map((word) => JSON.stringify(word)).join(', ')}]\n}\n`,
  );
  return blocks.join('\n');
}

const BLOCK = /path\s+("(?:[^"\\\n]|\\.)*")\s*\{\s*capabilities\s*=\s*(\[[^\]]*\])\s*\}/g;

/** The rules of a policy that says nothing but paths and capabilities; null for any other, which rules cannot say. */
export function readRules(policy: string): Rule[] | null {
  if (policy.replace(BLOCK, '').trim() !== '') return null;
  try {
    return [...policy.matchAll(BLOCK)].map(([, path = '', capabilities = '']) =>
      ruleSchema.parse({ path: JSON.parse(path), capabilities: JSON.parse(capabilities) }),
    );
  } catch {
    return null;
  }
}

export function withComment(policy: string, comment: string | undefined): string {
  return comment === undefined ? policy : `# ${comment}\n${policy}`;
}

/** Takes apart what `withComment` put together. */
export function splitComment(text: string): { readonly comment: string; readonly policy: string } {
  const [whole = '', comment = ''] = /^# (\S.*)\n/.exec(text) ?? [];
  return { comment, policy: text.slice(whole.length) };
}

const foundSchema = z.object({ policy: z.string() });

/** The whole text of a policy; undefined when there is none. `what` begins an error's sentence. */
export async function readPolicy(name: string, what: string, context: VaultContext): Promise<string | undefined> {
  const { status, data } = await askVault({ method: 'GET', face: 'policies', path: name, what }, context);
  return status === 404 ? undefined : foundSchema.parse(data).policy;
}
