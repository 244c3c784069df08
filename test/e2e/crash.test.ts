import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call } from '../../src/cli/client.ts';
import { must, untilTrue } from '../../src/cli/story/step.ts';
import { installKind } from '../../src/cli/story/story.ts';
import type { JsonObject } from '../../src/model/index.ts';
import { SHIPPED_PACKS } from '../../src/shipped-packs.ts';
import { type House, openHouse, silent } from './house.ts';
import { type PetrelProcess, startPetrelProcess } from './petrel-process.ts';

const API_VERSION = 'prsn.io/v1';
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

/** Kills Petrel when the chain of that action has requested its n-th task, and starts it again. Answers false when the chain ended before. */
async function killAtTask(action: string, task: number): Promise<boolean> {
  const reached = await untilTrue(silent, `task ${task} of ${action}`, async () => {
    const chain = must((await list(`/executions?action=${action}`))[0], 'no chain yet');
    const tasks = await list(`/executions?parent=${chain.id}`);
    const ended = chain.status !== 'running' && chain.status !== 'requested';
    must(tasks.length >= task || ended, `${tasks.length} tasks so far`);
    return { detail: '', before: tasks.length <= task && !ended };
  });
  await petrel?.kill();
  await start();
  return reached.before;
}

const setting = () => ({
  world: house.world,
  // installKind asks nothing of Petrel.
  petrel: {
    triggerInstances: list,
    enforcements: list,
    execution: async () => ({}),
    tasks: list,
    everythingShown: async () => '',
  },
  narrator: silent,
  databasesPack: join(SHIPPED_PACKS, 'databases'),
  namespace: 'shop',
  name: 'orders',
});

describe('SIGKILL between any two steps', () => {
  it('leaves one database, one set of keys and no orphan, and takes all away again', async () => {
    await start();
    await installKind(setting());
    await house.world.kubernetes.create({
      apiVersion: API_VERSION,
      kind: 'MysqlDb',
      metadata: { name: 'orders', namespace: 'shop' },
      spec: {},
    });
    const creating: boolean[] = [];
    for (let task = 1; task <= 7; task++) creating.push(await killAtTask('databases.db_create_chain', task));
    await untilTrue(silent, 'the resource is Ready', async () => {
      const object = must(await house.world.database(API_VERSION, 'shop', 'orders'), 'the resource is gone');
      must(
        (object.status as JsonObject | undefined)?.phase === 'Ready',
        `its status is ${JSON.stringify(object.status)}`,
      );
      return { detail: '' };
    });
    // The test would prove nothing if the chain had ended before the kills.
    expect(creating.filter(Boolean).length).toBeGreaterThanOrEqual(5);
    expect(house.rds.listInstances()).toHaveLength(1);
    expect([...house.consul.listKeys().keys()]).toEqual(
      ['engine', 'host', 'port', 'vault_path'].map((key) => `databases/shop/orders/${key}`),
    );
    expect(house.vault.listSecrets()).toEqual(['databases/shop/orders']);
    const [instance] = house.rds.listInstances();
    const secret = house.vault.readSecret('databases/shop/orders');
    expect(house.rds.hasPassword(instance?.identifier ?? '', String(secret?.password))).toBe(true);
    expect(await list('/executions?action=databases.db_create_chain')).toHaveLength(1);

    await house.world.kubernetes.delete({
      apiVersion: API_VERSION,
      kind: 'MysqlDb',
      namespace: 'shop',
      name: 'orders',
    });
    for (let task = 1; task <= 6; task++) await killAtTask('databases.db_delete_chain', task);
    await untilTrue(silent, 'everything is gone', async () => {
      must(house.rds.listInstances().length === 0, 'the instance is left');
      must(house.consul.listKeys().size === 0, 'keys are left');
      must(house.vault.listSecrets().length === 0, 'the secret is left');
      const [chain] = await list('/executions?action=databases.db_delete_chain');
      must(chain?.status === 'succeeded', `the chain is ${chain?.status}`);
      return { detail: '' };
    });
    expect(await list('/executions?action=databases.db_delete_chain')).toHaveLength(1);
  }, 180_000);
});
