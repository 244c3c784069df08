import type { Registry as MetricsRegistry } from 'prom-client';
import { createStoreMetrics, openPostgresStore, openSqliteStore, type Store } from '../store/index.ts';

/** The store that was chosen, which is counted. */
export async function openStore(
  { data, database }: { readonly data: string; readonly database?: string },
  metrics: MetricsRegistry,
): Promise<Store> {
  const observer = createStoreMetrics(metrics);
  return database === undefined
    ? await openSqliteStore({ directory: data, observer })
    : await openPostgresStore({ url: database, observer });
}
