import type { ResourceFailure, ResourceIntent, ResourceRecord } from '../model/index.ts';
import { has, json, type Mutable, name, numberOf, objectOf, optionalJson, textOf, time, wordOf } from './columns.ts';
import type { Row, Sql } from './sql.ts';
import type { ResourceOperations } from './store.ts';

const COLUMNS = `uid, resource, namespace, name, generation, external, execution_id, intent, outputs,
  settled_at, failure, object, revision`;

/** What was done for each object of a declared resource, and who does it. */
export function resourceOperations(sql: Sql): ResourceOperations {
  return {
    async putResource(record) {
      const values = [
        name(record.uid),
        record.resource,
        name(record.namespace),
        name(record.name),
        record.generation,
        record.exists,
        record.intent?.executionId ?? null,
        optionalJson(record.intent && { ...record.intent }),
        json(record.outputs),
        time(record.settledAt),
        optionalJson(record.failure && { ...record.failure }),
        json(record.object),
        record.revision + 1,
      ];
      if (record.revision === 0) {
        const inserted = await sql.run(
          `INSERT INTO resources (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
           ON CONFLICT (uid) DO NOTHING`,
          values,
        );
        return inserted === 1;
      }
      const updated = await sql.run(
        `UPDATE resources SET resource = $2, namespace = $3, name = $4, generation = $5, external = $6,
           execution_id = $7, intent = $8, outputs = $9, settled_at = $10, failure = $11, object = $12, revision = $13
         WHERE uid = $1 AND revision = $13 - 1`,
        values,
      );
      return updated === 1;
    },

    async deleteResource(uid, revision) {
      const deleted = await sql.run('DELETE FROM resources WHERE uid = $1 AND revision = $2', [name(uid), revision]);
      return deleted === 1;
    },

    async listResources() {
      const rows = await sql.all(`SELECT ${COLUMNS} FROM resources ORDER BY uid`, []);
      return rows.map(recordOf);
    },

    async acquireLease(lease, { owner, now, until, alone }) {
      const taken = await sql.run(
        `INSERT INTO leases (name, owner, held_until) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, held_until = excluded.held_until
           WHERE leases.owner = excluded.owner OR leases.held_until <= $4 OR $5 = 1`,
        [lease, owner, time(until), time(now), alone === true ? 1 : 0],
      );
      return taken === 1;
    },

    async releaseLease(lease, owner) {
      await sql.run('DELETE FROM leases WHERE name = $1 AND owner = $2', [lease, owner]);
    },
  };
}

function recordOf(row: Row): ResourceRecord {
  const record: Mutable<ResourceRecord> = {
    uid: textOf(row, 'uid'),
    resource: textOf(row, 'resource'),
    namespace: textOf(row, 'namespace'),
    name: textOf(row, 'name'),
    generation: numberOf(row, 'generation'),
    exists: wordOf<ResourceRecord['exists']>(row, 'external'),
    outputs: objectOf(row, 'outputs'),
    settledAt: numberOf(row, 'settled_at'),
    object: objectOf(row, 'object'),
    revision: numberOf(row, 'revision'),
  };
  // We wrote both columns from these types ourselves.
  if (has(row, 'intent')) record.intent = objectOf(row, 'intent') as unknown as ResourceIntent;
  if (has(row, 'failure')) record.failure = objectOf(row, 'failure') as unknown as ResourceFailure;
  return record;
}
