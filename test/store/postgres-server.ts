import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import pg from 'pg';
import { openPostgresStore, type Store } from '../../src/store/index.ts';
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
  const programs = findPrograms();
  if (programs !== undefined) return { start: () => startCluster(programs) };
  realComponent('postgres-url', 'initdb');
  return undefined;
}

/** The folder with initdb and postgres. Debian keeps it off the PATH. */
function findPrograms(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

/** PostgreSQL refuses to run as root. */
function account(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const number = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: number('-u'), gid: number('-g') };
}

async function startCluster(programs: string): Promise<PostgresServer> {
  const { uid, gid } = account();
  const as = uid === undefined || gid === undefined ? {} : { uid, gid };
  const root = await mkdtemp(join(tmpdir(), 'petrel-pg-'));
  if (uid !== undefined && gid !== undefined) await chown(root, uid, gid);
  const data = join(root, 'data');
  const initialise = ['-D', data, '-U', 'petrel', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  execFileSync(join(programs, 'initdb'), initialise, { ...as, cwd: root, stdio: 'pipe' });
  // A socket in the folder, so that no port is taken.
  const settings = ['-k', root, '-c', 'listen_addresses=', '-c', 'fsync=off', '-c', 'deadlock_timeout=100ms'];
  const server = spawn(join(programs, 'postgres'), ['-D', data, ...settings], { ...as, cwd: root, stdio: 'ignore' });
  const url = `postgres://petrel@${encodeURIComponent(root)}/postgres`;
  try {
    await untilReady(url, server);
  } catch (error) {
    server.kill('SIGQUIT');
    await rm(root, { recursive: true, force: true });
    throw error;
  }
  return serverAt(url, async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGINT');
    await ended;
    await rm(root, { recursive: true, force: true });
  });
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; server.exitCode === null && attempt < 200; attempt += 1) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`The temporary PostgreSQL server did not start (exit code ${server.exitCode}).`);
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
