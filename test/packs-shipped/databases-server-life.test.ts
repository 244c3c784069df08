import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/model/index.ts';
import { type Server, startServer } from '../../src/server.ts';
import { call } from '../call.ts';
import { freePort, type RealDatabaseServer } from '../real/processes.ts';
import { backends, settingsOf } from './database-servers.ts';

const ENSURE = 'databases.server_ensure';
const RETIRE = 'databases.server_retire';
const REMOVE = 'databases.server_remove';
const owner = { name: 'shop-orders-1', tag: 'petrel/c1/databases.mysqldb/shop/orders/uid' };

const found = backends();
// Without any, the file would have no test at all, which is a failure.
if (found.length === 0) it.skip('needs a MariaDB or a PostgreSQL', () => undefined);

describe.each(found)('an existing server, worked on by Petrel: $engine', (backend) => {
  let directory: string;
  let petrel: Server;
  let real: RealDatabaseServer | undefined;

  const startPetrel = async () => {
    petrel = await startServer({
      data: join(directory, 'data'),
      port: 0,
      logFile: join(directory, 'petrel.log'),
      logLevel: 'debug',
    });
  };
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'petrel-server-life-'));
    await startPetrel();
  });
  afterEach(async () => {
    await petrel.stop(0);
    await real?.stop();
    real = undefined;
    await rm(directory, { recursive: true, force: true });
  });

  const request = async (actionRef: string, parameters: JsonObject) =>
    (await petrel.executions.request({ actionRef, parameters, user: 'ann' })).id;
  async function ended(id: string): Promise<{ status: string; result: JsonObject }> {
    const { status } = await petrel.executions.wait(id, AbortSignal.timeout(20_000));
    const result = await petrel.store.getResult(id);
    if (!isJsonObject(result)) throw new Error('the runners of these actions answer objects');
    return { status, result: isJsonObject(result.result) ? result.result : result };
  }
  const run = async (actionRef: string, parameters: JsonObject) => ended(await request(actionRef, parameters));
  const api = async (path: string) =>
    (await call({ url: petrel.url, token: petrel.token }, 'GET', path)).body as JsonObject; // routes of one thing answer objects
  const outputOf = async (id: string) => (await petrel.store.listOutput(id, 0, 100)).map(({ data }) => data).join('');
  const passwordOf = async (key: unknown) => String((await api(`/keys/${key}?scope=st2kv.system&decrypt=true`)).value);

  it('waits for a server that is down, and rotates with a timer that outlasts a restart; no password is seen anywhere', async () => {
    const port = await freePort();
    const admin = {
      port,
      username: backend.engine === 'postgres' ? 'postgres_admin' : 'admin',
      password: 'real-admin-password',
    };
    const server = { ...settingsOf({ ...admin, stop: async () => {} }) } as JsonObject; // settings of a test are JSON
    const input = { owner, engine: backend.engine, server };
    const first = await request(ENSURE, { ...input, rotation: 'r1', overlap: 3 });
    // Tried in vain at least once before there is a server.
    await until(async () => (await outputOf(first)).includes('does not answer'));
    real = await backend.start({ port });
    const made = await ended(first);
    expect(made).toMatchObject({ status: 'succeeded', result: { rotation: 'r1', retiring: null } });
    const rotated = await run(ENSURE, { ...input, rotation: 'r2', previous_rotation: 'r1', overlap: 3 });
    expect(rotated).toMatchObject({ status: 'succeeded', result: { rotation: 'r2', retiring: made.result.username } });
    const passwords = [await passwordOf(made.result.password_key), await passwordOf(rotated.result.password_key)];
    const logsIn = async (which: 0 | 1) => {
      const { username, database } = [made, rotated][which]?.result ?? {};
      const client = await backend
        .connect(port, String(username), passwords[which] ?? '', String(database))
        .catch(() => undefined);
      await client?.close();
      return client !== undefined;
    };
    const retiring = await request(RETIRE, input);
    expect([await logsIn(0), await logsIn(1)]).toEqual([true, true]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await petrel.stop(0);
    await startPetrel();
    expect([await logsIn(0), await logsIn(1)]).toEqual([true, true]);
    expect(await ended(retiring)).toEqual({ status: 'succeeded', result: { retired: made.result.username } });
    expect([await logsIn(0), await logsIn(1)]).toEqual([false, true]);
    const seen = JSON.stringify(await Promise.all([first, retiring].map((id) => api(`/executions/${id}`))));
    expect(seen).toContain('********');
    const wrong = { ...input, server: { ...server, admin_password: 'wrong-admin-password' } };
    const refused = await run(REMOVE, wrong);
    expect(refused).toMatchObject({ status: 'failed' });
    expect(String(refused.result.error)).toContain('refused its administrator');
    expect(await run(REMOVE, input)).toEqual({ status: 'succeeded', result: { existed: true } });
    await petrel.stop(0);
    const secrets = [...passwords, 'real-admin-password', 'wrong-admin-password'];
    const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
    for (const file of files) {
      const text = await readFile(join(file.parentPath, file.name), 'latin1');
      for (const secret of secrets) expect(`${file.name}: ${text.includes(secret)}`).toBe(`${file.name}: false`);
    }
    for (const secret of secrets) expect(seen).not.toContain(secret);
  });
});

async function until(look: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    if (await look()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it never came to this');
}
