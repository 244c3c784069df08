import { RdsError, snapshotNotFound } from './errors.ts';
import type { Delays, Instance } from './instances.ts';

/** A manual snapshot as the API shows it. */
export interface Snapshot {
  /** Lower case. */
  readonly identifier: string;
  readonly arn: string;
  /** The instance as it was when the snapshot was taken. */
  readonly source: Instance;
  readonly status: 'creating' | 'available';
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly tags: ReadonlyMap<string, string>;
}

/** All snapshots. As with instances, nothing ticks. Copies, shared, and automated ones do not exist here. */
export class Snapshots {
  readonly #kept = new Map<string, Snapshot>();
  readonly #clock: () => number;
  readonly #delays: Delays;

  constructor(clock: () => number, delays: Delays) {
    this.#clock = clock;
    this.#delays = delays;
  }

  /** In the order of their identifiers. */
  all(): Snapshot[] {
    return [...this.#kept.keys()].sort().flatMap((identifier) => this.find(identifier) ?? []);
  }

  /** Those that descriptions show: not yet what was created a moment ago. */
  described(): Snapshot[] {
    return this.all().filter((snapshot) => this.#clock() >= snapshot.createdAt + this.#delays.appear);
  }

  find(identifier: string): Snapshot | undefined {
    const snapshot = this.#kept.get(identifier.toLowerCase());
    if (snapshot === undefined) return undefined;
    const ready = this.#clock() >= snapshot.createdAt + this.#delays.snapshot;
    return ready ? { ...snapshot, status: 'available' } : snapshot;
  }

  get(identifier: string): Snapshot {
    const snapshot = this.find(identifier);
    if (snapshot === undefined) throw snapshotNotFound(identifier);
    return snapshot;
  }

  getAvailable(identifier: string): Snapshot {
    const snapshot = this.get(identifier);
    if (snapshot.status !== 'available') {
      throw new RdsError('InvalidDBSnapshotState', `The snapshot ${identifier} is not in available state.`);
    }
    return snapshot;
  }

  refuseTaken(identifier: string): void {
    if (this.#kept.has(identifier)) {
      throw new RdsError(
        'DBSnapshotAlreadyExists',
        `Cannot create the snapshot because a snapshot with the identifier ${identifier} already exists.`,
      );
    }
  }

  create(identifier: string, source: Instance, tags: ReadonlyMap<string, string>): Snapshot {
    this.refuseTaken(identifier);
    const arn = source.arn.replace(/:db:.*$/, `:snapshot:${identifier}`);
    const snapshot: Snapshot = { identifier, arn, source, status: 'creating', createdAt: this.#clock(), tags };
    this.#kept.set(identifier, snapshot);
    return snapshot;
  }

  delete(identifier: string): Snapshot {
    const snapshot = this.getAvailable(identifier);
    this.#kept.delete(snapshot.identifier);
    return snapshot;
  }

  tag(identifier: string, tags: ReadonlyMap<string, string>): void {
    const snapshot = this.get(identifier);
    this.#kept.set(snapshot.identifier, { ...snapshot, tags });
  }
}
