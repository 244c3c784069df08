import type { KubernetesApi } from '../../sdk/index.ts';
import { removeJob } from './cluster.ts';
import { EXECUTION_LABEL } from './manifest.ts';

/**
 * Takes away the Jobs of executions that are over: Petrel died between storing a result and cleaning up, or was away when an execution was
 * canceled. Jobs of executions that are not known here belong to another Petrel. Answers how many there were.
 */
export async function sweepJobs(
  kubernetes: KubernetesApi,
  isOver: (executionId: string) => Promise<boolean>,
  signal: AbortSignal,
): Promise<number> {
  let removed = 0;
  for (const job of await kubernetes.list('batch/v1', 'Job', { labelSelector: EXECUTION_LABEL, signal })) {
    const id = job.metadata.labels?.[EXECUTION_LABEL] ?? '';
    if (job.metadata.deletionTimestamp !== undefined || !(await isOver(id))) continue;
    await removeJob(kubernetes, job, signal);
    removed += 1;
  }
  return removed;
}
