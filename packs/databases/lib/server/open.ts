import type { ActionContext } from 'petrel/sdk';
import type { OpenSession, ServerAdapter } from './adapter.ts';
import { mysqlAdapter } from './mysql.ts';
import type { Engine, ServerSettings } from './parameters.ts';
import { postgresAdapter } from './postgres.ts';
import { mysqlSessions, postgresSessions, type SessionSource } from './sessions.ts';

/** What the functions of this folder need of an action's context. */
export type ServerContext = Pick<ActionContext<unknown>, 'datastore' | 'logger' | 'secret' | 'signal'>;

const KINDS: Readonly<
  Record<
    'mysql' | 'postgres',
    {
      readonly adapter: (open: OpenSession) => Promise<ServerAdapter>;
      readonly sessions: (source: SessionSource) => OpenSession;
    }
  >
> = {
  mysql: { adapter: mysqlAdapter, sessions: mysqlSessions },
  postgres: { adapter: postgresAdapter, sessions: postgresSessions },
};

/** Which server, and what is done there: the beginning of an error's sentence. */
export interface ServerTask {
  readonly engine: Engine;
  readonly server: ServerSettings;
  readonly what: string;
}

/** Connects, and closes the connection after `use`. `around` is for tests that cut it short. */
export async function withServer<T>(
  { engine, server, what }: ServerTask,
  context: ServerContext,
  use: (adapter: ServerAdapter) => Promise<T>,
  around: (open: OpenSession) => OpenSession = (open) => open,
): Promise<T> {
  context.secret(server.admin_password);
  const kind = KINDS[engine === 'postgres' ? 'postgres' : 'mysql'];
  const open = around(kind.sessions({ server, what, signal: context.signal }));
  const adapter = await kind.adapter(open);
  try {
    return await use(adapter);
  } finally {
    await adapter.close();
  }
}
