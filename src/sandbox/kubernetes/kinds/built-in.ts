/** The kinds every cluster has, as far as the sandbox serves them, in the order in which discovery names their groups. */
import { accessKinds } from './access.ts';
import { nameColumn } from './columns.ts';
import { coreKinds, eventKind } from './core.ts';
import { prepareCustomResourceDefinition, validateCustomResourceDefinition } from './custom-resource-definition.ts';
import { builtIn, createdAt, textColumn } from './define.ts';
import type { Kind } from './kind.ts';
import { networkKinds, storageKinds } from './network-and-storage.ts';
import { schedulingKinds } from './scheduling.ts';
import { customResourceDefinition, thirdPartyResource } from './schemas/extensions.ts';
import { validateThirdPartyResource } from './third-party-resource.ts';
import { podKinds, workloadKinds } from './workloads.ts';

const extensionKinds: readonly Kind[] = [
  builtIn('apiextensions.k8s.io', 'v1', {
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    namespaced: false,
    hasStatus: true,
    schema: customResourceDefinition,
    allColumns: [nameColumn, createdAt],
    hooks: {
      prepare: prepareCustomResourceDefinition,
      validate: validateCustomResourceDefinition,
      deletionFinalizer: 'customresourcecleanup.apiextensions.k8s.io',
    },
  }),
  builtIn('extensions', 'v1beta1', {
    kind: 'ThirdPartyResource',
    plural: 'thirdpartyresources',
    namespaced: false,
    schema: thirdPartyResource,
    columns: [textColumn('Description', 'description', '')],
    hooks: { validate: validateThirdPartyResource },
  }),
];

export const builtInKinds: readonly Kind[] = [
  ...coreKinds,
  ...podKinds,
  ...workloadKinds,
  eventKind('events.k8s.io', 'regarding', 'note'),
  ...accessKinds,
  ...networkKinds,
  ...storageKinds,
  ...schedulingKinds,
  ...extensionKinds,
];
