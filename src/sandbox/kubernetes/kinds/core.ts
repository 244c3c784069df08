/** core/v1 but the workloads. */
import { listAt, mapAt, setAt, stringAt, valueAt } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import { age, ageColumn, column, count, nameColumn } from './columns.ts';
import { toCoreEvent, toEvent } from './conversion.ts';
import { prepareService } from './defaults/services.ts';
import { builtIn, cellColumn, createdAt, fill, filling, numberAt, printLabels, textAt, textColumn } from './define.ts';
import { fieldReader, type Kind, stringFields } from './kind.ts';
import { hasCondition } from './pod-columns.ts';
import { validateClaim, validateConfigMap, validateSecret, validateService } from './rules/core.ts';

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

function ports(service: KubeObject): string {
  const told = listAt(service, 'spec', 'ports').map((port) => {
    const node = numberAt(port, 'nodePort');
    return `${numberAt(port, 'port')}${node === 0 ? '' : `:${node}`}/${stringAt(port, 'protocol') ?? 'TCP'}`;
  });
  return told.length === 0 ? '<none>' : told.join(',');
}

function externalAddress(service: KubeObject): string {
  const type = textAt(service, 'spec.type');
  const given = listAt(service, 'spec', 'externalIPs').map(String);
  if (type === 'ExternalName') return textAt(service, 'spec.externalName');
  if (type !== 'LoadBalancer') return given.length === 0 ? '<none>' : given.join(',');
  const balancers = listAt(service, 'status', 'loadBalancer', 'ingress').map(
    (one) => stringAt(one, 'ip') ?? stringAt(one, 'hostname') ?? '',
  );
  const all = [...balancers, ...given];
  return all.length === 0 ? '<pending>' : all.join(',');
}

/** Up to three addresses with their ports, as `kubectl get endpoints` shows them. */
function endpoints(object: KubeObject): string {
  const all = listAt(object, 'subsets').flatMap((subset) =>
    listAt(subset, 'addresses').flatMap((address) => {
      const ip = stringAt(address, 'ip') ?? '';
      const known = listAt(subset, 'ports');
      return known.length === 0 ? [ip] : known.map((port) => `${ip}:${numberAt(port, 'port')}`);
    }),
  );
  if (all.length === 0) return '<none>';
  return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : all.join(',');
}

const ROLE = 'node-role.kubernetes.io/';

function nodeStatus(node: KubeObject): string {
  const ready = hasCondition(node, 'Ready') ? 'Ready' : 'NotReady';
  return valueAt(node, 'spec', 'unschedulable') === true ? `${ready},SchedulingDisabled` : ready;
}

function nodeRoles(node: KubeObject): string {
  const roles = Object.keys(node.metadata.labels ?? {}).flatMap((key) =>
    key.startsWith(ROLE) ? [key.slice(ROLE.length)] : [],
  );
  return roles.length === 0 ? '<none>' : roles.sort().join(',');
}

const nodeAddress = (type: string) => (node: KubeObject) =>
  stringAt(
    listAt(node, 'status', 'addresses').find((one) => stringAt(one, 'type') === type),
    'address',
  ) ?? '<none>';

const ACCESS: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

const accessModes = (path: string) => (object: KubeObject) =>
  listAt(object, ...path.split('.'))
    .map((mode) => ACCESS[String(mode)] ?? String(mode))
    .join(',');

const involved = (object: KubeObject, root: string) =>
  `${textAt(object, `${root}.kind`).toLowerCase()}/${textAt(object, `${root}.name`)}`;

const lastSeen = (object: KubeObject, now: number) =>
  age(
    textAt(object, 'series.lastObservedTime') ||
      textAt(object, 'lastTimestamp') ||
      textAt(object, 'deprecatedLastTimestamp') ||
      textAt(object, 'eventTime') ||
      object.metadata.creationTimestamp,
    now,
  );

