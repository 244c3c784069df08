import { afterAll, beforeAll } from 'vitest';
import type { Store } from '../../src/store/index.ts';
import { accessConformance } from './conformance-access.ts';
import { claimConformance } from './conformance-claims.ts';
import { concurrencyConformance } from './conformance-concurrency.ts';
import { contentConformance } from './conformance-content.ts';
import { eventConformance } from './conformance-events.ts';
import { executionConformance } from './conformance-executions.ts';
import { listConformance } from './conformance-lists.ts';
import { resourceConformance } from './conformance-resources.ts';
import { stateConformance } from './conformance-state.ts';
import { timerConformance } from './conformance-timers.ts';
import { transactionConformance } from './conformance-transactions.ts';

/** What a store under test is opened with: every call gives a new, empty one. */
export type OpenStore = () => Promise<Store>;

/** A store per group of cases, closed after it. */
export function withStore(open: OpenStore): () => Store {
  let store: Store | undefined;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store?.close());
  return () => {
    if (store === undefined) throw new Error('The store is not open yet.');
    return store;
  };
}

/** Everything the contract in src/store/store.ts promises; called by the test file of each implementation. */
export function storeConformance(open: OpenStore): void {
  eventConformance(open);
  executionConformance(open);
  claimConformance(open);
  concurrencyConformance(open);
  stateConformance(open);
  resourceConformance(open);
  timerConformance(open);
  accessConformance(open);
  transactionConformance(open);
  contentConformance(open);
  listConformance(open);
}
