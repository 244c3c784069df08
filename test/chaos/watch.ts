import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../../src/model/index.ts';
import { call } from '../call.ts';
import { type PetrelProcess, startServing } from '../e2e/petrel-process.ts';
import { type BusyCluster, startBusyCluster, WIDGETS } from './watch-cluster.ts';
import type { BadServer } from './watch-faults.ts';
import { differences, type Seen } from './watch-verdict.ts';

const PROGRAM = fileURLToPath(new URL('petrel-in-haste.mjs', import.meta.url));
const ROUND = 150;

export interface WatchChaosOptions {
  /** Is closed in the end. */
  readonly server: BadServer;
  /** At least so many changes are written. */
  readonly changes: number;
  /** From 0 up to, not including, 1. */
  random(): number;
  report?(line: string): void;
}

export interface WatchChaosResult {
  readonly changes: number;
  readonly events: number;
  readonly kills: number;
  /** Watches that were refused for history that is gone; those before a kill are not always counted. */
  readonly expired: number;
  readonly faults: Readonly<Record<string, number>>;
}

/**
 * Writes to a cluster while its API server misbehaves and Petrel is killed with SIGKILL at random instants, and compares what Petrel handed over with what was written (`differences` says what must be seen). Every second round loses history. A second
 * rule reads one field and coalesces: its last event of each object must show the last value, and none may repeat the one before.
 * Each event of the first rule must have made exactly one execution. Throws where anything differs.
 */
export async function watchChaos({
  server,
  changes,
  random,
  report = () => {},
}: WatchChaosOptions): Promise<WatchChaosResult> {
  const directory = await mkdtemp(join(tmpdir(), 'petrel-chaos-'));
  const closers = [() => server.close(), () => rm(directory, { recursive: true, force: true })];
  const injected: Record<string, number> = {};
  let kills = 0;
  let expired = 0;
  try {
    const cluster = await startBusyCluster(
      await writeKubeconfig(join(directory, 'writers'), server, server.url),
      random,
    );
    closers.unshift(() => cluster.close());
    const kubeconfig = await writeKubeconfig(join(directory, 'kubeconfig'), server, server.petrelUrl);
    const petrel = keepPetrel(directory, [kubeconfig, String(server.silence)]);
    closers.unshift(() => petrel.kill());
    await writePack(join(directory, 'packs', 'chaos'));
    await petrel.start();
    await caughtUp(cluster, petrel);
    const rounds = Math.ceil(changes / ROUND);
    for (let round = 1; round <= rounds; round += 1) {
      // The server changes its ways within rounds that may lose something: doing so may lose something too.
      if (!isLossy(round)) {
        await server.forgets(false);
        await caughtUp(cluster, petrel);
      }
      cluster.nextRound();
      if (isLossy(round)) await server.forgets(true);
      const faults = Object.entries(isLossy(round) ? server.lossy : server.harmless);
      const size = Math.min(ROUND, changes - (round - 1) * ROUND);
      const writing = cluster.write(size).then(() => true);
      while (!(await Promise.race([writing, sleep(10 + random() * 100, false)]))) {
        const [name, inject] = faults[Math.floor(random() * faults.length)] ?? ['', () => {}];
        injected[name] = (injected[name] ?? 0) + 1;
        await inject(cluster, random);
        if (random() > 0.2) continue;
        kills += 1;
        await petrel.restart();
      }
      await caughtUp(cluster, petrel);
      expired += await petrel.newlyExpired();
      if (round % 5 === 0) report(`round ${round} of ${rounds}: ${cluster.written.length} changes, ${kills} kills`);
    }
    const events = await petrel.events();
    const found = [
      ...differences(cluster.written, events.all, isLossy),
      ...coalescedDifferences(cluster, events.coalesced),
      ...(await executionDifferences(petrel, events.all.length)),
    ];
    if (found.length > 0) throw new Error(`${found.length} differences:\n${found.slice(0, 20).join('\n')}`);
    return { changes: cluster.written.length, events: events.all.length, kills, expired, faults: injected };
  } finally {
    for (const close of closers) await close();
  }
}

/** Answers its path. */
async function writeKubeconfig(path: string, { token, authority }: BadServer, server: string): Promise<string> {
  const cluster = { server, ...(authority === undefined ? {} : { 'certificate-authority': authority }) };
  const config = {
    'current-context': 'chaos',
    clusters: [{ name: 'chaos', cluster }],
    users: [{ name: 'chaos', user: { token } }],
    contexts: [{ name: 'chaos', context: { cluster: 'chaos', user: 'chaos', namespace: 'default' } }],
  };
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

/** Round 0 is the time before Petrel's first list, which shows the last state only. */
function isLossy(round: number): boolean {
  return round % 2 === 0;
}

/**
 * Waits until Petrel has handled all, and is done with every list: the first mark may have come by a list that is not complete, the
 * second, made after it, comes only when that list is over. No fault is left by then.
 */
async function caughtUp(cluster: BusyCluster, petrel: KeptPetrel): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) {
    const version = await cluster.mark();
    const end = Date.now() + 60_000;
    while (!(await petrel.hasSeen(version))) {
      if (Date.now() > end)
        throw new Error(`Petrel does not catch up with version ${version}. Its log: ${await petrel.log()}`);
      await sleep(20);
    }
  }
}

