import { defineAction, z } from 'petrel/sdk';
import { ask, askFor, isConflict, RETRY } from '../lib/errors.ts';
import { objectParameters, optionalText, referenceOf } from '../lib/parameters.ts';

export default defineAction({
  description:
    'Writes an Event about an object, as kubectl describe shows them. One that does not exist any more can have one, too.',
  retry: RETRY,
  input: z.object({
    ...objectParameters,
    uid: optionalText.describe('The uid of the object. Default: looked up.'),
    type: z.enum(['Normal', 'Warning']).default('Normal'),
    reason: z.string().min(1).max(128).describe('Why, as one word for machines, e.g. DatabaseCreated.'),
    message: z.string().max(1024).describe('What happened, for people.'),
  }),
  output: z.object({ name: z.string(), namespace: z.string() }),
  async run({ input, kubernetes, signal, execution }) {
    const reference = referenceOf(input);
    const object = input.uid === undefined ? await askFor(kubernetes.get(reference, signal)) : undefined;
    const uid = input.uid ?? object?.metadata.uid;
    // Events about objects without a namespace live in the namespace default.
    const objectNamespace = object === undefined ? input.namespace : object.metadata.namespace;
    const namespace = objectNamespace ?? 'default';
    const now = new Date().toISOString();
    // The name comes from the execution, so that a second attempt of the same run writes no second Event.
    const name = `${input.name}.${execution.id}`;
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: {
        apiVersion: reference.apiVersion,
        kind: reference.kind,
        name: reference.name,
        ...(objectNamespace === undefined ? {} : { namespace: objectNamespace }),
        ...(uid === undefined ? {} : { uid }),
      },
      type: input.type,
      reason: input.reason,
      message: input.message,
      firstTimestamp: now.replace(/\.\d+Z$/, 'Z'),
      lastTimestamp: now.replace(/\.\d+Z$/, 'Z'),
      count: 1,
      source: { component: 'petrel' },
      reportingComponent: 'petrel',
      reportingInstance: execution.id,
    };
    try {
      await ask(kubernetes.create(event, signal));
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
    return { name, namespace };
  },
});
