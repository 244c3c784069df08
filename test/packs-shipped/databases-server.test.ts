import { testContext, testRun, testWorkflow } from 'petrel/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import ensureAction from '../../packs/databases/actions/server_ensure.ts';
import listAction from '../../packs/databases/actions/server_list.ts';
import removeAction from '../../packs/databases/actions/server_remove.ts';
import retireWorkflow from '../../packs/databases/actions/server_retire.ts';
import type { OpenSession, Session } from '../../packs/databases/lib/server/adapter.ts';
import { ensureDatabase } from '../../packs/databases/lib/server/ensure.ts';
import { databaseName } from '../../packs/databases/lib/server/names.ts';
import { withServer } from '../../packs/databases/lib/server/open.ts';
import type { ServerSettings } from '../../packs/databases/lib/server/parameters.ts';
import { removeDatabase } from '../../packs/databases/lib/server/remove.ts';
import { beginRetiring, retire } from '../../packs/databases/lib/server/retire.ts';
import { selfSignedCertificate } from '../../src/sandbox/kubernetes/certificate.ts';
import { freePort, type RealDatabaseServer } from '../real/processes.ts';
import { backends, type Client, settingsOf } from './database-servers.ts';

/** Statements after which all is as before. */
const LOOKS = /^(SELECT (?!pg_terminate)|SHOW |SET )/;

/** What the datastore holds, handed from one run to the next. */
type Keys = Record<string, string>;

describe('what a database on an existing server is called', () => {
  it.each([
    ['shop-orders-5f3a12bc', 'db_shop_orders_5f3a_a8c9b44cd4'],
    ['--', 'db_d8156bae0c'],
  ])('%j', (owner, name) => {
    expect(databaseName(owner)).toBe(name);
  });

  it('differs where only the end of the owner does, and with `_a` behind it fits MySQL', () => {
    const made = ['x', 'y'].map((end) => databaseName('a'.repeat(60) + end));
    expect(new Set(made).size).toBe(2);
    for (const name of made) expect(`${name}_a`.length).toBeLessThanOrEqual(32);
  });
});

