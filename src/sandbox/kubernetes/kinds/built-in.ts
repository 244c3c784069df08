/** The kinds every cluster has, as far as the sandbox serves them. */
import { listAt, mapAt, setAt, stringAt, valueAt } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import { age, ageColumn, column, count, nameColumn } from './columns.ts';
import { prepareCustomResourceDefinition, validateCustomResourceDefinition } from './custom-resource-definition.ts';
import { type Column, fieldReader, groupVersion, type Kind, type KindHooks, stringFields } from './kind.ts';
import * as schemas from './schemas/kinds.ts';
import { pod } from './schemas/pods.ts';
import { validateThirdPartyResource } from './third-party-resource.ts';

type Given = Pick<Kind, 'kind' | 'plural'> &
  Partial<Omit<Kind, 'kind' | 'plural' | 'columns'>> & { columns?: readonly Column[] };

const builtIn = (group: string, version: string, given: Given): Kind => ({
  group,
  version,
  apiVersion: groupVersion(group, version),
  listKind: `${given.kind}List`,
  singular: given.kind.toLowerCase(),
  shortNames: [],
  categories: [],
  namespaced: true,
  storageKey: `${group}/${given.plural}`,
  listed: true,
  hasStatus: false,
  custom: false,
  readField: fieldReader(),
  hooks: {},
  ...given,
  columns: [nameColumn, ...(given.columns ?? []), ageColumn],
});

const textColumn = (name: string, path: string, missing = '<none>', priority = 0): Column =>
  column(name, 'string', (object) => stringAt(object, ...path.split('.')) || missing, priority);
const numberColumn = (name: string, path: string): Column =>
  column(name, 'integer', (object) => {
    const value = valueAt(object, ...path.split('.'));
    return typeof value === 'number' ? value : 0;
  });
const size = (name: string, path: string): Column =>
  column(name, 'integer', (object) => Object.keys(mapAt(object, ...path.split('.')) ?? {}).length);

/** Fills fields that are missing. */
const defaults =
  (...fields: readonly (readonly [string, string | number])[]): NonNullable<KindHooks['prepare']> =>
  (object) => {
    for (const [path, value] of fields) {
      const keys = path.split('.');
      if (valueAt(object, ...keys) === undefined) setAt(object, keys, value);
    }
  };

function prepareNamespace(object: KubeObject, old: KubeObject | undefined): void {
  object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
  if (old === undefined) {
    object.spec = { ...mapAt(object, 'spec'), finalizers: ['kubernetes'] };
    object.status = { phase: 'Active' };
  }
}

/** As the real server: stringData is for writing only, and wins over data. */
function prepareSecret(object: KubeObject): void {
  const plain = mapAt(object, 'stringData');
  if (plain !== undefined) {
    const data = { ...mapAt(object, 'data') };
    for (const [key, value] of Object.entries(plain)) data[key] = Buffer.from(String(value)).toString('base64');
    object.data = data;
    delete object.stringData;
  }
  object.type ??= 'Opaque';
}

const scale = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  labelSelector: ['status', 'selector'],
} as const;

const workloadColumns = [
  numberColumn('Desired', 'spec.replicas'),
  numberColumn('Current', 'status.replicas'),
  numberColumn('Ready', 'status.readyReplicas'),
];

