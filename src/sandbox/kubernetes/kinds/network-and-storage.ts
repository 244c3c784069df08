/** networking.k8s.io, discovery.k8s.io, coordination.k8s.io and storage.k8s.io, all v1. */
import { listAt, mapAt, stringAt, valueAt } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import { ageColumn, nameColumn } from './columns.ts';
import {
  builtIn,
  cellColumn,
  fill,
  filling,
  numberAt,
  numberColumn,
  printSelector,
  textAt,
  textColumn,
} from './define.ts';
import type { Kind } from './kind.ts';
import { validateIngress } from './rules/core.ts';

function hosts(ingress: KubeObject): string {
  const all = listAt(ingress, 'spec', 'rules').flatMap((rule) => stringAt(rule, 'host') || []);
  if (all.length === 0) return '*';
  return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : all.join(',');
}

const addresses = (object: KubeObject) =>
  listAt(object, 'status', 'loadBalancer', 'ingress')
    .map((one) => stringAt(one, 'ip') ?? stringAt(one, 'hostname') ?? '')
    .join(',');

const few = (all: readonly string[]): string => {
  if (all.length === 0) return '<unset>';
  return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : all.join(',');
};

/** A network policy without types is about incoming traffic, and about outgoing when it says something of it. */
function prepareNetworkPolicy(object: KubeObject): void {
  const egress = valueAt(object, 'spec', 'egress') !== undefined;
  for (const rule of [...listAt(object, 'spec', 'ingress'), ...listAt(object, 'spec', 'egress')]) {
    for (const port of listAt(rule, 'ports')) fill(port, ['protocol', 'TCP']);
  }
  fill(object, ['spec.podSelector', {}], ['spec.policyTypes', egress ? ['Ingress', 'Egress'] : ['Ingress']]);
}

export const networkKinds: readonly Kind[] = [
  builtIn('networking.k8s.io', 'v1', {
    kind: 'Ingress',
    plural: 'ingresses',
    shortNames: ['ing'],
    hasStatus: true,
    columns: [
      textColumn('Class', 'spec.ingressClassName'),
      cellColumn('Hosts', hosts),
      cellColumn('Address', addresses),
      cellColumn('Ports', (object) => (listAt(object, 'spec', 'tls').length > 0 ? '80, 443' : '80')),
    ],
    hooks: { prepare: filling(['status.loadBalancer', {}]), validate: validateIngress },
  }),
  builtIn('networking.k8s.io', 'v1', {
    kind: 'IngressClass',
    plural: 'ingressclasses',
    namespaced: false,
    columns: [
      textColumn('Controller', 'spec.controller', ''),
      cellColumn('Parameters', (object) =>
        mapAt(object, 'spec', 'parameters') === undefined
          ? '<none>'
          : `${textAt(object, 'spec.parameters.kind')}.${textAt(object, 'spec.parameters.apiGroup')}/${textAt(object, 'spec.parameters.name')}`,
      ),
    ],
  }),
  builtIn('networking.k8s.io', 'v1', {
    kind: 'NetworkPolicy',
    plural: 'networkpolicies',
    shortNames: ['netpol'],
    columns: [cellColumn('Pod-Selector', (object) => printSelector(mapAt(object, 'spec', 'podSelector')))],
    hooks: { prepare: prepareNetworkPolicy },
  }),
  builtIn('discovery.k8s.io', 'v1', {
    kind: 'EndpointSlice',
    plural: 'endpointslices',
    columns: [
      textColumn('AddressType', 'addressType', ''),
      cellColumn('Ports', (object) =>
        few(listAt(object, 'ports').map((port) => String(numberAt(port, 'port') || '*'))),
      ),
      cellColumn('Endpoints', (object) =>
        few(listAt(object, 'endpoints').flatMap((one) => listAt(one, 'addresses').map(String))),
      ),
    ],
  }),
  builtIn('coordination.k8s.io', 'v1', {
    kind: 'Lease',
    plural: 'leases',
    columns: [textColumn('Holder', 'spec.holderIdentity', '')],
  }),
];

export const storageKinds: readonly Kind[] = [
  builtIn('storage.k8s.io', 'v1', {
    kind: 'StorageClass',
    plural: 'storageclasses',
    shortNames: ['sc'],
    namespaced: false,
    allColumns: [
      {
        ...nameColumn,
        cell: (object) =>
          object.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true'
            ? `${object.metadata.name} (default)`
            : object.metadata.name,
      },
      textColumn('Provisioner', 'provisioner', ''),
      textColumn('ReclaimPolicy', 'reclaimPolicy', ''),
      textColumn('VolumeBindingMode', 'volumeBindingMode', ''),
      cellColumn('AllowVolumeExpansion', (object) => object.allowVolumeExpansion === true, 'boolean'),
      ageColumn,
    ],
    hooks: { prepare: filling(['reclaimPolicy', 'Delete'], ['volumeBindingMode', 'Immediate']) },
  }),
  builtIn('storage.k8s.io', 'v1', {
    kind: 'VolumeAttachment',
    plural: 'volumeattachments',
    namespaced: false,
    hasStatus: true,
    columns: [
      textColumn('Attacher', 'spec.attacher', ''),
      textColumn('PV', 'spec.source.persistentVolumeName', ''),
      textColumn('Node', 'spec.nodeName', ''),
      cellColumn('Attached', (object) => valueAt(object, 'status', 'attached') === true, 'boolean'),
    ],
  }),
  builtIn('storage.k8s.io', 'v1', {
    kind: 'CSIDriver',
    plural: 'csidrivers',
    namespaced: false,
    columns: [
      cellColumn('AttachRequired', (object) => valueAt(object, 'spec', 'attachRequired') !== false, 'boolean'),
      cellColumn('PodInfoOnMount', (object) => valueAt(object, 'spec', 'podInfoOnMount') === true, 'boolean'),
    ],
  }),
  builtIn('storage.k8s.io', 'v1', {
    kind: 'CSINode',
    plural: 'csinodes',
    namespaced: false,
    columns: [{ ...numberColumn('Drivers', ''), cell: (object) => listAt(object, 'spec', 'drivers').length }],
  }),
];
