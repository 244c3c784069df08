import { defineAction, z } from 'petrel/sdk';
import { askVault, RETRY } from '../lib/client.ts';
import { commentParameter, policyName, renderRules, ruleSchema, withComment } from '../lib/policies.ts';

export default defineAction({
  description: 'Writes an ACL policy, from its text or from rules; one of this name that exists is replaced.',
  retry: RETRY,
  input: z.object({
    name: policyName,
    policy: z.string().min(1).nullish().describe('The text, in HCL. Either this or rules.'),
    rules: z.array(ruleSchema).min(1).nullish().describe('Paths and what may be done there. Either this or policy.'),
    comment: commentParameter.describe('A line to be put above the text, e.g. whose the policy is.'),
  }),
  output: z.object({ name: z.string() }),
  async run(context) {
    const { name, policy, rules, comment } = context.input;
    const what = `Writing the policy ${name}`;
    const text = policy ?? (rules ? renderRules(rules) : undefined);
    if (text === undefined || (policy && rules)) {
      throw new Error(`${what} failed: it needs either "policy", a text, or "rules", a list, and not both.`);
    }
    const body = { policy: withComment(text, comment) };
    await askVault({ method: 'POST', face: 'policies', path: name, body, what }, context);
    return { name };
  },
});
