import { defineAction, z } from 'petrel/sdk';
import { RETRY } from '../lib/cluster.ts';
import { plan, Refused, refusal } from '../lib/plan.ts';
import { planFor } from '../lib/planning.ts';
import { owner, spec, subject } from '../lib/subject.ts';

export default defineAction({
  description:
    'Resolves what a database is to be: its class, size, limits and names. What cannot be granted is refused.',
  retry: RETRY,
  input: z.object({ owner, object: subject, spec: spec.describe('The spec of the object.') }),
  output: z.object({ plan: plan.nullable(), refused: refusal.nullable() }),
  async run({ input, kubernetes, config, signal }) {
    try {
      return { plan: await planFor(input, { kubernetes, config, signal }), refused: null };
    } catch (error) {
      if (error instanceof Refused) return { plan: null, refused: error.refusal };
      throw error;
    }
  },
});
