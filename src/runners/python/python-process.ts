import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { StringDecoder } from 'node:string_decoder';
import type { JsonObject } from '../../model/index.ts';
import { BoundedText } from '../bounded-text.ts';
import type { Connections } from './rendezvous.ts';

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

/** Milliseconds after the grace within which the keeper must have told the end; it gives up by itself before. */
const KEEPER_PATIENCE = 5_000;

/** Bytes of the longest message. The host refuses larger results before. */
const LINE_LIMIT = 32 * 1024 * 1024;

/** `keep`: whether `ended` answers the output (a run's result holds it) or it is only passed on (a sensor's). */
export function followProcess(connections: Connections, listeners: ProcessListeners, keep: boolean): PythonProcess {
  const { control, channel } = connections;
  const stdout = collect(connections.stdout, keep, (data) => listeners.output('stdout', data));
  const stderr = collect(connections.stderr, keep, (data) => listeners.output('stderr', data));
  const heard = lines(channel, (line) => listeners.message(line));
  let pid: number | undefined;
  let start = () => {};
  const started = new Promise<void>((resolve) => {
    start = resolve;
  });
  let exit: { exit: number | null; signal: number | null } | undefined;
  const told = lines(control, (line) => {
    const report = JSON.parse(line) as { pid: number } | { exit: number | null; signal: number | null }; // keeper.py's
    if ('pid' in report) pid = report.pid;
    else exit = report;
    start();
  });
  let timer: NodeJS.Timeout | undefined;

  const ended = told.then(async (): Promise<PythonEnd> => {
    clearTimeout(timer);
    start();
    if (exit === undefined) killGroup(pid);
    const sockets = [connections.stdout, connections.stderr, channel];
    const drain = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, DRAIN);
    await Promise.all([stdout.closed, stderr.closed, heard]);
    clearTimeout(drain);
    const exitCode = exit?.exit ?? -(exit?.signal ?? constants.signals.SIGKILL);
    return { exitCode, lost: exit === undefined, stdout: stdout.text(), stderr: stderr.text() };
  });

  return {
    get pid() {
      return pid;
    },
    started,
    ended,
    send(message) {
      if (channel.writable) channel.write(`${JSON.stringify(message)}\n`);
    },
    end(grace) {
      if (timer !== undefined) return;
      if (control.writable) control.write(`${JSON.stringify({ end: grace / 1000 })}\n`);
      timer = setTimeout(() => control.destroy(), grace + KEEPER_PATIENCE);
    },
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

/** Resolves when the connection is closed. A line longer than the limit closes it. */
function lines(socket: Socket, take: (line: string) => void): Promise<void> {
  let pieces: Buffer[] = [];
  let length = 0;
  socket.on('data', (chunk: Buffer) => {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      const line = Buffer.concat([...pieces, chunk.subarray(from, end)]).toString('utf8');
      pieces = [];
      length = 0;
      from = end + 1;
      take(line);
    }
    pieces.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > LINE_LIMIT) socket.destroy();
  });
  socket.resume();
  return new Promise((resolve) => {
    socket.on('close', () => resolve());
  });
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
