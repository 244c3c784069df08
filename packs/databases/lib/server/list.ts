import { z } from 'petrel/sdk';
import type { ServerAdapter } from './adapter.ts';
import { userName } from './names.ts';

export const listedDatabase = z.object({
  owner: z.string().describe('The tag.'),
  state: z.object({
    database: z.string(),
    username: z.string().nullable().describe('The current user; null when it was never made.'),
    password_key: z.string().nullable().describe('The datastore key that holds its password, encrypted.'),
    rotation: z.string().nullable().describe('Which rotation is in effect.'),
    retiring: z.string().nullable().describe('A former user that still works.'),
    engine_version: z.string(),
    missing: z.array(z.enum(['database', 'user'])).describe('What somebody else has taken away.'),
  }),
});

/** Every database on the server that bears a tag; of others nothing is said. */
export async function listDatabases(adapter: ServerAdapter): Promise<z.output<typeof listedDatabase>[]> {
  const engineVersion = await adapter.version();
  const { databases, users } = await adapter.existing();
  return [...(await adapter.records())].map(([database, { owner, current, old }]) => {
    const username = current === null ? null : userName(database, current.side);
    return {
      owner,
      state: {
        database,
        username,
        password_key: current?.key ?? null,
        rotation: current?.rotation ?? null,
        retiring: old === null ? null : userName(database, old.side),
        engine_version: engineVersion,
        missing: [
          ...(databases.has(database) ? [] : ['database' as const]),
          ...(username !== null && users.has(username) ? [] : ['user' as const]),
        ],
      },
    };
  });
}
