import { type Conditions, numberOf } from './columns.ts';
import type { Row, Sql } from './sql.ts';
import type { Listed, Page } from './store.ts';

/** One page of a table, and how many rows match in all. */
export async function listPage<T>(
  sql: Sql,
  from: { table: string; columns: string; conditions: Conditions; orderBy: string },
  page: Page,
  read: (row: Row) => T,
): Promise<Listed<T>> {
  const { parameters, where } = from.conditions;
  const limit = Math.max(0, page.limit);
  const offset = Math.max(0, page.offset);
  const rows = await sql.all(
    `SELECT ${from.columns} FROM ${from.table}${where} ORDER BY ${from.orderBy} LIMIT $${parameters.length + 1} OFFSET $${parameters.length + 2}`,
    [...parameters, limit, offset],
  );
  const items = rows.map(read);
  // A page that is not full is the last one: nothing needs to be counted.
  if (items.length < limit && (items.length > 0 || offset === 0)) return { items, total: offset + items.length };
  const [count] = await sql.all(`SELECT COUNT(*) AS total FROM ${from.table}${where}`, parameters);
  return { items, total: count === undefined ? 0 : numberOf(count, 'total') };
}
