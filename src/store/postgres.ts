import pg from 'pg';
import { messageOf, PetrelError } from '../model/index.ts';
import type { Database } from './connection.ts';
import { GroupCommit } from './group-commit.ts';
import type { CommitObserver } from './metrics.ts';
import { migrate } from './migrate.ts';
import { separately } from './operations.ts';
import { POSTGRES, type PostgresClient, PostgresConnection } from './postgres-connection.ts';
import type { Store } from './store.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** How many connections are used at most; default 4. */
  readonly connections?: number;
  /** Called when a connection that nobody was using broke; the next use opens another. */
  readonly onConnectionLost?: (error: Error) => void;
  readonly observer?: CommitObserver;
}

/** Where connections come from. */
export interface PostgresPool {
  readonly connections: number;
  /** Names the database in messages, without the password. */
  readonly name: string;
  acquire(): Promise<PostgresClient>;
  /** `broken`: the session is not to be used again. */
  release(client: PostgresClient, broken: boolean): void;
  close(): Promise<void>;
}

/** Any number: it only has to be the same in every Petrel. */
const MIGRATION_LOCK = 7_305_731_001;

/**
 * Opens the store in a PostgreSQL database (13 or newer); many processes may share it.
 * Throws `PetrelError`: `unavailable` (no answer, or refused), `conflict` (written by a newer Petrel).
 */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  return openPostgresStoreOver(createPool(options), options.observer);
}

/** The same over connections from elsewhere. */
export async function openPostgresStoreOver(pool: PostgresPool, observer?: CommitObserver): Promise<Store> {
  const database = databaseOver(pool);
  try {
    const connection = await database.acquire();
    try {
      await migrate(connection, pool.name, async () =>
        connection.all(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`, []),
      );
      database.release(connection);
    } catch (error) {
      database.release(connection, error);
      throw error;
    }
  } catch (error) {
    await pool.close();
    throw error;
  }
  const commits = new GroupCommit(database, observer);
  return {
    dialect: 'postgres',
    ...separately(
      (work) => commits.write(work),
      (work) => commits.read(work),
    ),
    transaction: (work) => commits.write(work),
    close: () => commits.close(),
  };
}

function createPool(options: PostgresOptions): PostgresPool {
  const connections = options.connections ?? 4;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: connections,
    application_name: 'petrel',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  pool.on('error', (error) => options.onConnectionLost?.(error));
  // The pool listens to idle connections only. One that is lost while it is lent out rejects what is under way, and would end the
  // process besides if nobody listened.
  pool.on('connect', (client) => client.on('error', () => {}));
  const statements = new Map<string, string>();
  const clients = new WeakMap<pg.PoolClient, PostgresClient>();
  const sessions = new WeakMap<PostgresClient, pg.PoolClient>();

  return {
    connections,
    name: nameOf(options.url),
    async acquire() {
      const session = await pool.connect();
      let client = clients.get(session);
      if (client === undefined) {
        client = {
          async query(text, parameters) {
            // A named statement is parsed and planned once per session.
            let name = statements.get(text);
            if (name === undefined) {
              name = `petrel_${statements.size}`;
              statements.set(text, name);
            }
            const { rows, rowCount } = await session.query({ name, text, values: [...parameters] });
            return { rows, changed: rowCount ?? 0 };
          },
        };
        clients.set(session, client);
        sessions.set(client, session);
      }
      return client;
    },
    release(client, broken) {
      sessions.get(client)?.release(broken);
    },
    close: () => pool.end(),
  };
}

function databaseOver(pool: PostgresPool): Database & { acquire(): Promise<PostgresConnection> } {
  const translate = (error: unknown) => postgresError(error, pool.name);
  const connections = new WeakMap<PostgresClient, PostgresConnection>();
  return {
    dialect: POSTGRES,
    connections: pool.connections,
    groupSize: 100,
    async acquire() {
      let client: PostgresClient;
      try {
        client = await pool.acquire();
      } catch (error) {
        throw translate(error);
      }
      let connection = connections.get(client);
      if (connection === undefined) {
        connection = new PostgresConnection(client, translate);
        connections.set(client, connection);
      }
      return connection;
    },
    release(connection, error) {
      if (connection instanceof PostgresConnection) pool.release(connection.client, isLost(error));
    },
    isTransient: (error) => TRANSIENT.has(sqlStateOf(error)) || isLostRace(error),
    isLost,
    close: () => pool.close(),
  };
}

/** serialization_failure, deadlock_detected. */
const TRANSIENT = new Set(['40001', '40P01']);

/** Two nodes claimed executions of one key at the same instant: the second finds the first one's, once it looks again. */
function isLostRace(error: unknown): boolean {
  return error instanceof PetrelError && error.details.constraint === 'executions_key_active';
}

function isLost(error: unknown): boolean {
  return error instanceof PetrelError && error.details.lost === true;
}

function sqlStateOf(error: unknown): string {
  return error instanceof PetrelError ? String(error.details.sqlState ?? '') : '';
}

function postgresError(error: unknown, database: string): PetrelError {
  const sqlState = stateOf(error);
  if (sqlState === '23505') {
    const constraint = error instanceof Error && 'constraint' in error ? String(error.constraint) : '';
    return new PetrelError('conflict', `The database already has such a row (${messageOf(error)}).`, {
      cause: error,
      details: { sqlState, constraint },
    });
  }
  // Without a state the server never answered; class 08 and 57P say that the session is over, 28 and 3D that there never was one.
  if (sqlState === '' || /^(08|57P|28|3D)/.test(sqlState)) {
    return new PetrelError(
      'unavailable',
      `The PostgreSQL database ${database} cannot be reached (${messageOf(error)}); check --database, and that the server runs.`,
      { cause: error, details: { sqlState, lost: true } },
    );
  }
  if (/^53/.test(sqlState)) {
    return new PetrelError(
      'unavailable',
      `The PostgreSQL server of ${database} is out of room (${messageOf(error)}); free disk, memory or connections there.`,
      { cause: error, details: { sqlState } },
    );
  }
  return new PetrelError('internal', `The PostgreSQL database ${database} failed: ${messageOf(error)}.`, {
    cause: error,
    details: { sqlState },
  });
}

/**
 * The SQLSTATE of a server's answer, which always has a severity; empty for anything else: EPIPE, a system error's code, looks just
 * like a state.
 */
function stateOf(error: unknown): string {
  return error instanceof Error && 'severity' in error && 'code' in error ? String(error.code) : '';
}

function nameOf(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch {
    throw new PetrelError(
      'invalid',
      'The database address is not a URL; write it as --database postgres://user:password@host:5432/name.',
    );
  }
}
