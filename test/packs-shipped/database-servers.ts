import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import type { Engine, ServerSettings } from '../../packs/databases/lib/server/parameters.ts';
import { mariadbProgram, startMariadb } from '../real/mariadb.ts';
import { postgresPrograms, startPostgres } from '../real/postgres.ts';
import type { RealDatabaseOptions, RealDatabaseServer } from '../real/processes.ts';
import { realComponent } from '../real.ts';

/** A client's connection. */
export interface Client {
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

/** How a test sees a kind of server: through the engine's own client, as a team would. */
export interface Backend {
  readonly engine: Engine;
  start(options?: RealDatabaseOptions): Promise<RealDatabaseServer>;
  /** Undefined: the database that the administrator works in. */
  connect(port: number, username: string, password: string, database?: string): Promise<Client>;
  /** One column `name` each: of users, and of databases that a user may go to. */
  readonly users: string;
  readonly databases: string;
}

const mariadb: Backend = {
  engine: 'mariadb',
  start: (options) => startMariadb(options),
  async connect(port, user, password, database) {
    const connection = await createConnection({
      host: '127.0.0.1',
      port,
      user,
      password,
      ...(database !== undefined && { database }),
    });
    connection.on('error', () => undefined);
    return {
      async query(sql) {
        const [rows] = await connection.query(sql);
        return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []; // tests run one statement at a time
      },
      close: async () => connection.destroy(),
    };
  },
  users: 'SELECT User AS name FROM mysql.user',
  databases: 'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA',
};

const postgres = (programs: string): Backend => ({
  engine: 'postgres',
  start: (options) => startPostgres(programs, options),
  async connect(port, user, password, database = 'postgres') {
    const client = new pg.Client({ host: '127.0.0.1', port, user, password, database });
    client.on('error', () => undefined);
    await client.connect();
    return {
      query: async (sql) => (await client.query<Record<string, unknown>>(sql)).rows,
      close: () => client.end(),
    };
  },
  users: "SELECT rolname AS name FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%'",
  databases: "SELECT datname AS name FROM pg_database WHERE has_database_privilege(datname, 'CONNECT')",
});

/** The servers that are installed here. */
export function backends(): readonly Backend[] {
  const programs = postgresPrograms();
  if (programs === undefined) realComponent('postgres', 'postgres');
  return [
    ...(mariadbProgram() === undefined ? [] : [mariadb]),
    ...(programs === undefined ? [] : [postgres(programs)]),
  ];
}

export const settingsOf = ({ port, username, password }: RealDatabaseServer): ServerSettings => ({
  host: '127.0.0.1',
  port,
  admin_username: username,
  admin_password: password,
});
