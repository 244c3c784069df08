/** Pods and what keeps them: core/v1, apps/v1, batch/v1, and the autoscaler and disruption budget that watch over them. */
import { listAt, mapAt, setAt, stringAt, valueAt } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import { age, ageColumn, humanDuration, nameColumn } from './columns.ts';
import { toAutoscalerV1, toAutoscalerV2 } from './conversion.ts';
import { defaultPodSpec, defaultRequests, defaultTolerations } from './defaults/pods.ts';
import {
  prepareCronJob,
  prepareDaemonSet,
  prepareDeployment,
  prepareJob,
  prepareReplicaSet,
  prepareReplicationController,
  prepareStatefulSet,
} from './defaults/workloads.ts';
import {
  builtIn,
  cellColumn,
  fill,
  filling,
  numberAt,
  numberColumn,
  printLabels,
  printSelector,
  templateColumns,
  textAt,
  textColumn,
} from './define.ts';
import { type Column, fieldReader, type Kind, stringFields } from './kind.ts';
import { hasCondition, podColumns } from './pod-columns.ts';
import { validateAutoscaler } from './rules/core.ts';
import { validatePod } from './rules/pods.ts';
import { validateCronJob, validateJob, validateReplicationController, validateWorkload } from './rules/workloads.ts';

/** A pod is always somebody's: without an account of its own it is its namespace's default one. */
function preparePod(pod: KubeObject, old: KubeObject | undefined): void {
  fill(pod, ['spec.serviceAccountName', 'default'], ['spec.enableServiceLinks', true], ['status.phase', 'Pending']);
  const policy = stringAt(old, 'spec', 'preemptionPolicy') ?? 'PreemptLowerPriority';
  fill(pod, ['spec.preemptionPolicy', policy], ['spec.priority', numberAt(old, 'spec.priority')]);
  defaultPodSpec(mapAt(pod, 'spec'));
  defaultRequests(mapAt(pod, 'spec'));
  if (old === undefined) defaultTolerations(mapAt(pod, 'spec'));
  setAt(pod, ['status', 'qosClass'], qualityOfService(pod));
}

