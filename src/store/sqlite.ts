import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Libsql from 'libsql';
import { messageOf, PetrelError } from '../model/index.ts';
import type { Database } from './connection.ts';
import { GroupCommit } from './group-commit.ts';
import type { CommitObserver } from './metrics.ts';
import { migrate } from './migrate.ts';
import { separately } from './operations.ts';
import { SqliteConnection } from './sqlite-connection.ts';
import type { Store } from './store.ts';

export interface SqliteOptions {
  /** The data directory; made, for its owner alone, when it is missing. */
  readonly directory: string;
  readonly observer?: CommitObserver;
}

/**
 * Opens `petrel.db` in the data directory, and keeps every other process out of it until `close` (or the end of this process,
 * however it ends: the operating system gives the lock back).
 *
 * Throws `PetrelError`: `locked` (another process has it), `conflict` (written by a newer Petrel), `unavailable` (the directory
 * or its disk cannot be used), `internal` (the file is damaged or is no database).
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const directory = resolve(options.directory);
  const file = join(directory, 'petrel.db');
  const pidFile = join(directory, 'petrel.pid');
  prepareDirectory(directory, file);

  const translate = (error: unknown) => sqliteError(error, directory);
  let db: InstanceType<typeof Libsql>;
  try {
    db = new Libsql(file);
  } catch (error) {
    throw translate(error);
  }
  const connection = new SqliteConnection(db, translate);
  try {
    takeLock(connection);
    // Only to name the holder to whoever comes second; the lock itself is the database's.
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
    await migrate(connection, file, () => undefined);
  } catch (error) {
    letGo(connection, db);
    throw error instanceof PetrelError ? error : translate(error);
  }

  const database: Database = {
    dialect: connection.dialect,
    connections: 1,
    groupSize: 1000,
    acquire: () => connection,
    release: () => undefined,
    isTransient: () => false,
    isLost: () => false,
    close() {
      rmSync(pidFile, { force: true });
      letGo(connection, db);
    },
  };
  const commits = new GroupCommit(database, options.observer);
  return {
    dialect: 'sqlite',
    ...separately(
      (work) => commits.write(work),
      (work) => commits.read(work),
    ),
    transaction: (work) => commits.write(work),
    close: () => commits.close(),
  };
}

/** SQLite would make the file readable for everybody, and would not make sure that its name survives a power cut. */
function prepareDirectory(directory: string, file: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    // Only a new file is opened here: closing an existing one would drop the lock this process may hold on it.
    closeSync(openSync(file, 'wx', 0o600));
    const handle = openSync(directory, 'r');
    fsyncSync(handle);
    closeSync(handle);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
    throw new PetrelError(
      'unavailable',
      `The data directory ${directory} cannot be used (${messageOf(error)}); make it writable, or choose another one with --data.`,
      { cause: error },
    );
  }
}

function takeLock(connection: SqliteConnection): void {
  connection.all('PRAGMA busy_timeout = 0', []);
  connection.all('PRAGMA locking_mode = EXCLUSIVE', []);
  connection.all('PRAGMA journal_mode = WAL', []);
  connection.run('PRAGMA synchronous = FULL', []);
  // 16 MB instead of 2: a page of 100 behind 100,000 others takes 1.1 ms instead of 1.8 ms, and more than 16 MB gains nothing.
  connection.all('PRAGMA cache_size = -16000', []);
  // The lock is taken by the first write, and kept.
  connection.run('BEGIN EXCLUSIVE', []);
  connection.run('COMMIT', []);
}

/**
 * Closing is not enough: the driver keeps a database open, and locked, until the last of its statements is garbage. Leaving WAL
 * mode writes everything into the one file, and then the lock can be given back.
 */
function letGo(connection: SqliteConnection, db: InstanceType<typeof Libsql>): void {
  try {
    connection.all('PRAGMA journal_mode = DELETE', []);
    connection.all('PRAGMA locking_mode = NORMAL', []);
    connection.all('SELECT COUNT(*) FROM sqlite_master', []);
  } catch {
    // Locked by another, damaged or full: there is nothing to give back, or the end of this process will.
  }
  db.close();
}

/** What went wrong with the database file, in words that say what to do about it. */
export function sqliteError(error: unknown, directory: string): PetrelError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const because = { cause: error, details: { code, directory } };
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new PetrelError(
      'locked',
      `Another Petrel${holderOf(directory)} is using the data directory ${directory}; stop it, or choose another directory with --data.`,
      because,
    );
  }
  if (code.startsWith('SQLITE_CONSTRAINT')) {
    return new PetrelError('conflict', `The database already has such a row (${messageOf(error)}).`, because);
  }
  if (code.startsWith('SQLITE_FULL')) {
    return new PetrelError(
      'unavailable',
      `The disk that holds ${directory} is full, so nothing was written; make room on it and try again.`,
      because,
    );
  }
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB')) {
    return new PetrelError(
      'internal',
      `The file petrel.db in ${directory} is damaged or no database (${messageOf(error)}); put a backup in its place, or choose another directory with --data.`,
      because,
    );
  }
  if (code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_READONLY')) {
    return new PetrelError(
      'unavailable',
      `The file petrel.db in ${directory} cannot be read or written (${messageOf(error)}); look after the disk and the permissions of the directory.`,
      because,
    );
  }
  return new PetrelError('internal', `The database in ${directory} failed: ${messageOf(error)}.`, because);
}

function holderOf(directory: string): string {
  try {
    const pid = readFileSync(join(directory, 'petrel.pid'), 'utf8').trim();
    return /^\d+$/.test(pid) ? ` (process ${pid})` : '';
  } catch {
    return '';
  }
}
