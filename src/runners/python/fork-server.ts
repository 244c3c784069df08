import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { messageOf, PetrelError } from '../../model/index.ts';
import { childEnvironment } from '../environment.ts';
import { lastLine } from './interpreter.ts';
import { Keeper } from './keeper.ts';
import type { Connections, Rendezvous } from './rendezvous.ts';

/** python/, beside src/ and dist/: the host and the names that packs import. */
export const PYTHON_HOME = fileURLToPath(new URL('../../../python', import.meta.url));

/** Milliseconds until a fork must have come to the rendezvous. */
const PATIENCE = 30_000;

/** The fork server ended before the fork was there. Nothing of the run has happened, so that another server can be asked. */
export class ForkServerLost extends PetrelError {}

/** A process that waits for its request, with its keeper. */
export type Fork = Omit<Connections, 'control'> & { readonly keeper: Keeper };

/** A Python with the host loaded, which forks one process after the other. It holds nothing of any run. */
export class ForkServer {
  readonly python: string;
  /** Epoch milliseconds. */
  lastUsed = Date.now();
  readonly #child: ChildProcess;
  readonly #rendezvous: Rendezvous;
  readonly #refusals = new Map<string, (error: PetrelError) => void>();
  #complaint = '';
  #lost: ForkServerLost | undefined;
  /** One process more than is needed, so that the next run need not wait for its fork: some 4 of 8 ms. */
  #spare: Fork | undefined;
  #isMaking = false;
  #isStopped = false;

  /** `cache`: where Python's compiled files go. `onLost` is called once, when it has ended for whatever reason. */
  constructor(python: string, cache: string, rendezvous: Rendezvous, onLost: (why: string) => void) {
    this.python = python;
    this.#rendezvous = rendezvous;
    const args = ['-u', '-X', `pycache_prefix=${cache}`, `${PYTHON_HOME}/petrel_host`, rendezvous.address];
    this.#child = spawn(python, args, {
      cwd: '/',
      // In a session of its own: what is typed at Petrel's terminal is not for it.
      detached: true,
      env: { ...childEnvironment(undefined, {}, String), PYTHONIOENCODING: 'utf-8' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stdin?.on('error', () => undefined); // its end is told by `exit`
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-4000);
    });
    let rest = '';
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#hear(line);
    });
    const lose = (how: string) => {
      if (this.#lost !== undefined) return;
      const why = lastLine(this.#complaint);
      this.#lost = new ForkServerLost(
        'unavailable',
        `The fork server of ${python} ended (${how})${why === undefined ? '' : `: ${why}`}.`,
      );
      for (const refuse of this.#refusals.values()) refuse(this.#lost);
      this.stop();
      onLost(this.#lost.message);
    };
    this.#child.on('exit', (code, signal) => lose(signal ?? `exit code ${code}`));
    this.#child.on('error', (error) => {
      if (this.#child.pid === undefined) lose(messageOf(error));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * A process that waits for its request: the spare one, if it is still there, else a new one. The next spare is made meanwhile. Throws
   * `ForkServerLost`, or `PetrelError` (`unavailable`).
   */
  async fork(): Promise<Fork> {
    this.lastUsed = Date.now();
    const spare = this.#spare;
    this.#spare = undefined;
    const fork = spare === undefined || spare.keeper.isGone ? await this.#forkNow() : spare;
    this.#makeSpare();
    return fork;
  }

  #makeSpare(): void {
    if (this.#isMaking || this.#isStopped || this.#spare !== undefined) return;
    this.#isMaking = true;
    this.#forkNow()
      .then((fork) => {
        if (this.#isStopped) discard(fork);
        else this.#spare = fork;
      })
      // Whoever needs one next finds out why there is none.
      .catch(() => undefined)
      .finally(() => {
        this.#isMaking = false;
      });
  }

  async #forkNow(): Promise<Fork> {
    if (this.#lost !== undefined) throw this.#lost;
    const token = randomBytes(16).toString('hex');
    let timer: NodeJS.Timeout | undefined;
    try {
      const { control, ...streams } = await new Promise<Connections>((resolve, reject) => {
        this.#refusals.set(token, reject);
        this.#rendezvous.expect(token).then(resolve, reject);
        timer = setTimeout(() => {
          reject(new ForkServerLost('unavailable', `The fork server of ${this.python} did not answer in time.`));
          this.#child.kill('SIGKILL');
        }, PATIENCE);
        this.#child.stdin?.write(`${token}\n`);
      });
      return { ...streams, keeper: new Keeper(control) };
    } catch (error) {
      this.#rendezvous.forget(token);
      throw error;
    } finally {
      clearTimeout(timer);
      this.#refusals.delete(token);
    }
  }

  /** Forks no more. What it has forked and handed over goes on. */
  stop(): void {
    this.#isStopped = true;
    if (this.#spare !== undefined) discard(this.#spare);
    this.#spare = undefined;
    this.#child.stdin?.end();
  }

  #hear(line: string): void {
    const { token, error } = JSON.parse(line) as { token?: string; error?: string }; // what forkserver.py writes
    if (token === undefined || error === undefined) return;
    this.#refusals.get(token)?.(new PetrelError('unavailable', `The action could not be started: ${error}`));
  }
}

function discard({ keeper, channel, stdout, stderr }: Fork): void {
  keeper.abandon();
  for (const socket of [channel, stdout, stderr]) socket.destroy();
}
