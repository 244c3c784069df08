import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paginateDescribeDBInstances, RDSClient } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { startVaultSandbox } from '../../src/sandbox/index.ts';
import { API_VERSION, openDatabasePetrel, uidOf } from '../chaos/database-petrel.ts';
import type { Outside, Owned, PostedDatabase } from '../chaos/database-verdict.ts';
import { vaultOf } from '../chaos/database-world.ts';
import { consulProgram, startConsul } from '../real/consul.ts';
import { apiServerPrograms, startApiServer } from '../real/kube-apiserver.ts';
import { motoPlace, startMoto } from '../real/moto.ts';
import { backends } from './database-servers.ts';
import { liveManyDatabases, NAMESPACES } from './databases-many.ts';

const programs = apiServerPrograms();
const mariadb = backends().find(({ engine }) => engine === 'mariadb');
const isThere = consulProgram() !== undefined && motoPlace() !== undefined && mariadb !== undefined;

/** 40 of the 200 are on a server, 10 of them among those that are deleted while they are created. */
const isOnServer = (index: number) => index % 10 === 0 || index % 20 === 2 || index % 20 === 6;

describe.skipIf(programs === undefined || !isThere)('a real API server, moto, Consul and MariaDB', () => {
  it('200 databases at once, 20 changed and 20 deleted while they are created: the end is exact, and nothing leaks', async () => {
    if (programs === undefined || mariadb === undefined) throw new Error('There is no API server or no MariaDB.');
    const directory = await mkdtemp(join(tmpdir(), 'petrel-real-databases-'));
    const [api, moto, consul, server, vault] = await Promise.all([
      startApiServer(programs),
      startMoto(),
      startConsul(),
      mariadb.start(),
      startVaultSandbox(),
    ]);
    const closing: (() => unknown)[] = [
      () => Promise.all([api.stop(), moto.stop(), consul.stop(), server.stop(), vault.close()]),
      () => rm(directory, { recursive: true, force: true }),
    ];
    try {
      const kubeconfig = join(directory, 'kubeconfig');
      const config = {
        'current-context': 'real',
        clusters: [{ name: 'real', cluster: { server: api.url, 'certificate-authority': api.authority } }],
        users: [{ name: 'real', user: { token: api.token } }],
        contexts: [{ name: 'real', context: { cluster: 'real', user: 'real', namespace: 'default' } }],
      };
      await writeFile(kubeconfig, JSON.stringify(config), { mode: 0o600 });
      const addresses = { kubernetes: { kubeconfig }, rds: moto, consul, vault };
      const petrel = await openDatabasePetrel(directory, addresses, NAMESPACES);
      closing.unshift(() => petrel.close());
      const credentials = { accessKeyId: 'story', secretAccessKey: 'story' };
      const rds = new RDSClient({ endpoint: moto.url, region: 'eu-west-1', credentials });
      closing.unshift(() => rds.destroy());
      const admin = await mariadb.connect(server.port, server.username, server.password);
      closing.unshift(() => admin.close());
      const names = async (sql: string) => (await admin.query(sql)).map(({ name }) => String(name)).sort();
      const before = { users: await names(mariadb.users), databases: await names(mariadb.databases) };

      const secret = await fetch(`${vault.url}/v1/secret/data/admin/mariadb`, {
        method: 'POST',
        headers: { 'x-vault-token': vault.token },
        body: JSON.stringify({ data: { password: server.password } }),
      });
      expect(secret.status).toBe(200);
      await petrel.client.create({
        apiVersion: API_VERSION,
        kind: 'DatabaseClass',
        metadata: { name: 'dev' },
        spec: {
          provider: 'server',
          server: {
            engine: 'mariadb',
            host: '127.0.0.1',
            port: server.port,
            admin: { username: server.username, vaultPath: 'admin/mariadb' },
          },
        },
      });

      const login = ({ namespace, name }: PostedDatabase) => vault.readSecret(`databases/${namespace}/${name}`);
      const outside = async (): Promise<Outside> => ({
        ...(await petrel.inside()),
        instances: await instancesOf(rds),
        snapshots: [],
        // moto keeps no book of them; what was created twice under two names is left over.
        creations: [],
        consulKeys: await keysOf(consul.url),
        ...vaultOf(vault),
        // Whether they log in, only a database can say: on the server they are tried, and moto has none.
        logsIn: (object) => typeof login(object)?.password === 'string',
      });
      const look = async (objects: readonly PostedDatabase[]) => {
        const onServer = objects.filter(({ spec }) => spec.class === 'dev');
        expect(onServer).toHaveLength(30);
        for (const object of onServer) {
          const { username, password, database } = login(object) ?? {};
          const team = await mariadb.connect(server.port, String(username), String(password), String(database));
          await team.query('CREATE TABLE orders (id INT)');
          await team.close();
        }
        expect(await instancesOf(rds)).toHaveLength(150);
      };
      const specOf = (index: number) => (isOnServer(index) ? { class: 'dev', engine: 'mariadb' } : {});
      const { up, down } = await liveManyDatabases({ petrel, outside, specOf, look, patience: 300_000 });
      console.info(
        `200 databases: ${Math.round(up / 1000)} s until all were as wished, ${Math.round(down / 1000)} s until all were gone`,
      );
      expect(await instancesOf(rds)).toEqual([]);
      expect(await names(mariadb.users)).toEqual(before.users);
      // The pack keeps a book of its own on a server.
      expect((await names(mariadb.databases)).filter((name) => name !== 'petrel')).toEqual(before.databases);
    } finally {
      for (const close of closing) await close();
    }
  }, 900_000);
});

async function instancesOf(rds: RDSClient): Promise<Owned[]> {
  const found: Owned[] = [];
  for await (const { DBInstances = [] } of paginateDescribeDBInstances({ client: rds }, {})) {
    for (const one of DBInstances) {
      const tag = one.TagList?.find(({ Key }) => Key === 'petrel.dev/owner')?.Value;
      found.push({
        id: one.DBInstanceIdentifier ?? '',
        uid: uidOf(tag),
        ...(one.DBInstanceClass !== undefined && { instanceClass: one.DBInstanceClass }),
        ...(one.AllocatedStorage !== undefined && { storage: one.AllocatedStorage }),
      });
    }
  }
  return found;
}

async function keysOf(url: string): Promise<ReadonlyMap<string, string>> {
  const response = await fetch(`${url}/v1/kv/databases/?recurse=true`);
  if (response.status === 404) return new Map();
  const entries = (await response.json()) as readonly { Key: string; Value: string | null }[]; // Consul's documented answer
  return new Map(entries.map(({ Key, Value }) => [Key, Buffer.from(Value ?? '', 'base64').toString()]));
}
