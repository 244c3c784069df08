import type { ActionContext } from 'petrel/sdk';
import type { OpenSession, Row, Session } from './adapter.ts';
import { asError } from './errors.ts';
import type { ServerSettings } from './parameters.ts';

const CONNECT_TIMEOUT = 10_000;
const STATEMENT_TIMEOUT = 120_000;

/** Where a connection comes from; `what` begins an error's sentence. */
export interface SessionSource {
  readonly server: ServerSettings;
  readonly what: string;
  readonly signal: ActionContext<unknown>['signal'];
}

/** Sessions on MySQL and MariaDB. In statements `??` stands for a name and `?` for a value. */
export const mysqlSessions =
  (source: SessionSource): OpenSession =>
  async (database) => {
    const { server } = source;
    // Only where it is needed: Petrel's start loads no driver.
    const { createConnection } = await import('mysql2/promise');
    const fails = failing(source);
    const connection = await createConnection({
      host: server.host,
      port: server.port,
      user: server.admin_username,
      password: server.admin_password,
      ...(database !== undefined && { database }),
      connectTimeout: CONNECT_TIMEOUT,
      ...(server.tls && {
        ssl: {
          rejectUnauthorized: server.tls.verify,
          verifyIdentity: server.tls.verify,
          ...(server.tls.ca !== undefined && { ca: server.tls.ca }),
        },
      }),
    }).catch(fails());
    // Without a listener Node ends when the server cuts an idle connection; the next statement says so anyway.
    connection.on('error', () => undefined);
    const session: Session = {
      async query(sql, values = [], secrets = []) {
        const [rows] = await connection
          .query({ sql, values: [...values], timeout: STATEMENT_TIMEOUT })
          .catch(fails(secrets));
        // A statement without rows answers a summary, which nobody needs.
        return Array.isArray(rows) ? (rows as Row[]) : []; // no statement here gives several results, so these are rows
      },
      async close() {
        // Not `end`: it waits for a server that may have gone.
        connection.destroy();
      },
    };
    source.signal.addEventListener('abort', () => connection.destroy(), { once: true });
    // The driver quotes with backslashes, so they must have a meaning, whatever the server's own setting.
    await session.query("SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'");
    return session;
  };

/** Sessions on PostgreSQL. In statements `$1` stands for a value. */
export const postgresSessions =
  (source: SessionSource): OpenSession =>
  async (database = 'postgres') => {
    const { server } = source;
    const { default: pg } = await import('pg');
    const fails = failing(source);
    const client = new pg.Client({
      host: server.host,
      port: server.port,
      user: server.admin_username,
      password: server.admin_password,
      database,
      application_name: 'petrel',
      connectionTimeoutMillis: CONNECT_TIMEOUT,
      query_timeout: STATEMENT_TIMEOUT,
      // Nothing that a database's owner has put before the system's own functions is ever called.
      options: '-c search_path=pg_catalog -c lock_timeout=30s',
      ...(server.tls && {
        ssl: {
          // The driver names the host only where it is no address, and then "localhost" would be looked for in the certificate.
          host: server.host,
          rejectUnauthorized: server.tls.verify,
          ...(server.tls.ca !== undefined && { ca: server.tls.ca }),
        },
      }),
    });
    client.on('error', () => undefined);
    await client.connect().catch(fails());
    source.signal.addEventListener('abort', () => void client.end().catch(() => undefined), { once: true });
    return {
      async query(sql, values = [], secrets = []) {
        const { rows } = await client.query<Row>(sql, [...values]).catch(fails(secrets));
        return rows;
      },
      close: () => client.end().catch(() => undefined),
    };
  };

const failing =
  ({ server, what, signal }: SessionSource) =>
  (secrets: readonly string[] = []) =>
  (error: unknown): never => {
    if (signal.aborted) throw signal.reason;
    throw asError(error, what, server, [server.admin_password, ...secrets]);
  };
