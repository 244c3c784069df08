import type { MaybePromise, Sql } from './sql.ts';

/** One connection to the database. It is used by one piece of work at a time. */
export interface Connection extends Sql {
  begin(): MaybePromise<void>;
  commit(): MaybePromise<void>;
  /** Never fails: a connection that cannot roll back is lost, and `isLost` says so of the error that led here. */
  rollback(): MaybePromise<void>;
  /** What doomed the work under way; cleared before each work. */
  failure: Error | undefined;
}

/** A database as the group commit sees it. */
export interface Database {
  readonly dialect: Sql['dialect'];
  /** How many connections may be in use at once. */
  readonly connections: number;
  /** How many pieces of work may share one commit. */
  readonly groupSize: number;
  acquire(): MaybePromise<Connection>;
  /** `error`: what the work ended with, so that a broken connection is not used again. */
  release(connection: Connection, error?: unknown): void;
  /** Whether the same work may succeed when it is simply tried again (a deadlock, a lost race). */
  isTransient(error: unknown): boolean;
  /** Whether the connection broke, so that a commit under way may or may not have happened. */
  isLost(error: unknown): boolean;
  close(): MaybePromise<void>;
}
