import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from '../../src/server.ts';
import { findPostgres, type PostgresServer } from '../store/postgres-server.ts';

const postgres = findPostgres();

describe.runIf(postgres !== undefined)('a concurrency policy on two nodes with one database', () => {
  let database: PostgresServer | undefined;
  let directory = '';
  const nodes: Server[] = [];

  beforeAll(async () => {
    database = await postgres?.start();
    directory = await mkdtemp(join(tmpdir(), 'petrel-nodes-'));
    const pack = join(directory, 'packs', 'limited');
    for (const folder of ['actions', 'policies']) await mkdir(join(pack, folder), { recursive: true });
    await writeFile(join(pack, 'pack.yaml'), 'name: limited\ndescription: limited\nversion: 1.0.0\nauthor: test\n');
    const command = `echo + >> ${directory}/log; sleep 0.05; echo - >> ${directory}/log`;
    await writeFile(
      join(pack, 'actions', 'slow.yaml'),
      `name: slow\nrunner_type: local-shell-cmd\nparameters: {cmd: {default: ${JSON.stringify(command)}}}\n`,
    );
    await writeFile(
      join(pack, 'policies', 'slow.yaml'),
      'name: slow\nresource_ref: limited.slow\npolicy_type: action.concurrency\nparameters: {threshold: 2}\n',
    );
    const url = (await database?.newSchema()) ?? '';
    for (const name of ['first', 'second']) {
      nodes.push(
        await startServer({
          data: join(directory, name),
          packs: [join(directory, 'packs')],
          database: url,
          port: 0,
          logFile: join(directory, `${name}.log`),
        }),
      );
    }
  });

  afterAll(async () => {
    for (const node of nodes) await node.stop(0);
    await database?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('is kept by both together, and who waits is run long before anybody looks again', async () => {
    const requests = Array.from({ length: 20 }, (_, index) =>
      nodes[index % 2]?.executions.request({ actionRef: 'limited.slow', parameters: {}, user: 'ann' }),
    );
    const ids = (await Promise.all(requests)).map((execution) => execution?.id ?? '');
    for (const deadline = Date.now() + 20_000; ; ) {
      const { total } = (await nodes[0]?.store.listExecutions({ ids, statuses: ['succeeded'] }, PAGE)) ?? { total: 0 };
      if (total === ids.length) break;
      if (Date.now() > deadline) throw new Error(`Only ${total} of ${ids.length} have ended.`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    let running = 0;
    let most = 0;
    for (const sign of (await readFile(join(directory, 'log'), 'utf8')).trim().split('\n')) {
      running += sign === '+' ? 1 : -1;
      most = Math.max(most, running);
    }
    expect(most).toBe(2);
  });
});

const PAGE = { limit: 100, offset: 0 };
