import { createHash, randomBytes } from 'node:crypto';
import { invalidState, notFound, RdsError } from './errors.ts';

export type InstanceStatus =
  | 'creating'
  | 'backing-up'
  | 'available'
  | 'modifying'
  | 'upgrading'
  | 'resetting-master-credentials'
  | 'rebooting'
  | 'deleting';

/** What can be changed after creation. `plain` are settings that are only kept and shown, by their API name. */
export interface InstanceSettings {
  readonly instanceClass: string;
  /** Gibibytes. */
  readonly allocatedStorage: number;
  readonly storageType: string;
  readonly engineVersion: string;
  readonly port: number;
  readonly deletionProtection: boolean;
  readonly parameterGroup?: string;
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
  readonly subnetGroup?: string;
  readonly securityGroups: readonly string[];
  /** The identifier of the instance that this one is a read replica of. */
  readonly replicaOf?: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly status: InstanceStatus;
  /** Whether it has been available once: from then on it has an endpoint. */
  readonly reachable: boolean;
  /** Changes that wait: for the end of what is going on, or for a maintenance window, which the sandbox has none of. */
  readonly pending: Partial<InstanceSettings>;
  readonly tags: ReadonlyMap<string, string>;
  readonly passwordDigest: string;
  /** The password that holds when it has been reset. */
  readonly nextPasswordDigest?: string;
}

/** Milliseconds that instances and snapshots spend in their passing states. */
export interface Delays {
  readonly create: number;
  /** The first backup after the creation, of instances that keep backups. */
  readonly backup: number;
  readonly modify: number;
  readonly reboot: number;
  readonly delete: number;
  readonly snapshot: number;
  /** How long descriptions say nothing about what was just created. */
  readonly appear: number;
}

export type NewInstance = Omit<Instance, 'resourceId' | 'createdAt' | 'status' | 'reachable' | 'pending'>;

/** Something that RDS tells of afterwards; it keeps that for two weeks. */
export interface InstanceEvent {
  readonly source: string;
  readonly arn: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly message: string;
  readonly category: string;
}

interface Kept {
  instance: Instance;
  /** When the passing state ends. */
  until: number;
  /** Whether pending changes are done by then. */
  applies: boolean;
}

/**
 * All instances. Nothing ticks: a passing state ends when somebody looks after its time, so an injected clock moves everything
 * and an idle sandbox costs nothing.
 */
export class Instances {
  readonly #kept = new Map<string, Kept>();
  readonly #events: InstanceEvent[] = [];
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

  /** Of those that are gone, too; the oldest first. Only resets of master passwords are told. */
  events(): readonly InstanceEvent[] {
    // What is settled by looking has its events now.
    this.all();
    return this.#events.toSorted((a, b) => a.at - b.at);
  }

