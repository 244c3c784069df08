import { json, name, numberOf, objectOf, textOf } from './columns.ts';
import type { Row, Sql } from './sql.ts';
import type { ContentOperations, StoredContent } from './store.ts';

const COLUMNS = 'kind, ref, revision, body';
const PUT = `INSERT INTO content (${COLUMNS}) VALUES ($1, $2, $3, $4)
  ON CONFLICT (kind, ref) DO UPDATE SET revision = excluded.revision, body = excluded.body`;
const REMOVE = 'UPDATE content SET body = NULL, revision = $3 WHERE kind = $1 AND ref = $2 AND body IS NOT NULL';

/** Content that was made through the API. */
export function contentOperations(sql: Sql): ContentOperations {
  const latest = async (): Promise<number> => {
    const [row] = await sql.all('SELECT COALESCE(MAX(revision), 0) AS revision FROM content', []);
    return row === undefined ? 0 : numberOf(row, 'revision');
  };
  /** One change at a time, so that a revision that is seen has none before it that is still to come. */
  const next = async (): Promise<number> => {
    const { lock } = sql.dialect;
    if (lock !== undefined) await sql.all(lock, ['content']);
    return (await latest()) + 1;
  };

  return {
    async listContent() {
      const rows = await sql.all(`SELECT ${COLUMNS} FROM content WHERE body IS NOT NULL ORDER BY kind, ref`, []);
      return rows.map(contentOf);
    },

    async getContent(kind, ref) {
      const where = 'kind = $1 AND ref = $2 AND body IS NOT NULL';
      const [row] = await sql.all(`SELECT ${COLUMNS} FROM content WHERE ${where}`, [name(kind), name(ref)]);
      return row && contentOf(row);
    },

    async putContent({ kind, ref, body }) {
      const revision = await next();
      await sql.run(PUT, [name(kind), name(ref), revision, json(body)]);
      return revision;
    },

    async deleteContent(kind, ref) {
      return (await sql.run(REMOVE, [name(kind), name(ref), await next()])) > 0;
    },

    contentRevision: latest,
  };
}

function contentOf(row: Row): StoredContent {
  return {
    kind: textOf(row, 'kind'),
    ref: textOf(row, 'ref'),
    revision: numberOf(row, 'revision'),
    body: objectOf(row, 'body'),
  };
}