const core: readonly Kind[] = [
  builtIn('', 'v1', {
    kind: 'Namespace',
    plural: 'namespaces',
    shortNames: ['ns'],
    namespaced: false,
    hasStatus: true,
    schema: schemas.namespace,
    columns: [textColumn('Status', 'status.phase')],
    readField: fieldReader(stringFields('status.phase')),
    hooks: {
      prepare: prepareNamespace,
      terminate: (object) => setAt(object, ['status', 'phase'], 'Terminating'),
    },
  }),
  builtIn('', 'v1', {
    kind: 'ConfigMap',
    plural: 'configmaps',
    shortNames: ['cm'],
    schema: schemas.configMap,
    columns: [
      column(
        'Data',
        'integer',
        (object) => Object.keys({ ...mapAt(object, 'data'), ...mapAt(object, 'binaryData') }).length,
      ),
    ],
  }),
  builtIn('', 'v1', {
    kind: 'Secret',
    plural: 'secrets',
    schema: schemas.secret,
    columns: [textColumn('Type', 'type'), size('Data', 'data')],
    readField: fieldReader(stringFields('type')),
    hooks: { prepare: prepareSecret },
  }),
  builtIn('', 'v1', {
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    schema: schemas.event,
    columns: [
      column('Last Seen', 'string', (object, now) =>
        age(
          stringAt(object, 'lastTimestamp') ?? stringAt(object, 'eventTime') ?? object.metadata.creationTimestamp,
          now,
        ),
      ),
      textColumn('Type', 'type', ''),
      textColumn('Reason', 'reason', ''),
      column('Object', 'string', (object) => {
        const kind = stringAt(object, 'involvedObject', 'kind') ?? '';
        return `${kind.toLowerCase()}/${stringAt(object, 'involvedObject', 'name') ?? ''}`;
      }),
      textColumn('Message', 'message', ''),
    ],
    readField: fieldReader({
      ...stringFields('type', 'reason', 'reportingComponent'),
      ...stringFields(
        ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
          (key) => `involvedObject.${key}`,
        ),
      ),
      source: (object) => stringAt(object, 'source', 'component') ?? '',
    }),
  }),
  builtIn('', 'v1', {
    kind: 'Service',
    plural: 'services',
    shortNames: ['svc'],
    categories: ['all'],
    hasStatus: true,
    schema: schemas.service,
    columns: [
      textColumn('Type', 'spec.type'),
      textColumn('Cluster-IP', 'spec.clusterIP'),
      textColumn('External-IP', 'spec.externalName'),
    ],
    readField: fieldReader(stringFields('spec.clusterIP', 'spec.type')),
    hooks: { prepare: defaults(['spec.type', 'ClusterIP'], ['spec.sessionAffinity', 'None']) },
  }),
  builtIn('', 'v1', {
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    shortNames: ['sa'],
    schema: schemas.serviceAccount,
    columns: [column('Secrets', 'integer', count(['secrets']))],
  }),
  builtIn('', 'v1', {
    kind: 'Pod',
    plural: 'pods',
    shortNames: ['po'],
    categories: ['all'],
    hasStatus: true,
    schema: pod,
    columns: [
      column('Ready', 'string', (object) => {
        const ready = listAt(object, 'status', 'containerStatuses').filter((one) => valueAt(one, 'ready') === true);
        const containers = count(['spec', 'containers'])(object);
        return `${ready.length}/${containers}`;
      }),
      textColumn('Status', 'status.phase'),
      column('Restarts', 'string', () => '0'),
    ],
    readField: fieldReader(
      stringFields(
        'spec.nodeName',
        'spec.restartPolicy',
        'spec.schedulerName',
        'spec.serviceAccountName',
        'status.phase',
        'status.podIP',
      ),
    ),
    hooks: {
      prepare: defaults(
        ['spec.restartPolicy', 'Always'],
        ['spec.serviceAccountName', 'default'],
        ['status.phase', 'Pending'],
      ),
    },
  }),
  builtIn('', 'v1', {
    kind: 'Node',
    plural: 'nodes',
    shortNames: ['no'],
    namespaced: false,
    hasStatus: true,
    schema: schemas.node,
    columns: [textColumn('Version', 'status.nodeInfo.kubeletVersion')],
    readField: fieldReader({
      'spec.unschedulable': (object) => String(valueAt(object, 'spec', 'unschedulable') === true),
    }),
  }),
];

const others: readonly Kind[] = [
  builtIn('apps', 'v1', {
    kind: 'Deployment',
    plural: 'deployments',
    shortNames: ['deploy'],
    categories: ['all'],
    hasStatus: true,
    scale,
    schema: schemas.deployment,
    columns: [
      column('Ready', 'string', (object) => {
        const ready = valueAt(object, 'status', 'readyReplicas') ?? 0;
        return `${String(ready)}/${String(valueAt(object, 'spec', 'replicas') ?? 0)}`;
      }),
      numberColumn('Up-to-date', 'status.updatedReplicas'),
      numberColumn('Available', 'status.availableReplicas'),
    ],
    hooks: { prepare: defaults(['spec.replicas', 1]) },
  }),
  builtIn('apps', 'v1', {
    kind: 'ReplicaSet',
    plural: 'replicasets',
    shortNames: ['rs'],
    categories: ['all'],
    hasStatus: true,
    scale,
    schema: schemas.replicaSet,
    columns: workloadColumns,
    hooks: { prepare: defaults(['spec.replicas', 1]) },
  }),
  builtIn('coordination.k8s.io', 'v1', {
    kind: 'Lease',
    plural: 'leases',
    schema: schemas.lease,
    columns: [textColumn('Holder', 'spec.holderIdentity')],
  }),
  builtIn('apiextensions.k8s.io', 'v1', {
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    namespaced: false,
    hasStatus: true,
    schema: schemas.customResourceDefinition,
    columns: [column('Created At', 'date', (object) => object.metadata.creationTimestamp ?? null)],
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
    schema: schemas.thirdPartyResource,
    columns: [textColumn('Description', 'description', '')],
    hooks: { validate: validateThirdPartyResource },
  }),
];

export const builtInKinds: readonly Kind[] = [...core, ...others];
