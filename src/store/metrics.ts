import { Counter, Histogram, type Registry } from 'prom-client';

/** Told of what the store writes. */
export interface CommitObserver {
  /** A commit is durable: how many transactions share it, and how long it took, from its begin on, in seconds. */
  committed(transactions: number, seconds: number): void;
  /** Nothing of it was kept; its transactions are tried again, or rejected. */
  rolledBack(): void;
}

const SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Registers the metrics of the store. */
export function createStoreMetrics(registry: Registry): CommitObserver {
  const registers = [registry];
  const transactions = new Counter({
    name: 'petrel_store_transactions_total',
    help: 'Writing transactions that are durable.',
    registers,
  });
  const rollbacks = new Counter({
    name: 'petrel_store_rollbacks_total',
    help: 'Commits that came to nothing; their transactions are tried again one by one, or fail.',
    registers,
  });
  const sizes = new Histogram({
    name: 'petrel_store_commit_transactions',
    help: 'Transactions that share a commit.',
    buckets: SIZES,
    registers,
  });
  const durations = new Histogram({
    name: 'petrel_store_commit_duration_seconds',
    help: 'Time from the begin of a group of transactions to their durable commit.',
    buckets: SECONDS,
    registers,
  });
  return {
    committed(count, seconds) {
      transactions.inc(count);
      sizes.observe(count);
      durations.observe(seconds);
    },
    rolledBack: () => rollbacks.inc(),
  };
}