/** Events are one resource in two groups; what they say is under other names in the newer one. */
export const eventKind = (group: string, regarding: string, note: string): Kind =>
  builtIn(group, 'v1', {
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    storageKey: '/events',
    convert: group === '' ? toCoreEvent : toEvent,
    hooks:
      group === '' ? { prepare: filling(['source', {}], ['reportingComponent', ''], ['reportingInstance', '']) } : {},
    allColumns: [
      cellColumn('Last Seen', lastSeen),
      textColumn('Type', 'type', ''),
      textColumn('Reason', 'reason', ''),
      cellColumn('Object', (object) => involved(object, regarding)),
      textColumn('Subobject', `${regarding}.fieldPath`, '', 1),
      column(
        'Source',
        'string',
        (object) => textAt(object, 'source.component') || textAt(object, 'reportingComponent'),
        1,
      ),
      cellColumn('Message', (object) => textAt(object, note).trim()),
      column(
        'First Seen',
        'string',
        (object, now) =>
          age(
            textAt(object, 'firstTimestamp') || textAt(object, 'eventTime') || object.metadata.creationTimestamp,
            now,
          ),
        1,
      ),
      column('Count', 'string', (object) => numberAt(object, 'series.count') || numberAt(object, 'count') || 1, 1),
      { ...nameColumn, priority: 1 },
    ],
    readField: fieldReader({
      ...stringFields('type', 'reason', 'reportingComponent'),
      ...stringFields(
        ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
          (key) => `${regarding}.${key}`,
        ),
      ),
      source: (object) => textAt(object, 'source.component') || textAt(object, 'reportingComponent'),
    }),
  });

