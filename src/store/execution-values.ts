import type { ExecutionStatus } from '../model/index.ts';
import { has, textOf } from './columns.ts';
import type { Sql } from './sql.ts';
import type { ExecutionValues } from './store.ts';

/** Among how many of the newest executions users are looked for. */
const NEWEST = 10_000;

/** The values that occur in executions, for whoever offers them as filters. */
export async function executionValues(sql: Sql): Promise<ExecutionValues> {
  const valuesOf = async (statement: string) =>
    (await sql.all(statement, [])).filter((row) => has(row, 'value')).map((row) => textOf(row, 'value'));
  const newest = `SELECT requested_by FROM executions ORDER BY id DESC LIMIT ${NEWEST}`;
  return {
    actions: await valuesOf(distinct('executions', 'action_ref')),
    statuses: (await valuesOf(distinct('executions', 'status'))) as ExecutionStatus[], // nothing else is ever written
    rules: await valuesOf(distinct('executions', 'rule_ref')),
    runners: await valuesOf(distinct('executions', 'runner_type')),
    triggers: await valuesOf(distinct('trigger_instances', 'trigger_ref')),
    users: await valuesOf(`SELECT DISTINCT requested_by AS value FROM (${newest}) newest ORDER BY value`),
  };
}

/** One look per value: from each to the next one in the index, however many rows share it. */
function distinct(table: string, column: string): string {
  const after = (value: string) => `SELECT MIN(${column}) FROM ${table} WHERE ${column} > ${value}`;
  return `WITH RECURSIVE found (value) AS (
      SELECT MIN(${column}) FROM ${table} WHERE ${column} IS NOT NULL
      UNION ALL SELECT (${after('found.value')}) FROM found WHERE found.value IS NOT NULL
    ) SELECT value FROM found WHERE value IS NOT NULL ORDER BY value`;
}
