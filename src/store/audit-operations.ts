import type { AuditRecord } from '../model/index.ts';
import { Conditions, freeTextOf, json, name, numberOf, textOf, time, wordOf } from './columns.ts';
import { addTimes, countSlice, listPage } from './listing.ts';
import type { Row, Sql } from './sql.ts';
import type { AuditFilter, AuditOperations } from './store.ts';

const COLUMNS = 'id, at, owner, method, address, request_id, action, target, permission, outcome, status';

/** Who changed what. Nothing here changes a record. */
export function auditOperations(sql: Sql): AuditOperations {
  return {
    async insertAudit(record) {
      await sql.run(`INSERT INTO audit (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, [
        record.id,
        time(record.at),
        name(record.user),
        record.method,
        record.address,
        record.requestId,
        json(record.action),
        json(record.target),
        record.permission,
        record.outcome,
        record.status,
      ]);
    },

    async listAudit(filter, page) {
      const from = {
        table: 'audit',
        columns: COLUMNS,
        conditions: conditionsOf(filter),
        orderBy: 'id DESC',
        keyed: true,
      };
      return listPage(sql, from, page, recordOf);
    },

    countAudit: async (filter, slice) => countSlice(sql, { table: 'audit', conditions: conditionsOf(filter) }, slice),

    deleteAuditBefore: async (at) => sql.run('DELETE FROM audit WHERE at < $1', [time(at)]),
  };
}

function conditionsOf(filter: AuditFilter): Conditions {
  const conditions = new Conditions();
  if (filter.user !== undefined) conditions.add(name(filter.user), (n) => `owner = $${n}`);
  if (filter.outcome !== undefined) {
    conditions.add(filter.outcome, (n) => `outcome = $${n}`);
    // Says what the parameter hides from the planner, so that the partial index on the few others can be used.
    if (filter.outcome !== 'done') conditions.addPlain(`outcome <> 'done'`);
  }
  addTimes(conditions, 'at', filter);
  return conditions;
}

function recordOf(row: Row): AuditRecord {
  return {
    id: textOf(row, 'id'),
    at: numberOf(row, 'at'),
    user: textOf(row, 'owner'),
    method: textOf(row, 'method'),
    address: textOf(row, 'address'),
    requestId: textOf(row, 'request_id'),
    action: freeTextOf(row, 'action'),
    target: freeTextOf(row, 'target'),
    permission: textOf(row, 'permission'),
    outcome: wordOf<AuditRecord['outcome']>(row, 'outcome'),
    status: numberOf(row, 'status'),
  };
}
