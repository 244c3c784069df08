import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PetrelError } from '../../src/model/index.ts';
import { API_VERSION, posted } from './database-petrel.ts';
import { databaseProblems, type PostedDatabase } from './database-verdict.ts';
import { type DatabaseWorld, openDatabaseWorld } from './database-world.ts';

export interface DatabaseChaosOptions {
  /** Each: databases posted, changed and deleted, while one thing goes wrong. */
  readonly rounds: number;
  /** From 0 up to, not including, 1. */
  random(): number;
  /** How many names there are. Default 10. */
  readonly names?: number;
  report?(line: string): void;
}

const NAMESPACES = ['shop', 'lab'];
/** Milliseconds until everything must be as wished when nothing goes wrong any more. */
const SETTLE = 180_000;

/**
 * Posts, changes, deletes and re-creates databases at random while Petrel is killed with SIGKILL, RDS throttles, fails, loses answers,
 * is late and slow, Consul and Vault go away, and the API server goes away or forgets. In the end exactly what is wished must exist,
 * everything created once, and no object hang; then everything is deleted, and nothing may be left. Answers how many were posted.
 */
export async function databaseChaos({
  rounds,
  random,
  names = 10,
  report = () => {},
}: DatabaseChaosOptions): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'petrel-database-chaos-'));
  const world = await openDatabaseWorld(directory, NAMESPACES);
  try {
    const team = new Team(world, names, random);
    const tally = new Map<string, number>();
    for (let round = 1; round <= rounds; round += 1) {
      const trouble = makeTrouble(random, world, team);
      for (let count = 0; count < 5; count += 1) {
        await team.wish();
        await sleep(random() * 120);
      }
      const what = await trouble;
      tally.set(what, (tally.get(what) ?? 0) + 1);
      if (round % 10 === 0) report(`${round} rounds, ${team.posted} databases posted`);
    }
    world.rds.faults.clear();
    world.consul.faults.clear();
    world.vault.faults.clear();
    await team.rests();
    await settles(world, team);
    report([...tally].map(([what, count]) => `${count} x ${what}`).join(', '));
    report(`as wished: ${(await world.objects()).length} databases`);
    await team.deletesAll();
    await settles(world, team);
    return team.posted;
  } finally {
    await world.close();
    await rm(directory, { recursive: true, force: true });
  }
}

interface Reference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Somebody who utters wishes, and remembers only whose snapshots there may and must be. What is wished, the API server knows. */
class Team {
  posted = 0;
  readonly mayHaveSnapshot = new Set<string>();
  readonly mustHaveSnapshot = new Set<string>();
  readonly #world: DatabaseWorld;
  readonly #names: number;
  readonly #random: () => number;
  /** Each answers what went wrong, if anything did. */
  readonly #again: Promise<unknown>[] = [];

  constructor(world: DatabaseWorld, names: number, random: () => number) {
    this.#world = world;
    this.#names = names;
    this.#random = random;
  }

