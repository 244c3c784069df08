import { type Execution, type ExecutionStatus, type Id, isFinal } from '../model/index.ts';
import { claimOperations } from './claim-operations.ts';
import { Conditions, json, optionalJson, textOf, time } from './columns.ts';
import { leavingGroups } from './concurrency-operations.ts';
import { appendLog, EXECUTION_COLUMNS, EXECUTIONS, executionOf, executionRow, logText } from './execution-rows.ts';
import { executionValues } from './execution-values.ts';
import { addTimes, countSlice, listPage } from './listing.ts';
import { outputOperations } from './output-operations.ts';
import { pack, resultOperations } from './results.ts';
import { SYSTEM_USER } from './schema.ts';
import type { Sql } from './sql.ts';
import type { ExecutionFilter, ExecutionOperations, StatusUpdate } from './store.ts';
import { mayBecome } from './transitions.ts';

/** Executions: request, look up, change of status, end. */
export function executionOperations(sql: Sql): ExecutionOperations {
  return {
    ...claimOperations(sql),
    ...resultOperations(sql),
    ...outputOperations(sql),

    async insertExecutions(executions: readonly Execution[]) {
      await sql.insert(EXECUTIONS, executions.map(executionRow));
    },

    async getExecution(id) {
      const [row] = await sql.all(`SELECT ${EXECUTION_COLUMNS} FROM executions WHERE id = $1`, [id]);
      return row && executionOf(row);
    },

    async listExecutions(filter, page) {
      const orderBy = filter.order === 'oldest' ? 'id' : 'id DESC';
      const from = {
        table: 'executions',
        columns: EXECUTION_COLUMNS,
        conditions: conditionsOf(filter, sql),
        orderBy,
        keyed: true,
      };
      return listPage(sql, from, page, executionOf);
    },

    async countExecutions(filter, slice) {
      return countSlice(sql, { table: 'executions', conditions: conditionsOf(filter, sql, 'counted') }, slice);
    },

    async listChildIds(parentIds) {
      const children = new Map<Id, Id[]>();
      if (parentIds.length === 0) return children;
      const where = sql.dialect.inList('parent_id', 1);
      for (const row of await sql.all(`SELECT parent_id, id FROM executions WHERE ${where} ORDER BY id`, [
        json(parentIds),
      ])) {
        const parent = textOf(row, 'parent_id');
        const known = children.get(parent);
        if (known === undefined) children.set(parent, [textOf(row, 'id')]);
        else known.push(textOf(row, 'id'));
      }
      return children;
    },

    listExecutionValues: () => executionValues(sql),

    async finishExecution({ id, attempt, status, result, now }) {
      const log = logText([{ status, timestamp: now }]);
      const { inline, packed } = await pack(result);
      const parameters = [id, attempt ?? null, time(now), log, inline];
      const ungrouped = await sql.run(`${finishStatement(status)} AND grouped IS NULL`, parameters);
      const ended =
        ungrouped > 0 || (await leavingGroups(sql, id, async () => sql.run(finishStatement(status), parameters)));
      if (!ended) return false;
      if (packed !== null) await sql.run(PUT_RESULT, [id, packed]);
      return true;
    },

    async setExecutionStatus(change) {
      if (isFinal(change.status)) {
        throw new Error(
          `setExecutionStatus cannot end execution ${change.id} as ${change.status}: use finishExecution.`,
        );
      }
      const { inline, packed } = change.result === undefined ? NO_RESULT : await pack(change.result);
      const changed = await sql.run(changeStatement(change), [
        change.id,
        change.attempt ?? null,
        logText([{ status: change.status, timestamp: change.now }]),
        change.notBefore === undefined || change.notBefore === null ? null : time(change.notBefore),
        optionalJson(change.context),
        ...(change.result === undefined ? [] : [inline]),
      ]);
      if (changed > 0 && packed !== null) await sql.run(PUT_RESULT, [change.id, packed]);
      return changed > 0;
    },
  };
}

/** One that waited for an answer has had a result before. An older one that is left here is hidden by the row's own. */
const PUT_RESULT = `INSERT INTO results (execution_id, data) VALUES ($1, $2)
  ON CONFLICT (execution_id) DO UPDATE SET data = excluded.data`;
const NO_RESULT = { inline: null, packed: null } as const;

/** `$2` is the attempt the caller believes to be current, or NULL when it does not care. */
const IS_CURRENT = '(CAST($2 AS BIGINT) IS NULL OR attempt = CAST($2 AS BIGINT))';

function finishStatement(status: ExecutionStatus): string {
  return `UPDATE executions SET status = '${status}', ended_at = $3, log = ${appendLog(4)}, result = $5,
      lease_owner = NULL, lease_until = NULL, not_before = NULL
    WHERE id = $1 AND ${IS_CURRENT} AND ${mayBecome(status)}`;
}

/**
 * One text per kind of change, so that few statements are ever prepared. A change to the same status is not logged. Where
 * `notBefore` is to stay, `$4` is NULL and only named because PostgreSQL wants to know the type of every parameter.
 */
