/** The built-in kinds' schemas but the pod's. */
import type { Schema } from '../../schema/schema.ts';
import {
  anything,
  flag,
  integer,
  intOrString,
  listBy,
  listOf,
  long,
  mapOf,
  record,
  setOf,
  text,
  time,
} from './build.ts';
import { conditions, labelSelector, localReference, objectMeta, objectReference, wholeObject } from './meta.ts';
import { podTemplate } from './pods.ts';

export const namespace = wholeObject('Namespace provides a scope for Names.', {
  spec: record({ finalizers: setOf(text()) }, 'The behavior of the namespace.'),
  status: record({ phase: text('Active or Terminating.'), conditions }, 'The current status of the namespace.'),
});

export const configMap = wholeObject('ConfigMap holds configuration data for pods to consume.', {
  data: mapOf(text(), 'The configuration data, UTF-8.'),
  binaryData: mapOf({ type: 'string', format: 'byte' }, 'The binary data, base64.'),
  immutable: flag('If true, the data cannot be updated.'),
});

export const secret = wholeObject('Secret holds secret data of a certain type.', {
  data: mapOf({ type: 'string', format: 'byte' }, 'The secret data, base64.'),
  stringData: mapOf(text(), 'Secret data as plain text, merged into data on write; write-only.'),
  type: text('Used to facilitate programmatic handling of secret data.'),
  immutable: flag('If true, the data cannot be updated.'),
});

export const serviceAccount = wholeObject('ServiceAccount binds together an identity and the secrets it may use.', {
  secrets: listBy(['name'], objectReference, 'Secrets that pods running as this account may use.'),
  imagePullSecrets: listOf(localReference, 'Secrets to use for pulling images.'),
  automountServiceAccountToken: flag('Whether pods should have an API token mounted.'),
});

export const service = wholeObject('Service is a named abstraction of software service.', {
  spec: record(
    {
      type: text('ClusterIP, NodePort, LoadBalancer or ExternalName.'),
      selector: { ...mapOf(text(), 'Route traffic to pods with these labels.'), 'x-kubernetes-map-type': 'atomic' },
      ports: listBy(
        ['port', 'protocol'],
        record({ name: text(), port: integer(), protocol: text(), targetPort: intOrString(), nodePort: integer() }),
        'The ports that are exposed by this service.',
      ),
      clusterIP: text('The IP address of the service.'),
      externalName: text('The external reference that discovery returns as an alias.'),
      sessionAffinity: text('ClientIP or None.'),
    },
    'The behavior of the service.',
  ),
  status: record({ loadBalancer: anything(), conditions }, 'Most recently observed status of the service.'),
});

export const node = wholeObject('Node is a worker node in Kubernetes.', {
  spec: record(
    { podCIDR: text(), providerID: text(), unschedulable: flag(), taints: listOf(anything()) },
    'The behavior of the node.',
  ),
  status: record({
    capacity: mapOf(intOrString()),
    allocatable: mapOf(intOrString()),
    conditions,
    nodeInfo: anything(),
  }),
});

export const event = wholeObject('Event is a report of an event somewhere in the cluster.', {
  involvedObject: objectReference,
  reason: text('A short, machine understandable reason.'),
  message: text('A human-readable description.'),
  source: record({ component: text(), host: text() }, 'The component reporting this event.'),
  firstTimestamp: time('When the event was first recorded.'),
  lastTimestamp: time('When the most recent occurrence was recorded.'),
  eventTime: text('When the event was first observed.'),
  count: integer('How many times this event has occurred.'),
  type: text('Normal or Warning.'),
  action: text('What action was taken or failed.'),
  related: objectReference,
  reportingComponent: text('Name of the controller that emitted this event.'),
  reportingInstance: text('ID of the controller instance.'),
});

export const lease = wholeObject('Lease defines a lease concept.', {
  spec: record({
    holderIdentity: text('The identity of the holder of the lease.'),
    leaseDurationSeconds: integer('How long candidates wait before they take the lease by force.'),
    acquireTime: text('When the current lease was acquired.'),
    renewTime: text('When the current holder last renewed the lease.'),
    leaseTransitions: integer('How many times the lease changed holders.'),
  }),
});

export const deployment = wholeObject('Deployment enables declarative updates for Pods and ReplicaSets.', {
  spec: record(
    {
      replicas: integer('Number of desired pods. Defaults to 1.'),
      selector: labelSelector,
      template: podTemplate,
      strategy: anything('How to replace existing pods with new ones.'),
      minReadySeconds: integer(),
      revisionHistoryLimit: integer(),
      paused: flag(),
      progressDeadlineSeconds: integer(),
    },
    'The desired behavior of the Deployment.',
  ),
  status: workloadStatus(),
});

export const replicaSet = wholeObject('ReplicaSet ensures that a number of pod replicas are running at any time.', {
  spec: record({ replicas: integer(), selector: labelSelector, template: podTemplate, minReadySeconds: integer() }),
  status: workloadStatus(),
});

function workloadStatus(): Schema {
  return record({
    replicas: integer(),
    readyReplicas: integer(),
    availableReplicas: integer(),
    updatedReplicas: integer(),
    observedGeneration: long(),
    conditions,
  });
}

export const customResourceDefinition = wholeObject(
  'CustomResourceDefinition represents a resource that should be exposed on the API server.',
  {
    spec: record({
      group: text('The API group of the defined custom resource.'),
      names: record({
        plural: text(),
        singular: text(),
        kind: text(),
        listKind: text(),
        shortNames: listOf(text()),
        categories: listOf(text()),
      }),
      scope: text('Cluster or Namespaced.'),
      versions: listOf(
        record({ name: text(), served: flag(), storage: flag(), schema: anything(), subresources: anything() }),
        'All API versions of the defined custom resource.',
      ),
      conversion: anything('Conversion settings.'),
      preserveUnknownFields: flag('Deprecated; must be false.'),
    }),
    status: record({ conditions, acceptedNames: anything(), storedVersions: listOf(text()) }),
  },
);

export const thirdPartyResource: Schema = record(
  {
    apiVersion: text(),
    kind: text(),
    metadata: objectMeta,
    description: text('What the objects are.'),
    versions: listOf(record({ name: text('e.g. v1 or stable/v1.') }), 'The versions of the objects.'),
  },
  'ThirdPartyResource is how kinds were added to the API before CustomResourceDefinitions.',
);
