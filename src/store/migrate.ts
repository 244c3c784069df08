import { PetrelError } from '../model/index.ts';
import { numberOf } from './columns.ts';
import type { Connection } from './connection.ts';
import { MIGRATIONS, type Migration } from './schema.ts';

/**
 * Brings the database to the schema this code knows, in one transaction. Nodes may race: `lock` (PostgreSQL: an advisory lock
 * that lives as long as the transaction) lets one go first, and the others find the work done.
 *
 * Throws `PetrelError` (`conflict`) when the database was written by a newer Petrel.
 */
export async function migrate(
  connection: Connection,
  where: string,
  lock: () => Promise<unknown> | undefined,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  await connection.begin();
  try {
    await lock();
    await connection.run(
      'CREATE TABLE IF NOT EXISTS petrel_migrations (version INTEGER PRIMARY KEY, applied_at BIGINT NOT NULL)',
      [],
    );
    const [row] = await connection.all('SELECT COALESCE(MAX(version), 0) AS version FROM petrel_migrations', []);
    const current = row === undefined ? 0 : numberOf(row, 'version');
    const latest = migrations.at(-1)?.version ?? 0;
    if (current > latest) {
      throw new PetrelError(
        'conflict',
        `The database ${where} has schema version ${current}, but this Petrel knows only up to ${latest}; run the newer Petrel that wrote it, or choose another database.`,
        { details: { current, latest } },
      );
    }
    for (const migration of migrations) {
      if (migration.version <= current) continue;
      for (const statement of migration.statements(connection.dialect)) await connection.run(statement, []);
      await connection.run('INSERT INTO petrel_migrations (version, applied_at) VALUES ($1, $2)', [
        migration.version,
        Date.now(),
      ]);
    }
    await connection.commit();
  } catch (error) {
    await connection.rollback();
    throw error;
  }
}
