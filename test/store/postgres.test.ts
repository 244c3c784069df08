import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresStore } from '../../src/store/index.ts';
import { storeConformance } from './conformance.ts';
import { execution, id, instance, key } from './given.ts';
import { findPostgres, type PostgresServer } from './postgres-server.ts';

const postgres = findPostgres();

describe.runIf(postgres !== undefined)('PostgreSQL', () => {
  let running: PostgresServer | undefined;
  const server = () => {
    if (running === undefined) throw new Error('The server is not running yet.');
    return running;
  };
  beforeAll(async () => {
    running = await postgres?.start();
  });
  afterAll(() => running?.close());

  storeConformance(() => server().openStore());

  describe('several nodes on one database', () => {
    it('may start at the same moment on an empty one', async () => {
      const url = await server().newSchema();
      const nodes = await Promise.all([1, 2, 3, 4].map(() => openPostgresStore({ url, connections: 1 })));
      await Promise.all(nodes.map((node, index) => node.putKey(key(`from ${index}`))));
      expect((await nodes[0]?.listKeys('system', '', '', { limit: 9, offset: 0 }))?.total).toBe(4);
      await Promise.all(nodes.map((node) => node.close()));
    });

    it('never let more hold places than there are, and forget nobody who waits', async () => {
      const url = await server().newSchema();
      const nodes = await Promise.all([1, 2, 3].map(() => openPostgresStore({ url, connections: 3 })));
      const COUNT = 150;
      await nodes[0]?.insertExecutions(Array.from({ length: COUNT }, (_, index) => execution(index + 1)));
      const groups = (number: number) => [
        { key: `a${number % 2}`, threshold: 3, whenFull: 'delay' as const },
        { key: `b${number % 3}`, threshold: 2, whenFull: 'delay' as const },
      ];
      const holding = new Map<string, number>();
      let done = 0;
      const work = async (node: (typeof nodes)[number], owner: string) => {
        for (let idle = 0; done < COUNT && idle < 500; ) {
          const claimed = await node.claimExecutions({ owner, limit: 10, now: 1000, leaseUntil: 1e9 });
          idle = claimed.length === 0 ? idle + 1 : 0;
          const runs = claimed.map(async ({ id: claimedId, attempt }) => {
            const asked = groups(Number.parseInt(claimedId, 16));
            const log = [{ status: 'delayed', timestamp: 1 }] as const;
            const request = { id: claimedId, attempt, groups: asked, ancestors: [], lookAgainAt: 60_000, log };
            if ((await node.admitExecution(request)).outcome !== 'admitted') return;
            for (const { key: name, threshold } of asked) {
              holding.set(name, (holding.get(name) ?? 0) + 1);
              expect(holding.get(name)).toBeLessThanOrEqual(threshold);
            }
            await new Promise((resolve) => setImmediate(resolve));
            for (const { key: name } of asked) holding.set(name, (holding.get(name) ?? 0) - 1);
            await node.finishExecution({ id: claimedId, attempt, status: 'succeeded', result: null, now: 1 });
            done += 1;
          });
          await Promise.all(runs);
        }
      };
      await Promise.all(nodes.map((node, index) => work(node, `node ${index}`)));
      expect(done).toBe(COUNT);
      await Promise.all(nodes.map((node) => node.close()));
    });

    it('never claim the same execution, nor two of one key', async () => {
      const url = await server().newSchema();
      const nodes = await Promise.all([1, 2, 3].map(() => openPostgresStore({ url, connections: 2 })));
      const rows = Array.from({ length: 120 }, (_, index) =>
        execution(index + 1, index % 2 === 0 ? { concurrencyKey: `k${index % 5}` } : {}),
      );
      await nodes[0]?.insertExecutions(rows);
      const active = new Set<string>();
      const taken: string[] = [];
      const work = async (node: (typeof nodes)[number], owner: string) => {
        for (let idle = 0; idle < 20 && taken.length < rows.length; ) {
          const claimed = await node.claimExecutions({ owner, limit: 4, now: 1, leaseUntil: 99999 });
          idle = claimed.length === 0 ? idle + 1 : 0;
          for (const item of claimed) {
            taken.push(item.id);
            if (item.concurrencyKey === undefined) continue;
            expect(active.has(item.concurrencyKey)).toBe(false);
            active.add(item.concurrencyKey);
          }
          for (const item of claimed) {
            if (item.concurrencyKey !== undefined) active.delete(item.concurrencyKey);
            await node.finishExecution({ id: item.id, attempt: 1, status: 'succeeded', result: null, now: 2 });
          }
        }
      };
      await Promise.all(nodes.flatMap((node, index) => [work(node, `${index}a`), work(node, `${index}b`)]));
      expect(taken.toSorted()).toEqual(rows.map((row) => row.id));
      await Promise.all(nodes.map((node) => node.close()));
    });

    it('get over deadlocks: transactions that touch the same rows in opposite order all succeed', async () => {
      const url = await server().newSchema();
      const nodes = await Promise.all([1, 2].map(() => openPostgresStore({ url, connections: 2 })));
      const names = Array.from({ length: 12 }, (_, index) => `name ${index}`);
      const write = (node: (typeof nodes)[number] | undefined, order: readonly string[], round: number) =>
        node?.transaction(async (tx) => {
          for (const name of order) await tx.putKey(key(name, { value: String(round) }));
        });
      for (let round = 0; round < 3; round += 1) {
        await Promise.all([write(nodes[0], names, round), write(nodes[1], names.toReversed(), round)]);
      }
      expect((await nodes[0]?.getKey('system', '', 'name 3'))?.value).toBe('2');
      await Promise.all(nodes.map((node) => node.close()));
    });

    it('store an event with a dedupe key once, whoever comes first', async () => {
      const url = await server().newSchema();
      const nodes = await Promise.all([1, 2].map(() => openPostgresStore({ url, connections: 2 })));
      const stored = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          nodes[index % 2]?.insertTriggerInstances([instance(index, { dedupeKey: 'same' })]),
        ),
      );
      expect(stored.filter((ids) => ids?.size === 1)).toHaveLength(1);
      await Promise.all(nodes.map((node) => node.close()));
    });
  });

  describe('a connection that breaks', () => {
    it('is replaced, and the work under way is done again: nothing of it was committed', async () => {
      const url = `${await server().newSchema()}&application_name=petrel_breaking`;
      const store = await openPostgresStore({ url, connections: 1 });
      let runs = 0;
      await store.transaction(async (tx) => {
        await tx.insertExecutions([execution(1)]);
        runs += 1;
        if (runs === 1) await server().disconnect('petrel_breaking');
        await tx.putKey(key('after'));
      });
      expect(runs).toBe(2);
      expect(await store.getExecution(id(1))).toBeDefined();
      await store.close();
    });

    it('while nobody uses it is reported, and replaced', async () => {
      const url = `${await server().newSchema()}&application_name=petrel_idle`;
      let report: (error: Error) => void = () => undefined;
      const reported = new Promise<Error>((resolve) => {
        report = resolve;
      });
      const store = await openPostgresStore({ url, connections: 1, onConnectionLost: (error) => report(error) });
      await server().disconnect('petrel_idle');
      expect((await reported).message).toContain('terminating connection');
      await store.putKey(key('again'));
      await store.close();
    });
  });

  it('that is not there is said to be unreachable, without the password', async () => {
    const url = 'postgres://me:hush@127.0.0.1:1/none';
    const refused = await openPostgresStore({ url }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'unavailable', message: expect.stringContaining('127.0.0.1:1/none') });
    expect(String(refused)).not.toContain('hush');
  });
});
