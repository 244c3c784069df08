/**
 * The one door to the database: named operations, two dialects, migrations.
 * No SQL leaves this room, and nothing here knows what the rows mean to the rest of the house.
 */
export type {
  Claim,
  EnforcementFilter,
  ExecutionFilter,
  Finish,
  HandledObject,
  Listed,
  Operations,
  Page,
  StatusUpdate,
  Store,
  TriggerInstanceFilter,
} from './store.ts';
