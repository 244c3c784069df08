import { z } from 'petrel/sdk';
import type { OpenSession, ServerAdapter, Session } from './adapter.ts';
import { readRecord, writeRecord } from './record.ts';
import { scramVerifier } from './scram.ts';

/** What our comments begin with; the record follows. */
const MARK = 'petrel ';

/**
 * PostgreSQL, from 13 on. A database belongs to a role of its name that cannot log in and bears the record as its comment. The users are
 * members of it and act as it, so that what one of them makes belongs to both.
 */
export async function postgresAdapter(open: OpenSession): Promise<ServerAdapter> {
  const session = await open();
  const texts = async (sql: string, values: readonly string[] = []) =>
    z
      .array(z.object({ text: z.string() }))
      .parse(await session.query(sql, values))
      .map(({ text }) => text);
  const exists = async (kind: 'role' | 'database', name: string) => {
    const sql = {
      role: 'SELECT rolname::text AS text FROM pg_roles WHERE rolname = $1',
      database: 'SELECT datname::text AS text FROM pg_database WHERE datname = $1',
    };
    return (await texts(sql[kind], [name])).length > 0;
  };
  const records = async () => {
    const rows = await session.query(
      "SELECT rolname::text AS name, shobj_description(oid, 'pg_authid') AS comment FROM pg_roles WHERE NOT rolcanlogin",
    );
    const found = z.array(z.object({ name: z.string(), comment: z.string().nullable() })).parse(rows);
    return new Map(
      found.flatMap(({ name, comment }) => {
        const record = comment?.startsWith(MARK) ? readRecord(comment.slice(MARK.length)) : undefined;
        return record === undefined ? [] : [[name, record]];
      }),
    );
  };
  return {
    async version() {
      const [version = ''] = await texts("SELECT current_setting('server_version') AS text");
      return /^[\d.]+/.exec(version)?.[0] ?? version;
    },
    async lock(name) {
      await session.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [`petrel ${name}`]);
    },
    records,
    readRecord: async (name) => (await records()).get(name),
    async claim(name, record) {
      // One string is one transaction: no role of ours is ever without its comment.
      const sql = 'CREATE ROLE %1$I NOLOGIN; COMMENT ON ROLE %1$I IS %2$L';
      await run(session, sql, [name, MARK + writeRecord(record)]);
    },
    async writeRecord(name, record) {
      await run(session, 'COMMENT ON ROLE %I IS %L', [name, MARK + writeRecord(record)]);
    },
    async forget(name) {
      await run(session, 'DROP ROLE IF EXISTS %I', [name]);
    },
    async existing() {
      return {
        databases: new Set(await texts('SELECT datname::text AS text FROM pg_database')),
        users: new Set(await texts('SELECT rolname::text AS text FROM pg_roles')),
      };
    },
    async makeDatabase(name) {
      // Who is no superuser must be a member of a role to give things to it.
      await run(session, 'GRANT %I TO CURRENT_USER', [name]);
      if (!(await exists('database', name))) await run(session, 'CREATE DATABASE %1$I OWNER %1$I', [name]);
      await run(session, 'REVOKE ALL ON DATABASE %I FROM PUBLIC', [name]);
    },
    async makeUser(name, user, password) {
      if (!(await exists('role', user))) await run(session, 'CREATE ROLE %I NOLOGIN', [user]);
      await run(session, 'GRANT %I TO CURRENT_USER', [user]);
      await run(session, 'GRANT %I TO %I', [name, user]);
      await run(session, 'ALTER ROLE %I SET role TO %I', [user, name]);
      const verifier = scramVerifier(password);
      await run(session, 'ALTER ROLE %I LOGIN PASSWORD %L', [user, verifier], [verifier]);
    },
    async dropUser(name, user) {
      if (!(await exists('role', user))) return;
      await run(session, 'ALTER ROLE %I NOLOGIN', [user]);
      await session.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [user]);
      if (await exists('database', name)) await handOver(open, name, user);
      await run(session, 'DROP ROLE IF EXISTS %I', [user]);
    },
    async dropDatabase(name) {
      await run(session, 'DROP DATABASE IF EXISTS %I WITH (FORCE)', [name]);
    },
    close: () => session.close(),
  };
}

/** What a user made under its own name instead of its role's goes to the role; a role that owns something cannot be dropped. */
async function handOver(open: OpenSession, name: string, user: string): Promise<void> {
  const inside = await open(name);
  try {
    await run(inside, 'REASSIGN OWNED BY %I TO %I', [user, name]);
    await run(inside, 'DROP OWNED BY %I', [user]);
  } finally {
    await inside.close();
  }
}

/** Statements about roles and databases take no parameters: the server itself puts names (%I) and texts (%L) into them. */
async function run(
  session: Session,
  template: string,
  values: readonly string[],
  secrets: readonly string[] = [],
): Promise<void> {
  const holes = values.map((_, index) => `$${index + 2}::text`).join(', ');
  const rows = await session.query(`SELECT format($1, ${holes}) AS sql`, [template, ...values], secrets);
  const [made] = z.array(z.object({ sql: z.string() })).parse(rows);
  if (made !== undefined) await session.query(made.sql, [], secrets);
}
