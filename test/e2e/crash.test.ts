import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installChainKind } from '../../src/cli/story/chain.ts';
import { must, untilTrue } from '../../src/cli/story/step.ts';
import type { JsonObject } from '../../src/model/index.ts';
import { CHAIN_PACK } from '../../src/shipped-packs.ts';
import { call } from '../call.ts';
import { type House, openHouse, silent } from './house.ts';
import { type PetrelProcess, startPetrelProcess } from './petrel-process.ts';

const API_VERSION = 'example.dev/v1';
const CREATE_TASKS = [
  'specification',
  'report_creating',
  'create',
  'wait',
  'configuration',
  'credentials',
  'report_ready',
];
const DELETE_TASKS = ['names', 'credentials', 'configuration', 'delete', 'wait', 'password'];
let house: House;
let petrel: PetrelProcess | undefined;

beforeEach(async () => {
  house = await openHouse();
});
afterEach(async () => {
  await petrel?.kill();
  petrel = undefined;
  await house.close();
});

async function start(): Promise<PetrelProcess> {
  petrel = await startPetrelProcess([
    '--data',
    join(house.directory, 'data'),
    '--configs',
    join(house.directory, 'configs'),
    '--packs',
    CHAIN_PACK,
    '--kubernetes-url',
    house.kubernetes.url,
    '--kubernetes-token',
    house.kubernetes.token,
  ]);
  return petrel;
}

async function list(path: string): Promise<readonly JsonObject[]> {
  const token = (await readFile(join(house.directory, 'data', 'admin.token'), 'utf8')).trim();
  const url = petrel?.url ?? '';
  return (await call({ url, token }, 'GET', path)).body as readonly JsonObject[]; // lists answer arrays
}

/**
 * Kills Petrel as soon as the newest chain of that action has requested its n-th task, and starts it again. Answers how many tasks
 * there were when it was killed. Looks without a pause: a step takes a few milliseconds.
 */
async function killAtTask(action: string, chains: number, task: number): Promise<number> {
  let seen = 0;
  while (seen < task) {
    const found = await list(`/executions?action=${action}`);
    if (found.length < chains) continue;
    seen = (await list(`/executions?parent=${found[0]?.id}&exclude_attributes=result`)).length;
  }
  await petrel?.kill();
  await start();
  return seen;
}

const setting = () => ({
  world: house.world,
  // installChainKind asks nothing of Petrel.
  petrel: {
    triggerInstances: list,
    enforcements: list,
    execution: async () => ({}),
    tasks: list,
    resources: async () => [],
    definition: async () => ({}),
    reconcile: async () => {},
    everythingShown: async () => '',
  },
  narrator: silent,
  chainPack: CHAIN_PACK,
  namespace: 'shop',
  name: 'orders',
});

describe('SIGKILL between any two steps', () => {
  it('leaves one database, one set of keys and no orphan, and takes all away again', async () => {
    await start();
    await installChainKind(setting());
    const names = CREATE_TASKS.map((_, index) => `db-${index + 1}`);
    const hits: number[] = [];
    for (const [index, name] of names.entries()) {
      const metadata = { name, namespace: 'shop' };
      await house.world.kubernetes.create({ apiVersion: API_VERSION, kind: 'MysqlDb', metadata, spec: {} });
      hits.push(await killAtTask('mysqldb.create_chain', index + 1, index + 1));
      await untilTrue(silent, `${name} is Ready`, async () => {
        const object = must(await house.world.database(API_VERSION, 'shop', name), 'the resource is gone');
        must(
          (object.status as JsonObject | undefined)?.phase === 'Ready',
          `its status is ${JSON.stringify(object.status)}`,
        );
        return { detail: '' };
      });
    }
    // The test would prove nothing if the kills came after the steps.
    expect(new Set(hits).size).toBeGreaterThanOrEqual(CREATE_TASKS.length - 2);
    expect(house.rds.listInstances()).toHaveLength(names.length);
    const keys = ['engine', 'host', 'port', 'vault_path'];
    expect([...house.consul.listKeys().keys()]).toEqual(
      names.flatMap((name) => keys.map((key) => `mysqldb/shop/${name}/${key}`)),
    );
    expect(house.vault.listSecrets()).toEqual(names.map((name) => `mysqldb/shop/${name}`));
    for (const name of names) {
      const object = must(await house.world.database(API_VERSION, 'shop', name), 'the resource is gone');
      const { instance } = object.status as { instance: string }; // the status of the pack's CRD
      const secret = house.vault.readSecret(`mysqldb/shop/${name}`);
      expect(house.rds.hasPassword(instance, String(secret?.password))).toBe(true);
    }
    expect(await list('/executions?action=mysqldb.create_chain')).toHaveLength(names.length);

    for (const [index, name] of names.entries()) {
      await house.world.kubernetes.delete({ apiVersion: API_VERSION, kind: 'MysqlDb', namespace: 'shop', name });
      if (index < DELETE_TASKS.length) await killAtTask('mysqldb.delete_chain', index + 1, index + 1);
    }
    await untilTrue(silent, 'everything is gone', async () => {
      must(house.rds.listInstances().length === 0, 'instances are left');
      must(house.consul.listKeys().size === 0, 'keys are left');
      must(house.vault.listSecrets().length === 0, 'secrets are left');
      const chains = await list('/executions?action=mysqldb.delete_chain');
      must(chains.length === names.length, `${chains.length} chains`);
      must(
        chains.every(({ status }) => status === 'succeeded'),
        'a chain is not through',
      );
      return { detail: '' };
    });
  }, 180_000);
});
