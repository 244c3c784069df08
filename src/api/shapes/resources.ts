/** The shapes of declared resources and their objects (Petrel's own). */
import { z } from 'zod';
import { object } from './common.ts';

const STATES = ['missing', 'changed', 'drifted', 'orphaned', 'unchanged', 'deleting', 'waiting', 'blocked'] as const;
const state = z.enum(STATES).meta({ description: 'How it stands, compared with the outside world' });
const when = z.iso.datetime();

const declaredFields = {
  ref: z.string(),
  pack: z.string(),
  kind: z.string(),
  api_version: z.string(),
  description: z.string(),
  declared: z.boolean().meta({ description: 'False: no pack declares it any more' }),
  objects: z.partialRecord(z.enum(STATES), z.number()),
  orphans: z.number(),
  watch: z.string(),
  problem: z.string().optional(),
};
export const declaredResource = z.strictObject(declaredFields).meta({ id: 'DeclaredResource' });
export const resourceWithDeclaration = z.strictObject({ ...declaredFields, declaration: object });

const objectName = {
  uid: z.string(),
  resource: z.string(),
  kind: z.string(),
  namespace: z.string().nullable(),
  name: z.string(),
};
const objectFields = {
  ...objectName,
  generation: z.number().meta({ description: 'What is wished' }),
  applied: z.number().meta({ description: 'The generation that was brought about last' }),
  state,
  reason: z.string(),
  message: z.string(),
  execution: z.string().nullable(),
};
const step = z.string().meta({ description: 'What would be done next' });

export const resourceObject = z.strictObject(objectFields).meta({ id: 'ResourceObject' });
export const resourceObjectInFull = z.strictObject({ ...objectFields, object: object.nullable() });
export const resourceExplanation = z.strictObject({
  ...objectFields,
  step,
  owner: object.nullable(),
  desired: object,
  observed: object.nullable(),
  difference: z.array(z.string()),
  outputs: object,
  failure: object.nullable(),
  history: z.array(
    z.strictObject({
      id: z.string(),
      action: z.string(),
      handler: z.string().nullable(),
      generation: z.number().nullable(),
      status: z.string(),
      created: when.nullable(),
      ended: when.nullable(),
    }),
  ),
});
/** An orphan that only a list of all that exists knows of has no generation. */
export const resourcePlan = z
  .strictObject({ ...objectFields, step })
  .partial({ generation: true, applied: true, execution: true })
  .meta({ id: 'ResourcePlan' });
export const customResourceDefinition = z.looseObject({
  apiVersion: z.literal('apiextensions.k8s.io/v1'),
  kind: z.literal('CustomResourceDefinition'),
});
