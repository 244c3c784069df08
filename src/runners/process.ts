import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { messageOf } from '../model/index.ts';
import { BoundedText } from './bounded-text.ts';

export interface ProcessRequest {
  readonly command: string;
  readonly args: readonly string[];
  /** Default: this process's own. */
  readonly cwd?: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** Written to standard input, which is then closed. Absent: standard input is empty. */
  readonly input?: string | undefined;
  /** Seconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  output(stream: 'stdout' | 'stderr', data: string): void;
  /** Milliseconds between SIGTERM and SIGKILL. Default 5,000. */
  readonly grace?: number | undefined;
  /** Bytes kept per stream. Default 10 MB. */
  readonly outputLimit?: number | undefined;
}

export interface ProcessOutcome {
  /** `unstartable`: there was no process at all; `error` says why. */
  readonly ended: 'exited' | 'timeout' | 'canceled' | 'unstartable';
  /** The exit code; of a process ended by a signal the signal's number, negative (as Python's subprocess). */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly error?: string;
}

const GRACE = 5_000;

/** How long output is still awaited of a process that is gone while something it started holds its pipes open. */
const DRAIN = 1_000;

/** The longest wait a timer can hold: 24.8 days. */
const LONGEST = 2 ** 31 - 1;

/**
 * Runs one program in a session of its own, so that on timeout and cancellation its whole family can be ended: SIGTERM
 * to all, SIGKILL after a grace time. Never rejects. What the program leaves running in the background after a normal exit
 * is left alone, and does not hold up the result.
 */
export function runProcess(request: ProcessRequest): Promise<ProcessOutcome> {
  const refused = obstacle(request);
  if (refused !== undefined) return Promise.resolve(unstartable(refused));
  let child: ChildProcess;
  try {
    child = spawn(request.command, request.args, {
      cwd: request.cwd,
      env: { ...request.environment },
      detached: true,
      stdio: [request.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    // For example a null character in an argument, or arguments too long for the system.
    return Promise.resolve(unstartable(`${request.command} could not be started: ${messageOf(error)}`));
  }
  return watch(child, request);
}

function watch(child: ChildProcess, request: ProcessRequest): Promise<ProcessOutcome> {
  return new Promise((resolve) => {
    const stdout = collect(child.stdout, 'stdout', request);
    const stderr = collect(child.stderr, 'stderr', request);
    const timers = new Set<NodeJS.Timeout>();
    let ended: 'exited' | 'timeout' | 'canceled' = 'exited';

    const later = (milliseconds: number, act: () => void) => {
      timers.add(setTimeout(act, Math.min(milliseconds, LONGEST)));
    };
    const end = (reason: 'timeout' | 'canceled') => {
      if (ended !== 'exited') return;
      ended = reason;
      signalFamily(child, 'SIGTERM');
      later(request.grace ?? GRACE, () => signalFamily(child, 'SIGKILL'));
      // What runs as another user (sudo) cannot be ended from here; the run ends all the same.
      later((request.grace ?? GRACE) + 2 * DRAIN, () => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        child.unref();
        finish({ ended, exitCode: -constants.signals.SIGKILL, stdout: stdout(), stderr: stderr() });
      });
    };
    const onAbort = () => end('canceled');
    const finish = (outcome: ProcessOutcome) => {
      for (const timer of timers) clearTimeout(timer);
      request.signal.removeEventListener('abort', onAbort);
      resolve(outcome);
    };

    child.on('error', (error) => {
      // Also emitted when a signal could not be sent; then the process exists and its end is still to come.
      if (child.pid === undefined) finish(unstartable(`${request.command} could not be started: ${error.message}`));
    });
    child.on('exit', () => {
      // A shell ends at once on SIGTERM; what it had started still has its grace time to clean up.
      later(ended === 'exited' ? DRAIN : (request.grace ?? GRACE) + DRAIN, () => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      });
    });
    child.on('close', (code, signal) => {
      if (ended !== 'exited') signalFamily(child, 'SIGKILL');
      const exitCode = code ?? (signal === null ? -1 : -constants.signals[signal]);
      finish({ ended, exitCode, stdout: stdout(), stderr: stderr() });
    });
    if (request.input !== undefined && child.stdin !== null) {
      // The program may end without reading its input: the broken pipe is no failure of the run.
      child.stdin.on('error', () => undefined);
      child.stdin.end(request.input);
    }
    later(request.timeout * 1000, () => end('timeout'));
    request.signal.addEventListener('abort', onAbort);
    if (request.signal.aborted) onAbort();
  });
}

function collect(readable: Readable | null, stream: 'stdout' | 'stderr', request: ProcessRequest): () => string {
  const text = new BoundedText(request.outputLimit);
  const pass = (piece: string) => {
    if (piece !== '') request.output(stream, piece);
  };
  readable?.on('data', (chunk: Buffer) => pass(text.add(chunk)));
  readable?.on('error', () => undefined);
  return () => {
    pass(text.end());
    return text.text;
  };
}

function signalFamily(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // ESRCH: all are gone already. EPERM: they run as another user (sudo), who passes signals of its own terminal only.
  }
}

/** A missing working directory is reported by the system as if the program were missing. */
function obstacle(request: ProcessRequest): string | undefined {
  if (request.cwd === undefined) return undefined;
  try {
    return statSync(request.cwd).isDirectory()
      ? undefined
      : `The working directory "${request.cwd}" is not a directory.`;
  } catch (error) {
    return `The working directory "${request.cwd}" cannot be used: ${messageOf(error)}`;
  }
}

function unstartable(error: string): ProcessOutcome {
  return { ended: 'unstartable', exitCode: -1, stdout: '', stderr: '', error };
}
