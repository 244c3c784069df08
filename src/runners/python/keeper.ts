import type { Socket } from 'node:net';
import { readLines } from './lines.ts';

/** How the process that it looks after has ended: by an exit code or by a signal. */
export interface KeptEnd {
  readonly exit: number | null;
  readonly signal: number | null;
}

/** Milliseconds after the grace within which a keeper must have told the end; it gives up by itself before. */
const PATIENCE = 5_000;

/** Petrel's end of the control connection; python/petrel_host/keeper.py is at the other. */
export class Keeper {
  /** Of the process it looks after; undefined until that is there. */
  pid: number | undefined;
  /** Undefined after `gone`: it was killed itself. */
  end: KeptEnd | undefined;
  isGone = false;
  /** Resolves when the process is there, or will never be. */
  readonly started: Promise<void>;
  /** Resolves when it has told the end, or can tell it no more. */
  readonly gone: Promise<void>;
  readonly #control: Socket;
  #timer: NodeJS.Timeout | undefined;

  constructor(control: Socket) {
    this.#control = control;
    let start = () => {};
    this.started = new Promise((resolve) => {
      start = resolve;
    });
    const told = readLines(control, (line) => {
      const report = JSON.parse(line) as { readonly pid: number } | KeptEnd; // what keeper.py writes
      if ('pid' in report) this.pid = report.pid;
      else this.end = report;
      start();
    });
    this.gone = told.then(() => {
      this.isGone = true;
      clearTimeout(this.#timer);
      start();
    });
  }

  /** SIGTERM to the process and all it started, SIGKILL to what is left after `grace` milliseconds. */
  terminate(grace: number): void {
    if (this.#timer !== undefined) return;
    if (this.#control.writable) this.#control.write(`${JSON.stringify({ end: grace / 1000 })}\n`);
    this.#timer = setTimeout(() => this.#control.destroy(), grace + PATIENCE);
  }

  /** Kills all at once, and hears no more. */
  abandon(): void {
    this.#control.destroy();
  }
}
