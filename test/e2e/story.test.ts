import { afterEach, describe, expect, it } from 'vitest';
import { changeByChain, createByChain, deleteByChain, installChainKind } from '../../src/cli/story/chain.ts';
import { must } from '../../src/cli/story/step.ts';
import {
  changeDatabase,
  createDatabase,
  deleteDatabase,
  driftOfDatabase,
  installKinds,
  oldForm,
  rotateCredentials,
} from '../../src/cli/story/story.ts';
import { consulProgram, startConsul } from '../real/consul.ts';
import { motoPlace, startMoto } from '../real/moto.ts';
import { findPostgres } from '../store/postgres-server.ts';
import { type House, openHouse } from './house.ts';

let house: House | undefined;
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  await house?.close();
  house = undefined;
  for (const stop of stops.splice(0)) await stop();
});

const nothingLeft = async ({ rds, consul, vault, server }: House) => {
  expect(rds.listInstances()).toEqual([]);
  expect([...consul.listKeys()]).toEqual([]);
  expect(vault.listSecrets()).toEqual([]);
  expect(vault.listPolicies()).toEqual(['default', 'root']);
  const { items } = await server().store.listKeys('system', '', '', { limit: 10, offset: 0 });
  expect(items).toEqual([]);
};

describe('the story of one database, through creation, change, drift, rotation and deletion', () => {
  it('comes true against the sandbox servers, in the form of 2016 as well', async () => {
    house = await openHouse();
    await house.startPetrel();
    const setting = house.setting();
    await installKinds(setting);
    await createDatabase(setting);
    await changeDatabase(setting);
    await driftOfDatabase(setting);
    await rotateCredentials(setting);
    await deleteDatabase(setting);
    await oldForm(setting);
    await nothingLeft(house);
    expect(await house.server().store.listResources()).toEqual([]);
  }, 90_000);

  const postgres = findPostgres();
  it.runIf(postgres !== undefined)(
    'comes true with PostgreSQL as the database, on two nodes one after the other',
    async () => {
      const database = await must(postgres, 'PostgreSQL is there').start();
      stops.push(database.close);
      house = await openHouse();
      const options = { database: await database.newSchema() };
      await house.startPetrel(options);
      const setting = house.setting();
      await installKinds(setting);
      await createDatabase(setting);
      await changeDatabase(setting);
      await house.stopPetrel();
      await house.startPetrel(options);
      await deleteDatabase(house.setting());
      await nothingLeft(house);
    },
    120_000,
  );

  it.runIf(motoPlace() !== undefined && consulProgram() !== undefined)(
    'comes true against a real Consul and moto',
    async () => {
      const [rds, consul] = await Promise.all([startMoto(), startConsul()]);
      stops.push(rds.stop, consul.stop);
      house = await openHouse({ rds, consul });
      await house.startPetrel();
      const setting = house.setting();
      await installKinds(setting);
      await createDatabase(setting);
      await changeDatabase(setting);
      await rotateCredentials(setting);
      await deleteDatabase(setting);
      expect(await house.world.instances()).toEqual([]);
      expect([...(await house.world.consulKeys(''))]).toEqual([]);
    },
    120_000,
  );
});

describe('the same story by rules and action-chains', () => {
  it('comes true against the sandbox servers', async () => {
    house = await openHouse();
    await house.startPetrel();
    const setting = house.setting();
    await installChainKind(setting);
    await createByChain(setting);
    await changeByChain(setting);
    await deleteByChain(setting);
    await nothingLeft(house);
    const { url, token } = house.server();
    const metrics = await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })).text();
    const counted = metrics
      .split('\n')
      .filter((line) => line.includes('_watch_events_total{') && line.includes('MysqlDb'));
    expect(counted.map((line) => /type="(\w+)"} (.*)$/.exec(line)?.slice(1))).toEqual([
      ['ADDED', '1'],
      ['MODIFIED', expect.stringMatching(/^[1-9]/)],
      ['DELETED', '1'],
    ]);
  }, 60_000);

  it.runIf(motoPlace() !== undefined && consulProgram() !== undefined)(
    'comes true against a real Consul and moto',
    async () => {
      const [rds, consul] = await Promise.all([startMoto(), startConsul()]);
      stops.push(rds.stop, consul.stop);
      house = await openHouse({ rds, consul });
      await house.startPetrel();
      const setting = house.setting();
      await installChainKind(setting);
      await createByChain(setting);
      await deleteByChain(setting);
      expect(await house.world.instances()).toEqual([]);
    },
    120_000,
  );
});
