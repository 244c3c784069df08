/** scheduling.k8s.io: the classes that pods take their priority from. Nothing is scheduled by it here. */
import { type Cause, cause } from '../errors.ts';
import { stringAt } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import { ageColumn, nameColumn } from './columns.ts';
import { builtIn, cellColumn, fill, numberAt, numberColumn, textColumn } from './define.ts';
import type { Kind } from './kind.ts';

const GROUP = 'scheduling.k8s.io';
const SYSTEM_PREFIX = 'system-';
const HIGHEST_OF_USERS = 1_000_000_000;
const POLICIES = ['Never', 'PreemptLowerPriority'];

const systemClass = (name: string, value: number, description: string): KubeObject => ({
  apiVersion: `${GROUP}/v1`,
  kind: 'PriorityClass',
  metadata: { name },
  value,
  description,
});

/** Those that every cluster has. */
export const SYSTEM_PRIORITY_CLASSES: readonly KubeObject[] = [
  systemClass(
    'system-node-critical',
    2_000_001_000,
    'Used for system critical pods that must not be moved from their current node.',
  ),
  systemClass(
    'system-cluster-critical',
    2_000_000_000,
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  ),
];

export const schedulingKinds: readonly Kind[] = [
  builtIn(GROUP, 'v1', {
    kind: 'PriorityClass',
    plural: 'priorityclasses',
    shortNames: ['pc'],
    namespaced: false,
    allColumns: [
      nameColumn,
      numberColumn('Value', 'value'),
      cellColumn('Global-Default', (object) => object.globalDefault === true, 'boolean'),
      ageColumn,
      textColumn('PreemptionPolicy', 'preemptionPolicy', ''),
    ],
    hooks: { prepare: preparePriorityClass, validate: validatePriorityClass },
  }),
];

/** As the real server: it has a generation, which nothing changes. */
function preparePriorityClass(object: KubeObject): void {
  fill(object, ['preemptionPolicy', 'PreemptLowerPriority']);
  object.metadata.generation = 1;
}

function validatePriorityClass(object: KubeObject, old: KubeObject | undefined): Cause[] {
  const complaints: Cause[] = [];
  const { name } = object.metadata;
  if (name.startsWith(SYSTEM_PREFIX)) {
    const why = notOfTheSystem(object);
    const words = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${why}`;
    if (why !== undefined) complaints.push(cause.forbidden('metadata.name', words));
  } else if (numberAt(object, 'value') > HIGHEST_OF_USERS) {
    const words = `maximum allowed value of a user defined priority is ${HIGHEST_OF_USERS}`;
    complaints.push(cause.forbidden('value', words));
  }
  const policy = stringAt(object, 'preemptionPolicy') ?? '';
  if (!POLICIES.includes(policy)) complaints.push(cause.notSupported('preemptionPolicy', policy, POLICIES));
  if (old === undefined) return complaints;
  if (numberAt(old, 'value') !== numberAt(object, 'value')) {
    complaints.push(cause.forbidden('value', 'may not be changed in an update.'));
  }
  if (stringAt(old, 'preemptionPolicy') !== policy) {
    complaints.push(cause.invalid('preemptionPolicy', policy, 'field is immutable'));
  }
  return complaints;
}

function notOfTheSystem(object: KubeObject): string | undefined {
  const known = SYSTEM_PRIORITY_CLASSES.find(({ metadata }) => metadata.name === object.metadata.name);
  if (known === undefined) return `${object.metadata.name} is not a known system priority class`;
  if (numberAt(object, 'value') !== known.value) {
    return `value of ${known.metadata.name} PriorityClass must be ${known.value}`;
  }
  return object.globalDefault === true
    ? `globalDefault of ${known.metadata.name} PriorityClass must be false`
    : undefined;
}