function changeStatement({ status, lease, notBefore, result }: StatusUpdate): string {
  return `UPDATE executions SET status = '${status}',
      log = CASE WHEN status = '${status}' THEN log ELSE ${appendLog(3)} END,
      ${lease === null ? 'lease_owner = NULL, lease_until = NULL,' : ''}
      not_before = ${notBefore === undefined ? 'COALESCE(not_before, CAST($4 AS BIGINT))' : 'CAST($4 AS BIGINT)'},
      ${result === undefined ? '' : 'result = $6,'}
      context = COALESCE(CAST($5 AS TEXT), context)
    WHERE id = $1 AND ${IS_CURRENT} AND ${mayBecome(status)}`;
}

/** Whether no one index finds the page and its total, so that rows may have to be gone through. Few share an id, a parent or a tag. */
export function scansExecutions(filter: ExecutionFilter): boolean {
  const { ids, parentId, triggerInstanceId, traceTag, statuses = [] } = filter;
  if (ids !== undefined || typeof parentId === 'string') return false;
  if (triggerInstanceId !== undefined || traceTag !== undefined) return false;
  if (filter.inside !== undefined || filter.triggers !== undefined) return true;
  if (areFew(filter)) return false;
  if (filter.user === SYSTEM_USER) return true;
  if (statuses.length > 1 && statuses.some(isFinal)) return true;
  const { actionRef, runnerType, ruleRef, user } = filter;
  const indexed = [actionRef, runnerType, ruleRef, user, parentId, filter.statuses];
  return indexed.filter((value) => value !== undefined).length > 1;
}

/** Those that have not ended are few, whatever else is asked for. */
function areFew({ statuses = [] }: ExecutionFilter): boolean {
  return statuses.length > 0 && !statuses.some(isFinal);
}

function conditionsOf(filter: ExecutionFilter, sql: Sql, purpose: 'listed' | 'counted' = 'listed'): Conditions {
  const { inList } = sql.dialect;
  // An expression has no index: where the status finds few, the planner is not to take another one.
  const beside = (column: string) => (areFew(filter) ? `(${column} || '')` : column);
  const conditions = new Conditions();
  if (filter.ids !== undefined) conditions.add(json(filter.ids), (n) => inList('id', n));
  if (filter.actionRef !== undefined) conditions.add(filter.actionRef, (n) => `${beside('action_ref')} = $${n}`);
  if (filter.statuses !== undefined) addStatuses(conditions, filter.statuses, sql, purpose);
  if (filter.runnerType !== undefined) conditions.add(filter.runnerType, (n) => `${beside('runner_type')} = $${n}`);
  if (filter.parentId === null) conditions.addPlain(`${beside('parent_id')} IS NULL`);
  else if (filter.parentId !== undefined) conditions.add(filter.parentId, (n) => `parent_id = $${n}`);
  if (filter.ruleRef !== undefined) conditions.add(filter.ruleRef, (n) => `${beside('rule_ref')} = $${n}`);
  if (filter.triggerInstanceId !== undefined) {
    conditions.add(filter.triggerInstanceId, (n) => `trigger_instance_id = $${n}`);
  }
  if (filter.triggers !== undefined) {
    conditions.add(json(filter.triggers), (n) => {
      const started = 'SELECT 1 FROM trigger_instances t WHERE t.id = executions.trigger_instance_id';
      return `(trigger_instance_id IS NOT NULL AND EXISTS (${started} AND ${inList('t.trigger_ref', n)}))`;
    });
  }
  if (filter.user !== undefined) {
    conditions.add(filter.user, (n) => `${beside('requested_by')} = $${n}`);
    // For the index, as above.
    if (filter.user !== SYSTEM_USER && !areFew(filter)) conditions.addPlain(`requested_by <> '${SYSTEM_USER}'`);
  }
  if (filter.traceTag !== undefined) conditions.add(filter.traceTag, (n) => `trace_tag = $${n}`);
  for (const { column, path, value } of filter.inside ?? []) {
    conditions.add(sql.dialect.jsonPath(path), (n) => {
      // A text as JSON says it, or whatever else is written so.
      conditions.parameters.push(JSON.stringify(value), value);
      return `${sql.dialect.jsonAt(column, n)} IN ($${n + 1}, $${n + 2})`;
    });
  }
  addTimes(conditions, 'created_at', filter);
  return conditions;
}

/**
 * One status is a range of an index in the order of ids. Of several, those that have not ended are few, and sorted; with those that have
 * ended among them there are many, and the newest of these are found by going through the newest executions, which an index on the
 * status would only lead away from. Counting has no order, and needs the index alone.
 */
function addStatuses(
  conditions: Conditions,
  statuses: readonly ExecutionStatus[],
  { dialect }: Sql,
  purpose: 'listed' | 'counted',
): void {
  const [only, ...more] = statuses;
  if (only !== undefined && more.length === 0) conditions.add(only, (n) => `status = $${n}`);
  else {
    const column = purpose === 'listed' && statuses.some(isFinal) ? "(status || '')" : 'status';
    conditions.add(json(statuses), (n) => dialect.inList(column, n));
  }
}