  /** Those that descriptions show: not yet what was created a moment ago. */
  described(): Instance[] {
    return this.all().filter((instance) => this.#clock() >= instance.createdAt + this.#delays.appear);
  }

  find(identifier: string): Instance | undefined {
    const key = identifier.toLowerCase();
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    while (this.#clock() >= kept.until && kept.instance.status !== 'available') {
      if (kept.instance.status === 'deleting') {
        this.#kept.delete(key);
        this.#releaseReplicasOf(key);
        return undefined;
      }
      this.#settle(kept);
    }
    return kept.instance;
  }

  get(identifier: string): Instance {
    const instance = this.find(identifier);
    if (instance === undefined) throw notFound(identifier);
    return instance;
  }

  getAvailable(identifier: string): Instance {
    const instance = this.get(identifier);
    if (instance.status !== 'available') throw invalidState(`Instance ${identifier} is not in available state.`);
    return instance;
  }

  replicasOf(identifier: string): string[] {
    return this.all()
      .filter(({ replicaOf }) => replicaOf === identifier)
      .map((replica) => replica.identifier);
  }

  create(made: NewInstance): Instance {
    if (this.find(made.identifier) !== undefined) {
      throw new RdsError('DBInstanceAlreadyExists', 'DB instance already exists');
    }
    const resourceId = `db-${randomBytes(13).toString('hex').toUpperCase()}`;
    return this.#keep(
      { ...made, resourceId, createdAt: this.#clock(), status: 'creating', reachable: false, pending: {} },
      this.#delays.create,
    );
  }

  /** `immediately` false leaves the changes pending. A new password is taken over as soon as possible either way, as RDS does. */
  modify(
    identifier: string,
    changes: Partial<InstanceSettings>,
    immediately: boolean,
    passwordDigest?: string,
  ): Instance {
    const instance = this.get(identifier);
    if (instance.status !== 'available') throw invalidState('Database instance is not in available state.');
    const pending = { ...instance.pending, ...changes };
    const applies = immediately && Object.keys(pending).length > 0;
    const changed = {
      ...instance,
      pending,
      ...(passwordDigest === undefined ? {} : { nextPasswordDigest: passwordDigest }),
    };
    if (!applies && passwordDigest === undefined) return this.#keep(changed, 0);
    const status = !applies
      ? 'resetting-master-credentials'
      : pending.engineVersion === undefined
        ? 'modifying'
        : 'upgrading';
    return this.#keep({ ...changed, status }, this.#delays.modify, applies);
  }

  reboot(identifier: string): Instance {
    return this.#keep({ ...this.getAvailable(identifier), status: 'rebooting' }, this.#delays.reboot);
  }

  backUp(identifier: string): void {
    this.#keep({ ...this.getAvailable(identifier), status: 'backing-up' }, this.#delays.snapshot);
  }

  promote(identifier: string, plain: InstanceSettings['plain']): Instance {
    const { replicaOf, ...instance } = this.getAvailable(identifier);
    if (replicaOf === undefined) throw invalidState('DB Instance is not a read replica.');
    const passwordDigest = this.find(replicaOf)?.passwordDigest ?? instance.passwordDigest;
    return this.#keep(
      { ...instance, passwordDigest, plain: { ...instance.plain, ...plain }, status: 'modifying' },
      this.#delays.modify,
    );
  }

  /** With a last snapshot the instance is there until that has been taken. */
  delete(identifier: string, withSnapshot: boolean): Instance {
    const instance = this.get(identifier);
    if (instance.status === 'deleting') throw invalidState(`Instance ${identifier} is already being deleted.`);
    const delay = this.#delays.delete + (withSnapshot ? this.#delays.snapshot : 0);
    return this.#keep({ ...instance, status: 'deleting' }, delay);
  }

  tag(identifier: string, tags: ReadonlyMap<string, string>): void {
    const kept = this.#kept.get(this.get(identifier).identifier);
    if (kept !== undefined) kept.instance = { ...kept.instance, tags };
  }

  /** A replica has the users of its source. */
  passwordDigest(identifier: string): string | undefined {
    const instance = this.find(identifier);
    return (
      (instance?.replicaOf === undefined ? undefined : this.passwordDigest(instance.replicaOf)) ??
      instance?.passwordDigest
    );
  }

  #settle(kept: Kept): void {
    const { nextPasswordDigest, ...instance } = kept.instance;
    if (nextPasswordDigest !== undefined) {
      const { identifier, arn } = instance;
      const told = { message: 'Reset master credentials', category: 'configuration change' };
      this.#events.push({ source: identifier, arn, at: kept.until, ...told });
    }
    const [changes, pending] = kept.applies ? [instance.pending, {}] : [{}, instance.pending];
    const backsUp =
      instance.status === 'creating' && this.#delays.backup > 0 && Number(instance.plain.BackupRetentionPeriod) > 0;
    kept.instance = {
      ...instance,
      ...changes,
      pending,
      passwordDigest: nextPasswordDigest ?? instance.passwordDigest,
      status: backsUp ? 'backing-up' : 'available',
      reachable: true,
    };
    kept.applies = false;
    if (backsUp) kept.until += this.#delays.backup;
  }

  /** Replicas in the same region live on by themselves when their source is deleted (RDS user guide, working with read replicas). */
  #releaseReplicasOf(identifier: string): void {
    for (const kept of this.#kept.values()) {
      const { replicaOf, ...instance } = kept.instance;
      if (replicaOf === identifier) kept.instance = instance;
    }
  }

  #keep(instance: Instance, delay: number, applies = false): Instance {
    this.#kept.set(instance.identifier, { instance, until: this.#clock() + delay, applies });
    return instance;
  }
}

/** Passwords are kept only so far that a test can ask whether it has the right one. */
export function digestPassword(password: string): string {
  return createHash('sha256').update(password).digest('hex');
}
