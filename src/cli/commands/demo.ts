import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { messageOf, PetrelError } from '../../model/index.ts';
import { type Server, startServer } from '../../server.ts';
import { CHAIN_PACK, SHIPPED_PACKS } from '../../shipped-packs.ts';
import { openSqliteStore } from '../../store/index.ts';
import { onInterrupt } from '../interrupt.ts';
import type { GlobalOptions } from '../options.ts';
import { type StandIns, startStandIns } from '../stand-ins.ts';
import { type ChainSetting, createByChain, deleteByChain, installChainKind } from '../story/chain.ts';
import { terminalNarrator } from '../story/narrator.ts';
import { viewPetrel } from '../story/petrel.ts';
import { StoryFailed } from '../story/step.ts';
import {
  changeDatabase,
  createDatabase,
  deleteDatabase,
  driftOfDatabase,
  installKinds,
  oldForm,
  rotateCredentials,
} from '../story/story.ts';
import { openWorld } from '../story/world.ts';

interface DemoOptions extends GlobalOptions {
  readonly once?: boolean;
  readonly port: number;
}

/** Tells the story. With `once` it answers the exit code; else it answers after printing what to try next, and the servers stay up. */
export async function demo(options: DemoOptions): Promise<number> {
  const once = options.once === true;
  const narrator = terminalNarrator(process.stdout);
  const began = performance.now();
  const directory = once
    ? await mkdtemp(join(tmpdir(), 'petrel-demo-'))
    : await freshDirectory(join(options.data, 'demo'));
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
    if (once) await rm(directory, { recursive: true, force: true });
  };
  onInterrupt(close);
  try {
    const standIns = await startStandIns(directory);
    closers.push(() => standIns.close());
    const server = await startServerOn(once ? 0 : options.port, directory, standIns);
    closers.push(() => server.stop(1000));
    const world = await openWorld(standIns.addresses);
    closers.push(() => world.close());
    process.stdout.write(
      `Petrel serves ${server.url}; Kubernetes, RDS, Consul and Vault are sandbox servers on loopback (${seconds(began)}).\n`,
    );
    const setting: ChainSetting = {
      world,
      petrel: viewPetrel(server),
      narrator,
      chainPack: CHAIN_PACK,
      namespace: 'shop',
      name: 'orders',
    };
    await installKinds(setting);
    await createDatabase(setting);
    if (!once) {
      process.stdout.write(nextSteps(server, standIns, directory));
      return 0;
    }
    await changeDatabase(setting);
    await driftOfDatabase(setting);
    await rotateCredentials(setting);
    await deleteDatabase(setting);
    await installChainKind(setting);
    await createByChain(setting);
    await deleteByChain(setting);
    await oldForm(setting);
    process.stdout.write(`\nEverything happened as told, checked through the real protocols (${seconds(began)}).\n`);
    await close();
    return 0;
  } catch (error) {
    const what = error instanceof StoryFailed ? 'The story did not come true' : 'The demo could not be run';
    process.stderr.write(`\n${what}: ${messageOf(error)}\nThe log is in ${join(directory, 'petrel.log')}.\n`);
    for (const closer of closers.splice(0).reverse()) await closer().catch(() => undefined);
    return 1;
  }
}

/** The demo's stand-ins forget everything, so its data directory must, too; one that is in use is left alone (`locked`). */
async function freshDirectory(directory: string): Promise<string> {
  await (await openSqliteStore({ directory })).close();
  await rm(directory, { recursive: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return directory;
}

async function startServerOn(port: number, directory: string, { addresses }: StandIns): Promise<Server> {
  const options = {
    data: directory,
    kubernetes: 'url' in addresses.kubernetes ? addresses.kubernetes : {},
    packs: [CHAIN_PACK],
    watch: true,
    logFile: join(directory, 'petrel.log'),
  };
  try {
    return await startServer({ ...options, port });
  } catch (error) {
    // Somebody else has the usual port; the demo does not insist on it.
    if (error instanceof PetrelError && error.code === 'unavailable' && port !== 0)
      return await startServer({ ...options, port: 0 });
    throw error;
  }
}

function nextSteps(server: Server, { kubeconfig, addresses }: StandIns, directory: string): string {
  const here = (path: string) => relative(process.cwd(), path) || '.';
  const petrel = `npx petrel --data ${here(directory)}`;
  return `
Try next, in another terminal:
  ${petrel} execution list
  ${petrel} execution get last
  ${petrel} run core.local cmd=date
  export KUBECONFIG=${here(kubeconfig)}
  kubectl get mysqldbs.databases.petrel.dev -A
  kubectl patch mysqldbs.databases.petrel.dev orders -n shop --type merge -p '{"spec":{"size":"huge"}}'
  ${petrel} resource explain orders
  kubectl delete mysqldbs.databases.petrel.dev orders -n shop        and watch it all go
  curl ${addresses.consul.url}/v1/kv/databases/?recurse
  curl -H 'X-Vault-Token: ${addresses.vault.token}' ${addresses.vault.url}/v1/secret/data/databases/shop/orders

Packs are read from ${here(SHIPPED_PACKS)}; edit a file there and it is picked up at once. The API is at ${server.url}/api/v1
(token in ${here(join(directory, 'admin.token'))}), the log in ${here(join(directory, 'petrel.log'))}. Ctrl-C ends everything.
`;
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