function qualityOfService(pod: KubeObject): string {
  const all = [...listAt(pod, 'spec', 'containers'), ...listAt(pod, 'spec', 'initContainers')];
  const sizes = (container: (typeof all)[number], which: string) => mapAt(container, 'resources', which) ?? {};
  const some = all.some((one) => Object.keys({ ...sizes(one, 'limits'), ...sizes(one, 'requests') }).length > 0);
  if (!some) return 'BestEffort';
  const guaranteed = all.every((one) =>
    ['cpu', 'memory'].every((name) => {
      const limit = sizes(one, 'limits')[name];
      return limit !== undefined && sizes(one, 'requests')[name] === limit;
    }),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

const scale = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  labelSelector: ['spec', 'selector'],
} as const;

const selectorColumn: Column = cellColumn('Selector', (object) => printSelector(mapAt(object, 'spec', 'selector')));
const plainSelectorColumn: Column = cellColumn('Selector', (object) => printLabels(mapAt(object, 'spec', 'selector')));

const replicaColumns = [
  numberColumn('Desired', 'spec.replicas'),
  numberColumn('Current', 'status.replicas'),
  numberColumn('Ready', 'status.readyReplicas'),
];

const readyOf = (object: KubeObject) =>
  `${numberAt(object, 'status.readyReplicas')}/${numberAt(object, 'spec.replicas')}`;

function completions(job: KubeObject): string {
  const done = numberAt(job, 'status.succeeded');
  const wanted = valueAt(job, 'spec', 'completions');
  if (wanted !== undefined) return `${done}/${String(wanted)}`;
  const parallelism = numberAt(job, 'spec.parallelism');
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`;
}

function jobStatus(job: KubeObject): string {
  if (hasCondition(job, 'Complete')) return 'Complete';
  if (hasCondition(job, 'Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (hasCondition(job, 'Suspended')) return 'Suspended';
  if (hasCondition(job, 'FailureTarget')) return 'FailureTarget';
  return hasCondition(job, 'SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function jobDuration(job: KubeObject, now: number): string {
  const start = textAt(job, 'status.startTime');
  if (start === '') return '';
  const end = textAt(job, 'status.completionTime');
  return humanDuration((end === '' ? now : Date.parse(end)) - Date.parse(start));
}

const toV2 = (object: KubeObject) => (object.apiVersion === 'autoscaling/v1' ? toAutoscalerV2(object) : object);

function autoscalerTargets(object: KubeObject): string {
  const metrics = listAt(toV2(object), 'spec', 'metrics').map((metric) => {
    const name = stringAt(metric, 'resource', 'name');
    const wanted = valueAt(metric, 'resource', 'target', 'averageUtilization');
    return name === undefined || wanted === undefined ? '<unknown>' : `${name}: <unknown>/${String(wanted)}%`;
  });
  return metrics.length === 0 ? '<none>' : metrics.slice(0, 2).join(', ');
}

const autoscaler = (version: 'v1' | 'v2'): Kind =>
  builtIn('autoscaling', version, {
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    shortNames: ['hpa'],
    categories: ['all'],
    hasStatus: true,
    columns: [
      cellColumn(
        'Reference',
        (object) => `${textAt(object, 'spec.scaleTargetRef.kind')}/${textAt(object, 'spec.scaleTargetRef.name')}`,
      ),
      cellColumn('Targets', autoscalerTargets),
      cellColumn('MinPods', (object) => String(valueAt(object, 'spec', 'minReplicas') ?? '<unset>')),
      numberColumn('MaxPods', 'spec.maxReplicas'),
      numberColumn('Replicas', 'status.currentReplicas'),
    ],
    convert: version === 'v1' ? toAutoscalerV1 : toAutoscalerV2,
    hooks: {
      prepare: version === 'v1' ? filling(['spec.minReplicas', 1]) : prepareAutoscaler,
      validate: validateAutoscaler,
    },
  });

function prepareAutoscaler(object: KubeObject): void {
  const cpu = {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
  };
  fill(object, ['spec.minReplicas', 1], ['spec.metrics', [cpu]]);
}

const oneOrAll = (path: string) => (object: KubeObject) => {
  const value = valueAt(object, ...path.split('.'));
  return value === undefined ? 'N/A' : String(value);
};

const podCounts = [
  numberColumn('Desired', 'status.desiredNumberScheduled'),
  numberColumn('Current', 'status.currentNumberScheduled'),
  numberColumn('Ready', 'status.numberReady'),
  numberColumn('Up-to-date', 'status.updatedNumberScheduled'),
  numberColumn('Available', 'status.numberAvailable'),
];

export const podKinds: readonly Kind[] = [
  builtIn('', 'v1', {
    kind: 'Pod',
    plural: 'pods',
    shortNames: ['po'],
    categories: ['all'],
    hasStatus: true,
    allColumns: podColumns,
    readField: fieldReader(
      stringFields(
        'spec.nodeName',
        'spec.restartPolicy',
        'spec.schedulerName',
        'spec.serviceAccountName',
        'status.phase',
        'status.podIP',
        'status.nominatedNodeName',
      ),
    ),
    hooks: { prepare: preparePod, validate: validatePod },
    subresources: [
      { name: 'eviction', kind: 'Eviction', verbs: ['create'], apiVersion: 'policy/v1' },
      { name: 'exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
      { name: 'log', kind: 'Pod', verbs: ['get'] },
    ],
  }),
  builtIn('', 'v1', {
    kind: 'PodTemplate',
    plural: 'podtemplates',
    columns: [
      ...templateColumns('template.spec'),
      cellColumn('Pod Labels', (object) => printLabels(mapAt(object, 'template', 'metadata', 'labels'))),
    ],
    hooks: { prepare: (object) => defaultPodSpec(mapAt(object, 'template', 'spec')) },
  }),
  builtIn('', 'v1', {
    kind: 'ReplicationController',
    plural: 'replicationcontrollers',
    shortNames: ['rc'],
    categories: ['all'],
    hasStatus: true,
    scale,
    columns: replicaColumns,
    wide: [...templateColumns(), plainSelectorColumn],
    readField: fieldReader({ 'status.replicas': (object) => String(numberAt(object, 'status.replicas')) }),
    hooks: { prepare: prepareReplicationController, validate: validateReplicationController },
  }),
];

export const workloadKinds: readonly Kind[] = [
  builtIn('apps', 'v1', {
    kind: 'Deployment',
    plural: 'deployments',
    shortNames: ['deploy'],
    categories: ['all'],
    hasStatus: true,
    scale,
    columns: [
      cellColumn('Ready', readyOf),
      numberColumn('Up-to-date', 'status.updatedReplicas'),
      numberColumn('Available', 'status.availableReplicas'),
    ],
    wide: [...templateColumns(), selectorColumn],
    hooks: { prepare: prepareDeployment, validate: validateWorkload },
  }),
  builtIn('apps', 'v1', {
    kind: 'ReplicaSet',
    plural: 'replicasets',
    shortNames: ['rs'],
    categories: ['all'],
    hasStatus: true,
    scale,
    columns: replicaColumns,
    wide: [...templateColumns(), selectorColumn],
    readField: fieldReader({ 'status.replicas': (object) => String(numberAt(object, 'status.replicas')) }),
    hooks: { prepare: prepareReplicaSet, validate: validateWorkload },
  }),
  builtIn('apps', 'v1', {
    kind: 'StatefulSet',
    plural: 'statefulsets',
    shortNames: ['sts'],
    categories: ['all'],
    hasStatus: true,
    scale,
    columns: [cellColumn('Ready', readyOf)],
    wide: templateColumns(),
    hooks: { prepare: prepareStatefulSet, validate: validateWorkload },
  }),
  builtIn('apps', 'v1', {
    kind: 'DaemonSet',
    plural: 'daemonsets',
    shortNames: ['ds'],
    categories: ['all'],
    hasStatus: true,
    columns: [
      ...podCounts,
      cellColumn('Node Selector', (object) => printLabels(mapAt(object, 'spec', 'template', 'spec', 'nodeSelector'))),
    ],
    wide: [...templateColumns(), selectorColumn],
    hooks: { prepare: prepareDaemonSet, validate: validateWorkload },
  }),
  builtIn('apps', 'v1', {
    kind: 'ControllerRevision',
    plural: 'controllerrevisions',
    columns: [
      cellColumn('Controller', (object) => {
        const owner = object.metadata.ownerReferences?.find((one) => one.controller === true);
        return owner === undefined ? '<none>' : `${owner.kind.toLowerCase()}.${owner.apiVersion}/${owner.name}`;
      }),
      numberColumn('Revision', 'revision'),
    ],
  }),
  builtIn('batch', 'v1', {
    kind: 'Job',
    plural: 'jobs',
    categories: ['all'],
    hasStatus: true,
    allColumns: [
      nameColumn,
      cellColumn('Status', jobStatus),
      cellColumn('Completions', completions),
      cellColumn('Duration', jobDuration),
      ageColumn,
      ...[...templateColumns(), selectorColumn].map((one) => ({ ...one, priority: 1 })),
    ],
    readField: fieldReader({ 'status.successful': (object) => String(numberAt(object, 'status.succeeded')) }),
    hooks: { prepare: prepareJob, validate: validateJob },
  }),
  builtIn('batch', 'v1', {
    kind: 'CronJob',
    plural: 'cronjobs',
    shortNames: ['cj'],
    categories: ['all'],
    hasStatus: true,
    columns: [
      textColumn('Schedule', 'spec.schedule'),
      textColumn('Timezone', 'spec.timeZone', '<none>'),
      cellColumn('Suspend', (object) => (valueAt(object, 'spec', 'suspend') === true ? 'True' : 'False')),
      cellColumn('Active', (object) => listAt(object, 'status', 'active').length, 'integer'),
      cellColumn('Last Schedule', (object, now) => {
        const last = textAt(object, 'status.lastScheduleTime');
        return last === '' ? '<none>' : age(last, now);
      }),
    ],
    wide: [
      ...templateColumns('spec.jobTemplate.spec.template.spec'),
      cellColumn('Selector', (object) => printSelector(mapAt(object, 'spec', 'jobTemplate', 'spec', 'selector'))),
    ],
    hooks: { prepare: prepareCronJob, validate: validateCronJob },
  }),
  autoscaler('v2'),
  autoscaler('v1'),
  builtIn('policy', 'v1', {
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    shortNames: ['pdb'],
    hasStatus: true,
    columns: [
      cellColumn('Min Available', oneOrAll('spec.minAvailable')),
      cellColumn('Max Unavailable', oneOrAll('spec.maxUnavailable')),
      numberColumn('Allowed Disruptions', 'status.disruptionsAllowed'),
    ],
  }),
];
