import type { RoleAssignment, StoredApiKey, StoredToken, StoredUser } from '../model/index.ts';
import { has, json, name, numberOf, objectOf, optionalName, textOf, time, wordOf } from './columns.ts';
import type { Row, Sql, Value } from './sql.ts';
import type { AccessOperations } from './store.ts';

const USER = 'name, password_hash, subject, created_at';
const TOKEN = 'id, hash, owner, created_at, expires_at, metadata';
const API_KEY = 'id, hash, owner, created_at, enabled, metadata';
const ASSIGNMENT = 'owner, role, source, created_at';

/** Users, what they sign in with, and the roles that were given to them. */
export function accessOperations(sql: Sql): AccessOperations {
  const one = async <T>(text: string, parameter: string, read: (row: Row) => T): Promise<T | undefined> => {
    const [row] = await sql.all(text, [name(parameter)]);
    return row && read(row);
  };

  return {
    getUser: (user) => one(`SELECT ${USER} FROM users WHERE name = $1`, user, userOf),

    async putUser(user) {
      await sql.run(
        `INSERT INTO users (${USER}) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name) DO UPDATE SET password_hash = excluded.password_hash, subject = excluded.subject`,
        userRow(user),
      );
    },

    async insertUser(user) {
      const inserted = await sql.run(
        `INSERT INTO users (${USER}) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING`,
        userRow(user),
      );
      return inserted > 0;
    },

    async deleteUser(user) {
      for (const table of ['tokens', 'api_keys', 'role_assignments']) {
        await sql.run(`DELETE FROM ${table} WHERE owner = $1`, [name(user)]);
      }
      return (await sql.run('DELETE FROM users WHERE name = $1', [name(user)])) > 0;
    },

    async listUsers() {
      return (await sql.all(`SELECT ${USER} FROM users ORDER BY name`, [])).map(userOf);
    },

    async insertToken(token) {
      await sql.run(`INSERT INTO tokens (${TOKEN}) VALUES ($1, $2, $3, $4, $5, $6)`, [
        token.id,
        token.hash,
        name(token.user),
        time(token.createdAt),
        time(token.expiresAt),
        json(token.metadata),
      ]);
    },

    getToken: (hash) => one(`SELECT ${TOKEN} FROM tokens WHERE hash = $1`, hash, tokenOf),

    async deleteToken(hash) {
      return (await sql.run('DELETE FROM tokens WHERE hash = $1', [name(hash)])) > 0;
    },

    deleteTokensOf: async (user) => sql.run('DELETE FROM tokens WHERE owner = $1', [name(user)]),

    deleteExpiredTokens: async (now) => sql.run('DELETE FROM tokens WHERE expires_at <= $1', [time(now)]),

    async putApiKey(key) {
      await sql.run(
        `INSERT INTO api_keys (${API_KEY}) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, enabled = excluded.enabled, metadata = excluded.metadata`,
        [key.id, key.hash, name(key.user), time(key.createdAt), key.enabled ? 1 : 0, json(key.metadata)],
      );
    },

    getApiKey: (id) => one(`SELECT ${API_KEY} FROM api_keys WHERE id = $1`, id, apiKeyOf),

    findApiKey: (hash) => one(`SELECT ${API_KEY} FROM api_keys WHERE hash = $1`, hash, apiKeyOf),

    async deleteApiKey(id) {
      return (await sql.run('DELETE FROM api_keys WHERE id = $1', [name(id)])) > 0;
    },

    async listApiKeys(user) {
      const rows =
        user === undefined
          ? await sql.all(`SELECT ${API_KEY} FROM api_keys ORDER BY id`, [])
          : await sql.all(`SELECT ${API_KEY} FROM api_keys WHERE owner = $1 ORDER BY id`, [name(user)]);
      return rows.map(apiKeyOf);
    },

    async putRoleAssignment({ user, role, source, createdAt }) {
      await sql.run(
        `INSERT INTO role_assignments (${ASSIGNMENT}) VALUES ($1, $2, $3, $4) ON CONFLICT (owner, role, source) DO NOTHING`,
        [name(user), name(role), source, time(createdAt)],
      );
    },

    async deleteRoleAssignment(user, role, source) {
      const deleted = await sql.run('DELETE FROM role_assignments WHERE owner = $1 AND role = $2 AND source = $3', [
        name(user),
        name(role),
        source,
      ]);
      return deleted > 0;
    },

    async listRoleAssignments(user) {
      const rows =
        user === undefined
          ? await sql.all(`SELECT ${ASSIGNMENT} FROM role_assignments ORDER BY owner, role, source`, [])
          : await sql.all(`SELECT ${ASSIGNMENT} FROM role_assignments WHERE owner = $1 ORDER BY role, source`, [
              name(user),
            ]);
      return rows.map(assignmentOf);
    },
  };
}

function userRow(user: StoredUser): Value[] {
  return [name(user.name), optionalName(user.passwordHash), optionalName(user.subject), time(user.createdAt)];
}

function userOf(row: Row): StoredUser {
  return {
    name: textOf(row, 'name'),
    ...(has(row, 'password_hash') && { passwordHash: textOf(row, 'password_hash') }),
    ...(has(row, 'subject') && { subject: textOf(row, 'subject') }),
    createdAt: numberOf(row, 'created_at'),
  };
}

function tokenOf(row: Row): StoredToken {
  return {
    id: textOf(row, 'id'),
    hash: textOf(row, 'hash'),
    user: textOf(row, 'owner'),
    createdAt: numberOf(row, 'created_at'),
    expiresAt: numberOf(row, 'expires_at'),
    metadata: objectOf(row, 'metadata'),
  };
}

function apiKeyOf(row: Row): StoredApiKey {
  return {
    id: textOf(row, 'id'),
    hash: textOf(row, 'hash'),
    user: textOf(row, 'owner'),
    createdAt: numberOf(row, 'created_at'),
    enabled: numberOf(row, 'enabled') === 1,
    metadata: objectOf(row, 'metadata'),
  };
}

function assignmentOf(row: Row): RoleAssignment {
  return {
    user: textOf(row, 'owner'),
    role: textOf(row, 'role'),
    source: wordOf<RoleAssignment['source']>(row, 'source'),
    createdAt: numberOf(row, 'created_at'),
  };
}
