import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { StringDecoder } from 'node:string_decoder';
import type { JsonObject } from '../../model/index.ts';
import { BoundedText } from '../bounded-text.ts';
import type { Fork } from './fork-server.ts';
import { readLines } from './lines.ts';

export interface ProcessListeners {
  output(stream: 'stdout' | 'stderr', data: string): void;
  /** A line that the process wrote on its channel. */
  message(line: string): void;
}

export interface PythonEnd {
  /** Of a process ended by a signal the signal's number, negative. */
  readonly exitCode: number;
  /** How it ended is not known, because its keeper was killed. */
  readonly lost: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that runs a pack's code. */
export interface PythonProcess {
  /** Undefined until it is there. */
  readonly pid: number | undefined;
  /** Resolves when it is there, or will never be. */
  readonly started: Promise<void>;
  send(message: JsonObject): void;
  /** SIGTERM to it and all it started, SIGKILL to what is left after `grace` milliseconds. */
  end(grace: number): void;
  /** Never rejects. */
  readonly ended: Promise<PythonEnd>;
}

/** Milliseconds that output is still awaited of a process that is gone while something it started holds its streams open. */
const DRAIN = 1_000;

/** `keep`: whether `ended` answers the output (a run's result holds it) or it is only passed on (a sensor's). */
export function followProcess(fork: Fork, listeners: ProcessListeners, keep: boolean): PythonProcess {
  const { keeper, channel } = fork;
  const stdout = collect(fork.stdout, keep, (data) => listeners.output('stdout', data));
  const stderr = collect(fork.stderr, keep, (data) => listeners.output('stderr', data));
  const heard = readLines(channel, (line) => listeners.message(line));

  const ended = keeper.gone.then(async (): Promise<PythonEnd> => {
    const { end, pid } = keeper;
    if (end === undefined) killGroup(pid);
    const sockets = [fork.stdout, fork.stderr, channel];
    const drain = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, DRAIN);
    await Promise.all([stdout.closed, stderr.closed, heard]);
    clearTimeout(drain);
    const exitCode = end?.exit ?? -(end?.signal ?? constants.signals.SIGKILL);
    return { exitCode, lost: end === undefined, stdout: stdout.text(), stderr: stderr.text() };
  });

  return {
    get pid() {
      return keeper.pid;
    },
    started: keeper.started,
    ended,
    send(message) {
      if (channel.writable) channel.write(`${JSON.stringify(message)}\n`);
    },
    end: (grace) => keeper.terminate(grace),
  };
}

function collect(socket: Socket, keep: boolean, output: (data: string) => void) {
  const text = keep ? new BoundedText() : passedOn();
  const pass = (piece: string) => {
    if (piece !== '') output(piece);
  };
  socket.on('data', (chunk: Buffer) => pass(text.add(chunk)));
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      pass(text.end());
      resolve();
    });
  });
  socket.resume();
  return { closed, text: () => text.text };
}

/** Text of which nothing is kept. */
function passedOn(): Pick<BoundedText, 'add' | 'end' | 'text'> {
  const decoder = new StringDecoder('utf8');
  return { add: (chunk) => decoder.write(chunk), end: () => decoder.end(), text: '' };
}

/** Without its keeper the process itself is gone (it dies with its parent), but not what it had started. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}
