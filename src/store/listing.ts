import type { Id } from '../model/index.ts';
import { Conditions, has, numberOf, textOf } from './columns.ts';
import type { Row, Sql } from './sql.ts';
import type { Counted, IdRange, Listed, ListOperations, Page, Slice } from './store.ts';

/** The total of a page that was asked for without one. */
export const UNCOUNTED = -1;

/** Beyond so many rows that are passed over, those of the page are looked for in an index alone, and then read. */
const FAR = 1000;

/** More rows than this are not put into one text. */
const MANY = 5000;

/** One page of a table (`keyed`: it has ids), and how many rows match in all. */
export async function listPage<T>(
  sql: Sql,
  from: { table: string; columns: string; conditions: Conditions; orderBy: string; keyed?: boolean },
  page: Page,
  read: (row: Row) => T,
): Promise<Listed<T>> {
  addRange(from.conditions, page.within);
  const { parameters, where } = from.conditions;
  const limit = Math.max(0, page.limit);
  const offset = Math.max(0, page.offset);
  const select = (columns: string) =>
    `SELECT ${columns} FROM ${from.table}${where} ORDER BY ${from.orderBy} LIMIT $${parameters.length + 1} OFFSET $${parameters.length + 2}`;
  const text =
    from.keyed === true && offset > FAR
      ? `SELECT ${from.columns} FROM ${from.table} WHERE id IN (${select('id')}) ORDER BY ${from.orderBy}`
      : select(from.columns);
  const all = [...parameters, limit, offset];
  const rows = limit > MANY ? await sql.all(text, all) : await sql.page(from.columns, text, all);
  const items = rows.map(read);
  // A page that is not full is the last one: nothing needs to be counted.
  if (items.length < limit && (items.length > 0 || offset === 0)) return { items, total: offset + items.length };
  if (page.uncounted === true) return { items, total: UNCOUNTED };
  const [count] = await sql.all(`SELECT COUNT(*) AS total FROM ${from.table}${where}`, parameters);
  return { items, total: count === undefined ? 0 : numberOf(count, 'total') };
}

/** Counts a slice of a table whose ids grow. */
export async function countSlice(
  sql: Sql,
  { table, conditions }: { table: string; conditions: Conditions },
  { after, limit, upTo }: Slice,
): Promise<Counted> {
  addRange(conditions, { ...(after !== '' && { above: after }), ...(upTo !== undefined && { upTo }) });
  const { parameters, where } = conditions;
  const slice = `SELECT id FROM ${table}${where} ORDER BY id LIMIT $${parameters.length + 1}`;
  const [row] = await sql.all(`SELECT COUNT(*) AS total, MAX(id) AS last FROM (${slice}) counted`, [
    ...parameters,
    limit,
  ]);
  if (row === undefined || !has(row, 'last')) return { count: 0, last: after };
  return { count: numberOf(row, 'total'), last: textOf(row, 'last') };
}

function addRange(conditions: Conditions, { above, upTo }: IdRange = {}): void {
  if (above !== undefined) conditions.add(above, (n) => `id > $${n}`);
  if (upTo !== undefined) conditions.add(upTo, (n) => `id <= $${n}`);
}

/** See `ListOperations`. */
export function listOperations(sql: Sql): ListOperations {
  return {
    async findId(table, range, rows, order) {
      const conditions = new Conditions();
      addRange(conditions, range);
      const { parameters, where } = conditions;
      const [row] = await sql.all(
        `SELECT id FROM ${table}${where} ORDER BY ${order === 'newest' ? 'id DESC' : 'id'} LIMIT 1 OFFSET $${parameters.length + 1}`,
        [...parameters, order === 'newest' ? rows : rows - 1],
      );
      return row && textOf(row, 'id');
    },
  };
}

/** How far the time in an id may be from the time that the row says, milliseconds. */
const SLACK = 3_600_000;

/**
 * Times exclusive. Ids begin with the time they were made at, so a range of ids around the times lets the primary key find the rows;
 * the slack is for a clock that was set back meanwhile, and for ids that were made a moment before their row's time was taken.
 */
export function addTimes(conditions: Conditions, column: string, times: { after?: number; before?: number }): void {
  const { after, before } = times;
  if (after !== undefined) conditions.add(after, (n) => `${column} > $${n}`);
  if (before !== undefined) conditions.add(before, (n) => `${column} < $${n}`);
  addRange(conditions, idBounds(times));
}

/** The ids that rows of these times can have. */
export function idBounds({ after, before }: { after?: number; before?: number }): IdRange {
  return {
    ...(after !== undefined && after > SLACK && { above: idOfTime(after - SLACK) }),
    ...(before !== undefined && { upTo: idOfTime(before + SLACK) }),
  };
}

/** What every id that was made at the time begins with; epoch milliseconds. */
export function idOfTime(time: number): Id {
  return Math.max(0, Math.min(Math.floor(time), 2 ** 48 - 1))
    .toString(16)
    .padStart(12, '0');
}
