import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The built command, as a user runs it. `npm test` builds it first. */
export const PETREL = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface PetrelProcess {
  readonly url: string;
  /** SIGKILL: no handler runs, nothing is flushed. */
  kill(): Promise<void>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
}

/** Starts `petrel start` and resolves when it serves. */
export function startPetrelProcess(args: readonly string[]): Promise<PetrelProcess> {
  return startServing([PETREL, 'start', '--json', '--port', '0', '--log-level', 'warn', ...args]);
}

/** Starts a Node program that prints `{"url": ...}` when it serves, and resolves then. */
export async function startServing(command: readonly string[]): Promise<PetrelProcess> {
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (data) => {
    complaint = (complaint + data).slice(-5000);
  });
  const exited = once(child, 'exit');
  const end = async (signal: NodeJS.Signals) => {
    if (isRunning(child)) child.kill(signal);
    await exited;
    return child.exitCode;
  };
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, 'line'), exited.then(() => undefined)]);
  if (first === undefined) throw new Error(`${command.join(' ')} ended before it served: ${complaint}`);
  const { url } = JSON.parse(String(first[0])) as { url: string }; // what it prints
  return {
    url,
    async kill() {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
