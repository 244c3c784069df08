import { PGlite } from '@electric-sql/pglite';
import { openPostgresStoreOver, type PostgresClient, type Store } from '../../src/store/index.ts';

/**
 * A PostgreSQL inside this process: real SQL, one session. Starting one takes a second and a half, so a test file has one of them, and
 * each store, one at a time, a schema of its own.
 */
export function openPglite(): { openStore: () => Promise<Store>; close: () => Promise<void> } {
  const starting = PGlite.create();
  let opened = 0;
  return {
    async openStore() {
      const database = await starting;
      const schema = `store_${opened++}`;
      await database.exec(`CREATE SCHEMA ${schema}; SET search_path = ${schema}`);
      const client: PostgresClient = {
        async query(text, parameters) {
          const { rows, affectedRows } = await database.query<Record<string, unknown>>(text, [...parameters]);
          return { rows, changed: affectedRows ?? 0 };
        },
      };
      return openPostgresStoreOver({
        connections: 1,
        name: 'pglite',
        acquire: async () => client,
        release: () => undefined,
        close: async () => {
          await database.exec(`DROP SCHEMA ${schema} CASCADE`);
        },
      });
    },
    close: async () => (await starting).close(),
  };
}
