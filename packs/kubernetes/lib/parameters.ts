import { type ObjectReference, z } from 'petrel/sdk';

/** A text that may be missing; rules hand over null for what an event does not have. */
export const optionalText = z
  .string()
  .nullish()
  .transform((text) => (text === null || text === '' ? undefined : text));

export const kindParameters = {
  api_version: z.string().min(1).describe('Group and version of the kind, e.g. v1 or prsn.io/v1.'),
  kind: z.string().min(1).describe('The kind, e.g. ConfigMap or MysqlDb.'),
};

export const objectParameters = {
  ...kindParameters,
  name: z.string().min(1).describe('The name of the object.'),
  namespace: optionalText.describe(
    "Its namespace. Default: the cluster connection's own; kinds without a namespace ignore it.",
  ),
};

/** A Deployment unless something else is said. */
export const workloadParameters = {
  ...objectParameters,
  api_version: z.string().min(1).default('apps/v1').describe('Group and version of the kind.'),
  kind: z.string().min(1).default('Deployment').describe('The kind, e.g. StatefulSet.'),
};

export const podParameters = {
  name: z.string().min(1).describe('The name of the pod.'),
  namespace: optionalText.describe("Its namespace. Default: the cluster connection's own."),
  container: optionalText.describe('The container; needed where the pod has several.'),
};

export function podOf(input: { readonly name: string; readonly namespace: string | undefined }) {
  return { name: input.name, ...(input.namespace === undefined ? {} : { namespace: input.namespace }) };
}

/** An object as results show it. */
export const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});

export function referenceOf(input: {
  readonly api_version: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
}): ObjectReference {
  const { api_version: apiVersion, kind, name, namespace } = input;
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}
