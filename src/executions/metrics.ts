import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type Execution, type ExecutionStatus, isFinal } from '../model/index.ts';
import type { Store } from '../store/index.ts';
import type { Executions } from './executions.ts';

/** Those that are under way, or wait. */
const UNFINISHED: readonly ExecutionStatus[] = [
  'requested',
  'delayed',
  'running',
  'pausing',
  'paused',
  'pending',
  'canceling',
];
/** Counting stops here: a scrape must not hold up what it measures. */
const MOST_COUNTED = 20_000;
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

/**
 * Registers the metrics of executions. What this node requests, starts and ends is counted as it happens; the queue, which is that of
 * all nodes, is looked up in an index when it is asked for.
 */
export function createExecutionMetrics(
  registry: Registry,
  { executions, store, now }: { executions: Pick<Executions, 'onChange'>; store: Store; now: () => number },
): void {
  const registers = [registry];
  const requested = new Counter({
    name: 'petrel_executions_requested_total',
    help: 'Executions that were requested, by runner.',
    labelNames: ['runner'],
    registers,
  });
  const ended = new Counter({
    name: 'petrel_executions_total',
    help: 'Executions that ended, by runner and status.',
    labelNames: ['runner', 'status'],
    registers,
  });
  const waiting = new Histogram({
    name: 'petrel_execution_wait_seconds',
    help: 'Time from the request of an execution to its first start, with what its policies and its delay have cost.',
    labelNames: ['runner'],
    buckets: SECONDS,
    registers,
  });
  const running = new Histogram({
    name: 'petrel_execution_run_seconds',
    help: 'Time from the first start of an execution to its end.',
    labelNames: ['runner'],
    buckets: SECONDS,
    registers,
  });
  new Gauge({
    name: 'petrel_executions_unfinished',
    help: `Executions that have not ended, of all nodes, by status; counted up to ${MOST_COUNTED}.`,
    labelNames: ['status'],
    registers,
    async collect() {
      for (const status of UNFINISHED) {
        const { count } = await store.countExecutions({ statuses: [status] }, { after: '', limit: MOST_COUNTED });
        this.set({ status }, count);
      }
    },
  });
  new Gauge({
    name: 'petrel_execution_queue_age_seconds',
    help: 'How long the oldest requested execution has waited, of all nodes; 0: none waits.',
    registers,
    async collect() {
      const page = { limit: 1, offset: 0, uncounted: true };
      const { items } = await store.listExecutions({ statuses: ['requested'], order: 'oldest' }, page);
      const [oldest] = items;
      this.set(oldest === undefined ? 0 : Math.max(0, now() - oldest.createdAt) / 1000);
    },
  });

  executions.onChange((change) => {
    if (change.type === 'output') return;
    const { execution } = change;
    const { runnerType: runner, status } = execution;
    if (change.type === 'created') requested.inc({ runner });
    else if (isFinal(status)) {
      ended.inc({ runner, status });
      const { startedAt, endedAt } = execution;
      if (startedAt !== undefined && endedAt !== undefined)
        running.observe({ runner }, Math.max(0, endedAt - startedAt) / 1000);
    } else if (isFirstStart(execution)) {
      waiting.observe({ runner }, Math.max(0, (execution.startedAt ?? 0) - execution.createdAt) / 1000);
    }
  });
}

/** Not one that goes on, or is run again because its worker has died. */
function isFirstStart({ status, startedAt, log }: Execution): boolean {
  if (status !== 'running' || startedAt === undefined || log.at(-1)?.status !== 'running') return false;
  return log.filter((entry) => entry.status === 'running').length === 1;
}
