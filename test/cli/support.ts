import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { PETREL } from '../e2e/petrel-process.ts';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Running {
  readonly ended: Promise<Ran>;
  /** Ctrl-C. */
  interrupt(): void;
  /** What standard error has said so far. */
  said(): string;
}

/** Begins `petrel` with this data directory. `input`: its standard input. */
export function begin(directory: string, args: readonly string[], input = ''): Running {
  const env = { ...process.env, PETREL_DATA: directory };
  const child = spawn(process.execPath, [PETREL, ...args], { env });
  let said = '';
  child.stderr.on('data', (data) => {
    said += data;
  });
  child.stdin.end(input);
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const stdout = text(child.stdout);
  return {
    ended: (async () => ({ code: await closed, stdout: await stdout, stderr: said }))(),
    interrupt: () => void child.kill('SIGINT'),
    said: () => said,
  };
}
