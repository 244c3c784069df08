import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TriggerEvent } from '../../src/model/index.ts';
import { type KubernetesSensor, startKubernetesSensor } from '../../src/sensors/index.ts';
import { type ClusterModel, createClusterModel, WIDGETS } from './cluster-model.ts';
import { createMemorySystem, createTestRegistry, type MemorySystem, quick, rule, silent, until } from './support.ts';

type Step =
  | { readonly do: 'create' | 'spec' | 'status' | 'remove' | 'recreate'; readonly name: string }
  | { readonly do: 'close' | 'malformed' | 'reset' | 'bookmark' | 'restart' | 'breathe' | 'down' | 'up' }
  | { readonly do: 'compact' | 'gone' | 'expired' }
  | { readonly do: 'before' | 'after' | 'refuse' | 'unavailable' };

const names = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const changes = fc.record({ do: fc.constantFrom('create', 'spec', 'status', 'remove', 'recreate'), name: names });
const harmless = fc.record({
  do: fc.constantFrom(
    'close',
    'malformed',
    'reset',
    'bookmark',
    'restart',
    'breathe',
    'before',
    'after',
    'refuse',
    'unavailable',
    'down',
    'up',
  ),
});
const lossy = fc.record({ do: fc.constantFrom('compact', 'gone', 'expired') });

describe('The Kubernetes sensor, over random histories with random faults and restarts', () => {
  it('sees every version as long as the server keeps its history', async () => {
    const history = fc.array(fc.oneof({ weight: 3, arbitrary: changes }, harmless), { minLength: 5, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(history, fc.boolean(), async (steps, streams) => {
        const { cluster, system } = await play(steps as readonly Step[], streams); // the generators make these shapes only
        const happened = cluster.history.map(
          ({ type, object }) => `${type} ${object.metadata.uid} ${object.metadata.resourceVersion}`,
        );
        const seen = system.accepted.map(({ payload }) => `${payload.type} ${payload.uid} ${payload.resourceVersion}`);
        expect(seen).toEqual(happened);
      }),
      { numRuns: 150 },
    );
  });

  it('agrees with the cluster in the end, without repeating or inventing, when history was lost', async () => {
    const history = fc.array(
      fc.oneof({ weight: 4, arbitrary: changes }, { weight: 2, arbitrary: harmless }, { weight: 1, arbitrary: lossy }),
      { minLength: 5, maxLength: 50 },
    );
    await fc.assert(
      fc.asyncProperty(history, fc.boolean(), async (steps, streams) => {
        const { cluster, system } = await play(steps as readonly Step[], streams); // the generators make these shapes only
        expectFinalState(cluster, system);
        for (const events of byUid(system.accepted).values()) expectLife(cluster, events);
      }),
      { numRuns: 300 },
    );
  });
});

async function play(
  steps: readonly Step[],
  streams: boolean,
): Promise<{ cluster: ClusterModel; system: MemorySystem }> {
  const cluster = createClusterModel({ streams });
  const system = createMemorySystem();
  const registry = createTestRegistry([rule('any', 'kubernetes.resource', WIDGETS)]);
  const start = () =>
    startKubernetesSensor({ ...system, registry, client: cluster, log: silent, ...quick, random: () => 0 });
  let sensor: KubernetesSensor | undefined = start();
  await until(() => cluster.openWatches > 0, 'the first list is over');

  for (const step of steps) {
    switch (step.do) {
      case 'create':
        cluster.create(step.name);
        break;
      case 'spec':
      case 'status':
        cluster.update(step.name, step.do);
        break;
      case 'remove':
        cluster.remove(step.name);
        break;
      case 'recreate':
        cluster.remove(step.name);
        cluster.create(step.name);
        break;
      case 'close':
      case 'malformed':
      case 'reset':
      case 'gone':
        cluster.cut(step.do);
        break;
      case 'bookmark':
        cluster.bookmark();
        break;
      case 'compact':
        cluster.compact();
        break;
      case 'expired':
      case 'unavailable':
        cluster.refuse(2, step.do);
        cluster.cut('close');
        break;
      case 'before':
      case 'after':
      case 'refuse':
        system.faults.push(step.do);
        break;
      case 'down':
      case 'restart':
        await sensor?.stop();
        sensor = step.do === 'restart' ? start() : undefined;
        break;
      case 'up':
        sensor ??= start();
        break;
      case 'breathe':
        for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        break;
    }
  }

  sensor ??= start();
  await until(() => isSettled(cluster, system), 'the sensor has caught up');
  await sensor.stop();
  return { cluster, system };
}

function isSettled(cluster: ClusterModel, system: MemorySystem): boolean {
  cluster.bookmark();
  const live = [...cluster.live().values()].map(({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`);
  const handled = system.handled().map(({ uid, resourceVersion }) => `${uid} ${resourceVersion}`);
  return system.cursors().includes(cluster.version()) && live.sort().join() === handled.sort().join();
}

function expectFinalState(cluster: ClusterModel, system: MemorySystem): void {
  const events = byUid(system.accepted);
  for (const { metadata } of cluster.live().values()) {
    const last = events.get(metadata.uid ?? '')?.at(-1);
    expect(last?.payload).toMatchObject({ resourceVersion: metadata.resourceVersion });
    expect(last?.payload.type).not.toBe('DELETED');
  }
}

/** One object's events: ADDED once at the start, DELETED once at the end if it is gone, versions that existed, growing. */
function expectLife(cluster: ClusterModel, events: readonly TriggerEvent[]): void {
  const types = events.map(({ payload }) => payload.type);
  const uid = events[0]?.payload.uid;
  const isAlive = [...cluster.live().values()].some(({ metadata }) => metadata.uid === uid);
  expect(types[0]).toBe('ADDED');
  expect(types.filter((type) => type === 'ADDED')).toHaveLength(1);
  expect(types.filter((type) => type === 'DELETED')).toHaveLength(isAlive ? 0 : 1);
  if (!isAlive) expect(types.at(-1)).toBe('DELETED');

  const existed = new Set(
    cluster.history.map(({ object }) => `${object.metadata.uid} ${object.metadata.resourceVersion}`),
  );
  const versions = events
    .filter(({ payload }) => payload.synthesised !== true)
    .map(({ payload }) => Number(payload.resourceVersion));
  for (const version of versions) expect(existed).toContain(`${uid} ${version}`);
  expect(versions).toEqual([...new Set(versions)].sort((left, right) => left - right));

  let generation = 0;
  for (const { payload } of events) {
    const now = Number(payload.generation);
    if (payload.type === 'MODIFIED') expect(payload.generation_changed).toBe(now !== generation);
    generation = now;
  }
}

function byUid(events: readonly TriggerEvent[]): ReadonlyMap<string, readonly TriggerEvent[]> {
  const lives = new Map<string, TriggerEvent[]>();
  for (const event of events) {
    const uid = String(event.payload.uid);
    lives.set(uid, [...(lives.get(uid) ?? []), event]);
  }
  return lives;
}
