/** What is wrong with the other objects of core/v1, networking and RBAC. */
import { type Cause, cause } from '../../errors.ts';
import { equal, type Json, listAt, mapAt, stringAt, valueAt } from '../../json.ts';
import type { KubeObject } from '../../objects.ts';

type Rule = (object: KubeObject, old: KubeObject | undefined) => Cause[];

const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/;

function keysComplaints(map: Json | undefined, field: string): Cause[] {
  return Object.keys(mapAt(map) ?? {}).flatMap((key) =>
    CONFIG_KEY.test(key)
      ? []
      : [
          cause.invalid(
            `${field}[${key}]`,
            key,
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
          ),
        ],
  );
}

function whileImmutable(object: KubeObject, old: KubeObject | undefined, fields: readonly string[]): Cause[] {
  if (old?.immutable !== true) return [];
  const words = 'field is immutable when `immutable` is set';
  const complaints = object.immutable === true ? [] : [cause.forbidden('immutable', words)];
  for (const field of fields) if (!equal(old[field], object[field])) complaints.push(cause.forbidden(field, words));
  return complaints;
}

export const validateConfigMap: Rule = (object, old) => [
  ...keysComplaints(object.data, 'data'),
  ...keysComplaints(object.binaryData, 'binaryData'),
  ...whileImmutable(object, old, ['data', 'binaryData']),
];

export const validateSecret: Rule = (object, old) => [
  ...keysComplaints(object.data, 'data'),
  ...(old !== undefined && old.type !== object.type ? [cause.invalid('type', object.type, 'field is immutable')] : []),
  ...whileImmutable(object, old, ['data']),
];

const SERVICE_TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

export const validateService: Rule = (object, old) => {
  const complaints: Cause[] = [];
  const type = stringAt(object, 'spec', 'type') ?? '';
  const ports = listAt(object, 'spec', 'ports');
  if (!SERVICE_TYPES.includes(type)) complaints.push(cause.notSupported('spec.type', type, SERVICE_TYPES));
  const address = stringAt(object, 'spec', 'clusterIP');
  if (ports.length === 0 && type !== 'ExternalName' && address !== 'None')
    complaints.push(cause.required('spec.ports'));
  if (type === 'ExternalName' && (stringAt(object, 'spec', 'externalName') ?? '') === '') {
    complaints.push(cause.required('spec.externalName'));
  }
  for (const [index, port] of ports.entries()) {
    const at = `spec.ports[${index}]`;
    const number = valueAt(port, 'port');
    if (ports.length > 1 && (stringAt(port, 'name') ?? '') === '') complaints.push(cause.required(`${at}.name`));
    if (typeof number !== 'number' || number < 1 || number > 65_535) {
      complaints.push(cause.invalid(`${at}.port`, number ?? 0, 'must be between 1 and 65535, inclusive'));
    }
  }
  const before = old === undefined ? undefined : stringAt(old, 'spec', 'clusterIP');
  const stays = type !== 'ExternalName' && stringAt(old, 'spec', 'type') !== 'ExternalName';
  if (before !== undefined && before !== '' && stays && address !== before) {
    complaints.push(cause.invalid('spec.clusterIPs[0]', [address ?? ''], 'may not change once set'));
  }
  return complaints;
};

export const validateClaim: Rule = (object, old) => {
  const complaints: Cause[] = [];
  if (listAt(object, 'spec', 'accessModes').length === 0) {
    complaints.push(cause.required('spec.accessModes', 'at least 1 access mode is required'));
  }
  if (valueAt(object, 'spec', 'resources', 'requests', 'storage') === undefined) {
    complaints.push(cause.required('spec.resources[storage]'));
  }
  if (old !== undefined && !equal(withoutStorage(old), withoutStorage(object))) {
    complaints.push(
      cause.forbidden(
        'spec',
        'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
      ),
    );
  }
  return complaints;
};

function withoutStorage(object: KubeObject): Json {
  const { resources: _resources, volumeName: _volumeName, ...rest } = mapAt(object, 'spec') ?? {};
  return rest;
}

export const validateIngress: Rule = (object) =>
  mapAt(object, 'spec', 'defaultBackend') === undefined && listAt(object, 'spec', 'rules').length === 0
    ? [cause.invalid('spec', listAt(object, 'spec', 'rules'), 'either `defaultBackend` or `rules` must be specified')]
    : [];

export const validateRole: Rule = (object) =>
  listAt(object, 'rules').flatMap((rule, index) => {
    const complaints: Cause[] = [];
    const at = `rules[${index}]`;
    if (listAt(rule, 'verbs').length === 0) {
      complaints.push(cause.required(`${at}.verbs`, 'verbs must contain at least one value'));
    }
    if (listAt(rule, 'nonResourceURLs').length > 0) return complaints;
    if (listAt(rule, 'apiGroups').length === 0) {
      complaints.push(cause.required(`${at}.apiGroups`, 'resource rules must supply at least one api group'));
    }
    if (listAt(rule, 'resources').length === 0) {
      complaints.push(cause.required(`${at}.resources`, 'resource rules must supply at least one resource'));
    }
    return complaints;
  });

export const validateBinding: Rule = (object, old) => {
  const complaints: Cause[] = [];
  const kinds = object.kind === 'RoleBinding' ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  const kind = stringAt(object, 'roleRef', 'kind') ?? '';
  if (!kinds.includes(kind)) complaints.push(cause.notSupported('roleRef.kind', kind, kinds));
  if ((stringAt(object, 'roleRef', 'name') ?? '') === '') complaints.push(cause.required('roleRef.name'));
  if (old !== undefined && !equal(old.roleRef, object.roleRef)) {
    complaints.push(cause.invalid('roleRef', object.roleRef, 'cannot change roleRef'));
  }
  return complaints;
};

export const validateAutoscaler: Rule = (object) => {
  const least = valueAt(object, 'spec', 'minReplicas') ?? 1;
  const most = valueAt(object, 'spec', 'maxReplicas') ?? 0;
  const complaints: Cause[] = [];
  if (typeof most !== 'number' || most < 1) {
    complaints.push(cause.invalid('spec.maxReplicas', most, 'must be greater than 0'));
  } else if (typeof least === 'number' && most < least) {
    complaints.push(cause.invalid('spec.maxReplicas', most, 'must be greater than or equal to `minReplicas`'));
  }
  return complaints;
};
