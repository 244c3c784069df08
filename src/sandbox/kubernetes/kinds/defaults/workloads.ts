/** Defaults of apps/v1 and batch/v1, and of the replication controller. */
import { isMap, mapAt, stringAt } from '../../json.ts';
import type { KubeObject } from '../../objects.ts';
import { fill } from '../define.ts';
import { defaultPodSpec, defaultTemplate } from './pods.ts';

export function prepareDeployment(object: KubeObject): void {
  fill(
    object,
    ['spec.replicas', 1],
    ['spec.strategy.type', 'RollingUpdate'],
    ['spec.revisionHistoryLimit', 10],
    ['spec.progressDeadlineSeconds', 600],
  );
  if (stringAt(object, 'spec', 'strategy', 'type') === 'RollingUpdate') {
    fill(
      object,
      ['spec.strategy.rollingUpdate.maxUnavailable', '25%'],
      ['spec.strategy.rollingUpdate.maxSurge', '25%'],
    );
  }
  defaultTemplate(object);
}

export function prepareReplicaSet(object: KubeObject): void {
  fill(object, ['spec.replicas', 1]);
  defaultTemplate(object);
}

/** A replication controller without selector or labels has its template's. */
export function prepareReplicationController(object: KubeObject): void {
  fill(object, ['spec.replicas', 1]);
  const labels = mapAt(object, 'spec', 'template', 'metadata', 'labels');
  if (labels !== undefined) {
    if (Object.keys(mapAt(object, 'spec', 'selector') ?? {}).length === 0)
      fill(object, ['spec.selector', { ...labels }]);
    if (Object.keys(object.metadata.labels ?? {}).length === 0) fill(object, ['metadata.labels', { ...labels }]);
  }
  defaultTemplate(object);
}

export function prepareStatefulSet(object: KubeObject): void {
  fill(
    object,
    ['spec.replicas', 1],
    ['spec.podManagementPolicy', 'OrderedReady'],
    ['spec.revisionHistoryLimit', 10],
    ['spec.updateStrategy.type', 'RollingUpdate'],
    ['spec.persistentVolumeClaimRetentionPolicy.whenDeleted', 'Retain'],
    ['spec.persistentVolumeClaimRetentionPolicy.whenScaled', 'Retain'],
  );
  if (stringAt(object, 'spec', 'updateStrategy', 'type') === 'RollingUpdate') {
    fill(object, ['spec.updateStrategy.rollingUpdate.partition', 0]);
  }
  defaultTemplate(object);
}

export function prepareDaemonSet(object: KubeObject): void {
  fill(object, ['spec.revisionHistoryLimit', 10], ['spec.updateStrategy.type', 'RollingUpdate']);
  if (stringAt(object, 'spec', 'updateStrategy', 'type') === 'RollingUpdate') {
    fill(
      object,
      ['spec.updateStrategy.rollingUpdate.maxUnavailable', 1],
      ['spec.updateStrategy.rollingUpdate.maxSurge', 0],
    );
  }
  defaultTemplate(object);
}

/** A new job selects its pods by labels made from its uid, unless it says that it selects them itself. */
export function prepareJob(object: KubeObject, old: KubeObject | undefined): void {
  if (isMap(object.spec) && object.spec.completions === undefined && object.spec.parallelism === undefined) {
    fill(object, ['spec.completions', 1]);
  }
  fill(
    object,
    ['spec.parallelism', 1],
    ['spec.backoffLimit', 6],
    ['spec.completionMode', 'NonIndexed'],
    ['spec.suspend', false],
  );
  fill(object, [
    'spec.podReplacementPolicy',
    mapAt(object, 'spec', 'podFailurePolicy') === undefined ? 'TerminatingOrFailed' : 'Failed',
  ]);
  if (old === undefined && isMap(object.spec) && object.spec.manualSelector !== true) select(object);
  // Labels given to a job's template are the job's own when it has none.
  const labels = mapAt(object, 'spec', 'template', 'metadata', 'labels');
  if (old === undefined && labels !== undefined && Object.keys(object.metadata.labels ?? {}).length === 0) {
    object.metadata.labels = Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]));
  }
  defaultTemplate(object);
}

function select(object: KubeObject): void {
  const uid = object.metadata.uid ?? '';
  fill(
    object,
    ['spec.template.metadata.labels', {}],
    ['spec.selector', { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } }],
  );
  const labels = mapAt(object, 'spec', 'template', 'metadata', 'labels');
  if (labels === undefined) return;
  Object.assign(labels, {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': object.metadata.name,
    'controller-uid': uid,
    'job-name': object.metadata.name,
  });
}

export function prepareCronJob(object: KubeObject): void {
  fill(
    object,
    ['spec.concurrencyPolicy', 'Allow'],
    ['spec.suspend', false],
    ['spec.successfulJobsHistoryLimit', 3],
    ['spec.failedJobsHistoryLimit', 1],
  );
  defaultPodSpec(mapAt(object, 'spec', 'jobTemplate', 'spec', 'template', 'spec'));
}
