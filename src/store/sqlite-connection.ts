import type Libsql from 'libsql';
import type { Connection } from './connection.ts';
import type { Dialect, InsertTarget, Row, Value } from './sql.ts';

const DIALECT: Dialect = {
  name: 'sqlite',
  types: { text: 'TEXT', integer: 'INTEGER', bytes: 'BLOB' },
  skipLocked: '',
  lock: undefined,
  inList: (column, parameter) => `${column} IN (SELECT value FROM json_each($${parameter}))`,
  jsonText: (column, ...keys) => `json_extract(${column}, '$.${keys.join('.')}')`,
  jsonAt: (column, parameter) => `(${column} -> $${parameter})`,
  jsonPath: (path) => `$${path.map((step) => `."${step.replaceAll('"', '')}"`).join('')}`,
};

function objectOfColumns(columns: string): string {
  return `json_object(${columns.replaceAll(/\w+/g, (column) => `'${column}', ${column}`)})`;
}

type Statement = ReturnType<InstanceType<typeof Libsql>['prepare']>;

/**
 * The driver behind our interface. What it does not get along with, it never sees: a boolean aborts the process, `get` adds
 * a column, and a statement that answers rows but is not read to its end blocks every later COMMIT.
 */
export class SqliteConnection implements Connection {
  readonly dialect = DIALECT;
  failure: Error | undefined;
  readonly #db: InstanceType<typeof Libsql>;
  readonly #translate: (error: unknown) => Error;
  readonly #statements = new Map<string, Statement>();

  constructor(db: InstanceType<typeof Libsql>, translate: (error: unknown) => Error) {
    this.#db = db;
    this.#translate = translate;
  }

  all(text: string, parameters: readonly Value[]): readonly Row[] {
    try {
      // The driver's rows are plain objects keyed by column.
      return this.#statement(text).all(parameters) as Row[];
    } catch (error) {
      throw this.doom(this.#translate(error));
    }
  }

  /**
   * The driver pays for every value that it hands over, so the page comes as one text: a hundred executions of 21 columns in 0.25 ms
   * instead of 0.40 ms. The order of an aggregate's rows is that of a subquery with a LIMIT, which SQLite does not take apart.
   */
  page(columns: string, select: string, parameters: readonly Value[]): readonly Row[] {
    const [row] = this.all(`SELECT json_group_array(${objectOfColumns(columns)}) AS page FROM (${select})`, parameters);
    // Made by SQLite of texts, whole numbers and NULL: the rows that `all` would answer.
    return JSON.parse(String(row?.page ?? '[]')) as Row[];
  }

  run(text: string, parameters: readonly Value[]): number {
    try {
      return this.#statement(text).run(parameters).changes;
    } catch (error) {
      throw this.doom(this.#translate(error));
    }
  }

  /**
   * Row by row, one prepared statement: 235,000 rows/s here, against 205,000 rows/s through json_each with a hundred rows per
   * statement and 125,000 rows/s when each statement answers its row with RETURNING.
   */
  insert({ table, columns, onConflict }: InsertTarget, rows: readonly (readonly Value[])[]): readonly Value[] {
    const names = columns.map(([column]) => column).join(', ');
    const values = columns.map((_, index) => `$${index + 1}`).join(', ');
    const text = `INSERT INTO ${table} (${names}) VALUES (${values}) ${onConflict}`;
    const inserted: Value[] = [];
    for (const row of rows) {
      if (this.run(text, row) > 0) inserted.push(row[0] ?? null);
    }
    return inserted;
  }

  doom(error: Error): Error {
    this.failure ??= error;
    return error;
  }

  begin(): void {
    this.run('BEGIN IMMEDIATE', []);
  }

  commit(): void {
    this.run('COMMIT', []);
  }

  rollback(): void {
    // SQLite has rolled back by itself after a full disk or an I/O error.
    if (this.#db.inTransaction) this.run('ROLLBACK', []);
  }

  #statement(text: string): Statement {
    let statement = this.#statements.get(text);
    if (statement === undefined) {
      statement = this.#db.prepare(text.replaceAll('$', '?'));
      this.#statements.set(text, statement);
    }
    return statement;
  }
}
