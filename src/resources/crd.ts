import type { JsonObject, Resource, ResourceVersion } from '../model/index.ts';

const CONDITION: JsonObject = {
  type: 'object',
  required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
  properties: {
    type: { type: 'string' },
    status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
    reason: { type: 'string' },
    message: { type: 'string' },
    observedGeneration: { type: 'integer', format: 'int64' },
    lastTransitionTime: { type: 'string', format: 'date-time' },
  },
};

// No default such as observedGeneration -1: with one, a real API server refuses (422) to take single conditions away by server-side apply.
const STATUS: JsonObject = {
  type: 'object',
  description: 'Written by Petrel.',
  properties: {
    observedGeneration: {
      type: 'integer',
      format: 'int64',
      description: 'The generation that the conditions speak of.',
    },
    conditions: {
      type: 'array',
      items: CONDITION,
      // So that server-side apply owns single conditions.
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    },
    outputs: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    execution: { type: 'string', description: 'The execution that is running, or ran last.' },
  },
};

/** After the declared columns, so that `kubectl get` shows what a reader asks first. */
const COLUMNS: readonly JsonObject[] = [
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

/** The CustomResourceDefinition of a declared resource. */
export function crdOf(resource: Resource): JsonObject {
  const { group, kind, plural, singular, shortNames, scope } = resource;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, labels: { 'petrel.dev/pack': resource.pack } },
    spec: {
      group,
      scope,
      names: { kind, listKind: `${kind}List`, plural, singular, ...(shortNames.length > 0 && { shortNames }) },
      versions: resource.versions.map((version, index) => versionOf(resource, version, index === 0)),
    },
  };
}

function versionOf(resource: Resource, version: ResourceVersion, storage: boolean): JsonObject {
  // Kubernetes prunes with the schema of the version it reads; fields of another version must survive until Petrel converts them.
  const spec =
    resource.versions.length > 1 ? { ...version.schema, 'x-kubernetes-preserve-unknown-fields': true } : version.schema;
  const description = resource.description ?? `Declared by the pack ${resource.pack}.`;
  return {
    name: version.name,
    served: true,
    storage,
    schema: {
      openAPIV3Schema: { type: 'object', description, required: ['spec'], properties: { spec, status: STATUS } },
    },
    subresources: { status: {} },
    additionalPrinterColumns: [...resource.columns.map((column) => ({ ...column })), ...COLUMNS],
  };
}
