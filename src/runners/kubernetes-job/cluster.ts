import { PetrelError } from '../../model/index.ts';
import type { KubernetesApi, KubernetesObject } from '../../sdk/index.ts';
import { EXECUTION_LABEL, type Plan, secretOf } from './manifest.ts';
import { hasCode } from './outages.ts';

const JOB = { apiVersion: 'batch/v1', kind: 'Job' };

/**
 * The execution's Job: the one that an earlier attempt has made, else a new one. Throws `conflict` when something else has its name. Its
 * Secret follows it, so that there never is one without a Job; the pods wait for it.
 */
export async function ensureJob(
  kubernetes: KubernetesApi,
  plan: Plan,
  executionId: string,
  signal: AbortSignal,
): Promise<{ readonly job: KubernetesObject; readonly found: boolean }> {
  const known = await findJob(kubernetes, plan, signal);
  const job = known ?? (await createJob(kubernetes, plan, signal));
  if (job.metadata.labels?.[EXECUTION_LABEL] !== executionId) {
    throw new PetrelError(
      'conflict',
      `There is a Job ${job.metadata.namespace}/${plan.name} that is not of execution ${executionId}. Delete it, or look who made it.`,
    );
  }
  if (plan.secrets !== undefined && job.metadata.deletionTimestamp === undefined) {
    try {
      await kubernetes.create(secretOf(job, plan.secrets), signal);
    } catch (error) {
      // An earlier attempt has made it, from the same parameters.
      if (!hasCode(error, 'conflict')) throw error;
    }
  }
  return { job, found: known !== undefined };
}

export async function findJob(
  kubernetes: KubernetesApi,
  { name, namespace }: Pick<Plan, 'name' | 'namespace'>,
  signal: AbortSignal,
): Promise<KubernetesObject | undefined> {
  return await orUndefined(kubernetes.get({ ...JOB, name, ...(namespace === undefined ? {} : { namespace }) }, signal));
}

async function createJob(kubernetes: KubernetesApi, plan: Plan, signal: AbortSignal): Promise<KubernetesObject> {
  try {
    return await kubernetes.create(plan.job, signal);
  } catch (error) {
    // It was made after all, by a request whose answer was lost.
    const there = hasCode(error, 'conflict') ? await findJob(kubernetes, plan, signal) : undefined;
    if (there === undefined) throw error;
    return there;
  }
}

export async function podsOf(
  kubernetes: KubernetesApi,
  job: KubernetesObject,
  signal: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  const { namespace, labels } = job.metadata;
  return await kubernetes.list('v1', 'Pod', {
    ...(namespace === undefined ? {} : { namespace }),
    labelSelector: `${EXECUTION_LABEL}=${labels?.[EXECUTION_LABEL] ?? ''}`,
    signal,
  });
}

/** Takes away a Job with its pods and its Secret, which belong to it. One that is gone is what was wanted. */
export async function removeJob(kubernetes: KubernetesApi, job: KubernetesObject, signal: AbortSignal): Promise<void> {
  const { name, namespace, uid } = job.metadata;
  const place = namespace === undefined ? {} : { namespace };
  await orUndefined(
    kubernetes.delete(
      { ...JOB, name, ...place },
      { propagationPolicy: 'Background', signal, ...(uid === undefined ? {} : { uid }) },
    ),
  );
}

async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (hasCode(error, 'not_found')) return undefined;
    throw error;
  }
}
