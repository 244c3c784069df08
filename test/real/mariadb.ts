import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { realComponent } from '../real.ts';
import { freePort, type RealDatabaseOptions, type RealDatabaseServer, startServer } from './processes.ts';

/** The real MariaDB's program; undefined, with a line about it, when it is not there. */
export function mariadbProgram(): string | undefined {
  // Debian keeps it where only root's PATH leads.
  const debian = '/usr/sbin/mariadbd';
  return realComponent('mariadb', existsSync(debian) ? debian : 'mariadbd');
}

/** Starts a real MariaDB with a data folder of its own. It must not be installed as a service, and no such service is touched. */
export async function startMariadb(
  options: RealDatabaseOptions = {},
  program = mariadbProgram(),
): Promise<RealDatabaseServer> {
  if (program === undefined) throw new Error('there is no MariaDB to start');
  const root = await mkdtemp(join(tmpdir(), 'petrel-mariadb-'));
  const as = process.getuid?.() === 0 ? ['--user=root'] : [];
  const data = `--datadir=${join(root, 'data')}`;
  const beside = join(dirname(program), '../bin/mariadb-install-db');
  const install = existsSync(beside) ? beside : 'mariadb-install-db';
  const plain = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'];
  execFileSync(install, ['--no-defaults', ...as, data, ...plain], { stdio: 'pipe' });
  const port = options.port ?? (await freePort());
  const listen = ['--bind-address=127.0.0.1', `--port=${port}`, `--socket=${join(root, 'socket')}`];
  const quick = ['--skip-log-bin', '--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=16M'];
  const args = ['--no-defaults', ...as, data, ...listen, ...quick];
  if (options.tls !== undefined) {
    const [certificate, key] = [join(root, 'server.crt'), join(root, 'server.key')];
    await writeFile(certificate, options.tls.certificate);
    await writeFile(key, options.tls.key, { mode: 0o600 });
    args.push(`--ssl-cert=${certificate}`, `--ssl-key=${key}`, '--require-secure-transport=ON');
  }
  const address = { host: '127.0.0.1', port };
  const running = await startServer(`mysql://127.0.0.1:${port}`, program, args, async () => {
    const connection = await createConnection({
      ...address,
      user: 'root',
      ...(options.tls && { ssl: { ca: options.tls.certificate } }),
    });
    await connection.query(
      "GRANT ALL PRIVILEGES ON *.* TO 'admin'@'%' IDENTIFIED BY 'real-admin-password' WITH GRANT OPTION",
    );
    await connection.end();
  });
  return {
    port,
    username: 'admin',
    password: 'real-admin-password',
    async stop() {
      await running.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}
