import type { KubernetesObject } from 'petrel/sdk';
import { readField } from './field-path.ts';

export interface Rollout {
  readonly done: boolean;
  /** What is waited for, as `kubectl rollout status` says it. */
  readonly message: string;
  readonly replicas: number;
  readonly updated: number;
  readonly available: number;
}

/**
 * How far the rollout of a Deployment, StatefulSet or DaemonSet is, by kubectl's rules. Throws when it has failed (the progress deadline is
 * over), and for what is never rolled out.
 */
export function rolloutOf(object: KubernetesObject): Rollout {
  const number = (path: string, missing = 0) => {
    const value = readField(object, path);
    return typeof value === 'number' ? value : missing;
  };
  const seen = number('status.observedGeneration') >= (object.metadata.generation ?? 0);
  const what = `${object.kind} ${object.metadata.name}`;
  const rollout = (replicas: number, updated: number, available: number, wait: string | undefined): Rollout => {
    const waiting = seen ? wait : 'its change is not noticed yet';
    const message = waiting === undefined ? `${what} is rolled out` : `waiting for ${what}: ${waiting}`;
    return { done: waiting === undefined, message, replicas, updated, available };
  };
  switch (object.kind) {
    case 'Deployment':
      return deployment(object, number, what, rollout);
    case 'StatefulSet':
      return statefulSet(object, number, rollout);
    case 'DaemonSet': {
      refuseOnDelete(object, what);
      const desired = number('status.desiredNumberScheduled');
      const updated = number('status.updatedNumberScheduled');
      const available = number('status.numberAvailable');
      if (updated < desired) return rollout(desired, updated, available, `${updated} of ${desired} pods are updated`);
      const wait = available < desired ? `${available} of ${desired} updated pods are available` : undefined;
      return rollout(desired, updated, available, wait);
    }
    default:
      throw new Error(`A ${object.kind} has no rollout; a Deployment, a StatefulSet and a DaemonSet have.`);
  }
}

type ReadNumber = (path: string, missing?: number) => number;
type Build = (replicas: number, updated: number, available: number, wait: string | undefined) => Rollout;

function deployment(object: KubernetesObject, number: ReadNumber, what: string, rollout: Build): Rollout {
  const conditions = readField(object, 'status.conditions');
  const list: readonly unknown[] = Array.isArray(conditions) ? conditions : [];
  const late = list.some(
    (condition) =>
      readField(condition, 'type') === 'Progressing' && readField(condition, 'reason') === 'ProgressDeadlineExceeded',
  );
  if (late && number('status.observedGeneration') >= (object.metadata.generation ?? 0)) {
    throw new Error(`${what} exceeded its progress deadline.`);
  }
  const replicas = number('spec.replicas', 1);
  const updated = number('status.updatedReplicas');
  const available = number('status.availableReplicas');
  const old = number('status.replicas') - updated;
  const waiting = () => {
    if (updated < replicas) return `${updated} of ${replicas} new replicas are updated`;
    if (old > 0) return `${old} old replicas are to end`;
    return available < updated ? `${available} of ${updated} updated replicas are available` : undefined;
  };
  return rollout(replicas, updated, available, waiting());
}

function statefulSet(object: KubernetesObject, number: ReadNumber, rollout: Build): Rollout {
  refuseOnDelete(object, `${object.kind} ${object.metadata.name}`);
  const replicas = number('spec.replicas', 1);
  const updated = number('status.updatedReplicas');
  const ready = number('status.readyReplicas');
  const wanted = replicas - number('spec.updateStrategy.rollingUpdate.partition');
  const revisions = [readField(object, 'status.updateRevision'), readField(object, 'status.currentRevision')];
  const waiting = () => {
    if (ready < replicas) return `${ready} of ${replicas} pods are ready`;
    if (wanted < replicas) return updated < wanted ? `${updated} of ${wanted} pods are updated` : undefined;
    return revisions[0] === revisions[1] ? undefined : `${updated} of ${replicas} pods are updated`;
  };
  return rollout(replicas, updated, ready, waiting());
}

function refuseOnDelete(object: KubernetesObject, what: string): void {
  if (readField(object, 'spec.updateStrategy.type') === 'OnDelete') {
    throw new Error(`${what} is updated by deleting its pods (OnDelete), so its rollout never ends by itself.`);
  }
}
