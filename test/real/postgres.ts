import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import pg from 'pg';
import { freePort, type RealDatabaseOptions, type RealDatabaseServer } from './processes.ts';

/** The folder with initdb and postgres. Debian keeps it off the PATH. */
export function postgresPrograms(): string | undefined {
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

/** How a cluster is made: further arguments of initdb and of postgres, and where it is reached. */
export interface ClusterSettings {
  readonly initialise: readonly string[];
  readonly settings: readonly string[];
  readonly url: string;
  /** Files to be put into the data folder. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Starts a PostgreSQL of its own in a temporary folder, which goes when it stops. */
export async function startPostgresCluster(
  programs: string,
  settingsFor: (root: string) => ClusterSettings,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const { uid, gid } = account();
  const as = uid === undefined || gid === undefined ? {} : { uid, gid };
  const root = await mkdtemp(join(tmpdir(), 'petrel-pg-'));
  if (uid !== undefined && gid !== undefined) await chown(root, uid, gid);
  const data = join(root, 'data');
  const { initialise, settings, url, files = {} } = settingsFor(root);
  const initdb = ['-D', data, '-E', 'UTF8', '--locale=C', '--no-sync', ...initialise];
  execFileSync(join(programs, 'initdb'), initdb, { ...as, cwd: root, stdio: 'pipe' });
  for (const [name, text] of Object.entries(files)) {
    const path = join(data, name);
    await writeFile(path, text, { mode: 0o600 });
    if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
  }
  const args = ['-D', data, '-c', 'fsync=off', '-c', 'full_page_writes=off', ...settings];
  const server = spawn(join(programs, 'postgres'), args, { ...as, cwd: root, stdio: 'ignore' });
  try {
    await untilReady(url, server);
  } catch (error) {
    server.kill('SIGQUIT');
    await rm(root, { recursive: true, force: true });
    throw error;
  }
  return {
    url,
    async stop() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGINT');
      await ended;
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Starts a PostgreSQL that listens on 127.0.0.1 and wants passwords. Its administrator is a superuser. */
export async function startPostgres(programs: string, options: RealDatabaseOptions = {}): Promise<RealDatabaseServer> {
  const port = options.port ?? (await freePort());
  const [username, password] = ['postgres_admin', 'real-admin-password'];
  const { tls } = options;
  const { url, stop } = await startPostgresCluster(programs, (root) => ({
    initialise: ['-U', username, '--auth-host=scram-sha-256', '--auth-local=trust'],
    settings: ['-k', root, '-c', 'listen_addresses=127.0.0.1', '-c', `port=${port}`, ...(tls ? ['-c', 'ssl=on'] : [])],
    url: `postgres://${username}@${encodeURIComponent(root)}:${port}/postgres`,
    ...(tls && { files: { 'server.crt': tls.certificate, 'server.key': tls.key } }),
  }));
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(`ALTER ROLE ${username} PASSWORD '${password}'`);
  await admin.end();
  return { port, username, password, stop };
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
