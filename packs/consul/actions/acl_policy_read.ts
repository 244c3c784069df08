import { defineAction, z } from 'petrel/sdk';
import { findPolicy, policyName, readRules, ruleSchema } from '../lib/acl.ts';
import { RETRY } from '../lib/client.ts';

export default defineAction({
  description: 'Reads an ACL policy. A missing one is an answer, found: false.',
  retry: RETRY,
  input: z.object({ name: policyName }),
  output: z.object({
    name: z.string(),
    found: z.boolean(),
    id: z.string(),
    description: z.string(),
    text: z.string(),
    rules: z.array(ruleSchema).nullable().describe('The same as rules; null when it says what rules cannot say.'),
  }),
  async run(context) {
    const { name } = context.input;
    const found = await findPolicy(name, `Reading the ACL policy ${name}`, context);
    if (found === undefined) return { name, found: false, id: '', description: '', text: '', rules: null };
    const { ID, Description, Rules } = found;
    return { name, found: true, id: ID, description: Description, text: Rules, rules: readRules(Rules) };
  },
});