export const coreKinds: readonly Kind[] = [
  builtIn('', 'v1', {
    kind: 'Namespace',
    plural: 'namespaces',
    shortNames: ['ns'],
    namespaced: false,
    hasStatus: true,
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
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
    columns: [
      column(
        'Data',
        'string',
        (object) => Object.keys({ ...mapAt(object, 'data'), ...mapAt(object, 'binaryData') }).length,
      ),
    ],
    hooks: { validate: validateConfigMap },
  }),
  builtIn('', 'v1', {
    kind: 'Secret',
    plural: 'secrets',
    columns: [
      textColumn('Type', 'type'),
      column('Data', 'string', (object) => Object.keys(mapAt(object, 'data') ?? {}).length),
    ],
    readField: fieldReader(stringFields('type')),
    hooks: { prepare: prepareSecret, validate: validateSecret },
  }),
  eventKind('', 'involvedObject', 'message'),
  builtIn('', 'v1', {
    kind: 'Service',
    plural: 'services',
    shortNames: ['svc'],
    categories: ['all'],
    hasStatus: true,
    columns: [
      textColumn('Type', 'spec.type'),
      textColumn('Cluster-IP', 'spec.clusterIP'),
      cellColumn('External-IP', externalAddress),
      cellColumn('Port(s)', ports),
    ],
    wide: [cellColumn('Selector', (object) => printLabels(mapAt(object, 'spec', 'selector')))],
    readField: fieldReader(stringFields('spec.clusterIP', 'spec.type')),
    hooks: { prepare: prepareService, validate: validateService },
  }),
  builtIn('', 'v1', {
    kind: 'Endpoints',
    plural: 'endpoints',
    singular: 'endpoints',
    listKind: 'EndpointsList',
    shortNames: ['ep'],
    columns: [cellColumn('Endpoints', endpoints)],
  }),
  builtIn('', 'v1', {
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    shortNames: ['sa'],
    columns: [column('Secrets', 'string', count(['secrets']))],
    subresources: [{ name: 'token', kind: 'TokenRequest', verbs: ['create'], apiVersion: 'authentication.k8s.io/v1' }],
  }),
  builtIn('', 'v1', {
    kind: 'Node',
    plural: 'nodes',
    shortNames: ['no'],
    namespaced: false,
    hasStatus: true,
    allColumns: [
      nameColumn,
      cellColumn('Status', nodeStatus),
      cellColumn('Roles', nodeRoles),
      ageColumn,
      textColumn('Version', 'status.nodeInfo.kubeletVersion', ''),
      column('Internal-IP', 'string', nodeAddress('InternalIP'), 1),
      column('External-IP', 'string', nodeAddress('ExternalIP'), 1),
      textColumn('OS-Image', 'status.nodeInfo.osImage', '<unknown>', 1),
      textColumn('Kernel-Version', 'status.nodeInfo.kernelVersion', '<unknown>', 1),
      textColumn('Container-Runtime', 'status.nodeInfo.containerRuntimeVersion', '<unknown>', 1),
    ],
    readField: fieldReader({
      'spec.unschedulable': (object) => String(valueAt(object, 'spec', 'unschedulable') === true),
    }),
  }),
  builtIn('', 'v1', {
    kind: 'PersistentVolume',
    plural: 'persistentvolumes',
    shortNames: ['pv'],
    namespaced: false,
    hasStatus: true,
    columns: [
      textColumn('Capacity', 'spec.capacity.storage', ''),
      cellColumn('Access Modes', accessModes('spec.accessModes')),
      textColumn('Reclaim Policy', 'spec.persistentVolumeReclaimPolicy', ''),
      textColumn('Status', 'status.phase', ''),
      cellColumn('Claim', (object) =>
        mapAt(object, 'spec', 'claimRef') === undefined
          ? ''
          : `${textAt(object, 'spec.claimRef.namespace')}/${textAt(object, 'spec.claimRef.name')}`,
      ),
      textColumn('StorageClass', 'spec.storageClassName', ''),
      textColumn('VolumeAttributesClass', 'spec.volumeAttributesClassName', '<unset>'),
      textColumn('Reason', 'status.reason', ''),
    ],
    wide: [textColumn('VolumeMode', 'spec.volumeMode', '<unset>')],
    hooks: {
      prepare: filling(
        ['spec.persistentVolumeReclaimPolicy', 'Retain'],
        ['spec.volumeMode', 'Filesystem'],
        ['status.phase', 'Pending'],
      ),
    },
  }),
  builtIn('', 'v1', {
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    shortNames: ['pvc'],
    hasStatus: true,
    columns: [
      textColumn('Status', 'status.phase', ''),
      textColumn('Volume', 'spec.volumeName', ''),
      textColumn('Capacity', 'status.capacity.storage', ''),
      cellColumn('Access Modes', accessModes('status.accessModes')),
      textColumn('StorageClass', 'spec.storageClassName', ''),
      textColumn('VolumeAttributesClass', 'spec.volumeAttributesClassName', '<unset>'),
    ],
    wide: [textColumn('VolumeMode', 'spec.volumeMode', '<unset>')],
    hooks: {
      prepare: filling(['spec.volumeMode', 'Filesystem'], ['status.phase', 'Pending']),
      validate: validateClaim,
    },
  }),
  builtIn('', 'v1', {
    kind: 'ResourceQuota',
    plural: 'resourcequotas',
    shortNames: ['quota'],
    hasStatus: true,
    columns: [
      cellColumn('Request', (object) => quotaCells(object, false)),
      cellColumn('Limit', (object) => quotaCells(object, true)),
    ],
  }),
  builtIn('', 'v1', {
    kind: 'LimitRange',
    plural: 'limitranges',
    shortNames: ['limits'],
    allColumns: [nameColumn, createdAt],
  }),
];

/** Nothing counts against a quota here: what is used stays at nought. */
function quotaCells(object: KubeObject, limits: boolean): string {
  return Object.entries(mapAt(object, 'spec', 'hard') ?? {})
    .filter(([key]) => key.startsWith('limits.') === limits)
    .map(([key, value]) => `${key}: ${textAt(object, `status.used.${key}`) || '0'}/${String(value)}`)
    .join(', ');
}

/** RBAC's references may leave their group out. */
export function prepareRoleBinding(object: KubeObject): void {
  fill(object, ['roleRef.apiGroup', 'rbac.authorization.k8s.io']);
  for (const subject of listAt(object, 'subjects')) {
    if (stringAt(subject, 'kind') !== 'ServiceAccount') fill(subject, ['apiGroup', 'rbac.authorization.k8s.io']);
  }
}
