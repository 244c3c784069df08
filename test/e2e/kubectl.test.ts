import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { must, untilTrue } from '../../src/cli/story/step.ts';
import { CHAIN_PACK } from '../../src/shipped-packs.ts';
import { consulProgram, startConsul } from '../real/consul.ts';
import { motoPlace, startMoto } from '../real/moto.ts';
import { realComponent } from '../real.ts';
import { type House, openHouse, silent } from './house.ts';

const kubectlProgram = realComponent('kubectl', 'kubectl');

const MYSQLDB = `
apiVersion: example.dev/v1
kind: MysqlDb
metadata: {name: orders, namespace: shop, labels: {team: shop}}
spec: {engine: mysql, size: huge, storageGb: 100}
`;

let house: House | undefined;
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  await house?.close();
  house = undefined;
  for (const stop of stops.splice(0)) await stop();
});

async function kubectl(args: readonly string[], signal?: AbortSignal): Promise<string> {
  const open = must(house, 'the house is not open');
  const env = { PATH: process.env.PATH, HOME: open.directory, KUBECONFIG: join(open.directory, 'kubeconfig') };
  return (await promisify(execFile)(kubectlProgram ?? '', args, { env, ...(signal && { signal }) })).stdout;
}

/** A team with kubectl, against whatever is behind `house`. */
async function teamStory({ world, directory, kubernetes }: House): Promise<void> {
  await writeFile(join(directory, 'kubeconfig'), kubernetes.kubeconfig, { mode: 0o600 });
  await writeFile(join(directory, 'orders.yaml'), MYSQLDB);
  await kubectl(['apply', '-f', join(CHAIN_PACK, 'crds', 'mysqldb.yaml')]);
  await kubectl(['create', 'namespace', 'shop']);
  const watch = new AbortController();
  const watching = kubectl(['get', 'mysqldbs', '-n', 'shop', '--watch', '-o', 'name'], watch.signal).catch((error) =>
    String(error.stdout),
  );
  await kubectl(['apply', '-f', join(directory, 'orders.yaml')]);
  await kubectl(['wait', '--for=condition=Ready', '-n', 'shop', 'mysqldb/orders', '--timeout=60s']);

  const table = await kubectl(['get', 'mysqldbs', '-n', 'shop']);
  expect(table.split('\n')[0]).toMatch(/^NAME +ENGINE +VERSION +SIZE +PHASE +ENDPOINT +AGE$/);
  expect(table).toMatch(/orders +mysql +8\.0 +huge +Ready +\S+/);
  const described = await kubectl(['describe', 'mysqldb', 'orders', '-n', 'shop']);
  expect(described).toContain('The database is available.');
  const status = JSON.parse(await kubectl(['get', 'mysqldb', 'orders', '-n', 'shop', '-o', 'jsonpath={.status}']));
  const [instance] = await world.instances();
  expect(instance).toMatchObject({ DBInstanceIdentifier: status.instance, DBInstanceClass: 'db.r5.8xlarge' });
  const keys = await world.consulKeys('mysqldb/shop/orders/');
  expect(keys.get('mysqldb/shop/orders/host')).toBe(status.endpoint);
  expect(await world.vaultSecret('mysqldb/shop/orders')).toMatchObject({ username: 'petrel' });

  await kubectl(['delete', 'mysqldb', 'orders', '-n', 'shop', '--wait']);
  await untilTrue(silent, 'everything is gone', async () => {
    must((await world.instances()).length === 0, 'the instance is left');
    must((await world.consulKeys('mysqldb/')).size === 0, 'keys are left');
    must((await world.vaultSecret('mysqldb/shop/orders')) === undefined, 'the secret is left');
    return { detail: '' };
  });
  watch.abort();
  expect(await watching).toContain('mysqldb.example.dev/orders');
}

describe('a team with kubectl posts, watches and deletes a MysqlDb', () => {
  it.runIf(kubectlProgram !== undefined)(
    'against the sandbox servers',
    async () => {
      house = await openHouse();
      await house.startPetrel();
      await teamStory(house);
    },
    120_000,
  );

  it.runIf(kubectlProgram !== undefined && motoPlace() !== undefined && consulProgram() !== undefined)(
    'with a real Consul and moto behind Petrel',
    async () => {
      const [rds, consul] = await Promise.all([startMoto(), startConsul()]);
      stops.push(rds.stop, consul.stop);
      house = await openHouse({ rds, consul });
      await house.startPetrel();
      await teamStory(house);
    },
    120_000,
  );
});
