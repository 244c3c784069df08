import type { KubernetesClient } from '../kubernetes/index.ts';
import { isFinal, messageOf } from '../model/index.ts';
import { sweepJobs } from '../runners/index.ts';
import type { Logger } from '../sdk/index.ts';
import type { Store } from '../store/index.ts';

/** Milliseconds until Jobs that nobody needs any more are looked for again: after a look, and after one that failed. */
const SWEEPING = { done: 600_000, failed: 15_000 };

/** Takes away what executions that are over have left in the cluster, now and from time to time. Answers a function that ends it. */
export function keepJobsSwept(kubernetes: KubernetesClient, store: Store, log: Logger): () => void {
  const ending = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const isOver = async (id: string) => isFinal((await store.getExecution(id))?.status ?? 'running');
  const sweep = async () => {
    let pause = SWEEPING.done;
    try {
      const removed = await sweepJobs(kubernetes, isOver, ending.signal);
      if (removed > 0) log.info(`${removed} Jobs of executions that are over were taken away.`);
    } catch (error) {
      // Petrel may not be allowed to list them, or the cluster is away.
      log.debug(`Jobs of executions that are over cannot be looked for: ${messageOf(error)}`);
      pause = SWEEPING.failed;
    }
    if (!ending.signal.aborted) timer = setTimeout(sweep, pause).unref();
  };
  void sweep();
  return () => {
    clearTimeout(timer);
    ending.abort();
  };
}
