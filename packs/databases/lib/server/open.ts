import type { ActionContext } from 'petrel/sdk';
import type { OpenSession, ServerAdapter } from './adapter.ts';
import { LoginRefused } from './errors.ts';
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

export interface Login {
  readonly engine: Engine;
  readonly server: ServerSettings;
  readonly username: string;
  readonly password: string;
  readonly database: string;
}

/** Which server, and what is done there: the beginning of an error's sentence. */
export interface ServerTask {
  readonly engine: Engine;
  readonly server: ServerSettings;
  readonly what: string;
}

/** Whether a user is let into its database. Throws where the server does not say so, or lets nobody in from here. */
export async function canLogIn(
  { engine, server, username, password, database }: Login,
  signal: ServerContext['signal'],
): Promise<boolean> {
  const { sessions } = KINDS[engine === 'postgres' ? 'postgres' : 'mysql'];
  const account = { ...server, admin_username: username, admin_password: password };
  try {
    const session = await sessions({ server: account, what: `Logging into ${database}`, signal })(database);
    await session.close();
    return true;
  } catch (error) {
    if (error instanceof LoginRefused) return false;
    throw error;
  }
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
