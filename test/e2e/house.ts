import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChainSetting } from '../../src/cli/story/chain.ts';
import { type PetrelView, viewPetrel } from '../../src/cli/story/petrel.ts';
import type { Narrator } from '../../src/cli/story/step.ts';
import { type Addresses, openWorld, packConfigs, type World } from '../../src/cli/story/world.ts';
import {
  type ConsulSandbox,
  type KubernetesSandbox,
  type RdsSandbox,
  startConsulSandbox,
  startKubernetesSandbox,
  startRdsSandbox,
  startVaultSandbox,
  type VaultSandbox,
} from '../../src/sandbox/index.ts';
import { type Server, type ServerOptions, startServer } from '../../src/server.ts';
import { CHAIN_PACK } from '../../src/shipped-packs.ts';

export interface StandIns {
  readonly kubernetes: KubernetesSandbox;
  readonly rds: RdsSandbox;
  readonly consul: ConsulSandbox;
  readonly vault: VaultSandbox;
}

/** The stand-ins, a data directory, and a Petrel that can be stopped and started again over them. */
export interface House extends StandIns {
  readonly directory: string;
  readonly world: World;
  server(): Server;
  petrel(): PetrelView;
  setting(name?: string, namespace?: string): ChainSetting;
  startPetrel(options?: Partial<ServerOptions>): Promise<Server>;
  stopPetrel(): Promise<void>;
  close(): Promise<void>;
}

/** RDS states pass quickly: what is waited for here is not time. */
const DELAYS = { create: 100, modify: 100, reboot: 100, delete: 100 };

export const silent: Narrator = { chapter() {}, begin() {}, done() {}, failed() {} };

export async function openHouse(options: { rds?: { url: string }; consul?: { url: string } } = {}): Promise<House> {
  const directory = await mkdtemp(join(tmpdir(), 'petrel-house-'));
  const [kubernetes, rds, consul, vault] = await Promise.all([
    startKubernetesSandbox(),
    startRdsSandbox({ delays: DELAYS }),
    startConsulSandbox(),
    startVaultSandbox(),
  ]);
  const addresses: Addresses = {
    kubernetes: { url: kubernetes.url, token: kubernetes.token },
    rds: options.rds ?? { url: rds.url },
    consul: options.consul ?? { url: consul.url },
    vault: { url: vault.url, token: vault.token },
  };
  await writeConfigs(directory, addresses);
  const world = await openWorld(addresses);
  let running: Server | undefined;

  const house: House = {
    directory,
    world,
    kubernetes,
    rds,
    consul,
    vault,
    server() {
      if (running === undefined) throw new Error('Petrel is not running in this house.');
      return running;
    },
    petrel: () => viewPetrel(house.server()),
    setting: (name = 'orders', namespace = 'shop') => ({
      world,
      petrel: house.petrel(),
      narrator: silent,
      chainPack: CHAIN_PACK,
      namespace,
      name,
    }),
    async startPetrel(more = {}) {
      running = await startServer({
        data: join(directory, 'data'),
        configs: join(directory, 'configs'),
        kubernetes: { url: kubernetes.url, token: kubernetes.token },
        port: 0,
        packs: [CHAIN_PACK],
        logFile: join(directory, 'petrel.log'),
        ...more,
      });
      return running;
    },
    async stopPetrel() {
      await running?.stop(1000);
      running = undefined;
    },
    async close() {
      await house.stopPetrel();
      await world.close();
      await Promise.all([kubernetes.close(), rds.close(), consul.close(), vault.close()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
  return house;
}

export async function writeConfigs(directory: string, addresses: Addresses): Promise<void> {
  await mkdir(join(directory, 'configs'), { recursive: true });
  for (const [pack, values] of Object.entries(packConfigs(addresses))) {
    await writeFile(join(directory, 'configs', `${pack}.yaml`), JSON.stringify(values));
  }
}