describe.each(backends())('an existing server: $engine', (backend) => {
  const { engine } = backend;
  let real: RealDatabaseServer;
  let server: ServerSettings;
  let admin: Client;

  beforeAll(async () => {
    real = await backend.start();
    server = settingsOf(real);
    admin = await backend.connect(real.port, real.username, real.password);
  });
  afterAll(async () => {
    await admin?.close();
    await real?.stop();
  });

  const ownerOf = (name: string) => ({ name, tag: `petrel/c1/databases.mysqldb/shop/${name}/uid` });
  const names = async (sql: string) => (await admin.query(sql)).map(({ name }) => String(name)).sort();
  const everything = async () => [...(await names(backend.users)), ...(await names(backend.databases))];

  async function ensure(name: string, keys: Keys, wishes: { rotation?: string; overlap?: number; tag?: string } = {}) {
    const { tag, ...rest } = wishes;
    const owner = { ...ownerOf(name), ...(tag !== undefined && { tag }) };
    const { result, context } = await testRun(ensureAction, { input: { owner, engine, server, ...rest }, keys });
    const isNew = !(result.password_key in keys);
    keep(context.keys, keys);
    const password = keys[result.password_key] ?? '';
    const said = JSON.stringify([result, context.logged]);
    expect(password).toMatch(/^[\w-]{32}$/);
    expect(said).not.toContain(password);
    expect(said).not.toContain(server.admin_password);
    if (isNew) expect(context.secrets).toContain(password);
    return { ...result, password };
  }

  async function remove(name: string, keys: Keys, tag?: string) {
    const owner = { ...ownerOf(name), ...(tag !== undefined && { tag }) };
    const { result, context } = await testRun(removeAction, { input: { owner, engine, server }, keys });
    keep(context.keys, keys);
    return result;
  }

  async function retireOld(name: string, keys: Keys) {
    const tested = await testWorkflow(retireWorkflow, { input: { owner: ownerOf(name), engine, server }, keys });
    keep(tested.context.keys, keys);
    if (tested.error !== undefined) throw tested.error;
    return { ...tested.result, calls: tested.calls };
  }

  const login = ({ username, password, database }: { username: string; password: string; database: string }) =>
    backend.connect(real.port, username, password, database);
  const logsIn = async (account: Parameters<typeof login>[0]) => {
    const client = await login(account).catch(() => undefined);
    await client?.close();
    return client !== undefined;
  };
  const listed = async () => (await testRun(listAction, { input: { engine, server } })).result.items;

  it('gives an owner a database and credentials that log in and may make tables there', async () => {
    const keys: Keys = {};
    const made = await ensure('shop-orders-1', keys, { rotation: 'r1' });
    expect(made).toMatchObject({ host: '127.0.0.1', port: real.port, rotation: 'r1', retiring: null });
    expect(made.engine_version).toMatch(/^\d+\.\d+/);
    expect(await names(backend.databases)).toContain(made.database);
    const client = await login(made);
    await client.query('CREATE TABLE orders (id INT PRIMARY KEY)');
    await client.query('INSERT INTO orders VALUES (7)');
    expect(await client.query('SELECT id FROM orders')).toEqual([{ id: 7 }]);
    await client.close();
    const again = await ensure('shop-orders-1', keys, { rotation: 'r1' });
    expect([again.username, again.password]).toEqual([made.username, made.password]);
    await remove('shop-orders-1', keys);
  });

  it('shows a user no other database', async () => {
    const keys: Keys = {};
    // Their names differ in a character that a careless grant takes for a wildcard.
    const [one, other] = [await ensure('team-a', keys), await ensure('team.b', keys)];
    const client = await login(one);
    const seen = (await client.query(backend.databases)).map(({ name }) => name);
    expect(seen).toContain(one.database);
    expect(seen).not.toContain(other.database);
    await client.close();
    expect(await logsIn({ ...one, database: other.database })).toBe(false);
    if (engine === 'mariadb') {
      const similar = one.database.replaceAll('_', 'x');
      await admin.query(`CREATE DATABASE ${similar}`);
      expect(await logsIn({ ...one, database: similar })).toBe(false);
      await admin.query(`DROP DATABASE ${similar}`);
    }
    for (const name of ['team-a', 'team.b']) await remove(name, keys);
  });

  it('rotates with overlap: both credentials work on the same tables, and the former ones until they are retired', async () => {
    const keys: Keys = {};
    const first = await ensure('rotated', keys, { rotation: 'r1' });
    expect(await retireOld('rotated', keys)).toMatchObject({ retired: null });
    const early = await login(first);
    await early.query('CREATE TABLE t (id INT)');
    const second = await ensure('rotated', keys, { rotation: 'r2', overlap: 1800 });
    expect(second).toMatchObject({ database: first.database, rotation: 'r2', retiring: first.username });
    expect(second.username).not.toBe(first.username);
    expect(second.password_key).not.toBe(first.password_key);
    await early.query('INSERT INTO t VALUES (1)');
    expect(await logsIn(first)).toBe(true);
    const late = await login(second);
    await late.query('ALTER TABLE t ADD COLUMN more INT');
    await late.query('CREATE TABLE u (id INT)');
    await early.query('DROP TABLE u');
    // Asked for again, nothing moves.
    expect(await ensure('rotated', keys, { rotation: 'r2', overlap: 1800 })).toEqual(second);
    const retired = await retireOld('rotated', keys);
    expect(retired.retired).toBe(first.username);
    expect(retired.calls.find(({ kind }) => kind === 'sleep')).toMatchObject({ seconds: 1800 });
    expect(await logsIn(first)).toBe(false);
    await expect(early.query('SELECT 1')).rejects.toThrow();
    expect(keys[first.password_key]).toBeUndefined();
    expect(await names(backend.users)).not.toContain(first.username);
    expect(await late.query('SELECT id FROM t')).toEqual([{ id: 1 }]);
    await late.close();
    // The next one takes the name that is free, with credentials of its own.
    const third = await ensure('rotated', keys, { rotation: 'r1', overlap: 0 });
    expect(third.username).toBe(first.username);
    expect([first.password, second.password]).not.toContain(third.password);
    expect([await logsIn(third), await logsIn(second), await logsIn(first)]).toEqual([true, true, false]);
    await remove('rotated', keys);
  });

  it('takes the name of the oldest user when it is rotated again before that was retired', async () => {
    const keys: Keys = {};
    const first = await ensure('hasty', keys, { rotation: 'r1' });
    const second = await ensure('hasty', keys, { rotation: 'r2' });
    const third = await ensure('hasty', keys, { rotation: 'r3' });
    expect([await logsIn(first), await logsIn(second), await logsIn(third)]).toEqual([false, true, true]);
    expect(Object.keys(keys).sort()).toEqual([second.password_key, third.password_key].sort());
    await remove('hasty', keys);
    expect(keys).toEqual({});
  });

  it('puts back what was taken away or changed by others', async () => {
    const keys: Keys = {};
    const made = await ensure('drifted', keys);
    const tag = ownerOf('drifted').tag;
    const missing = async () => (await listed()).find(({ owner }) => owner === tag)?.state.missing;
    expect(await missing()).toEqual([]);
    await admin.query(`DROP DATABASE ${made.database}`);
    await admin.query(engine === 'mariadb' ? `DROP USER '${made.username}'@'%'` : `DROP ROLE ${made.username}`);
    expect(await missing()).toEqual(['database', 'user']);
    expect((await ensure('drifted', keys)).password).toBe(made.password);
    expect(await logsIn(made)).toBe(true);
    const changed =
      engine === 'mariadb'
        ? `ALTER USER '${made.username}'@'%' IDENTIFIED BY 'other'`
        : `ALTER ROLE ${made.username} PASSWORD 'other'`;
    await admin.query(changed);
    expect(await logsIn(made)).toBe(false);
    await ensure('drifted', keys);
    expect(await logsIn(made)).toBe(true);
    // A password that Petrel has lost is made anew.
    const anew = await ensure('drifted', {});
    expect(anew.password).not.toBe(made.password);
    expect(await logsIn(anew)).toBe(true);
    await remove('drifted', keys);
  });

  it('lists what bears a tag, with its state, and nothing else', async () => {
    const keys: Keys = {};
    await admin.query('CREATE DATABASE foreign_one');
    const made = await ensure('listed', keys, { rotation: 'r1' });
    const { engine_version, ...state } =
      (await listed()).find(({ owner }) => owner === ownerOf('listed').tag)?.state ?? {};
    expect(state).toEqual({
      database: made.database,
      username: made.username,
      rotation: 'r1',
      retiring: null,
      missing: [],
      password_key: made.password_key,
    });
    expect(engine_version).toBe(made.engine_version);
    expect(JSON.stringify(await listed())).not.toContain('foreign_one');
    await remove('listed', keys);
    expect(await listed()).toEqual([]);
    await admin.query('DROP DATABASE foreign_one');
  });

  it('removes everything, ends the sessions, and finds nothing to remove the second time', async () => {
    const before = await everything();
    const keys: Keys = { 'databases.other': 'kept' };
    await ensure('removed', keys, { rotation: 'r1' });
    const made = await ensure('removed', keys, { rotation: 'r2' });
    const client = await login(made);
    await client.query('CREATE TABLE t (id INT)');
    await client.query('BEGIN');
    await client.query('INSERT INTO t VALUES (1)');
    expect(await remove('removed', keys)).toEqual({ existed: true });
    await expect(client.query('SELECT 1')).rejects.toThrow();
    expect(await everything()).toEqual(before);
    expect(keys).toEqual({ 'databases.other': 'kept' });
    expect(await remove('removed', keys)).toEqual({ existed: false });
    expect(await listed()).toEqual([]);
  });

  it('refuses what bears another tag, and what it did not make', async () => {
    const keys: Keys = {};
    const made = await ensure('mine', keys);
    const tag = 'petrel/c2/databases.mysqldb/shop/mine/uid';
    await expect(ensure('mine', keys, { tag })).rejects.toThrow(
      `belongs to ${ownerOf('mine').tag} and not to ${tag}. Nothing was changed.`,
    );
    await expect(remove('mine', keys, tag)).rejects.toThrow('belongs to');
    expect(await logsIn(made)).toBe(true);
    await remove('mine', keys);
    const name = databaseName('taken');
    await admin.query(`CREATE DATABASE ${name}`);
    await expect(ensure('taken', keys)).rejects.toThrow(`has a database ${name} that Petrel did not make`);
    expect(await remove('taken', keys)).toEqual({ existed: false });
    expect(await names(backend.databases)).toContain(name);
    await admin.query(`DROP DATABASE ${name}`);
  });

  it.each([
    `x'; DROP DATABASE mysql; --`,
    '"; DROP ROLE postgres_admin; --',
    '`$(touch /tmp/x)`%_\\',
    'pg_catalog',
    '数据库',
    '-'.repeat(300),
    'a'.repeat(63),
  ])('makes a database for an owner called %j', async (name) => {
    const before = await everything();
    const keys: Keys = {};
    const made = await ensure(name, keys);
    expect(made.database).toMatch(/^db_[a-z0-9_]+$/);
    expect(made.username.length).toBeLessThanOrEqual(32);
    expect(await logsIn(made)).toBe(true);
    expect((await listed()).map(({ owner }) => owner)).toEqual([ownerOf(name).tag]);
    await remove(name, keys);
    expect(await everything()).toEqual(before);
  });

  it('ends right when it is cut short after any statement and run again', async () => {
    const before = await everything();
    // Each life is cut short four times, each time after so many statements, until there are none left to be cut short after.
    for (let limit = 1, isOver = false; !isOver; limit += 1) {
      const keys: Keys = {};
      const name = 'interrupted';
      const owner = ownerOf(name);
      const cuts = [await interrupted(limit, owner, 'r1', keys)];
      const first = await ensure(name, keys, { rotation: 'r1', overlap: 0 });
      expect(await logsIn(first)).toBe(true);
      cuts.push(await interrupted(limit, owner, 'r2', keys));
      const second = await ensure(name, keys, { rotation: 'r2', overlap: 0 });
      expect([await logsIn(second), second.username === first.username]).toEqual([true, false]);
      cuts.push(await interruptedRetiring(limit, owner, keys));
      await retireOld(name, keys);
      expect([await logsIn(first), await logsIn(second)]).toEqual([false, true]);
      expect(Object.keys(keys)).toEqual([second.password_key]);
      cuts.push(await interruptedRemoval(limit, owner, keys));
      await remove(name, keys);
      expect([await everything(), keys, await listed()]).toEqual([before, {}, []]);
      isOver = !cuts.includes(true);
      if (isOver) expect(limit).toBeGreaterThan(8);
    }
  }, 120_000);

  /** Runs until so many statements that change something, and changes of the datastore, were made; false when it came to its end before. */
  async function cutShort(
    limit: number,
    keys: Keys,
    use: (around: (open: OpenSession) => OpenSession, context: ReturnType<typeof testContext>) => Promise<unknown>,
  ): Promise<boolean> {
    let count = 0;
    const counted = async <T>(work: () => Promise<T>): Promise<T> => {
      const done = await work();
      count += 1;
      if (count >= limit) throw new Error('cut short');
      return done;
    };
    const around =
      (open: OpenSession): OpenSession =>
      async (database) => {
        const session = await open(database);
        const query: Session['query'] = (sql, ...values) =>
          LOOKS.test(sql) ? session.query(sql, ...values) : counted(() => session.query(sql, ...values));
        return { ...session, query };
      };
    const context = testContext({ input: {}, keys });
    const { datastore } = context;
    const counting = {
      ...datastore,
      set: (...call: Parameters<typeof datastore.set>) => counted(() => datastore.set(...call)),
      delete: (...call: Parameters<typeof datastore.delete>) => counted(() => datastore.delete(...call)),
    };
    const error = await use(around, { ...context, datastore: counting }).catch((thrown: Error) => thrown);
    keep(context.keys, keys);
    if (!(error instanceof Error)) return false;
    expect(error.message).toBe('cut short');
    return true;
  }

  type Owner = ReturnType<typeof ownerOf>;
  const task = () => ({ engine, server, what: 'Testing' });

  const interrupted = (limit: number, owner: Owner, rotation: string, keys: Keys) =>
    cutShort(limit, keys, (around, context) =>
      withServer(
        task(),
        context,
        (adapter) => ensureDatabase({ owner, rotation, overlap: 0 }, adapter, context.datastore),
        around,
      ),
    );

  const interruptedRetiring = (limit: number, owner: Owner, keys: Keys) =>
    cutShort(limit, keys, (around, context) =>
      withServer(
        task(),
        context,
        async (adapter) => {
          const retiring = await beginRetiring(owner, adapter, Date.now());
          if (retiring !== null) await retire(owner, retiring, adapter, context.datastore);
        },
        around,
      ),
    );

  const interruptedRemoval = (limit: number, owner: Owner, keys: Keys) =>
    cutShort(limit, keys, (around, context) =>
      withServer(task(), context, (adapter) => removeDatabase(owner, adapter, context.datastore), around),
    );

  it('says that the administrator was refused, without the password', async () => {
    const wrong = { ...server, admin_password: 'wrong-admin-password' };
    const error = await testRun(listAction, { input: { engine, server: wrong } }).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ name: 'LoginRefused' });
    expect(String(error)).toContain(`refused its administrator ${server.admin_username}`);
    expect(String(error)).not.toContain('wrong-admin-password');
  });

  it('calls it transient when the server does not answer', async () => {
    const away = { ...server, port: await freePort() };
    await expect(testRun(listAction, { input: { engine, server: away } })).rejects.toMatchObject({
      name: 'TransientError',
      message: expect.stringContaining(
        `Listing the databases failed: the server 127.0.0.1:${away.port} does not answer`,
      ),
    });
  });

  it('speaks TLS, and only with a server whose certificate is good', async () => {
    const tls = selfSignedCertificate(Date.now());
    const safe = await backend.start({ tls });
    try {
      const list = (settings: ServerSettings['tls']) =>
        testRun(listAction, { input: { engine, server: { ...settingsOf(safe), tls: settings } } });
      expect((await list({ verify: true, ca: tls.certificate })).result).toEqual({ items: [] });
      expect((await list({ verify: false })).result).toEqual({ items: [] });
      await expect(list({ verify: true })).rejects.toThrow('self-signed certificate');
    } finally {
      await safe.stop();
    }
  });

  // MariaDB knows no superuser.
  const onPostgres = engine === 'postgres' ? it : () => undefined;
  onPostgres('works as an administrator that is no superuser', async () => {
    const before = await everything();
    await admin.query("CREATE ROLE limited LOGIN CREATEDB CREATEROLE PASSWORD 'limited-password'");
    const superuser = server;
    server = { ...server, admin_username: 'limited', admin_password: 'limited-password' };
    try {
      const keys: Keys = {};
      const first = await ensure('limited', keys, { rotation: 'r1' });
      const client = await login(first);
      // As itself, and not as the role that both users share.
      await client.query('RESET ROLE');
      await client.query('CREATE TABLE own (id INT)');
      const second = await ensure('limited', keys, { rotation: 'r2' });
      expect(await retireOld('limited', keys)).toMatchObject({ retired: first.username });
      const later = await login(second);
      await later.query('DROP TABLE own');
      expect(await remove('limited', keys)).toEqual({ existed: true });
    } finally {
      server = superuser;
      await admin.query('DROP ROLE limited');
    }
    expect(await everything()).toEqual(before);
  });

  it('makes many databases at once', async () => {
    const before = await everything();
    const many = Array.from({ length: 8 }, (_, index) => `many-${index}`);
    const all: Keys[] = many.map(() => ({}));
    const made = await Promise.all(many.map((name, index) => ensure(name, all[index] ?? {})));
    expect(new Set(made.map(({ database }) => database)).size).toBe(many.length);
    expect(await Promise.all(made.map(logsIn))).toEqual(many.map(() => true));
    await Promise.all(many.map((name, index) => remove(name, all[index] ?? {})));
    expect(await everything()).toEqual(before);
  });
});

/** Takes over what a run has left in the datastore. */
function keep(left: ReadonlyMap<string, { readonly value: string }>, keys: Keys): void {
  for (const name of Object.keys(keys)) if (!left.has(name)) delete keys[name];
  for (const [name, { value }] of left) keys[name] = value;
}
