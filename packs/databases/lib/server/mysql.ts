import { TransientError, z } from 'petrel/sdk';
import type { OpenSession, ServerAdapter } from './adapter.ts';
import { readRecord, writeRecord } from './record.ts';

/** Our own database on the server: MySQL has nothing to write on a database itself. */
const REGISTRY = '`petrel`.`databases`';

/** MySQL and MariaDB. */
export async function mysqlAdapter(open: OpenSession): Promise<ServerAdapter> {
  const session = await open();
  const texts = async (sql: string, values: readonly string[] = []) =>
    z
      .array(z.object({ text: z.string() }))
      .parse(await session.query(sql, values))
      .map(({ text }) => text);
  const hasRegistry = async () => {
    const sql =
      "SELECT TABLE_NAME AS text FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'petrel' AND TABLE_NAME = 'databases'";
    return (await texts(sql)).length > 0;
  };
  const records = async () => {
    if (!(await hasRegistry())) return new Map();
    const rows = await session.query(`SELECT name, record FROM ${REGISTRY}`);
    const found = z.array(z.object({ name: z.string(), record: z.string() })).parse(rows);
    return new Map(
      found.flatMap(({ name, record }) => {
        const read = readRecord(record);
        return read === undefined ? [] : [[name, read]];
      }),
    );
  };
  const endSessions = async (user: string) => {
    const rows = await session.query('SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = ?', [user]);
    for (const { id } of z.array(z.object({ id: z.coerce.number().int() })).parse(rows)) {
      // It may have ended by itself.
      await session.query(`KILL ${id}`).catch((error: Error) => {
        if (!error.message.includes('ER_NO_SUCH_THREAD')) throw error;
      });
    }
  };
  return {
    async version() {
      const [version = ''] = await texts('SELECT VERSION() AS text');
      return /^[\d.]+/.exec(version)?.[0] ?? version;
    },
    async lock(name) {
      const rows = await session.query('SELECT GET_LOCK(?, 30) AS given', [`petrel.${name}`]);
      const given = rows[0]?.given;
      if (given !== 1) {
        throw new TransientError(`Somebody else has been working on the database ${name} for half a minute.`);
      }
    },
    records,
    readRecord: async (name) => (await records()).get(name),
    async claim(name, record) {
      await session.query('CREATE DATABASE IF NOT EXISTS `petrel`');
      await session.query(
        `CREATE TABLE IF NOT EXISTS ${REGISTRY} (name VARCHAR(64) NOT NULL PRIMARY KEY, record TEXT NOT NULL) CHARACTER SET utf8mb4`,
      );
      await session.query(`INSERT INTO ${REGISTRY} (name, record) VALUES (?, ?)`, [name, writeRecord(record)]);
    },
    async writeRecord(name, record) {
      await session.query(`UPDATE ${REGISTRY} SET record = ? WHERE name = ?`, [writeRecord(record), name]);
    },
    async forget(name) {
      if (await hasRegistry()) await session.query(`DELETE FROM ${REGISTRY} WHERE name = ?`, [name]);
    },
    async existing() {
      return {
        databases: new Set(await texts('SELECT SCHEMA_NAME AS text FROM information_schema.SCHEMATA')),
        users: new Set(await texts('SELECT User AS text FROM mysql.user')),
      };
    },
    async makeDatabase(name) {
      await session.query('CREATE DATABASE IF NOT EXISTS ?? CHARACTER SET utf8mb4', [name]);
    },
    async makeUser(name, user, password) {
      await session.query("CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ?", [user, password], [password]);
      await session.query("ALTER USER ?@'%' IDENTIFIED BY ? ACCOUNT UNLOCK", [user, password], [password]);
      // In a grant `_` stands for any character, so that a neighbour's database might be meant as well; unless MySQL is told otherwise.
      const rows = await session.query("SHOW GLOBAL VARIABLES LIKE 'partial\\_revokes'");
      const isLiteral = rows.some(({ Value }) => Value === 'ON');
      const granted = isLiteral ? name : name.replaceAll('_', '\\_');
      await session.query("GRANT ALL PRIVILEGES ON ??.* TO ?@'%'", [granted, user]);
    },
    async dropUser(_name, user) {
      await session.query("DROP USER IF EXISTS ?@'%'", [user]);
      await endSessions(user);
    },
    async dropDatabase(name) {
      await session.query('DROP DATABASE IF EXISTS ??', [name]);
    },
    close: () => session.close(),
  };
}
