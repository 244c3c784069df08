import { defineAction, type KubernetesApi, type KubernetesObject, type ObjectReference, z } from 'petrel/sdk';
import { askFor, isConflict, RETRY } from '../lib/errors.ts';
import { objectParameters, optionalText, referenceOf } from '../lib/parameters.ts';
import { statusPatch } from '../lib/status.ts';

/** How often a write that met another one is repeated. */
const CONFLICTS = 10;

export default defineAction({
  description:
    "Reports in an object's status: fields are merged, conditions by their type. Reporting the same again writes nothing.",
  retry: RETRY,
  input: z.object({
    ...objectParameters,
    uid: optionalText.describe(
      'Report only on the object with this uid; a later one of the same name counts as not there.',
    ),
    status: z.record(z.string(), z.unknown()).default({}).describe('Fields of the status; null removes one.'),
    conditions: z
      .array(
        z.looseObject({
          type: z.string().min(1),
          status: z.enum(['True', 'False', 'Unknown']),
          reason: z.string().optional(),
          message: z.string().optional(),
          observedGeneration: z.number().int().optional(),
        }),
      )
      .default([])
      .describe('Conditions to set. lastTransitionTime is kept while the status stays the same.'),
    ignore_not_found: z
      .boolean()
      .default(false)
      .describe('Answer existed: false instead of failing when there is none.'),
  }),
  output: z.object({
    existed: z.boolean(),
    changed: z.boolean(),
    status: z.record(z.string(), z.unknown()).nullable(),
  }),
  async run({ input, kubernetes, signal }) {
    const reference = referenceOf(input);
    for (let conflicts = 0; ; conflicts += 1) {
      const object = await askFor(kubernetes.get(reference, signal));
      if (object === undefined || (input.uid !== undefined && object.metadata.uid !== input.uid)) {
        if (input.ignore_not_found) return { existed: false, changed: false, status: null };
        throw new Error(
          `There is no ${input.kind} ${input.name}${input.uid === undefined ? '' : ` with the uid ${input.uid}`} to report on.`,
        );
      }
      try {
        const patch = statusPatch(object, input, new Date());
        if (patch === undefined) return { existed: true, changed: false, status: statusOf(object) };
        const written = await writeStatus(kubernetes, reference, object, patch, signal);
        if (written !== undefined) return { existed: true, changed: true, status: statusOf(written) };
      } catch (error) {
        if (!isConflict(error) || conflicts >= CONFLICTS) throw error;
      }
    }
  },
});

/** Writes only if nobody wrote in between (`conflict`), since a list of conditions is replaced as a whole. Undefined: the object is gone. */
async function writeStatus(
  kubernetes: KubernetesApi,
  reference: ObjectReference,
  object: KubernetesObject,
  status: Record<string, unknown>,
  signal: AbortSignal,
): Promise<KubernetesObject | undefined> {
  const patch = { metadata: { resourceVersion: object.metadata.resourceVersion }, status };
  const written = await askFor(kubernetes.patch(reference, patch, { subresource: 'status', signal }));
  // A 404 may also mean that the kind has no status subresource: its status is a field like others.
  return written ?? askFor(kubernetes.patch(reference, patch, { signal }));
}

function statusOf(object: KubernetesObject): Record<string, unknown> | null {
  return typeof object.status === 'object' ? (object.status as Record<string, unknown> | null) : null; // of JSON
}
