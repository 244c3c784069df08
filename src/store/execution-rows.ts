import { type Execution, type ExecutionStatus, isJsonObject, type Json, type StatusChange } from '../model/index.ts';
import {
  has,
  json,
  type Mutable,
  name,
  numberOf,
  objectOf,
  optionalJson,
  optionalName,
  optionalTime,
  textOf,
  time,
  wordOf,
} from './columns.ts';
import type { InsertTarget, Row, Value } from './sql.ts';

export const EXECUTIONS: InsertTarget = {
  table: 'executions',
  columns: [
    ['id', 'text'],
    ['action_ref', 'text'],
    ['runner_type', 'text'],
    ['status', 'text'],
    ['parent_id', 'text'],
    ['task_name', 'text'],
    ['rule_ref', 'text'],
    ['trigger_instance_id', 'text'],
    ['created_at', 'integer'],
    ['started_at', 'integer'],
    ['ended_at', 'integer'],
    ['attempt', 'integer'],
    ['lease_owner', 'text'],
    ['lease_until', 'integer'],
    ['concurrency_key', 'text'],
    ['not_before', 'integer'],
    ['log', 'text'],
    ['context', 'text'],
    ['parameters', 'text'],
    ['notify', 'text'],
    ['requested_by', 'text'],
    ['trace_tag', 'text'],
  ],
  onConflict: '',
};

/** All but the result, which is read only by those who ask for it, and what only filters read. `grouped` is written by the admission alone. */
export const EXECUTION_COLUMNS = [...EXECUTIONS.columns.map(([column]) => column), 'grouped']
  .filter((column) => column !== 'requested_by' && column !== 'trace_tag')
  .join(', ');

export function executionRow(execution: Execution): Value[] {
  const { user, trace_context: trace } = execution.context;
  const isRoot = execution.parentId === undefined && execution.triggerInstanceId === undefined;
  return [
    execution.id,
    name(execution.actionRef),
    name(execution.runnerType),
    execution.status,
    execution.parentId ?? null,
    optionalName(execution.taskName),
    optionalName(execution.ruleRef),
    execution.triggerInstanceId ?? null,
    time(execution.createdAt),
    optionalTime(execution.startedAt),
    optionalTime(execution.endedAt),
    execution.attempt,
    optionalName(execution.leaseOwner),
    optionalTime(execution.leaseUntil),
    optionalName(execution.concurrencyKey),
    optionalTime(execution.notBefore),
    logText(execution.log),
    json(execution.context),
    json(execution.parameters),
    optionalJson(execution.notify),
    nameOrNull(user),
    isRoot && isJsonObject(trace) ? nameOrNull(trace.trace_tag) : null,
  ];
}

function nameOrNull(value: Json | undefined): string | null {
  return typeof value === 'string' && !value.includes('\0') ? value : null;
}

export function executionOf(row: Row): Execution {
  const execution: Mutable<Execution> = {
    id: textOf(row, 'id'),
    actionRef: textOf(row, 'action_ref'),
    runnerType: textOf(row, 'runner_type'),
    status: wordOf<ExecutionStatus>(row, 'status'),
    parameters: objectOf(row, 'parameters'),
    context: objectOf(row, 'context'),
    createdAt: numberOf(row, 'created_at'),
    attempt: numberOf(row, 'attempt'),
    // Written by `logText`, or by appending to it.
    log: JSON.parse(`[${textOf(row, 'log')}]`) as StatusChange[],
  };
  if (has(row, 'parent_id')) execution.parentId = textOf(row, 'parent_id');
  if (has(row, 'task_name')) execution.taskName = textOf(row, 'task_name');
  if (has(row, 'rule_ref')) execution.ruleRef = textOf(row, 'rule_ref');
  if (has(row, 'trigger_instance_id')) execution.triggerInstanceId = textOf(row, 'trigger_instance_id');
  if (has(row, 'started_at')) execution.startedAt = numberOf(row, 'started_at');
  if (has(row, 'ended_at')) execution.endedAt = numberOf(row, 'ended_at');
  if (has(row, 'lease_owner')) execution.leaseOwner = textOf(row, 'lease_owner');
  if (has(row, 'lease_until')) execution.leaseUntil = numberOf(row, 'lease_until');
  if (has(row, 'concurrency_key')) execution.concurrencyKey = textOf(row, 'concurrency_key');
  if (has(row, 'not_before')) execution.notBefore = numberOf(row, 'not_before');
  if (has(row, 'notify')) execution.notify = objectOf(row, 'notify');
  if (has(row, 'grouped')) execution.grouped = true;
  return execution;
}

/** The log without its brackets, so that an UPDATE can append to it. */
export function logText(changes: readonly StatusChange[]): string {
  return changes.map((change) => JSON.stringify(change)).join(',');
}

/** The log with the text of parameter number `parameter` appended. */
export function appendLog(parameter: number): string {
  return `CASE WHEN log = '' THEN CAST($${parameter} AS TEXT) ELSE log || ',' || CAST($${parameter} AS TEXT) END`;
}
