import { invalidCombination, invalidValue } from './errors.ts';

/** What RDS knows about an engine (RDS API reference, CreateDBInstance). The versions are some of those it offers, oldest first. */
interface Engine {
  readonly versions: readonly string[];
  /** What an instance gets that names no version. */
  readonly version: string;
  /** How many components of a version make a new major one when they change. */
  readonly majorLength: number;
  readonly port: number;
  readonly license: string;
  readonly usernameLength: number;
  readonly passwordLength: number;
  readonly reservedUsernames: readonly string[];
}

const MYSQL = {
  majorLength: 2,
  port: 3306,
  license: 'general-public-license',
  usernameLength: 16,
  passwordLength: 41,
  reservedUsernames: ['rdsadmin', 'rdsrepladmin'],
};

const ENGINES: ReadonlyMap<string, Engine> = new Map([
  ['mysql', { ...MYSQL, version: '8.0.40', versions: ['5.7.44', '8.0.36', '8.0.39', '8.0.40', '8.4.3'] }],
  ['mariadb', { ...MYSQL, version: '10.11.10', versions: ['10.6.20', '10.11.9', '10.11.10', '11.4.4'] }],
  [
    'postgres',
    {
      version: '16.4',
      versions: ['13.18', '14.15', '15.10', '16.3', '16.4', '17.2'],
      majorLength: 1,
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

/** The full version that a version or its beginning means: `8.0` is the newest 8.0. Default: the engine's own. */
export function versionOf(engineName: string, given: string | undefined): string {
  const { version, versions } = engineNamed(engineName);
  if (given === undefined) return version;
  const found = versions.findLast((one) => one === given || one.startsWith(`${given}.`));
  if (found === undefined) throw invalidCombination(`Cannot find version ${given} for ${engineName}`);
  return found;
}

/** Refuses to go back, and to go to a new major version without being told that this is meant. */
export function checkUpgrade(engineName: string, from: string, to: string, allowMajor: boolean): void {
  const { versions, majorLength } = engineNamed(engineName);
  if (versions.indexOf(to) < versions.indexOf(from)) {
    throw invalidCombination(`Cannot upgrade ${engineName} from ${from} to ${to}`);
  }
  const major = (version: string) => version.split('.').slice(0, majorLength).join('.');
  if (major(from) !== major(to) && !allowMajor) {
    throw invalidCombination(
      'The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.',
    );
  }
}
