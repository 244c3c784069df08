import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openPostgresStore, type Store } from '../../src/store/index.ts';
import { postgresPrograms, startPostgresCluster } from '../real/postgres.ts';
import { realComponent } from '../real.ts';

/** A real PostgreSQL server for one test file. */
export interface PostgresServer {
  /** A store with a few connections, in a schema of its own that goes when the server does. */
  openStore(): Promise<Store>;
  /** The address of a new, empty schema. */
  newSchema(): Promise<string>;
  /** Ends the sessions with that `application_name`. */
  disconnect(name: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * The server that PETREL_REAL_POSTGRES_URL names, else a temporary one when PostgreSQL is installed here, else undefined. Call
 * `start` within the suite.
 */
export function findPostgres(): { start(): Promise<PostgresServer> } | undefined {
  const url = process.env.PETREL_REAL_POSTGRES_URL;
  if (url !== undefined && url !== '') return { start: async () => serverAt(url, async () => undefined) };
  const programs = postgresPrograms();
  if (programs !== undefined) return { start: () => startCluster(programs) };
  realComponent('postgres-url', 'initdb');
  return undefined;
}

async function startCluster(programs: string): Promise<PostgresServer> {
  // A socket in the folder, so that no port is taken.
  const { url, stop } = await startPostgresCluster(programs, (root) => ({
    initialise: ['-U', 'petrel', '-A', 'trust'],
    settings: ['-k', root, '-c', 'listen_addresses=', '-c', 'deadlock_timeout=100ms'],
    url: `postgres://petrel@${encodeURIComponent(root)}/postgres`,
  }));
  return serverAt(url, stop);
}

async function serverAt(url: string, stop: () => Promise<void>): Promise<PostgresServer> {
  // A client and not a pool: a pool has ended before its connections have, and the server that stops then cuts one nobody listens to.
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  const schemas: string[] = [];
  const newSchema = async () => {
    const schema = `petrel_test_${randomBytes(6).toString('hex')}`;
    await admin.query(`CREATE SCHEMA ${schema}`);
    schemas.push(schema);
    return `${url}${url.includes('?') ? '&' : '?'}options=${encodeURIComponent(`-c search_path=${schema}`)}`;
  };
  return {
    newSchema,
    openStore: async () => openPostgresStore({ url: await newSchema(), connections: 3 }),
    async disconnect(name) {
      await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [name]);
    },
    async close() {
      for (const schema of schemas) await admin.query(`DROP SCHEMA ${schema} CASCADE`);
      await admin.end();
      await stop();
    },
  };
}
