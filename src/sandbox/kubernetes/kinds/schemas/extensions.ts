/** Schemas of the kinds that declare kinds, which are not among Kubernetes' own types. */
import type { Schema } from '../../schema/schema.ts';
import { anything, flag, listBy, listOf, record, text, time } from './build.ts';
import { schemaOf } from './types.ts';

const typeMeta = {
  apiVersion: text('APIVersion defines the versioned schema of this representation of an object.'),
  kind: text('Kind is a string value representing the REST resource this object represents.'),
  metadata: schemaOf('meta.v1.ObjectMeta'),
};

const names = record({
  plural: text('plural is the plural name of the resource to serve.'),
  singular: text('singular is the singular name of the resource.'),
  kind: text('kind is the serialized kind of the resource.'),
  listKind: text('listKind is the serialized kind of the list for this resource.'),
  shortNames: listOf(text(), 'shortNames are short names for the resource.'),
  categories: listOf(text(), 'categories is a list of grouped resources this custom resource belongs to.'),
});

const version = record({
  name: text('name is the version name, e.g. v1 or v2beta1.'),
  served: flag('served is a flag enabling/disabling this version from being served via REST APIs.'),
  storage: flag('storage indicates this version should be used when persisting custom resources to storage.'),
  deprecated: flag('deprecated indicates this version of the custom resource API is deprecated.'),
  deprecationWarning: text('deprecationWarning overrides the default warning returned to API clients.'),
  schema: anything('schema describes the schema used for validation and pruning of this version.'),
  subresources: anything('subresources specify what subresources this version has.'),
  additionalPrinterColumns: listOf(
    anything(),
    'additionalPrinterColumns are additional columns returned in Table output.',
  ),
  selectableFields: listOf(
    anything(),
    'selectableFields specifies paths to fields that may be used as field selectors.',
  ),
});

export const customResourceDefinition: Schema = record(
  {
    ...typeMeta,
    spec: record(
      {
        group: text('group is the API group of the defined custom resource.'),
        names,
        scope: text('scope indicates whether the resource is cluster- or namespace-scoped.'),
        versions: listOf(version, 'versions is the list of all API versions of the defined custom resource.'),
        conversion: anything('conversion defines conversion settings for the CRD.'),
        preserveUnknownFields: flag('preserveUnknownFields is deprecated and must be false.'),
      },
      'spec describes how the user wants the resources to appear',
    ),
    status: record({
      conditions: listBy(
        ['type'],
        record({ type: text(), status: text(), lastTransitionTime: time(), reason: text(), message: text() }),
        'conditions indicate state for particular aspects of a CustomResourceDefinition',
      ),
      acceptedNames: names,
      storedVersions: listOf(text(), 'storedVersions lists all versions of CustomResources that were ever persisted.'),
    }),
  },
  'CustomResourceDefinition represents a resource that should be exposed on the API server.',
);

export const thirdPartyResource: Schema = record(
  {
    ...typeMeta,
    description: text('What the objects are.'),
    versions: listOf(record({ name: text('e.g. v1 or stable/v1.') }), 'The versions of the objects.'),
  },
  'ThirdPartyResource is how kinds were added to the API before CustomResourceDefinitions.',
);
