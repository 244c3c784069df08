/** Who may do what: rbac.authorization.k8s.io, and the reviews of authorization.k8s.io and authentication.k8s.io, which are asked and not kept. */
import { listAt, stringAt } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import { nameColumn } from './columns.ts';
import { prepareRoleBinding } from './core.ts';
import { builtIn, cellColumn, createdAt, textAt } from './define.ts';
import type { Kind } from './kind.ts';
import { validateBinding, validateRole } from './rules/core.ts';

const RBAC = 'rbac.authorization.k8s.io';

const subjects = (kind: string) => (object: KubeObject) =>
  listAt(object, 'subjects')
    .filter((one) => stringAt(one, 'kind') === kind)
    .map((one) =>
      kind === 'ServiceAccount' ? `${textAt(one, 'namespace')}/${textAt(one, 'name')}` : textAt(one, 'name'),
    )
    .join(', ');

const binding = (kind: string, plural: string, namespaced: boolean): Kind =>
  builtIn(RBAC, 'v1', {
    kind,
    plural,
    namespaced,
    columns: [cellColumn('Role', (object) => `${textAt(object, 'roleRef.kind')}/${textAt(object, 'roleRef.name')}`)],
    wide: [
      cellColumn('Users', subjects('User')),
      cellColumn('Groups', subjects('Group')),
      cellColumn('ServiceAccounts', subjects('ServiceAccount')),
    ],
    hooks: { prepare: prepareRoleBinding, validate: validateBinding },
  });

const role = (kind: string, plural: string, namespaced: boolean): Kind =>
  builtIn(RBAC, 'v1', {
    kind,
    plural,
    namespaced,
    allColumns: [nameColumn, createdAt],
    hooks: { validate: validateRole },
  });

const review = (group: string, kind: string, namespaced = false): Kind =>
  builtIn(group, 'v1', { kind, plural: `${kind.toLowerCase()}s`, namespaced, verbs: ['create'] });

export const accessKinds: readonly Kind[] = [
  role('ClusterRole', 'clusterroles', false),
  binding('ClusterRoleBinding', 'clusterrolebindings', false),
  role('Role', 'roles', true),
  binding('RoleBinding', 'rolebindings', true),
  review('authorization.k8s.io', 'SelfSubjectAccessReview'),
  review('authorization.k8s.io', 'SelfSubjectRulesReview'),
  review('authorization.k8s.io', 'SubjectAccessReview'),
  review('authorization.k8s.io', 'LocalSubjectAccessReview', true),
  review('authentication.k8s.io', 'SelfSubjectReview'),
  review('authentication.k8s.io', 'TokenReview'),
];
