import { defineWorkflow, z } from 'petrel/sdk';
import { databasesIn } from '../lib/cluster.ts';
import { policyName, policyRules } from '../lib/names.ts';

export default defineWorkflow({
  description: 'Keeps the Vault policy of a namespace while it has databases, and takes it away with the last.',
  // Whoever comes while the last one goes is served after it.
  concurrencyKey: 'databases/policy/{{ namespace }}',
  input: z.object({
    namespace: z.string(),
    without: z.string().nullable().default(null).describe('Uid of a database that goes.'),
  }),
  output: z.object({ policy: z.string(), kept: z.boolean() }),
  async run({ input, config, step, child }) {
    const { namespace, without } = input;
    const policy = policyName(namespace);
    const comment = `petrel databases ${namespace}`;
    const kept =
      without === null ||
      (await step('others', async ({ kubernetes, signal }) => {
        const objects = await databasesIn(kubernetes, { namespace, signal });
        // One that is being deleted looks for itself.
        return objects.some(({ metadata }) => metadata.uid !== without && metadata.deletionTimestamp === undefined);
      }));
    if (kept) {
      await child('write', 'vault.policy_write', { name: policy, comment, rules: policyRules(config, namespace) });
    } else await child('delete', 'vault.policy_delete', { name: policy, comment });
    return { policy, kept };
  },
});
