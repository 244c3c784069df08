import type { Outputs } from './subject.ts';

/** The keys of a database in Consul below its path; `.owner` says whose they are. */
export function configurationOf(made: Outputs, tag: string): Readonly<Record<string, string>> {
  return {
    '.owner': tag,
    engine: made.engine,
    version: made.engineVersion,
    host: made.endpoint,
    port: String(made.port),
    database: made.database,
    vault_path: made.vaultPath,
  };
}

export const SCHEMES: Readonly<Record<string, string>> = {
  mysql: 'mysql',
  mariadb: 'mysql',
  postgres: 'postgresql',
};

/** What stands in Vault beside the password. */
export function credentialsOf(made: Outputs, username: string) {
  const { engine, endpoint: host, port, database } = made;
  return { username, engine, host, port: String(port), database };
}

export function urlOf(made: Outputs, username: string, password: string): string {
  const { engine, endpoint, port, database } = made;
  const login = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
  return `${SCHEMES[engine] ?? engine}://${login}@${endpoint}:${port}/${database}`;
}
