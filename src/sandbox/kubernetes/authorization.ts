/** What somebody may do, by RBAC: the roles that are bound to the user or one of the groups, read from the storage at every question. */

import { type Identity, MASTERS } from './identity.ts';
import { type Json, listAt, stringAt } from './json.ts';
import type { KubeObject } from './objects.ts';
import type { Storage } from './storage.ts';

export interface Attributes {
  readonly verb: string;
  readonly group?: string;
  /** With the subresource behind a slash, e.g. `pods/log`. */
  readonly resource?: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** For what is no resource, e.g. `/version`. */
  readonly path?: string;
}

export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

export interface Authorizer {
  decide(who: Identity, what: Attributes): Decision;
  /** The rules that hold for somebody in a namespace. */
  rulesOf(who: Identity, namespace: string): readonly Json[];
}

export const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** Everybody may do everything. */
export const allowAll: Authorizer = {
  decide: () => ({ allowed: true, reason: '' }),
  rulesOf: () => EVERYTHING,
};

const EVERYTHING: readonly Json[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

export function rbac(storage: Storage): Authorizer {
  const clusterRole = (name: string) => storage.get(`${RBAC_GROUP}/clusterroles`, undefined, name);

  function* granted(who: Identity, namespace: string | undefined): Generator<{ rule: Json; by: string }> {
    for (const binding of storage.list(`${RBAC_GROUP}/clusterrolebindings`)) {
      if (!names(binding, who)) continue;
      const role = clusterRole(stringAt(binding, 'roleRef', 'name') ?? '');
      yield* grants(role, `ClusterRoleBinding "${binding.metadata.name}"`, binding, who);
    }
    if (namespace === undefined || namespace === '') return;
    for (const binding of storage.list(`${RBAC_GROUP}/rolebindings`, namespace)) {
      if (!names(binding, who)) continue;
      const name = stringAt(binding, 'roleRef', 'name') ?? '';
      const local = stringAt(binding, 'roleRef', 'kind') === 'Role';
      const role = local ? storage.get(`${RBAC_GROUP}/roles`, namespace, name) : clusterRole(name);
      yield* grants(role, `RoleBinding "${binding.metadata.name}/${namespace}"`, binding, who);
    }
  }

  return {
    decide(who, what) {
      if (who.groups.includes(MASTERS)) return { allowed: true, reason: '' };
      for (const { rule, by } of granted(who, what.namespace)) {
        if (allows(rule, what)) return { allowed: true, reason: `RBAC: allowed by ${by}` };
      }
      return { allowed: false, reason: '' };
    },
    rulesOf(who, namespace) {
      if (who.groups.includes(MASTERS)) return EVERYTHING;
      return [...granted(who, namespace)].map(({ rule }) => rule);
    },
  };
}

function* grants(
  role: KubeObject | undefined,
  binding: string,
  from: KubeObject,
  who: Identity,
): Generator<{ rule: Json; by: string }> {
  const subject = listAt(from, 'subjects').find((one) => isSubject(one, from, who));
  const to = `${stringAt(subject, 'kind') ?? ''} "${stringAt(subject, 'name') ?? ''}"`;
  const by = `${binding} of ${role?.kind ?? ''} "${role?.metadata.name ?? ''}" to ${to}`;
  for (const rule of listAt(role, 'rules')) yield { rule, by };
}

const names = (binding: KubeObject, who: Identity) =>
  listAt(binding, 'subjects').some((subject) => isSubject(subject, binding, who));

function isSubject(subject: Json, binding: KubeObject, who: Identity): boolean {
  const name = stringAt(subject, 'name') ?? '';
  switch (stringAt(subject, 'kind')) {
    case 'User':
      return who.name === name;
    case 'Group':
      return who.groups.includes(name);
    case 'ServiceAccount': {
      const namespace = stringAt(subject, 'namespace') ?? binding.metadata.namespace ?? '';
      return who.name === `system:serviceaccount:${namespace}:${name}`;
    }
    default:
      return false;
  }
}

function allows(rule: Json, what: Attributes): boolean {
  const has = (key: string, wanted: string) => {
    const list = listAt(rule, key);
    return list.includes('*') || list.includes(wanted);
  };
  if (!has('verbs', what.verb)) return false;
  if (what.resource === undefined) {
    const path = what.path ?? '';
    return listAt(rule, 'nonResourceURLs').some(
      (one) =>
        one === '*' ||
        one === path ||
        (typeof one === 'string' && one.endsWith('*') && path.startsWith(one.slice(0, -1))),
    );
  }
  const subresource = what.resource.split('/')[1];
  const named = listAt(rule, 'resourceNames');
  return (
    has('apiGroups', what.group ?? '') &&
    (has('resources', what.resource) ||
      (subresource !== undefined && listAt(rule, 'resources').includes(`*/${subresource}`))) &&
    (named.length === 0 || named.includes(what.name ?? ''))
  );
}

/** The roles that every cluster comes with, as far as they make sense without its own components. */
export const DEFAULT_ROLES: readonly { readonly name: string; readonly rules: readonly Json[] }[] = [
  { name: 'cluster-admin', rules: EVERYTHING },
  { name: 'admin', rules: namespaceRules(['*']) },
  {
    name: 'edit',
    rules: namespaceRules(['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']),
  },
  { name: 'view', rules: namespaceRules(['get', 'list', 'watch'], ['secrets']) },
  {
    name: 'system:basic-user',
    rules: [
      {
        verbs: ['create'],
        apiGroups: ['authorization.k8s.io'],
        resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      },
      { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
    ],
  },
  {
    name: 'system:discovery',
    rules: [
      {
        verbs: ['get'],
        nonResourceURLs: [
          '/api',
          '/api/*',
          '/apis',
          '/apis/*',
          '/healthz',
          '/livez',
          '/openapi',
          '/openapi/*',
          '/readyz',
          '/version',
          '/version/',
        ],
      },
    ],
  },
];

/** Who has which of them from the start. */
export const DEFAULT_BINDINGS: readonly { readonly role: string; readonly group: string }[] = [
  { role: 'cluster-admin', group: MASTERS },
  { role: 'system:basic-user', group: 'system:authenticated' },
  { role: 'system:discovery', group: 'system:authenticated' },
];

/** What is in a namespace, less what the role may not see. */
function namespaceRules(verbs: string[], without: readonly string[] = []): Json[] {
  const core = [
    'bindings',
    'configmaps',
    'endpoints',
    'events',
    'persistentvolumeclaims',
    'pods',
    'pods/eviction',
    'pods/exec',
    'pods/log',
  ]
    .concat([
      'pods/status',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'secrets',
      'serviceaccounts',
      'services',
      'services/status',
    ])
    .filter((resource) => !without.includes(resource));
  const rules: Json[] = [
    { verbs, apiGroups: [''], resources: core },
    { verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['limitranges', 'namespaces', 'resourcequotas'] },
    {
      verbs,
      apiGroups: ['apps', 'autoscaling', 'batch', 'networking.k8s.io', 'policy', 'discovery.k8s.io'],
      resources: ['*'],
    },
  ];
  if (verbs.includes('*')) rules.push({ verbs, apiGroups: [RBAC_GROUP], resources: ['roles', 'rolebindings'] });
  return rules;
}