type KeptPetrel = ReturnType<typeof keepPetrel>;

/** A Petrel that is killed and started again over the same data directory. */
function keepPetrel(directory: string, place: readonly string[]) {
  const data = join(directory, 'data');
  let running: PetrelProcess | undefined;
  let expired = 0;
  const start = async () => {
    running = await startServing([PROGRAM, data, join(directory, 'packs'), ...place]);
  };
  const kill = async () => {
    await running?.kill();
    running = undefined;
    expired = 0;
  };
  const get = async (path: string): Promise<readonly JsonObject[]> => {
    const token = (await readFile(join(data, 'admin.token'), 'utf8')).trim();
    return (await call({ url: running?.url ?? '', token }, 'GET', path)).body as readonly JsonObject[]; // lists answer arrays
  };
  return {
    start,
    kill,
    get,
    async restart() {
      await kill();
      await start();
    },
    log: async () => (await readFile(`${data}.log`, 'utf8').catch(() => 'none')).slice(-3000),
    /** How many watches of this process were refused since the last question, for history that is gone. */
    async newlyExpired() {
      const token = (await readFile(join(data, 'admin.token'), 'utf8')).trim();
      const answer = await fetch(`${running?.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
      const lines = (await answer.text()).matchAll(/^petrel_watch_restarts_total\{.*reason="expired".*\} (\d+)$/gm);
      const before = expired;
      expired = [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
      return expired - before;
    },
    async hasSeen(version: string) {
      const newest = await get('/triggerinstances?trigger=kubernetes.resource&limit=500');
      return newest.some(({ payload }) => (payload as JsonObject).resourceVersion === version); // an instance's payload
    },
    /** All events, oldest first, of the rule on everything and of the one that coalesces. */
    async events() {
      const all = (await get('/triggerinstances?trigger=kubernetes.resource&limit=-1')).toReversed();
      const payloads = (coalesce: boolean) =>
        all
          .filter(({ parameters }) => ((parameters as JsonObject).coalesce === true) === coalesce)
          .map(({ payload }) => payload as JsonObject); // an instance's parameters and payload
      return { all: payloads(false).map(seenOf), coalesced: payloads(true) };
    },
  };
}

function seenOf({ uid, type, resourceVersion, synthesised }: JsonObject): Seen {
  return {
    uid: String(uid),
    type: type as Seen['type'], // as its schema says
    version: String(resourceVersion),
    synthesised: synthesised === true,
  };
}

function coalescedDifferences({ sizes, written }: BusyCluster, payloads: readonly JsonObject[]): readonly string[] {
  const found: string[] = [];
  const last = new Map<string, { readonly type: unknown; readonly size: unknown }>();
  for (const { uid, type, object } of payloads) {
    const { size } = (object as { spec: JsonObject }).spec; // the payload holds what the rule reads
    const before = last.get(String(uid));
    if ((type === 'ADDED') !== (before === undefined)) found.push(`${uid}: coalesced ${type} after ${before?.type}`);
    if (before?.type === 'DELETED') found.push(`${uid}: coalesced ${type} after its deletion`);
    if (type === 'MODIFIED' && before?.size === size)
      found.push(`${uid}: coalesced MODIFIED changes nothing (${size})`);
    last.set(String(uid), { type, size });
  }
  for (const [uid, size] of sizes) {
    if (last.get(uid)?.size !== size)
      found.push(`${uid}: coalesced events end with ${last.get(uid)?.size}, not ${size}`);
  }
  const deleted = new Set(written.filter(({ type }) => type === 'DELETED').map(({ uid }) => uid));
  for (const [uid, { type }] of last) {
    if ((type === 'DELETED') !== deleted.has(uid)) found.push(`${uid}: coalesced events end with ${type}`);
  }
  return found;
}

async function executionDifferences(petrel: KeptPetrel, events: number): Promise<readonly string[]> {
  const enforcements = await petrel.get('/ruleenforcements?rule_ref=chaos.all&limit=-1');
  const instances = new Set(enforcements.map(({ trigger_instance_id: id }) => id));
  if (enforcements.length === events && instances.size === events) return [];
  return [`${enforcements.length} executions for ${instances.size} of ${events} events`];
}

async function writePack(pack: string): Promise<void> {
  await mkdir(join(pack, 'rules'), { recursive: true });
  await writeFile(join(pack, 'pack.yaml'), 'name: chaos\ndescription: chaos\nversion: 1.0.0\nauthor: test\n');
  const rule = (name: string, parameters: object) =>
    writeFile(
      join(pack, 'rules', `${name}.yaml`),
      JSON.stringify({
        name,
        enabled: true,
        trigger: { type: 'kubernetes.resource', parameters: { ...WIDGETS, ...parameters } },
        action: { ref: 'core.noop' },
      }),
    );
  await rule('all', {});
  await rule('size', { fields: ['spec.size'], coalesce: true });
}
