import { VaultError } from './answers.ts';

export type SecretData = Readonly<Record<string, unknown>>;

/** One version of a secret. Times are RFC 3339 in UTC; an empty `deletionTime` means that it is not deleted. */
export interface SecretVersion {
  readonly version: number;
  readonly createdTime: string;
  readonly deletionTime: string;
  /** Destroyed: the data is gone for good. */
  readonly destroyed: boolean;
  readonly data: SecretData;
}

export interface Secret {
  readonly versions: ReadonlyMap<number, SecretVersion>;
  readonly currentVersion: number;
  readonly oldestVersion: number;
  readonly createdTime: string;
  readonly updatedTime: string;
  readonly settings: SecretSettings;
}

/** What the metadata endpoint sets. `maxVersions` 0 means the engine's default of ten. */
export interface SecretSettings {
  readonly maxVersions: number;
  readonly casRequired: boolean;
  readonly customMetadata: Readonly<Record<string, string>> | null;
}

const DEFAULT_VERSIONS = 10;
const NO_SETTINGS: SecretSettings = { maxVersions: 0, casRequired: false, customMetadata: null };

export function isReadable(version: SecretVersion): boolean {
  return version.deletionTime === '' && !version.destroyed;
}

/** The secrets of one KV version 2 engine. Semantics as the HTTP API's documentation and Vault's own engine. */
export class Secrets {
  readonly #secrets = new Map<string, Secret>();
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  find(path: string): Secret | undefined {
    return this.#secrets.get(path);
  }

  paths(): string[] {
    return [...this.#secrets.keys()].sort();
  }

  /** Names directly below a folder; a name that is a folder ends in a slash. One name can be both. */
  list(folder: string): string[] {
    const below = this.paths().filter((path) => path.startsWith(folder));
    const names = below.map((path) => {
      const rest = path.slice(folder.length);
      const slash = rest.indexOf('/');
      return slash < 0 ? rest : rest.slice(0, slash + 1);
    });
    return [...new Set(names)].filter((name) => name !== '').sort();
  }

  /**
   * Adds a version. `cas` is the version the caller believes to be current, 0 for none. Throws a 400 when it is not, or when it is
   * required and missing.
   */
  write(path: string, data: SecretData, cas: number | undefined): { secret: Secret; version: SecretVersion } {
    const now = this.#now();
    const old = this.#secrets.get(path) ?? emptySecret(now);
    this.#checkAndSet(old, cas);
    const version: SecretVersion = {
      version: old.currentVersion + 1,
      createdTime: now,
      deletionTime: '',
      destroyed: false,
      data,
    };
    const kept = old.settings.maxVersions || DEFAULT_VERSIONS;
    const oldest = version.version - old.oldestVersion >= kept ? version.version - kept + 1 : old.oldestVersion;
    const versions = new Map(
      [...old.versions, [version.version, version] as const].filter(([number]) => number >= oldest),
    );
    const secret: Secret = {
      ...old,
      versions,
      currentVersion: version.version,
      oldestVersion: oldest,
      updatedTime: now,
    };
    this.#secrets.set(path, secret);
    return { secret, version };
  }

  /** Changes the settings of a secret, which may have no version yet. */
  configure(path: string, settings: Partial<SecretSettings>): void {
    const old = this.#secrets.get(path) ?? emptySecret(this.#now());
    this.#secrets.set(path, { ...old, settings: { ...old.settings, ...settings } });
  }

  /** The soft deletion: marks versions and keeps their data. Marks that are there stay as they are. */
  delete(path: string, numbers: readonly number[]): void {
    const now = this.#now();
    this.#change(path, numbers, (version) => (isReadable(version) ? { ...version, deletionTime: now } : version));
  }

  undelete(path: string, numbers: readonly number[]): void {
    this.#change(path, numbers, (version) => (version.destroyed ? version : { ...version, deletionTime: '' }));
  }

  destroy(path: string, numbers: readonly number[]): void {
    this.#change(path, numbers, (version) => ({ ...version, destroyed: true, data: {} }));
  }

  /** Removes the secret with all versions and metadata. */
  remove(path: string): void {
    this.#secrets.delete(path);
  }

  #checkAndSet(secret: Secret, cas: number | undefined): void {
    if (cas === undefined && secret.settings.casRequired) {
      throw new VaultError(400, 'check-and-set parameter required for this call');
    }
    if (cas !== undefined && cas !== secret.currentVersion) {
      throw new VaultError(400, 'check-and-set parameter did not match the current version');
    }
  }

  #change(path: string, numbers: readonly number[], change: (version: SecretVersion) => SecretVersion): void {
    const secret = this.#secrets.get(path);
    if (secret === undefined) return;
    const versions = new Map(
      [...secret.versions].map(([number, version]) => [number, numbers.includes(number) ? change(version) : version]),
    );
    this.#secrets.set(path, { ...secret, versions });
  }

  /** Go writes nanoseconds; milliseconds are what there is to say. */
  #now(): string {
    return new Date(this.#clock()).toISOString().replace('Z', '000000Z');
  }
}

function emptySecret(now: string): Secret {
  return {
    versions: new Map(),
    currentVersion: 0,
    oldestVersion: 0,
    createdTime: now,
    updatedTime: now,
    settings: NO_SETTINGS,
  };
}
