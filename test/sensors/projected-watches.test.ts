import { Registry as MetricsRegistry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { startSandboxSystem } from './sandbox-system.ts';
import { createTestRegistry, rule, until } from './support.ts';

const WIDGETS = { apiVersion: 'example.org/v1', kind: 'Widget' };
const reference = (name: string) => ({ ...WIDGETS, name, namespace: 'default' });
const widget = (name: string, size = 1) => ({
  ...WIDGETS,
  metadata: { name, namespace: 'default', labels: { app: 'web' } },
  spec: { size, secret: 'swordfish' },
});
const onWidgets = (name: string, parameters: object) =>
  rule(name, 'kubernetes.resource', { ...WIDGETS, ...parameters });

async function prepare() {
  const system = await startSandboxSystem();
  await system.client.create({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.org' },
    spec: {
      group: 'example.org',
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets', singular: 'widget' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  });
  const handled = async () => {
    const id = `kubernetes|${await system.client.clusterId()}|["example.org/v1","Widget","","",""]`;
    return system.store.listHandled(id);
  };
  return { ...system, handled };
}

describe('A rule that names fields', () => {
  it('hears of changes of these, and all that is kept or shown are these', async () => {
    const { client, start, sees, payloads, handled } = await prepare();
    start(createTestRegistry([onWidgets('size', { fields: ['spec.size', 'metadata.labels'] })]));
    await client.create(widget('a'));
    await sees('ADDED a');
    await client.patch(reference('a'), { spec: { secret: 'hunter2' } });
    const quiet = await client.patch(reference('a'), { status: { phase: 'Ready' } }, { subresource: 'status' });
    await until(
      async () => (await handled())[0]?.resourceVersion === quiet.metadata.resourceVersion,
      'the version counts',
    );
    await client.patch(reference('a'), { spec: { size: 2 } });
    await sees('ADDED a', 'MODIFIED a');
    await client.patch(reference('a'), { metadata: { labels: { tier: 'db' } } });
    await sees('ADDED a', 'MODIFIED a', 'MODIFIED a');
    const shown = await payloads();
    expect(shown.map((payload) => payload.generation_changed)).toEqual([true, true, false]);
    expect(shown[2]).toMatchObject({ labels: { app: 'web', tier: 'db' }, annotations: {} });
    expect(shown[2]?.object).toEqual({
      ...WIDGETS,
      metadata: {
        name: 'a',
        namespace: 'default',
        uid: shown[2]?.uid,
        resourceVersion: shown[2]?.resourceVersion,
        generation: 3,
        labels: { app: 'web', tier: 'db' },
      },
      spec: { size: 2 },
    });
    expect(JSON.stringify(await handled())).not.toMatch(/swordfish|hunter2|Ready/);
  });

  it('shares the watch with rules that read other fields, and each sees its own', async () => {
    const { client, start, payloads, sandbox } = await prepare();
    const sensor = start(
      createTestRegistry([
        onWidgets('phase', { fields: ['status.phase'] }),
        onWidgets('size', { fields: ['spec.size'] }),
        onWidgets('all', {}),
      ]),
    );
    await until(() => sandbox.faults.openWatches() === 1, 'one watch');
    await client.create(widget('a'));
    await client.patch(reference('a'), { status: { phase: 'Ready' } }, { subresource: 'status' });
    await client.patch(reference('a'), { spec: { size: 2 } });
    await until(async () => (await payloads()).length === 7, 'three ADDED, two MODIFIED for all, one for each other');
    const objects = (await payloads()).filter(({ type }) => type === 'MODIFIED').map(({ object }) => object);
    expect(objects).toEqual([
      expect.objectContaining({ status: { phase: 'Ready' } }),
      expect.objectContaining({ spec: { size: 1, secret: 'swordfish' } }),
      expect.objectContaining({ spec: { size: 2 } }),
      expect.objectContaining({ spec: { size: 2, secret: 'swordfish' } }),
    ]);
    expect(sensor.watches()).toHaveLength(1);
  });

  it('compares with what was handled before a restart', async () => {
    const { client, start, sees } = await prepare();
    const registry = createTestRegistry([onWidgets('size', { fields: ['spec.size'] })]);
    const first = start(registry);
    await client.create(widget('a'));
    await client.create(widget('b'));
    await sees('ADDED a', 'ADDED b');
    await first.stop();
    await client.patch(reference('a'), { spec: { secret: 'hunter2' } });
    await client.patch(reference('b'), { spec: { size: 2 } });
    start(registry);
    await sees('ADDED a', 'ADDED b', 'MODIFIED b');
  });

  it('sees of a deletion that was found by comparing lists what it reads', async () => {
    const { client, start, sees, sandbox, payloads } = await prepare();
    const registry = createTestRegistry([onWidgets('size', { fields: ['spec.size'] })]);
    const first = start(registry);
    await client.create(widget('a'));
    await sees('ADDED a');
    await first.stop();
    await client.delete(reference('a'));
    sandbox.faults.compact();
    start(registry);
    await sees('ADDED a', 'DELETED a');
    expect((await payloads())[1]).toMatchObject({ synthesised: true, object: { spec: { size: 1 } } });
    expect((await payloads())[1]?.object).not.toHaveProperty('spec.secret');
  });

  it('asks for metadata alone when it reads no more, until another rule does', async () => {
    const { client, start, sees, payloads } = await prepare();
    const labels = onWidgets('labels', { fields: ['metadata.labels'] });
    const registry = createTestRegistry([labels]);
    const sensor = start(registry);
    await client.create(widget('a'));
    await sees('ADDED a');
    expect(sensor.watches()).toMatchObject([{ target: { metadataOnly: true } }]);
    expect((await payloads())[0]).toMatchObject({ kind: 'Widget', labels: { app: 'web' }, object: WIDGETS });
    registry.setRules([labels, onWidgets('size', { fields: ['spec.size'] })]);
    await until(
      () => sensor.watches()[0]?.state.phase === 'watching' && !sensor.watches()[0]?.target.metadataOnly,
      'more',
    );
    await client.create(widget('b', 5));
    await sees('ADDED a', 'ADDED b', 'ADDED b');
    expect((await payloads())[2]).toMatchObject({ object: { spec: { size: 5 } } });
    expect(sensor.watches()[0]?.lists).toBe(0);
  });

  it('never fires when a path is malformed', async () => {
    const { client, start, sees } = await prepare();
    const sensor = start(createTestRegistry([onWidgets('bad', { fields: ['spec..size'] }), onWidgets('good', {})]));
    await client.create(widget('a'));
    await sees('ADDED a');
    expect(sensor.watches()).toHaveLength(1);
  });
});

describe('A rule that coalesces', () => {
  it('gets the newest of the changes that waited, others get each', async () => {
    const { client, start, sees, payloads } = await prepare();
    const registry = createTestRegistry([onWidgets('newest', { coalesce: true })]);
    const first = start(registry);
    await client.create(widget('a'));
    await sees('ADDED a');
    await first.stop();
    for (let size = 2; size < 7; size += 1) await client.patch(reference('a'), { spec: { size } });
    await client.delete(reference('a'));
    start(registry);
    await sees('ADDED a', 'MODIFIED a', 'DELETED a');
    expect((await payloads())[1]).toMatchObject({ object: { spec: { size: 6 } }, generation_changed: true });
  });
});

describe('The metrics of a watch', () => {
  it('count what was handed over, lists, restarts, and what only a relist found', async () => {
    const { client, start, sees, sandbox, seen } = await prepare();
    const metrics = new MetricsRegistry();
    const lines = async (name: string) =>
      (await metrics.metrics())
        .split('\n')
        .filter((line) => line.startsWith(name))
        .map((line) => line.replace('api_version="example.org/v1",kind="Widget",namespace="",selector=""', 'T'));
    await client.create(widget('a'));
    start(createTestRegistry([onWidgets('all', {})]), metrics);
    await sees('ADDED a');
    await client.create(widget('b'));
    await client.patch(reference('a'), { spec: { size: 2 } });
    await client.delete(reference('a'));
    await sees('ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED a');
    expect(await lines('petrel_watch_events_total')).toEqual([
      'petrel_watch_events_total{T,type="ADDED"} 2',
      'petrel_watch_events_total{T,type="MODIFIED"} 1',
      'petrel_watch_events_total{T,type="DELETED"} 1',
    ]);
    expect(await lines('petrel_watch_lists_total')).toContain('petrel_watch_lists_total{T,which="first"} 1');
    expect(await lines('petrel_watch_found_by_relist_total')).toEqual(['petrel_watch_found_by_relist_total{T} 0']);
    expect(await lines('petrel_watch_objects')).toEqual(['petrel_watch_objects{T} 1']);
    const [age] = await lines('petrel_watch_last_byte_age_seconds');
    expect(Number(age?.split(' ').at(-1))).toBeLessThan(30);
    expect(await lines('petrel_watch_commit_duration_seconds_count')).not.toContain('0');

    sandbox.faults.emptyWatches(1000);
    sandbox.faults.closeWatches();
    await client.create(widget('c'));
    sandbox.faults.compact();
    await until(async () => (await seen()).length === 5, 'the relist shows it');
    expect(await lines('petrel_watch_found_by_relist_total')).toEqual(['petrel_watch_found_by_relist_total{T} 1']);
    expect(await lines('petrel_watch_lists_total')).toContain('petrel_watch_lists_total{T,which="relist"} 1');
    expect((await lines('petrel_watch_restarts_total')).join()).toMatch(/reason="expired"} 1/);
  });
});
