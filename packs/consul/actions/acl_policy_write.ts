import { defineAction, z } from 'petrel/sdk';
import { askAcl, findPolicy, policyName, renderRules, ruleSchema } from '../lib/acl.ts';
import { RETRY } from '../lib/client.ts';

export default defineAction({
  description: 'Writes an ACL policy, from its text or from rules; one of this name that exists is replaced.',
  retry: RETRY,
  input: z.object({
    name: policyName,
    rules: z.array(ruleSchema).nullish().describe('Keys and what may be done there. Either this or text.'),
    text: z.string().nullish().describe('The rules in HCL. Either this or rules.'),
    description: z.string().max(1024).default('').describe('E.g. whose the policy is.'),
  }),
  output: z.object({ name: z.string(), id: z.string() }),
  async run(context) {
    const { name, rules, text, description } = context.input;
    const what = `Writing the ACL policy ${name}`;
    const Rules = text ?? (rules ? renderRules(rules) : undefined);
    if (Rules === undefined || (text && rules)) {
      throw new Error(`${what} failed: it needs either "text" or "rules", a list, and not both.`);
    }
    const found = await findPolicy(name, what, context);
    const body = { ...(found && { ID: found.ID }), Name: name, Description: description, Rules };
    const path = found === undefined ? 'policy' : `policy/${found.ID}`;
    const { ID } = z.object({ ID: z.string() }).parse(await askAcl('PUT', path, body, what, context));
    return { name, id: ID };
  },
});
