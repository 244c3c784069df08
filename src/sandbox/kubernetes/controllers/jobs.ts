/**
 * Jobs: pods that are to end, so many at a time, until so many have ended well or too many have not. A failed pod is replaced at once:
 * the real controller waits 10 s and more between tries, which would only make tests slow.
 */
import { isMap, type JsonMap, listAt, mapAt, stringAt, valueAt } from '../json.ts';
import { numberAt } from '../kinds/define.ts';
import { deleteObject, plainDelete } from '../objects/delete.ts';
import { isTerminating, type KubeObject, timestamp } from '../objects.ts';
import {
  attempt,
  type Controller,
  controller,
  controllerOf,
  keyOfEvent,
  kindOf,
  record,
  type World,
  withCondition,
  writeStatus,
} from './controller.ts';
import { claimPods, createPod, isActive, isReady, PODS, phaseOf } from './owned-pods.ts';

const JOBS = 'batch/jobs';
const INDEX = 'batch.kubernetes.io/job-completion-index';
const COMPONENT = 'job-controller';

export function jobs(world: World): Controller {
  const { api, timers } = world;
  const waiting = new Map<string, () => void>();

  const self = controller(
    (resource, event) => {
      if (resource === JOBS) return event.type === 'DELETED' ? [] : [keyOfEvent(event)];
      if (resource !== PODS) return [];
      const owner = controllerOf(event.object);
      return owner?.kind === 'Job' ? [[event.object.metadata.namespace, owner.name]] : [];
    },
    (namespace, name) => {
      const job = api.storage.get(JOBS, namespace, name);
      if (job === undefined || isTerminating(job)) return;
      if (finishedAt(job) === undefined) reconcile(job);
      const now = api.storage.get(JOBS, namespace, name);
      if (now !== undefined) expire(now);
    },
  );

  const kind = () => kindOf(api, 'batch', 'jobs');

  function reconcile(job: KubeObject): void {
    const pods = claimPods(world, job, mapAt(job, 'spec', 'selector') ?? {});
    const active = pods.filter(isActive);
    const succeeded = pods.filter((pod) => phaseOf(pod) === 'Succeeded');
    const failed = pods.filter((pod) => phaseOf(pod) === 'Failed');
    const indexed = stringAt(job, 'spec', 'completionMode') === 'Indexed';
    const done = indexed ? new Set(succeeded.map(indexOf)).size : succeeded.length;
    const completions = valueAt(job, 'spec', 'completions');
    const restarts = active.reduce((sum, pod) => sum + restartsOf(pod), 0);
    const failure = failureOf(job, failed.length + restarts);
    const suspended = valueAt(job, 'spec', 'suspend') === true;
    const complete =
      typeof completions === 'number' ? done >= completions : succeeded.length > 0 && active.length === 0;

    if (failure !== undefined || complete || suspended) {
      for (const pod of active) attempt(() => remove(pod));
    } else {
      startMissing(job, active, done, new Set(succeeded.map(indexOf)), succeeded.length > 0);
    }
    tell(job, {
      done,
      failed: failed.length,
      indexed,
      succeeded,
      failure,
      complete: complete && failure === undefined,
      suspended,
    });
  }

  function startMissing(
    job: KubeObject,
    active: readonly KubeObject[],
    done: number,
    doneIndexes: ReadonlySet<number>,
    someDone: boolean,
  ): void {
    const completions = valueAt(job, 'spec', 'completions');
    const parallelism = numberAt(job, 'spec.parallelism');
    // Without a number of completions the first success says that nobody need start any more.
    const left = typeof completions === 'number' ? completions - done : someDone ? active.length : parallelism;
    const wanted = Math.min(parallelism, left);
    for (const pod of active.slice(Math.max(0, wanted))) attempt(() => remove(pod));
    if (stringAt(job, 'spec', 'completionMode') === 'Indexed' && typeof completions === 'number') {
      const taken = new Set([...doneIndexes, ...active.map(indexOf)]);
      const free = Array.from({ length: completions }, (_, index) => index).filter((index) => !taken.has(index));
      for (const index of free.slice(0, wanted - active.length)) {
        const annotations = { [INDEX]: String(index) };
        attempt(() => createPod(world, job, COMPONENT, { annotations, prefix: `${job.metadata.name}-${index}-` }));
      }
      return;
    }
    for (let count = active.length; count < wanted; count++) attempt(() => createPod(world, job, COMPONENT));
  }

  function remove(pod: KubeObject): void {
    deleteObject(api, kindOf(api, '', 'pods'), pod.metadata.namespace, pod.metadata.name, plainDelete);
  }

  function failureOf(job: KubeObject, failures: number): { reason: string; message: string } | undefined {
    const limit = valueAt(job, 'spec', 'backoffLimit');
    if (typeof limit === 'number' && failures > limit) {
      return { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
    }
    const seconds = valueAt(job, 'spec', 'activeDeadlineSeconds');
    const started = stringAt(job, 'status', 'startTime');
    if (typeof seconds !== 'number' || started === undefined) return undefined;
    const left = Date.parse(started) + seconds * 1000 - api.now();
    if (left <= 0) return { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
    wakeAfter(job, left);
    return undefined;
  }

  function tell(
    job: KubeObject,
    found: {
      readonly done: number;
      readonly failed: number;
      readonly indexed: boolean;
      readonly succeeded: readonly KubeObject[];
      readonly failure: { reason: string; message: string } | undefined;
      readonly complete: boolean;
      readonly suspended: boolean;
    },
  ): void {
    const { namespace, name } = job.metadata;
    const present = api.storage.get(JOBS, namespace, name);
    if (present === undefined) return;
    const own = api.storage.list(PODS, namespace).filter((pod) => controllerOf(pod)?.uid === job.metadata.uid);
    const active = own.filter(isActive);
    const now = api.now();
    const ended = found.failure !== undefined || found.complete;
    const status: JsonMap = {
      terminating: 0,
      uncountedTerminatedPods: {},
      ready: ended ? 0 : active.filter(isReady).length,
    };
    const started = stringAt(present, 'status', 'startTime');
    if (!found.suspended) status.startTime = started ?? timestamp(now);
    if (!ended && active.length > 0) status.active = active.length;
    if (found.done > 0) status.succeeded = found.done;
    if (found.failed > 0) status.failed = found.failed;
    if (found.indexed) status.completedIndexes = ranges(found.succeeded.map(indexOf));
    const extra = { lastProbeTime: timestamp(now) };
    let conditions = listAt(present, 'status', 'conditions').filter(isMap);
    const set = (type: string, state: string, reason: string, message: string) => {
      conditions = withCondition(conditions, { type, status: state, reason, message }, now, extra);
    };
    if (found.failure !== undefined) {
      set('FailureTarget', 'True', found.failure.reason, found.failure.message);
      set('Failed', 'True', found.failure.reason, found.failure.message);
    } else if (found.complete) {
      status.completionTime = timestamp(now);
      set('SuccessCriteriaMet', 'True', 'CompletionsReached', 'Reached expected number of succeeded pods');
      set('Complete', 'True', 'CompletionsReached', 'Reached expected number of succeeded pods');
    } else if (found.suspended) set('Suspended', 'True', 'JobSuspended', 'Job suspended');
    else if (conditions.some((one) => one.type === 'Suspended')) set('Suspended', 'False', 'JobResumed', 'Job resumed');
    if (conditions.length > 0) status.conditions = conditions;
    writeStatus(api, kind(), present, status);
    if (found.complete) record(world, present, { reason: 'Completed', message: 'Job completed', component: COMPONENT });
    if (found.failure !== undefined) {
      record(world, present, { ...found.failure, type: 'Warning', component: COMPONENT });
    }
  }

  /** A finished job with a time to live is deleted when that has passed. */
  function expire(job: KubeObject): void {
    const seconds = valueAt(job, 'spec', 'ttlSecondsAfterFinished');
    const end = finishedAt(job);
    if (typeof seconds !== 'number' || end === undefined) return;
    const left = end + seconds * 1000 - api.now();
    if (left > 0) wakeAfter(job, left);
    else {
      const { namespace, name } = job.metadata;
      attempt(() => deleteObject(api, kind(), namespace, name, { ...plainDelete, propagation: 'Background' }));
    }
  }

  function wakeAfter(job: KubeObject, milliseconds: number): void {
    const { namespace, name, uid = '' } = job.metadata;
    waiting.get(uid)?.();
    const cancel = timers.after(milliseconds, () => {
      waiting.delete(uid);
      self.add([namespace, name]);
      self.work();
    });
    waiting.set(uid, cancel);
  }

  return self;
}

/** When a job ended, in epoch milliseconds; undefined while it has not. */
function finishedAt(job: KubeObject): number | undefined {
  const last = listAt(job, 'status', 'conditions')
    .filter(isMap)
    .find((one) => (one.type === 'Complete' || one.type === 'Failed') && one.status === 'True');
  return last === undefined ? undefined : Date.parse(String(last.lastTransitionTime));
}

const indexOf = (pod: KubeObject) => Number(pod.metadata.annotations?.[INDEX] ?? -1);

function restartsOf(pod: KubeObject): number {
  return listAt(pod, 'status', 'containerStatuses').reduce(
    (sum: number, one) => sum + numberAt(one, 'restartCount'),
    0,
  );
}

/** `0-2,5`. */
function ranges(indexes: readonly number[]): string {
  const all = [...new Set(indexes)].sort((a, b) => a - b);
  const told: string[] = [];
  for (let start = 0; start < all.length; ) {
    let end = start;
    while (all[end + 1] === (all[end] ?? 0) + 1) end++;
    told.push(start === end ? String(all[start]) : `${all[start]}-${all[end]}`);
    start = end + 1;
  }
  return told.join(',');
}
