import { defineAction, z } from 'petrel/sdk';
import { ask, RETRY } from '../lib/errors.ts';
import { readField } from '../lib/field-path.ts';
import { objectSchema, referenceOf, workloadParameters } from '../lib/parameters.ts';

const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';
/** The execution that asked for it: its second attempt does not restart once more. */
const RESTARTED_BY = 'petrel.io/restarted-by';

export default defineAction({
  description: 'Replaces the pods of a Deployment, StatefulSet or DaemonSet, as kubectl rollout restart.',
  retry: RETRY,
  input: z.object(workloadParameters),
  output: z.object({ object: objectSchema, restarted_at: z.string() }),
  async run({ input, kubernetes, signal, execution }) {
    const reference = referenceOf(input);
    const object = await ask(kubernetes.get(reference, signal));
    if (readField(object, 'spec.template') === undefined) {
      throw new Error(`${input.kind} ${input.name} has no pod template, so there is nothing to restart.`);
    }
    if (readField(object, 'spec.paused') === true) {
      throw new Error(`${input.kind} ${input.name} is paused; resume its rollout first.`);
    }
    const annotations = readField(object, 'spec.template.metadata.annotations');
    const before = readField(annotations, `['${RESTARTED_AT}']`);
    if (readField(annotations, `['${RESTARTED_BY}']`) === execution.id && typeof before === 'string') {
      return { object, restarted_at: before };
    }
    const restartedAt = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const template = { metadata: { annotations: { [RESTARTED_AT]: restartedAt, [RESTARTED_BY]: execution.id } } };
    const patched = await ask(kubernetes.patch(reference, { spec: { template } }, { signal }));
    return { object: patched, restarted_at: restartedAt };
  },
});