  /** What the API server refuses or does not hear is no wish. */
  async wish(): Promise<void> {
    const index = Math.floor(this.#random() * this.#names);
    const reference = this.#reference(index);
    // Drawn in any case: what happens next must not depend on what there is.
    const [choice, size, storage] = [this.#random(), this.#random() < 0.5 ? 'small' : 'medium', this.#random()];
    await mayFail(async () => {
      const object = await this.#find(reference);
      if (object === undefined) return this.#create(index, size, choice);
      if (object.deleting) return;
      if (choice < 0.25) return void (await this.#world.client.patch(reference, { spec: { size } }));
      if (choice < 0.4) {
        const storageGb = Math.min(object.spec.storageGb + Math.ceil(storage * 20), 200);
        return void (await this.#world.client.patch(reference, { spec: { storageGb } }));
      }
      if (choice < 0.55) {
        const rotation = String(Math.floor(storage * 1e6));
        return void (await this.#world.client.patch(reference, { spec: { credentials: { rotation } } }));
      }
      await this.#delete(object, reference);
      // The same name again, as soon as the API server lets go of it.
      if (choice > 0.75) this.#again.push(this.#createAgain(index, size, choice).catch((error: unknown) => error));
    });
  }

  /** Waits until what is to be made again has been made. */
  async rests(): Promise<void> {
    for (const trouble of await Promise.all(this.#again.splice(0))) if (trouble !== undefined) throw trouble;
  }

  /** Posts a database and takes the wish back as soon as RDS has made it, when RDS does not show it yet. */
  async changesItsMind(): Promise<void> {
    const { rds, client } = this.#world;
    const reference = { apiVersion: API_VERSION, kind: 'MysqlDb', namespace: 'shop', name: `passing${this.posted}` };
    const { apiVersion, kind, namespace, name } = reference;
    await mayFail(() => client.create({ apiVersion, kind, metadata: { namespace, name }, spec: { size: 'small' } }));
    this.posted += 1;
    const isMade = () => rds.listCreations().some(({ identifier }) => identifier.startsWith(`db-shop-${name}-`));
    for (let tries = 0; tries < 200 && !isMade(); tries += 1) await sleep(25);
    await mayFail(() => client.delete(reference));
  }

  async deletesAll(): Promise<void> {
    for (const object of await this.#world.objects()) {
      const { kind, namespace, name } = object;
      await this.#delete(object, { apiVersion: API_VERSION, kind, namespace, name });
    }
  }

  #reference(index: number): Reference {
    const kind = index % 2 === 0 ? 'MysqlDb' : 'PostgresDb';
    return { apiVersion: API_VERSION, kind, namespace: NAMESPACES[index % 3 === 0 ? 1 : 0] ?? '', name: `db${index}` };
  }

  async #find(reference: Reference): Promise<PostedDatabase | undefined> {
    try {
      const object = posted(await this.#world.client.get(reference));
      if (object.spec.deletionPolicy === 'snapshot') this.mayHaveSnapshot.add(object.uid);
      return object;
    } catch (error) {
      if (error instanceof PetrelError && error.code === 'not_found') return undefined;
      throw error;
    }
  }

  async #create(index: number, size: string, choice: number): Promise<void> {
    const { apiVersion, kind, namespace, name } = this.#reference(index);
    const deletionPolicy = choice < 0.3 ? 'snapshot' : 'delete';
    const credentials = choice > 0.6 ? { credentials: { secret: `${name}-login` } } : {};
    await this.#world.client.create({
      apiVersion,
      kind,
      metadata: { namespace, name },
      spec: { size, storageGb: 20, deletionPolicy, ...credentials },
    });
    this.posted += 1;
  }

  async #createAgain(index: number, size: string, choice: number): Promise<void> {
    for (const deadline = Date.now() + SETTLE; Date.now() < deadline; await sleep(20)) {
      const done = await mayFail(async () => {
        if ((await this.#find(this.#reference(index))) === undefined) await this.#create(index, size, choice);
        else return (await this.#find(this.#reference(index)))?.deleting === false;
        return true;
      });
      if (done === true) return;
    }
    throw new Error(`${this.#reference(index).name} could not be made again: the one before does not go.`);
  }

  async #delete(object: PostedDatabase, reference: Reference): Promise<void> {
    await this.#world.client.delete(reference);
    if (object.spec.deletionPolicy !== 'snapshot') return;
    this.mayHaveSnapshot.add(object.uid);
    if (object.ready) this.mustHaveSnapshot.add(object.uid);
  }
}

/** Undefined when the API server was away, or had changed its mind meanwhile. */
async function mayFail<T>(attempt: () => Promise<T>): Promise<T | undefined> {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof PetrelError)) throw error;
    if (!['unavailable', 'conflict', 'not_found', 'timeout'].includes(error.code)) throw error;
    return undefined;
  }
}

/** One thing goes wrong; answers what. */
async function makeTrouble(random: () => number, world: DatabaseWorld, team: Team): Promise<string> {
  const { kubernetes, rds, consul, vault, restart } = world;
  const [when, which, long, seed] = [random(), random(), random(), random()];
  const away = async (server: { stop(): Promise<void>; start(): Promise<void> }) => {
    await server.stop();
    await sleep(200 + long * 800);
    await server.start();
  };
  const troubles: readonly (readonly [string, () => Promise<void> | void])[] = [
    ...Array.from({ length: 5 }, () => ['SIGKILL', restart] as const),
    [
      'trouble of all kinds at RDS',
      async () => {
        const rates = { throttled: 0.15, unavailable: 0.1, cut: 0.1, lost: 0.15, slow: 0.1, slowness: 150 };
        rds.faults.setRates({ seed: Math.floor(seed * 2 ** 32), ...rates });
        await sleep(500 + long * 1500);
        rds.faults.setRates({});
      },
    ],
    // Twice, as the SDK asks again by itself; then Petrel dies before anybody has looked.
    [
      'creation with a lost answer and SIGKILL',
      async () => {
        rds.faults.loseAnswers({ count: 2, action: 'Create' });
        await sleep(long * 200);
        await restart();
      },
    ],
    ['deletion with a lost answer', () => rds.faults.loseAnswers({ count: 4, action: 'DeleteDB' })],
    ['throttling', () => rds.faults.fail({ status: 400, code: 'Throttling', message: 'Rate exceeded', seconds: 1 })],
    ['RDS away', () => away(rds)],
    ['Consul away', () => away(consul)],
    ['Vault away', () => away(vault)],
    ['answers of Consul lost', () => consul.faults.loseAnswers({ count: 3 })],
    ['answers of Vault lost', () => vault.faults.loseAnswers({ count: 3 })],
    ['API server away', () => away({ stop: kubernetes.faults.stop, start: kubernetes.faults.start })],
    [
      'history of the API server forgotten',
      () => {
        kubernetes.faults.compact();
        kubernetes.faults.expireOpenWatches();
      },
    ],
    [
      'a key of Consul taken away',
      async () => {
        const [key] = [...consul.listKeys().keys()].filter((one) => one.endsWith('/host'));
        if (key !== undefined) await fetch(`${consul.url}/v1/kv/${key}`, { method: 'DELETE' }).catch(() => {});
      },
    ],
    // While RDS does not show yet what it has made.
    ...Array.from(
      { length: 3 },
      () => ['deletion right after the creation at RDS', () => team.changesItsMind()] as const,
    ),
  ];
  const [what, make] = troubles[Math.floor(which * troubles.length)] ?? ['nothing', () => {}];
  await sleep(when * 400);
  await make();
  return what;
}

/** Waits until everything is as wished; throws with what is not, when it does not come to that. */
async function settles(world: DatabaseWorld, team: Team): Promise<void> {
  for (const deadline = Date.now() + SETTLE; ; await sleep(250)) {
    const problems = databaseProblems(await world.objects(), await world.outside(), team);
    if (problems.length === 0) return;
    if (Date.now() > deadline) throw new Error(`Not as wished:\n  ${problems.join('\n  ')}`);
    await world.hasten();
  }
}
