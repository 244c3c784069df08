import { defineAction, z } from 'petrel/sdk';
import { ask, RETRY } from '../lib/errors.ts';
import { readField } from '../lib/field-path.ts';
import { referenceOf, workloadParameters } from '../lib/parameters.ts';
import { poll } from '../lib/polling.ts';

export default defineAction({
  description: 'Sets how many replicas there are to be, of any kind that can be scaled.',
  retry: RETRY,
  timeout: 3660,
  input: z.object({
    ...workloadParameters,
    replicas: z.number().int().min(0).describe('How many.'),
    current_replicas: z
      .number()
      .int()
      .min(0)
      .nullish()
      .describe('Scale only when this many are wanted now; else fail.'),
    wait: z.boolean().default(false).describe('Wait until as many are ready.'),
    timeout: z.number().positive().max(3600).default(300).describe('Seconds to wait.'),
  }),
  output: z.object({
    changed: z.boolean(),
    replicas_before: z.number().nullable().describe('How many were wanted; null when the kind does not say.'),
    replicas: z.number(),
    ready: z.number().nullable().describe('How many were ready at the end; null when the kind does not say.'),
  }),
  async run({ input, kubernetes, signal }) {
    const reference = referenceOf(input);
    const what = `${input.kind} ${input.name}`;
    const object = await ask(kubernetes.get(reference, signal));
    const before = numberIn(object, 'spec.replicas');
    const { replicas, current_replicas: expected } = input;
    if (typeof expected === 'number' && before !== expected && before !== replicas) {
      throw new Error(
        `${what} is to have ${before ?? 'no number of'} replicas and not ${expected}, so it was not scaled.`,
      );
    }
    const changed = before !== replicas;
    if (changed) {
      const guard = typeof expected === 'number' ? { resourceVersion: object.metadata.resourceVersion } : {};
      const patch = { metadata: guard, spec: { replicas } };
      await ask(kubernetes.patch(reference, patch, { subresource: 'scale', signal }));
    }
    let ready = numberIn(object, 'status.readyReplicas');
    const look = async () => {
      const now = await ask(kubernetes.get(reference, signal));
      // Kubernetes leaves out a count that is 0.
      ready = numberIn(now, 'status.readyReplicas') ?? (readField(now, 'status') === undefined ? null : 0);
      const isSeen = (numberIn(now, 'status.observedGeneration') ?? 0) >= (now.metadata.generation ?? 0);
      const there = numberIn(now, 'status.replicas') ?? 0;
      return isSeen && ready === replicas && there === replicas ? true : undefined;
    };
    if (input.wait && (await poll(look, { timeout: input.timeout, signal })) === undefined) {
      throw new Error(
        `${what} did not come to ${replicas} ready replicas within ${input.timeout} s: there are ${ready}.`,
      );
    }
    return { changed, replicas_before: before, replicas, ready };
  },
});

function numberIn(object: unknown, path: string): number | null {
  const value = readField(object, path);
  return typeof value === 'number' ? value : null;
}
