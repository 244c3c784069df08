import { createHash, randomBytes } from 'node:crypto';
import { invalidState, notFound, RdsError } from './errors.ts';

export type InstanceStatus = 'creating' | 'available' | 'modifying' | 'rebooting' | 'deleting';

/** What can be changed after creation. `plain` are settings that are only kept and shown, by their API name. */
export interface InstanceSettings {
  readonly instanceClass: string;
  /** Gibibytes. */
  readonly allocatedStorage: number;
  readonly storageType: string;
  readonly engineVersion: string;
  readonly port: number;
  readonly deletionProtection: boolean;
  readonly plain: Readonly<Record<string, string | number | boolean>>;
}

/** A database instance as the API shows it. */
export interface Instance extends InstanceSettings {
  /** Lower case. */
  readonly identifier: string;
  readonly arn: string;
  readonly resourceId: string;
  readonly engine: string;
  readonly masterUsername: string;
  readonly databaseName?: string;
  readonly securityGroups: readonly string[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly status: InstanceStatus;
  /** Whether it has been available once: from then on it has an endpoint. */
  readonly reachable: boolean;
  /** Changes that wait: for the end of `modifying`, or for a maintenance window, which the sandbox has none of. */
  readonly pending: Partial<InstanceSettings>;
  readonly tags: ReadonlyMap<string, string>;
  readonly passwordDigest: string;
}

/** Milliseconds that instances spend in their passing states. */
export interface Delays {
  readonly create: number;
  readonly modify: number;
  readonly reboot: number;
  readonly delete: number;
}

interface Kept {
  instance: Instance;
  /** When the passing state ends. */
  until: number;
}

/**
 * All instances. Nothing ticks: a passing state ends when somebody looks after its time, so an injected clock moves everything
 * and an idle sandbox costs nothing.
 */
export class Instances {
  readonly #kept = new Map<string, Kept>();
  readonly #snapshots = new Set<string>();
  readonly #clock: () => number;
  readonly #delays: Delays;

  constructor(clock: () => number, delays: Delays) {
    this.#clock = clock;
    this.#delays = delays;
  }

  /** In the order of their identifiers, as RDS lists them. */
  all(): Instance[] {
    return [...this.#kept.keys()]
      .sort()
      .map((identifier) => this.find(identifier))
      .filter((instance) => instance !== undefined);
  }

  find(identifier: string): Instance | undefined {
    const key = identifier.toLowerCase();
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    if (this.#clock() >= kept.until && kept.instance.status !== 'available') {
      if (kept.instance.status === 'deleting') {
        this.#kept.delete(key);
        return undefined;
      }
      const changes = kept.instance.status === 'modifying' ? kept.instance.pending : {};
      const pending = kept.instance.status === 'modifying' ? {} : kept.instance.pending;
      kept.instance = { ...kept.instance, ...changes, pending, status: 'available', reachable: true };
    }
    return kept.instance;
  }

  get(identifier: string): Instance {
    const instance = this.find(identifier);
    if (instance === undefined) throw notFound(identifier);
    return instance;
  }

  create(made: Omit<Instance, 'resourceId' | 'createdAt' | 'status' | 'reachable' | 'pending'>): Instance {
    if (this.find(made.identifier) !== undefined) {
      throw new RdsError('DBInstanceAlreadyExists', 'DB instance already exists');
    }
    const resourceId = `db-${randomBytes(13).toString('hex').toUpperCase()}`;
    return this.#keep(
      { ...made, resourceId, createdAt: this.#clock(), status: 'creating', reachable: false, pending: {} },
      this.#delays.create,
    );
  }

  /** `immediately` false leaves the changes pending. A new password is taken over at once either way, as RDS does. */
  modify(
    identifier: string,
    changes: Partial<InstanceSettings>,
    immediately: boolean,
    passwordDigest?: string,
  ): Instance {
    const instance = this.get(identifier);
    if (instance.status !== 'available') throw invalidState('Database instance is not in available state.');
    const pending = { ...instance.pending, ...changes };
    const changed = { ...instance, pending, passwordDigest: passwordDigest ?? instance.passwordDigest };
    const works = immediately && (passwordDigest !== undefined || Object.keys(pending).length > 0);
    return works ? this.#keep({ ...changed, status: 'modifying' }, this.#delays.modify) : this.#keep(changed, 0);
  }

  reboot(identifier: string): Instance {
    const instance = this.get(identifier);
    if (instance.status !== 'available') throw invalidState(`Instance ${identifier} is not in available state.`);
    return this.#keep({ ...instance, status: 'rebooting' }, this.#delays.reboot);
  }

  delete(identifier: string, finalSnapshot?: string): Instance {
    const instance = this.get(identifier);
    if (instance.status === 'deleting') throw invalidState(`Instance ${identifier} is already being deleted.`);
    if (finalSnapshot !== undefined) {
      if (instance.status !== 'available') throw invalidState(`Instance ${identifier} is not in available state.`);
      if (this.#snapshots.has(finalSnapshot)) {
        throw new RdsError(
          'DBSnapshotAlreadyExists',
          `Cannot create the snapshot because a snapshot with the identifier ${finalSnapshot} already exists.`,
        );
      }
      this.#snapshots.add(finalSnapshot);
    }
    return this.#keep({ ...instance, status: 'deleting' }, this.#delays.delete);
  }

  tag(identifier: string, tags: ReadonlyMap<string, string>): void {
    const kept = this.#kept.get(this.get(identifier).identifier);
    if (kept !== undefined) kept.instance = { ...kept.instance, tags };
  }

  snapshots(): string[] {
    return [...this.#snapshots].sort();
  }

  #keep(instance: Instance, delay: number): Instance {
    this.#kept.set(instance.identifier, { instance, until: this.#clock() + delay });
    return instance;
  }
}

/** Passwords are kept only so far that a test can ask whether it has the right one. */
export function digestPassword(password: string): string {
  return createHash('sha256').update(password).digest('hex');
}
