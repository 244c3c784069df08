import { json, name, numberOf, objectOf, textOf } from './columns.ts';
import type { InsertTarget, Row, Sql } from './sql.ts';
import type { HandledObject, WatchOperations } from './store.ts';

const HANDLED: InsertTarget = {
  table: 'handled',
  columns: [
    ['watch_id', 'text'],
    ['uid', 'text'],
    ['namespace', 'text'],
    ['name', 'text'],
    ['resource_version', 'text'],
    ['generation', 'integer'],
    ['summary', 'text'],
  ],
  onConflict: `ON CONFLICT (watch_id, uid) DO UPDATE SET namespace = excluded.namespace, name = excluded.name,
    resource_version = excluded.resource_version, generation = excluded.generation, summary = excluded.summary`,
};

const SELECT = `SELECT uid, namespace, name, resource_version, generation, summary FROM handled WHERE watch_id = $1`;
/** More rows than any watch has. */
const ALL = 2 ** 31 - 1;

/** How far each watch has come, and what it has handled. */
export function watchOperations(sql: Sql): WatchOperations {
  const selectListed = `${SELECT} AND ${sql.dialect.inList('uid', 2)} ORDER BY uid`;
  const deleteListed = `DELETE FROM handled WHERE watch_id = $1 AND ${sql.dialect.inList('uid', 2)}`;

  return {
    async getCursor(watchId) {
      const [row] = await sql.all('SELECT resource_version FROM watches WHERE watch_id = $1', [name(watchId)]);
      return row && textOf(row, 'resource_version');
    },

    async setCursor(watchId, resourceVersion) {
      await sql.run(
        `INSERT INTO watches (watch_id, resource_version) VALUES ($1, $2)
         ON CONFLICT (watch_id) DO UPDATE SET resource_version = excluded.resource_version`,
        [name(watchId), name(resourceVersion)],
      );
    },

    async listHandled(watchId, after = '', limit = ALL) {
      const rows = await sql.all(`${SELECT} AND uid > $2 ORDER BY uid LIMIT $3`, [name(watchId), name(after), limit]);
      return rows.map(handledOf);
    },

    async getHandled(watchId, uids) {
      if (uids.length === 0) return [];
      return (await sql.all(selectListed, [name(watchId), json(uids)])).map(handledOf);
    },

    async putHandled(watchId, objects) {
      // PostgreSQL refuses to touch a row twice in one statement: of an object that comes twice, the last state counts.
      const latest = new Map(objects.map((object) => [object.uid, object]));
      const rows = [...latest.values()].map((object) => [
        name(watchId),
        name(object.uid),
        name(object.namespace),
        name(object.name),
        name(object.resourceVersion),
        object.generation,
        json(object.summary),
      ]);
      await sql.insert(HANDLED, rows);
    },

    async deleteHandled(watchId, uids) {
      if (uids.length > 0) await sql.run(deleteListed, [name(watchId), json(uids)]);
    },

    async deleteWatch(watchId) {
      await sql.run('DELETE FROM handled WHERE watch_id = $1', [name(watchId)]);
      await sql.run('DELETE FROM watches WHERE watch_id = $1', [name(watchId)]);
    },
  };
}

function handledOf(row: Row): HandledObject {
  return {
    uid: textOf(row, 'uid'),
    namespace: textOf(row, 'namespace'),
    name: textOf(row, 'name'),
    resourceVersion: textOf(row, 'resource_version'),
    generation: numberOf(row, 'generation'),
    summary: objectOf(row, 'summary'),
  };
}
