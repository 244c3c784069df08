import { defineAction, z } from 'petrel/sdk';
import { RETRY } from '../lib/client.ts';
import { policyName, readPolicy, readRules, ruleSchema, splitComment } from '../lib/policies.ts';

export default defineAction({
  description: 'Reads an ACL policy. A missing one is an answer, found: false.',
  retry: RETRY,
  input: z.object({ name: policyName }),
  output: z.object({
    name: z.string(),
    found: z.boolean(),
    comment: z.string().describe('The line above the text, without "#"; empty when there is none.'),
    policy: z.string().describe('The text below the comment.'),
    rules: z.array(ruleSchema).nullable().describe('The same as rules; null when it says what rules cannot say.'),
  }),
  async run(context) {
    const { name } = context.input;
    const text = await readPolicy(name, `Reading the policy ${name}`, context);
    if (text === undefined) return { name, found: false, comment: '', policy: '', rules: null };
    const { comment, policy } = splitComment(text);
    return { name, found: true, comment, policy, rules: readRules(policy) };
  },
});
