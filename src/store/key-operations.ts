import type { KeyScope, StoredKey } from '../model/index.ts';
import {
  Conditions,
  freeTextOf,
  has,
  json,
  type Mutable,
  name,
  numberOf,
  optionalJson,
  optionalTime,
  textOf,
  time,
  wordOf,
} from './columns.ts';
import { listPage } from './listing.ts';
import type { Row, Sql } from './sql.ts';
import type { KeyOperations } from './store.ts';

const COLUMNS = 'scope, owner, name, value, secret, description, expires_at, updated_at';

/** The datastore's entries. */
export function keyOperations(sql: Sql): KeyOperations {
  return {
    async getKey(scope, user, key) {
      const [row] = await sql.all(`SELECT ${COLUMNS} FROM keys WHERE scope = $1 AND owner = $2 AND name = $3`, [
        scope,
        name(user),
        name(key),
      ]);
      return row && keyOf(row);
    },

    async putKey(key) {
      await sql.run(
        `INSERT INTO keys (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (scope, owner, name) DO UPDATE SET value = excluded.value, secret = excluded.secret,
           description = excluded.description, expires_at = excluded.expires_at, updated_at = excluded.updated_at`,
        [
          key.scope,
          name(key.user),
          name(key.name),
          json(key.value),
          key.secret ? 1 : 0,
          optionalJson(key.description),
          optionalTime(key.expiresAt),
          time(key.updatedAt),
        ],
      );
    },

    async deleteKey(scope, user, key) {
      const deleted = await sql.run('DELETE FROM keys WHERE scope = $1 AND owner = $2 AND name = $3', [
        scope,
        name(user),
        name(key),
      ]);
      return deleted > 0;
    },

    async listKeys(scope, user, prefix, page) {
      const conditions = new Conditions();
      conditions.add(scope, (n) => `scope = $${n}`);
      conditions.add(name(user), (n) => `owner = $${n}`);
      if (prefix !== '') {
        conditions.add(name(prefix), (n) => `name >= $${n}`);
        const end = afterAll(prefix);
        if (end !== '') conditions.add(end, (n) => `name < $${n}`);
      }
      return listPage(sql, { table: 'keys', columns: COLUMNS, conditions, orderBy: 'name' }, page, keyOf);
    },

    async deleteExpiredKeys(now) {
      return sql.run('DELETE FROM keys WHERE expires_at < $1', [time(now)]);
    },
  };
}

/** The first text after all that begin with the prefix, in the order of code points; empty: there is none. */
function afterAll(prefix: string): string {
  const points = [...prefix].map((character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return '';
  // Half of a pair is no text of its own.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}

function keyOf(row: Row): StoredKey {
  const key: Mutable<StoredKey> = {
    scope: wordOf<KeyScope>(row, 'scope'),
    user: textOf(row, 'owner'),
    name: textOf(row, 'name'),
    value: freeTextOf(row, 'value'),
    secret: numberOf(row, 'secret') === 1,
    updatedAt: numberOf(row, 'updated_at'),
  };
  if (has(row, 'description')) key.description = freeTextOf(row, 'description');
  if (has(row, 'expires_at')) key.expiresAt = numberOf(row, 'expires_at');
  return key;
}
