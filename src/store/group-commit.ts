import { messageOf, PetrelError } from '../model/index.ts';
import type { Connection, Database } from './connection.ts';
import type { CommitObserver } from './metrics.ts';
import { createOperations } from './operations.ts';
import type { Operations } from './store.ts';

/** How often work is tried that met a deadlock or lost a race. */
const ATTEMPTS = 10;
/** How often work is tried whose connection broke: the first one may have been idle while the server was started anew. */
const CONNECTIONS = 2;

// Kept from the start, so that a test's fake clock cannot stop the database.
const afterThisTurn = setImmediate;
const afterMilliseconds = setTimeout;

type Settle = () => void;

interface Job {
  /** Runs the work; what it answers hands the outcome to whoever waits for it. */
  run(operations: Operations): Promise<Settle>;
  reject(error: unknown): void;
}

/**
 * Who may use which connection when. Writes wait until the current turn of the event loop is over, and all that came by then
 * share one commit: an idle system pays one commit per event, a busy one a few per thousand. Reads go at once when a
 * connection is free, and otherwise after the commit under way; so on SQLite, with its one connection, nobody ever reads what
 * is not committed.
 */
export class GroupCommit {
  readonly #database: Database;
  readonly #observer: CommitObserver | undefined;
  readonly #operations = new WeakMap<Connection, Operations>();
  #writes: Job[] = [];
  #reads: Job[] = [];
  #busy = 0;
  #scheduled = false;
  #closed = false;
  #whenIdle: (() => void) | undefined;

  constructor(database: Database, observer?: CommitObserver) {
    this.#database = database;
    this.#observer = observer;
  }

  write<T>(work: (operations: Operations) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed) return reject(closedError());
      this.#writes.push(jobOf(work, resolve, reject));
      this.#schedule();
    });
  }

  read<T>(work: (operations: Operations) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed) return reject(closedError());
      const job = jobOf(work, resolve, reject);
      if (this.#busy < this.#database.connections) void this.#turn([], [job]);
      else this.#reads.push(job);
    });
  }

  /** Finishes what was asked for so far, and refuses what comes after. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#busy > 0 || this.#writes.length > 0 || this.#reads.length > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    await this.#database.close();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    afterThisTurn(() => {
      this.#scheduled = false;
      this.#share();
    });
  }

  /** Hands what waits to the connections that are free, in equal parts. */
  #share(): void {
    const { connections, groupSize } = this.#database;
    while (this.#busy < connections && (this.#writes.length > 0 || this.#reads.length > 0)) {
      const free = connections - this.#busy;
      const writes = this.#writes.splice(0, Math.min(groupSize, Math.ceil(this.#writes.length / free)));
      const reads = this.#reads.splice(0, Math.ceil(this.#reads.length / free));
      void this.#turn(writes, reads);
    }
  }

  async #turn(writes: readonly Job[], reads: readonly Job[]): Promise<void> {
    this.#busy += 1;
    if (writes.length > 0) await this.#commitTogether(writes);
    if (reads.length > 0) await this.#readAll(reads);
    this.#busy -= 1;
    if (this.#writes.length > 0 || this.#reads.length > 0) this.#schedule();
    else if (this.#busy === 0) this.#whenIdle?.();
  }

  async #commitTogether(jobs: readonly Job[]): Promise<void> {
    const failure = await this.#attempt(jobs);
    if (failure === undefined) return;
    if (failure.unknown) {
      for (const job of jobs) job.reject(failure.error);
      return;
    }
    if (jobs.length > 1) {
      for (const job of jobs) await this.#commitAlone(job, undefined);
      return;
    }
    for (const job of jobs) await this.#commitAlone(job, failure.error);
  }

  /** `last` is what the job, alone, has failed with already. */
  async #commitAlone(job: Job, last: unknown): Promise<void> {
    let error = last;
    for (let attempt = last === undefined ? 0 : 1; attempt < ATTEMPTS; attempt += 1) {
      if (error !== undefined && !this.#mayPass(error, attempt)) break;
      // Two that collided must not start again at the same moment.
      if (attempt > 0) await pause(Math.random() * 10 * 2 ** attempt);
      const failure = await this.#attempt([job]);
      if (failure === undefined) return;
      error = failure.error;
      if (failure.unknown) break;
    }
    job.reject(error);
  }

  #mayPass(error: unknown, attempt: number): boolean {
    return this.#database.isTransient(error) || (attempt < CONNECTIONS && this.#database.isLost(error));
  }

  /** One transaction. Answers why nothing of it was kept; `unknown`: the connection broke during the commit. */
  async #attempt(jobs: readonly Job[]): Promise<{ error: unknown; unknown: boolean } | undefined> {
    let connection: Connection;
    try {
      connection = await this.#database.acquire();
    } catch (error) {
      return { error, unknown: false };
    }
    let committing = false;
    const begun = performance.now();
    try {
      const operations = this.#operationsOf(connection);
      const outcomes: Settle[] = [];
      await connection.begin();
      for (const job of jobs) {
        connection.failure = undefined;
        outcomes.push(await job.run(operations));
        // The work caught the error of an operation; what it did next was built on something that did not happen.
        if (connection.failure !== undefined) throw connection.failure;
      }
      committing = true;
      await connection.commit();
      this.#database.release(connection);
      this.#observer?.committed(jobs.length, (performance.now() - begun) / 1000);
      for (const settle of outcomes) settle();
      return undefined;
    } catch (error) {
      const lost = this.#database.isLost(error);
      if (!lost) await connection.rollback();
      this.#database.release(connection, error);
      this.#observer?.rolledBack();
      if (!(lost && committing)) return { error, unknown: false };
      const message = `The connection to the database broke during a commit, which may or may not have happened (${messageOf(error)}); look whether it did before repeating it.`;
      return { error: new PetrelError('unavailable', message, { cause: error }), unknown: true };
    }
  }

  async #readAll(jobs: readonly Job[]): Promise<void> {
    for (const job of jobs) {
      let failure = await this.#readOnce(job);
      if (failure !== undefined && this.#database.isLost(failure.error)) failure = await this.#readOnce(job);
      if (failure !== undefined) job.reject(failure.error);
    }
  }

  async #readOnce(job: Job): Promise<{ error: unknown } | undefined> {
    let connection: Connection | undefined;
    try {
      connection = await this.#database.acquire();
      const settle = await job.run(this.#operationsOf(connection));
      this.#database.release(connection);
      settle();
      return undefined;
    } catch (error) {
      if (connection !== undefined) this.#database.release(connection, error);
      return { error };
    }
  }

  #operationsOf(connection: Connection): Operations {
    let operations = this.#operations.get(connection);
    if (operations === undefined) {
      operations = createOperations(connection);
      this.#operations.set(connection, operations);
    }
    return operations;
  }
}

function jobOf<T>(
  work: (operations: Operations) => Promise<T>,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): Job {
  return {
    async run(operations) {
      const value = await work(operations);
      return () => resolve(value);
    },
    reject,
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => afterMilliseconds(resolve, milliseconds));
}

function closedError(): PetrelError {
  return new PetrelError('unavailable', 'The store is closed: Petrel is shutting down; try again once it runs.');
}
