/**
 * The vocabulary: types, ids, statuses, the error class and a few helpers that every room shares.
 * It does no I/O, holds no state but the id counter, and imports nothing of the project.
 */
export type { AuditRecord, RoleAssignment, StoredApiKey, StoredToken, StoredUser } from './access.ts';
export type { ActionProvider } from './action-provider.ts';
export { canonicalJson } from './canonical.ts';
export { type ErrorCode, messageOf, PetrelError } from './errors.ts';
export type { Enforcement, TriggerEvent, TriggerInstance, TriggerInstanceStatus } from './event.ts';
export type { Execution, ExecutionResult, JournalEntry, OutputLine, StatusChange } from './execution.ts';
export { type Id, idOf, millisecondsOf, newId } from './ids.ts';
export { isJsonObject, type Json, type JsonObject } from './json.ts';
export type { KeyScope, StoredKey } from './key.ts';
export type {
  Action,
  ActionAlias,
  AliasFormatDefinition,
  ConcurrencyPolicy,
  PackContent,
  PackManifest,
  ParameterSchema,
  ParameterSchemas,
  Policy,
  Problem,
  RetryPolicy,
  RetryPolicyOfAction,
  Rule,
  Sensor,
  Tag,
  TriggerType,
} from './pack.ts';
export { putRecent } from './recent.ts';
export type {
  HandlerName,
  PrinterColumn,
  Resource,
  ResourceDependency,
  ResourceFailure,
  ResourceHandler,
  ResourceIntent,
  ResourceRecord,
  ResourceVersion,
} from './resource.ts';
export { canTransition, EXECUTION_STATUSES, type ExecutionStatus, type FinalStatus, isFinal } from './status.ts';
export {
  eventSpanIdOf,
  formatTraceparent,
  parentSpanOf,
  parseTraceparent,
  ruleSpanIdOf,
  spanIdOf,
  type Trace,
  type Traceparent,
  traceContextOf,
  traceOf,
  traceOfEvent,
} from './trace.ts';
