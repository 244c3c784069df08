import { engineNamed } from './engines.ts';
import { invalidCombination, invalidValue, RdsError } from './errors.ts';

/** How long the names of things may be, by the parameter that gives them. */
const NAME_LENGTHS = { DBInstanceIdentifier: 63, DBSnapshotIdentifier: 255, FinalDBSnapshotIdentifier: 255 };

/** The identifier in lower case, as RDS keeps it. */
export function checkIdentifier(given: string, parameter: keyof typeof NAME_LENGTHS = 'DBInstanceIdentifier'): string {
  const longest = NAME_LENGTHS[parameter];
  if (given.length > longest) {
    throw invalidValue(
      `The parameter ${parameter} is not a valid identifier because it is longer than ${longest} characters.`,
    );
  }
  if (!/^[a-z](?:-?[a-z0-9])*$/i.test(given)) {
    throw invalidValue(
      `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.`,
    );
  }
  return given.toLowerCase();
}

export function checkInstanceClass(given: string): string {
  if (!/^db\.[a-z][a-z0-9-]*\.(?:micro|small|medium|large|(?:[1-9]\d?)?xlarge|metal)$/.test(given)) {
    throw invalidValue(`Invalid DB Instance class: ${given}`);
  }
  return given;
}

/** Gibibytes. Magnetic storage may be as small as 5, provisioned IOPS need 100, everything else 20. */
export function checkStorage(given: number, engine: string, storageType: string): number {
  const smallest = storageType === 'standard' ? 5 : storageType.startsWith('io') ? 100 : 20;
  if (given < smallest || given > 65_536) {
    throw invalidCombination(
      `Invalid storage size for engine name ${engine} and storage type ${storageType}: ${given}`,
    );
  }
  return given;
}

export function checkStorageType(given: string): string {
  if (!['standard', 'gp2', 'gp3', 'io1', 'io2'].includes(given)) throw invalidValue(`Invalid storage type: ${given}`);
  return given;
}

export function checkUsername(given: string, engineName: string): string {
  const engine = engineNamed(engineName);
  if (given.length > engine.usernameLength || !/^[a-z][a-z0-9_]*$/i.test(given)) {
    throw invalidValue(
      `The parameter MasterUsername is not valid: it must be 1 to ${engine.usernameLength} letters, digits or underscores, and begin with a letter.`,
    );
  }
  if (engine.reservedUsernames.includes(given.toLowerCase())) {
    throw invalidValue(`MasterUsername ${given} cannot be used as it is a reserved word used by the engine`);
  }
  return given;
}

export function checkPassword(given: string, engineName: string): void {
  const { passwordLength } = engineNamed(engineName);
  const notValid = 'The parameter MasterUserPassword is not a valid password';
  if (given.length < 8) throw invalidValue(`${notValid} because it is shorter than 8 characters.`);
  if (given.length > passwordLength)
    throw invalidValue(`${notValid} because it is longer than ${passwordLength} characters.`);
  if (!/^[\x21-\x7e]+$/.test(given) || /[/@"]/.test(given)) {
    throw invalidValue(`${notValid}. Only printable ASCII characters besides '/', '@', '"', ' ' may be used.`);
  }
}

export function checkPort(given: number): number {
  if (given < 1150 || given > 65_535) {
    throw invalidValue(`Invalid value ${given} for Port. Must be between 1150 and 65535`);
  }
  return given;
}

/** Days that backups are kept; 0 is none. */
export function checkRetention(given: number): number {
  if (given < 0 || given > 35) {
    throw invalidValue(`Invalid backup retention period: ${given}. Must be between 0 and 35`);
  }
  return given;
}

/**
 * What becomes of storage that is to change, in gibibytes. It never shrinks, and what is less than a tenth more becomes a tenth more
 * (RDS API reference, ModifyDBInstance).
 */
export function grownStorage(now: number, wanted: number): number {
  if (wanted < now) {
    throw invalidCombination(
      `Requested storage size (${wanted}) cannot be less than the current storage size (${now}).`,
    );
  }
  return wanted === now ? now : Math.max(wanted, Math.ceil((now * 11) / 10));
}

export function checkTags(tags: ReadonlyMap<string, string>): void {
  if (tags.size > 50) throw invalidValue('A resource cannot have more than 50 tags.');
  for (const [key, value] of tags) {
    if (key.length > 128 || value.length > 256) throw invalidValue(`The tag ${key.slice(0, 128)} is too long.`);
    if (!TAG.test(key) || !TAG.test(value)) {
      throw invalidValue(
        `The tag ${key} holds characters other than letters, digits, blanks and the characters _.:/=+-@`,
      );
    }
    if (key.toLowerCase().startsWith('aws:'))
      throw invalidValue('Tag keys that start with aws: are reserved for system use.');
  }
}

/** RDS API reference, Tag. */
const TAG = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** What an account may have in all; undefined is no limit. */
export interface Quotas {
  /** Gibibytes. */
  readonly storage?: number;
  readonly instances?: number;
  readonly snapshots?: number;
}

/** `held` are the gibibytes of the instances that exist, `wanted` those of the one to be made. */
export function checkInstanceQuotas(held: readonly number[], wanted: number, quotas: Quotas): void {
  if (quotas.instances !== undefined && held.length + 1 > quotas.instances) {
    throw new RdsError('InstanceQuotaExceeded', 'DB Instance quota exceeded');
  }
  if (quotas.storage !== undefined && held.reduce((sum, one) => sum + one, 0) + wanted > quotas.storage) {
    throw new RdsError(
      'StorageQuotaExceeded',
      `The request would result in the user exceeding the allowed storage quota of ${quotas.storage} GiB.`,
    );
  }
}

export function checkSnapshotQuota(held: number, quotas: Quotas): void {
  if (quotas.snapshots !== undefined && held >= quotas.snapshots) {
    throw new RdsError(
      'SnapshotQuotaExceeded',
      'The request cannot be processed because it would exceed the maximum number of snapshots.',
    );
  }
}
