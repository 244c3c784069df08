/** metadata, conditions, selectors and references: what many kinds share. */
import type { Schema } from '../../schema/schema.ts';
import { anything, flag, listBy, listOf, long, mapOf, record, setOf, text, time } from './build.ts';

export const objectMeta: Schema = record(
  {
    name: text('Name must be unique within a namespace. Cannot be updated.'),
    generateName: text('GenerateName is a prefix, used by the server to generate a unique name if name is not given.'),
    namespace: text('Namespace defines the space within which each name must be unique.'),
    uid: text('UID is the unique in time and space value for this object. Read-only.'),
    resourceVersion: text('An opaque value that represents the internal version of this object. Read-only.'),
    generation: long('A sequence number representing a specific generation of the desired state. Read-only.'),
    creationTimestamp: time('When this object was created, in UTC. Read-only.'),
    deletionTimestamp: time('When this object was asked to be deleted, in UTC. Read-only.'),
    deletionGracePeriodSeconds: long('Seconds allowed for the object to gracefully terminate. Read-only.'),
    labels: mapOf(text(), 'Map of string keys and values to organize and select objects.'),
    annotations: mapOf(text(), 'Map of arbitrary data, not queryable, preserved when objects are modified.'),
    finalizers: setOf(text(), 'Must be empty before the object is removed from the registry.'),
    ownerReferences: listBy(
      ['uid'],
      record(
        {
          apiVersion: text('API version of the referent.'),
          kind: text('Kind of the referent.'),
          name: text('Name of the referent.'),
          uid: text('UID of the referent.'),
          controller: flag('If true, this reference points to the managing controller.'),
          blockOwnerDeletion: flag(
            'If true, the owner cannot be deleted in the foreground until this reference is removed.',
          ),
        },
        '',
        ['apiVersion', 'kind', 'name', 'uid'],
      ),
      'Objects depended by this object; when all are gone, this object is garbage collected.',
    ),
    managedFields: listOf(anything(), 'Which fields are managed by which workflow.'),
  },
  "Standard object's metadata.",
);

export const conditions: Schema = listBy(
  ['type'],
  record({
    type: text('Type of the condition.'),
    status: text('Status of the condition, one of True, False, Unknown.'),
    observedGeneration: long('The generation the condition was set upon.'),
    lastTransitionTime: time('Last time the condition went from one status to another.'),
    reason: text('A programmatic identifier of the reason for the last transition.'),
    message: text('A human readable message about the transition.'),
  }),
  'The latest observations of the state.',
);

export const labelSelector: Schema = {
  ...record({
    matchLabels: mapOf(text(), 'Key and value pairs, all of which must match.'),
    matchExpressions: listOf(
      record({ key: text(), operator: text('In, NotIn, Exists or DoesNotExist.'), values: listOf(text()) }),
      'Label selector requirements, all of which must match.',
    ),
  }),
  'x-kubernetes-map-type': 'atomic',
};

export const localReference: Schema = record({ name: text('Name of the referent.') });

export const objectReference: Schema = {
  ...record({
    apiVersion: text('API version of the referent.'),
    kind: text('Kind of the referent.'),
    namespace: text('Namespace of the referent.'),
    name: text('Name of the referent.'),
    uid: text('UID of the referent.'),
    resourceVersion: text('Specific resourceVersion to which this reference is made, if any.'),
    fieldPath: text('A piece of the object instead of the whole of it.'),
  }),
  'x-kubernetes-map-type': 'atomic',
};

/** The schema of a whole object: metadata and the kind's own fields. */
export function wholeObject(description: string, properties: { [name: string]: Schema }): Schema {
  return record(
    {
      apiVersion: text('APIVersion defines the versioned schema of this representation of an object.'),
      kind: text('Kind is a string value representing the REST resource this object represents.'),
      metadata: objectMeta,
      ...properties,
    },
    description,
  );
}
