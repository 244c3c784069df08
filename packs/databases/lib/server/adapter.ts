import type { DatabaseRecord } from './record.ts';

/** One connection. */
export interface Session {
  /** Runs one statement. Those of the values that are secret are never in an error. */
  query(sql: string, values?: readonly string[], secrets?: readonly string[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

export type Row = Readonly<Record<string, unknown>>;

/** Opens a connection to the server, or to one of its databases. */
export type OpenSession = (database?: string) => Promise<Session>;

/**
 * A kind of server. Everything may be done again after it was cut short at any statement, and what is there already, or gone already, is no
 * error. `name` is always a database's name as `databaseName` makes them, `user` that of one of its users.
 */
export interface ServerAdapter {
  version(): Promise<string>;
  /** Nobody else works on what has this name, until this connection ends. */
  lock(name: string): Promise<void>;
  records(): Promise<ReadonlyMap<string, DatabaseRecord>>;
  readRecord(name: string): Promise<DatabaseRecord | undefined>;
  /** Writes the first record: from then on everything of this name is ours. */
  claim(name: string, record: DatabaseRecord): Promise<void>;
  writeRecord(name: string, record: DatabaseRecord): Promise<void>;
  /** Everything else must be gone. */
  forget(name: string): Promise<void>;
  /** All databases and users that there are. */
  existing(): Promise<{ readonly databases: ReadonlySet<string>; readonly users: ReadonlySet<string> }>;
  makeDatabase(name: string): Promise<void>;
  /** Makes a user with this password, and all rights on the database but on no other. One that is there gets the password. */
  makeUser(name: string, user: string, password: string): Promise<void>;
  /** Ends its sessions, too. What it made stays. */
  dropUser(name: string, user: string): Promise<void>;
  /** Ends the sessions in it, too. */
  dropDatabase(name: string): Promise<void>;
  close(): Promise<void>;
}
