import type { ExecutionStatus } from '../model/index.ts';
import { has, numberOf, textOf, wordOf } from './columns.ts';
import { appendLog, EXECUTION_COLUMNS, executionOf, logText } from './execution-rows.ts';
import type { Dialect, Sql } from './sql.ts';
import type { ExecutionOperations } from './store.ts';
import { isUnfinished, mayBecome, UNFINISHED } from './transitions.ts';

type ClaimOperations = Pick<
  ExecutionOperations,
  'claimExecutions' | 'renewLeases' | 'expireForeignLeases' | 'nextClaimTime'
>;

/** The executions table as a queue: claims and leases. */
export function claimOperations(sql: Sql): ClaimOperations {
  const claim = claimStatement(sql.dialect);
  const renew = `UPDATE executions SET lease_until = $2
    WHERE ${sql.dialect.inList('id', 3)} AND lease_owner = $1 AND status IN (${UNFINISHED}) RETURNING id, status`;

  return {
    async claimExecutions({ owner, limit, now, leaseUntil }) {
      const log = logText([
        { status: 'scheduled', timestamp: now },
        { status: 'running', timestamp: now },
      ]);
      const rows = await sql.all(claim, [Math.round(now), limit, owner, Math.round(leaseUntil), log]);
      // RETURNING promises no order.
      return rows.map(executionOf).sort((a, b) => (a.id < b.id ? -1 : 1));
    },

    async renewLeases(owner, ids, leaseUntil) {
      if (ids.length === 0) return new Map();
      const rows = await sql.all(renew, [owner, Math.round(leaseUntil), JSON.stringify(ids)]);
      return new Map(rows.map((row) => [textOf(row, 'id'), wordOf<ExecutionStatus>(row, 'status')]));
    },

    async expireForeignLeases(owner) {
      return sql.run(
        `UPDATE executions SET lease_until = 0
         WHERE status IN (${UNFINISHED}) AND lease_owner <> $1 AND lease_until IS NOT NULL`,
        [owner],
      );
    },

    async nextClaimTime(now) {
      const [row] = await sql.all('SELECT MIN(claim_at) AS claim_at FROM executions WHERE claim_at > $1', [
        Math.round(now),
      ]);
      return row !== undefined && has(row, 'claim_at') ? numberOf(row, 'claim_at') : undefined;
    },
  };
}

/**
 * Two ranges of one index: the few whose time has come (`due`), and those that never had to wait (`fresh`), which an index in
 * the order of ids hands over without sorting however long the queue is; so neither starves the other, and those that wait for
 * a later time are never looked at.
 */
function claimStatement(dialect: Dialect): string {
  const candidates = (range: string) =>
    `SELECT e.id FROM executions e WHERE ${range} AND ${isFree()} ORDER BY e.id LIMIT $2${dialect.skipLocked}`;
  return `WITH due AS (${candidates('e.claim_at > 0 AND e.claim_at <= $1')}),
      fresh AS (${candidates('e.claim_at = 0')}),
      claimed AS (SELECT id FROM (SELECT id FROM due UNION ALL SELECT id FROM fresh) both_ranges ORDER BY id LIMIT $2)
    UPDATE executions SET
      status = 'running',
      attempt = attempt + 1,
      lease_owner = $3,
      lease_until = $4,
      not_before = NULL,
      started_at = COALESCE(started_at, $1),
      log = ${appendLog(5)}
    WHERE id IN (SELECT id FROM claimed) AND ${mayBecome('running')}
    RETURNING ${EXECUTION_COLUMNS}`;
}

/**
 * Nothing with the same key goes before it. Those already started go first, then the others in the order of their ids: with
 * several nodes an older id may be committed after a newer one was started, and must then wait for it.
 */
function isFree(): string {
  return `(e.concurrency_key IS NULL OR NOT EXISTS (
      SELECT 1 FROM executions o
      WHERE o.concurrency_key = e.concurrency_key AND ${isUnfinished('o')} AND o.id <> e.id
        AND (${waits('o')}, o.id) < (${waits('e')}, e.id)))`;
}

function waits(alias: string): string {
  return `CASE WHEN ${alias}.status IN ('requested', 'delayed') THEN 1 ELSE 0 END`;
}
