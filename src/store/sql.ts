/** What a statement is given. Anything else (a boolean crashes the SQLite driver) is turned into one of these first. */
export type Value = string | number | null | Uint8Array;

export type Row = { readonly [column: string]: unknown };

export type MaybePromise<T> = T | Promise<T>;

/** Statements with `$1` parameters. Answers may come at once (SQLite) or later (PostgreSQL): `await` them. */
export interface Sql {
  readonly dialect: Dialect;
  all(text: string, parameters: readonly Value[]): MaybePromise<readonly Row[]>;
  /**
   * As `all`, for a select of just these columns, none of which holds bytes, that answers at most a few thousand rows. `columns`: as in
   * the select, a comma list.
   */
  page(columns: string, select: string, parameters: readonly Value[]): MaybePromise<readonly Row[]>;
  /** For statements that answer no rows. Answers how many rows were changed. */
  run(text: string, parameters: readonly Value[]): MaybePromise<number>;
  /** Inserts rows, few round trips. Answers the first column of each row that was inserted, in order. */
  insert(target: InsertTarget, rows: readonly (readonly Value[])[]): MaybePromise<readonly Value[]>;
  /** Makes sure that what was written so far by this piece of work is not committed, even when it catches the error. */
  doom(error: Error): Error;
}

export interface InsertTarget {
  readonly table: string;
  readonly columns: readonly (readonly [name: string, type: 'text' | 'integer'])[];
  /** `ON CONFLICT ...`; empty: a conflict is an error. */
  readonly onConflict: string;
}

/** The differences between the two databases, all of them. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres';
  /** Column types. Text compares by code point everywhere: ids and names sort alike in both. */
  readonly types: { readonly text: string; readonly integer: string; readonly bytes: string };
  /** Ends a SELECT that takes rows for itself and passes over those that another worker is taking. */
  readonly skipLocked: string;
  /**
   * A statement after which no other transaction that names the same text as `$1` goes on until this one has ended; undefined where
   * there is never more than one.
   */
  readonly lock: string | undefined;
  /** Whether `column` is among the elements of a JSON array of texts, given as parameter number `parameter`. */
  inList(column: string, parameter: number): string;
  /** The text that the keys lead to in the JSON object in `column`; NULL when there is none. The keys are words of ours. */
  jsonText(column: string, ...keys: string[]): string;
  /**
   * The value at a path in the JSON of `column`, as JSON text; the path is parameter number `parameter`, as `jsonPath` writes it.
   */
  jsonAt(column: string, parameter: number): string;
  jsonPath(path: readonly string[]): string;
}
