import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { realComponent } from '../real.ts';
import { freePort, type RealServer, startServer } from './processes.ts';

/** A real OpenSSH server on loopback, with keys, an account and a configuration of its own. */
export interface RealSshd {
  readonly port: number;
  /** Who may log in, by `privateKey`. */
  readonly username: string;
  readonly privateKey: string;
  readonly privateKeyFile: string;
  /** The same key under a passphrase. */
  readonly encryptedKey: string;
  readonly passphrase: string;
  /** A line of known_hosts without its host. */
  readonly hostKey: string;
  /** An account of this test alone with a password; undefined where the test may not make one (it is not root). */
  readonly account: { readonly username: string; readonly password: string } | undefined;
  /** An empty directory; what is put there is first on the PATH of whatever runs. */
  readonly bin: string;
  stop(): Promise<void>;
}

/** The real sshd's program; undefined, with a line about it, when it is not there. */
export function sshdProgram(): string | undefined {
  return realComponent('sshd', '/usr/sbin/sshd');
}

/** Starts sshd. Resolves when it listens. Nothing of the machine's own SSH configuration or keys is used. */
export async function startSshd(program = sshdProgram()): Promise<RealSshd> {
  if (program === undefined) throw new Error('there is no sshd to start');
  const directory = await mkdtemp(join(tmpdir(), 'petrel-sshd-'));
  const isRoot = process.getuid?.() === 0;
  const [host, client] = [ssh2.utils.generateKeyPairSync('ed25519'), ssh2.utils.generateKeyPairSync('ed25519')];
  const passphrase = randomBytes(8).toString('hex');
  const encrypted = ssh2.utils.generateKeyPairSync('ed25519', { passphrase, cipher: 'aes256-ctr', rounds: 4 });
  const file = async (name: string, text: string, mode = 0o600) => {
    await writeFile(join(directory, name), text, { mode });
    return join(directory, name);
  };
  mkdirSync(join(directory, 'bin'), { mode: 0o755 });
  // sshd wants a directory of root's to lock itself in.
  if (isRoot && !existsSync('/run/sshd')) mkdirSync('/run/sshd', { mode: 0o755 });
  const account = isRoot ? await makeAccount() : undefined;
  const port = await freePort();
  const config = await file(
    'sshd_config',
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${await file('host_key', host.private)}`,
      `PidFile ${join(directory, 'sshd.pid')}`,
      `AuthorizedKeysFile ${await file('authorized_keys', `${client.public}\n${encrypted.public}\n`, 0o644)}`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      'PasswordAuthentication yes',
      'AllowTcpForwarding yes',
      'MaxStartups 100',
      'Subsystem sftp internal-sftp',
      `SetEnv PATH=${join(directory, 'bin')}:/usr/local/bin:/usr/bin:/bin`,
      '',
    ].join('\n'),
  );
  await chmod(directory, 0o755);
  let server: RealServer;
  try {
    server = await startServer(`ssh://127.0.0.1:${port}`, program, ['-D', '-e', '-f', config], () => answers(port));
  } catch (error) {
    await account?.remove();
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  return {
    port,
    username: userInfo().username,
    privateKey: client.private,
    privateKeyFile: await file('client_key', client.private),
    encryptedKey: encrypted.private,
    passphrase,
    hostKey: host.public,
    account,
    bin: join(directory, 'bin'),
    async stop() {
      await server.stop();
      await account?.remove();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}

/** A user of this machine that exists as long as the test runs, so that a password can be tried. */
async function makeAccount() {
  const username = `petrel-t${process.pid}`;
  const password = randomBytes(12).toString('hex');
  execFileSync('useradd', ['--create-home', '--shell', '/bin/sh', username]);
  execFileSync('chpasswd', { input: `${username}:${password}\n` });
  return {
    username,
    password,
    async remove() {
      execFileSync('userdel', ['--force', '--remove', username], { stdio: 'ignore' });
    },
  };
}
