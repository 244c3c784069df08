import type { WorkflowContext } from 'petrel/sdk';
import { serverOf } from './admin.ts';
import type { DatabaseClass } from './classes.ts';
import type { ServerDatabase } from './drift.ts';
import type { WishedDatabase } from './wishes.ts';

/** Seconds that Consul, Vault and servers have to answer: without them it is still known which instances there are. */
const PATIENCE = 15;

export type Calls = Pick<WorkflowContext<unknown>, 'step' | 'child' | 'sleep' | 'race' | 'logger'>;

/** What a call answers in time; undefined when it does not, or fails. */
export async function patiently<T>(
  what: string,
  ask: () => Promise<T>,
  { race, sleep, logger }: Calls,
): Promise<T | undefined> {
  try {
    const answer = await race<Promise<T> | Promise<void>>([ask(), sleep('patience', PATIENCE)]);
    // A sleep answers nothing; in a journal that is null.
    if (answer !== undefined && answer !== null) return answer;
    logger.warn(`${what} did not answer in ${PATIENCE} seconds; nothing is said about it.`);
  } catch (error) {
    logger.warn(`${what} could not be looked at: ${error instanceof Error ? error.message : String(error)}`);
  }
  return undefined;
}

/** The databases that a server has. */
export async function databasesOn({ server }: DatabaseClass, calls: Calls): Promise<readonly ServerDatabase[]> {
  if (server === undefined) return [];
  const request = { engine: server.engine, server: await serverOf(server, calls) };
  const { result } = await calls.child<{ result: { items: ServerDatabase[] } }>(
    'databases',
    'databases.server_list',
    request,
  );
  return result.items;
}

/** Whether what was asked of a database is as it should be. */
export interface Answer {
  readonly uid: string;
  readonly good: boolean;
}

interface Account {
  readonly uid: string;
  readonly database: string;
  readonly username: string;
  readonly password_key: string;
}

/** Those who should be let in: all that is there of a database, and it is wished. */
export function accountsOf(
  databases: readonly ServerDatabase[],
  wishes: readonly WishedDatabase[],
): readonly Account[] {
  const uids = new Set(wishes.map(({ uid }) => uid));
  return databases.flatMap(({ owner, state }) => {
    const uid = owner.slice(owner.lastIndexOf('/') + 1);
    const { database, username = null, password_key = null, missing = [] } = state;
    if (!uids.has(uid) || missing.length > 0) return [];
    if (database === undefined || username === null || password_key === null) return [];
    return [{ uid, database, username, password_key }];
  });
}

export async function loginsOn(
  { server }: DatabaseClass,
  accounts: readonly Account[],
  calls: Calls,
): Promise<readonly Answer[]> {
  if (server === undefined) return [];
  const request = {
    engine: server.engine,
    server: await serverOf(server, calls),
    accounts: accounts.map(({ database, username, password_key }) => ({ database, username, password_key })),
  };
  const { result } = await calls.child<{ result: { logins: { database: string; works: boolean | null }[] } }>(
    'logins',
    'databases.server_logins',
    request,
  );
  const works = new Map(result.logins.map((login) => [login.database, login.works]));
  return accounts.flatMap(({ uid, database }) => {
    const good = works.get(database) ?? null;
    return good === null ? [] : [{ uid, good }];
  });
}
