import { defineAction, z } from 'petrel/sdk';
import { canLogIn } from '../lib/server/open.ts';
import { engineParameter, RETRY, serverParameter } from '../lib/server/parameters.ts';

/** Connections at once. */
const AT_ONCE = 5;

export default defineAction({
  description:
    'Tries whether users are let into their databases with the passwords that lie in the datastore, one connection for each.',
  retry: RETRY,
  input: z.object({
    engine: engineParameter,
    server: serverParameter,
    accounts: z.array(z.object({ database: z.string(), username: z.string(), password_key: z.string() })),
  }),
  output: z.object({
    logins: z.array(
      z.object({
        database: z.string(),
        works: z.boolean().nullable().describe('Null: the server did not say.'),
      }),
    ),
  }),
  async run({ input, datastore, secret, signal, logger }) {
    const { engine, server, accounts } = input;
    const logins: { database: string; works: boolean | null }[] = [];
    const left = accounts.values();
    const tryAll = async () => {
      for (const { database, username, password_key } of left) {
        const password = await datastore.get(password_key);
        if (password !== undefined) secret(password);
        try {
          const works =
            password !== undefined && (await canLogIn({ engine, server, username, password, database }, signal));
          logins.push({ database, works });
        } catch (error) {
          signal.throwIfAborted();
          logger.warn(error instanceof Error ? error.message : String(error));
          logins.push({ database, works: null });
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, accounts.length) }, tryAll));
    return { logins };
  },
});
