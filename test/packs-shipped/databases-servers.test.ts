import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RealDatabaseServer } from '../real/processes.ts';
import { backends } from './database-servers.ts';
import { type DatabasesHouse, databaseClass, mysql, openDatabasesHouse, postgres } from './databases-house.ts';

const found = backends();
// Without any, the file would have no test at all, which is a failure.
if (found.length === 0) it.skip('needs a MariaDB or a PostgreSQL', () => undefined);

describe.each(found)('a class whose provider is a server: $engine', (backend) => {
  let house: DatabasesHouse;
  let real: RealDatabaseServer;
  const dev = databaseClass('dev');
  const orders = backend.engine === 'postgres' ? postgres('orders') : mysql('orders');
  const PATH = 'databases/shop/orders';

  beforeAll(async () => {
    [house, real] = await Promise.all([openDatabasesHouse(), backend.start()]);
    await house.askVault('POST', 'secret/data/admins/dev', { data: { password: real.password } });
    await house.create(dev, {
      provider: 'server',
      limits: { databases: 2 },
      server: {
        engine: backend.engine,
        host: '127.0.0.1',
        port: real.port,
        overlap: 2,
        admin: { username: real.username, vaultPath: 'admins/dev' },
      },
    });
    await house.reaches(dev, 'Ready', 'True');
  }, 90_000);
  afterEach(async () => {
    expect(house.rds.listCreations()).toEqual([]);
  });
  afterAll(async () => {
    await house?.close();
    await real?.stop();
  });

  const login = async (credentials: Readonly<Record<string, unknown>>) => {
    const { username, password, database } = credentials;
    const client = await backend.connect(real.port, String(username), String(password), String(database));
    const rows = await client.query('SELECT 1 AS name').finally(() => client.close());
    return rows.length === 1;
  };
  const credentials = () => ({ ...house.vault.readSecret(PATH) });

  it('gives credentials that log in, others after a rotation, and leaves nothing', async () => {
    const engine = backend.engine === 'postgres' ? {} : { engine: backend.engine };
    await house.create(orders, { ...engine, class: 'dev', credentials: { secret: 'orders-db' } });
    const outputs = await house.ready(orders);
    expect(outputs).toMatchObject({ provider: 'server', endpoint: '127.0.0.1', port: real.port });
    expect(house.keys(PATH)).toMatchObject({ database: outputs.database, port: String(real.port) });
    const first = credentials();
    expect(await login(first)).toBe(true);

    await house.change(orders, { credentials: { rotation: 'two' } });
    await house.ready(orders);
    const second = credentials();
    expect(second.username).not.toBe(first.username);
    expect(await login(second)).toBe(true);
    await house.corrected('the former credentials do not log in any more', () =>
      login(first).then(
        () => false,
        () => true,
      ),
    );
    expect(await login(second)).toBe(true);
    await house.ready(orders);

    const shown = await house.shown();
    for (const { password } of [first, second, { password: real.password }]) {
      expect(shown).not.toContain(String(password));
    }
    await house.removed(orders);
    await expect(login(second)).rejects.toThrow();
    const admin = await backend.connect(real.port, real.username, real.password);
    const names = [...(await admin.query(backend.users)), ...(await admin.query(backend.databases))];
    await admin.close();
    expect(names.map(({ name }) => String(name)).filter((name) => name.startsWith('db_'))).toEqual([]);
    expect(house.vault.listSecrets()).toEqual(['admins/dev']);
  }, 60_000);

  it('puts a password right that somebody has changed on the server, and a user that is locked out', async () => {
    await house.create(orders, { class: 'dev' });
    await house.ready(orders);
    const known = credentials();
    const name = String(known.username);
    const isPostgres = backend.engine === 'postgres';
    const spoil = async (sql: string) => {
      const admin = await backend.connect(real.port, real.username, real.password);
      await admin.query(sql).finally(() => admin.close());
      await expect(login(known)).rejects.toThrow();
    };
    const isLetIn = () =>
      login(known).then(
        () => true,
        () => false,
      );
    await spoil(
      isPostgres ? `ALTER ROLE ${name} PASSWORD 'theirs'` : `ALTER USER '${name}'@'%' IDENTIFIED BY 'theirs'`,
    );
    await house.corrected('the published password holds again', isLetIn);
    await house.ready(orders);
    await spoil(isPostgres ? `ALTER ROLE ${name} NOLOGIN` : `ALTER USER '${name}'@'%' ACCOUNT LOCK`);
    await house.corrected('it is let in again', isLetIn);
    await house.ready(orders);
    expect(credentials()).toEqual(known);
    await house.corrected(
      'a look shows nothing any more',
      async () => (await house.resources().explain('orders')).difference.length === 0,
    );
    expect(await house.shown()).not.toContain(String(known.password));
    await house.removed(orders);
  }, 60_000);

  it('has neither replicas nor snapshots', async () => {
    await house.create(orders, { class: 'dev', restoreFrom: { snapshot: 'x' } });
    const { conditions } = await house.reaches(orders, 'Ready', 'False', 'NotOnServer');
    expect(JSON.stringify(conditions)).toContain('needs snapshots, which the class dev has not: it is one server.');
    await house.removed(orders);
  });

  it('leaves what is as wished alone, and nothing when all is deleted', async () => {
    await house.create(orders, { class: 'dev' });
    await house.ready(orders);
    const before = credentials();
    for (let looks = 0; looks < 2; looks += 1) {
      await house.resources().reconcile(`databases.${orders.kind.toLowerCase()}`, { dryRun: false });
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(await house.resources().explain('orders')).toMatchObject({ state: 'unchanged', difference: [] });
    expect(credentials()).toEqual(before);
    await house.removed(orders);
    await house.removed(dev);
    await house.askVault('DELETE', 'secret/metadata/admins/dev');
    await house.nothingLeft();
  }, 60_000);
});
