/**
 * The one door to the database: named operations, two dialects, migrations.
 * No SQL leaves this room, and nothing here knows what the rows mean to the rest of the house.
 */
export { type CommitObserver, createStoreMetrics } from './metrics.ts';
export {
  openPostgresStore,
  openPostgresStoreOver,
  type PostgresOptions,
  type PostgresPool,
} from './postgres.ts';
export type { PostgresClient } from './postgres-connection.ts';
export type { Value } from './sql.ts';
export { openSqliteStore, type SqliteOptions } from './sqlite.ts';
export type {
  AccessOperations,
  Admission,
  AdmissionRequest,
  AuditFilter,
  AuditOperations,
  Claim,
  ConcurrencyGroup,
  ConcurrencyOperations,
  ContentOperations,
  Counted,
  EnforcementFilter,
  EventOperations,
  ExecutionFilter,
  ExecutionOperations,
  ExecutionValues,
  Finish,
  HandledObject,
  InsideFilter,
  KeyOperations,
  LeaseClaim,
  Listed,
  Operations,
  Page,
  ResourceOperations,
  Slice,
  StatusUpdate,
  Store,
  StoredContent,
  Timer,
  TimerOperations,
  TriggerInstanceFilter,
  WatchOperations,
  WorkflowOperations,
} from './store.ts';
