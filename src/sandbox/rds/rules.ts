import { invalidCombination, invalidValue, RdsError } from './errors.ts';

/** What RDS checks before it makes or changes an instance (RDS API reference, CreateDBInstance). */
interface Engine {
  readonly version: string;
  readonly port: number;
  readonly license: string;
  readonly usernameLength: number;
  readonly passwordLength: number;
  readonly reservedUsernames: readonly string[];
}

const ENGINES: ReadonlyMap<string, Engine> = new Map([
  [
    'mysql',
    {
      version: '8.0.40',
      port: 3306,
      license: 'general-public-license',
      usernameLength: 16,
      passwordLength: 41,
      reservedUsernames: ['rdsadmin', 'rdsrepladmin'],
    },
  ],
  [
    'mariadb',
    {
      version: '10.11.10',
      port: 3306,
      license: 'general-public-license',
      usernameLength: 16,
      passwordLength: 41,
      reservedUsernames: ['rdsadmin', 'rdsrepladmin'],
    },
  ],
  [
    'postgres',
    {
      version: '16.4',
      port: 5432,
      license: 'postgresql-license',
      usernameLength: 63,
      passwordLength: 128,
      reservedUsernames: ['rdsadmin', 'admin'],
    },
  ],
]);

export function engineNamed(name: string): Engine {
  const engine = ENGINES.get(name);
  if (engine === undefined) throw invalidValue(`Invalid DB engine: ${name}`);
  return engine;
}

/** The identifier in lower case, as RDS keeps it. */
export function checkIdentifier(given: string): string {
  if (given.length > 63) {
    throw invalidValue(
      'The parameter DBInstanceIdentifier is not a valid identifier because it is longer than 63 characters.',
    );
  }
  if (!/^[a-z](?:-?[a-z0-9])*$/i.test(given)) {
    throw invalidValue(
      'The parameter DBInstanceIdentifier is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.',
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

export function checkTags(tags: ReadonlyMap<string, string>): void {
  if (tags.size > 50) throw invalidValue('A resource cannot have more than 50 tags.');
  for (const [key, value] of tags) {
    if (key.length > 128 || value.length > 256) throw invalidValue(`The tag ${key.slice(0, 128)} is too long.`);
    if (key.toLowerCase().startsWith('aws:'))
      throw invalidValue('Tag keys that start with aws: are reserved for system use.');
  }
}

/** `used` and `wanted` are gibibytes. */
export function checkStorageQuota(used: number, wanted: number, quota: number): void {
  if (used + wanted > quota) {
    throw new RdsError(
      'StorageQuotaExceeded',
      `The request would result in the user exceeding the allowed storage quota of ${quota} GiB.`,
    );
  }
}
