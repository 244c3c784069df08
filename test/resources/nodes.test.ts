import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKubernetesClient, type KubernetesClient, loadKubernetesConfig } from '../../src/kubernetes/index.ts';
import { isJsonObject } from '../../src/model/index.ts';
import {
  type ConsulSandbox,
  type KubernetesSandbox,
  startConsulSandbox,
  startKubernetesSandbox,
} from '../../src/sandbox/index.ts';
import { type Server, startServer } from '../../src/server.ts';
import { findPostgres, type PostgresServer } from '../store/postgres-server.ts';
import { declaration, declareThings, GROUP, writeThings } from './things.ts';

const API_VERSION = `${GROUP}/v1`;

describe.skipIf(findPostgres() === undefined)('two nodes on one PostgreSQL', () => {
  let directory: string;
  let postgres: PostgresServer;
  let kubernetes: KubernetesSandbox;
  let consul: ConsulSandbox;
  let client: KubernetesClient;
  let database: string;
  const servers: Server[] = [];

  beforeAll(async () => {
    const found = findPostgres();
    if (found === undefined) throw new Error('PostgreSQL went away.');
    directory = await mkdtemp(join(tmpdir(), 'petrel-nodes-'));
    [postgres, kubernetes, consul] = await Promise.all([found.start(), startKubernetesSandbox(), startConsulSandbox()]);
    database = await postgres.newSchema();
    await writeThings(directory, consul.url);
    await declareThings(directory, { thing: declaration('Thing', 'resync: 1\n') });
    const config = await loadKubernetesConfig({ url: kubernetes.url, token: kubernetes.token, env: {} });
    if (config === undefined) throw new Error('an explicit URL is always a configuration');
    client = createKubernetesClient(config);
    for (const name of ['one', 'two']) servers.push(await startNode(name));
  });
  afterAll(async () => {
    for (const server of servers) await server.stop(0);
    await client.close();
    await Promise.all([kubernetes.close(), consul.close()]);
    await postgres.close();
    await rm(directory, { recursive: true, force: true });
  });

  const startNode = (name: string) =>
    startServer({
      data: join(directory, name),
      database,
      packs: [join(directory, 'packs')],
      configs: join(directory, 'configs'),
      kubernetes: { url: kubernetes.url, token: kubernetes.token },
      port: 0,
      logFile: join(directory, `${name}.log`),
    });
  const until = async (what: string, look: () => boolean | Promise<boolean>) => {
    for (const deadline = Date.now() + 40_000; Date.now() < deadline; ) {
      if (await look()) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`It never came to this: ${what}`);
  };
  const works = (server: Server) => {
    try {
      return server.resources?.objects() !== undefined;
    } catch {
      return false;
    }
  };
  const post = async (names: readonly string[]) => {
    for (const name of names) {
      const metadata = { name, namespace: 'default' };
      await client.create({ apiVersion: API_VERSION, kind: 'Thing', metadata, spec: { value: name } });
    }
  };
  const exist = async (count: number) => {
    await until(`${count} things exist`, () => consul.listKeys().size === count);
    const store = servers[0]?.store;
    await until('all is concluded', async () =>
      ((await store?.listResources()) ?? []).every(({ exists, intent }) => exists === 'yes' && intent === undefined),
    );
  };

  it('reconcile one at a time, and each object is made once', async () => {
    await until('the kind is served', async () => {
      const served = client.resolve(API_VERSION, 'Thing');
      return await served.then(
        () => true,
        () => false,
      );
    });
    const names = (prefix: string) => Array.from({ length: 15 }, (_, index) => `${prefix}${index}`);
    await post(names('a'));
    await exist(15);
    expect(servers.filter(works)).toHaveLength(1);
    const leader = servers.findIndex(works);
    await servers[leader]?.stop(0);
    servers.splice(leader, 1);
    await post(names('b'));
    const follower = servers[0];
    await until('the other node goes on', () => follower !== undefined && works(follower));
    await exist(30);
    servers.push(await startNode('three'));
    await post(names('c'));
    await exist(45);
    expect(servers.filter(works)).toHaveLength(1);
    const listed = await follower?.store.listExecutions({ actionRef: 'things.put' }, { limit: 1000, offset: 0 });
    const uids = (listed?.items ?? []).map(({ context }) =>
      isJsonObject(context.resource) ? context.resource.uid : '',
    );
    expect([uids.length, new Set(uids).size]).toEqual([45, 45]);
  }, 120_000);
});
