import { type ChildProcess, spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real server that a test has started. */
export interface RealServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** A database server that a test has started, on 127.0.0.1, and a user of it that may do everything. */
export interface RealDatabaseServer {
  readonly port: number;
  readonly username: string;
  readonly password: string;
  stop(): Promise<void>;
}

/** How such a server is started. */
export interface RealDatabaseOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** A certificate and its key, PEM. Default: it speaks no TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // a TCP listener's address is always an AddressInfo
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a program and resolves when `ready` does not throw any more. Throws with the program's output when it ends before or is not ready in 30 s. */
export async function startServer(
  url: string,
  command: string,
  args: readonly string[],
  ready: () => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<RealServer> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output = (output + data.toString('utf8')).slice(-4000);
    });
  }
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      output += error.message;
      resolve();
    });
  });
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      await ready();
      return { url, stop: () => stop(child, ended) };
    } catch (error) {
      if (isOver(child) || Date.now() > deadline) {
        await stop(child, ended);
        throw new Error(`${command} did not become ready: ${error}\n${output}`);
      }
      await sleep(50);
    }
  }
}

function isOver(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (!isOver(child)) child.kill('SIGKILL');
  await ended;
}
