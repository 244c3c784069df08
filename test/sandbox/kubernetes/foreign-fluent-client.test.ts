import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { K8s, kind, WatchEvent } from 'kubernetes-fluent-client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Cluster, CONFIG_MAPS, configMap, startCluster } from './support.ts';

/** A sandbox that kubernetes-fluent-client finds: it reads KUBECONFIG with every request. */
async function startDefaultCluster(): Promise<Cluster> {
  const cluster = await startCluster();
  const directory = await mkdtemp(join(tmpdir(), 'petrel-kubeconfig-'));
  const file = join(directory, 'config');
  await writeFile(file, cluster.sandbox.kubeconfig);
  vi.stubEnv('KUBECONFIG', file);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(directory, { recursive: true, force: true });
  });
  return cluster;
}

async function startWatch() {
  const seen: string[] = [];
  const happened: string[] = [];
  let lists = 0;
  const watch = K8s(kind.ConfigMap)
    .InNamespace('default')
    .Watch((object, phase) => void seen.push(`${phase} ${object.metadata?.name}`), { resyncDelaySec: 0.1 });
  watch.events.on(WatchEvent.LIST, () => {
    lists += 1;
  });
  const bad = [
    WatchEvent.OLD_RESOURCE_VERSION,
    WatchEvent.NETWORK_ERROR,
    WatchEvent.DATA_ERROR,
    WatchEvent.LIST_ERROR,
    WatchEvent.WATCH_ERROR,
  ];
  for (const name of bad) watch.events.on(name, () => void happened.push(name));
  onTestFinished(() => watch.close());
  await watch.start();
  return {
    happened,
    lists: () => lists,
    async sees(...expected: string[]) {
      await expect.poll(() => seen, { timeout: 10_000 }).toEqual(expected);
    },
  };
}

describe('The watch of kubernetes-fluent-client', () => {
  it('lists, and then follows the changes', async () => {
    const cluster = await startDefaultCluster();
    await cluster.post(CONFIG_MAPS, configMap('a'));
    const { sees, lists, happened } = await startWatch();
    await sees('ADDED a');
    await cluster.post(CONFIG_MAPS, configMap('b'));
    await cluster.patch(`${CONFIG_MAPS}/a`, 'merge', { data: { x: '2' } });
    await cluster.delete(`${CONFIG_MAPS}/b`);
    await sees('ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED b');
    expect([lists(), happened]).toEqual([1, []]);
  });

  it('lists again when the stream says 410, and goes on', async () => {
    const cluster = await startDefaultCluster();
    await cluster.post(CONFIG_MAPS, configMap('a'));
    const { sees, lists, happened } = await startWatch();
    const { faults } = cluster.sandbox;
    await expect.poll(() => faults.openWatches()).toBe(1);
    faults.expireOpenWatches();
    await expect.poll(lists, { timeout: 10_000 }).toBe(2);
    await expect.poll(() => faults.openWatches()).toBe(1);
    await cluster.post(CONFIG_MAPS, configMap('b'));
    await sees('ADDED a', 'ADDED b');
    expect(happened).toContain(WatchEvent.OLD_RESOURCE_VERSION);
  });

  it('finds what happened while it could not watch and the history was forgotten', async () => {
    const cluster = await startDefaultCluster();
    const { faults } = cluster.sandbox;
    for (const name of ['a', 'b']) await cluster.post(CONFIG_MAPS, configMap(name));
    const { sees } = await startWatch();
    await expect.poll(() => faults.openWatches()).toBe(1);
    const release = faults.hang({ matching: ({ method }) => method === 'GET' });
    faults.closeWatches();
    await cluster.delete(`${CONFIG_MAPS}/a`);
    await cluster.patch(`${CONFIG_MAPS}/b`, 'merge', { data: { x: '2' } });
    await cluster.post(CONFIG_MAPS, configMap('c'));
    faults.compact();
    release();
    await sees('ADDED a', 'ADDED b', 'MODIFIED b', 'ADDED c', 'DELETED a');
  });
});

describe('What kubernetes-fluent-client applies', () => {
  const wanted = (data: Record<string, string>) => ({ metadata: { name: 'settings', namespace: 'default' }, data });

  it('is made, changed and given up by its manager alone', async () => {
    const cluster = await startDefaultCluster();
    const made = await K8s(kind.ConfigMap).Apply(wanted({ a: '1', b: '1' }));
    expect([made.data, made.metadata?.managedFields?.length]).toEqual([{ a: '1', b: '1' }, 1]);
    await cluster.patch(`${CONFIG_MAPS}/settings?fieldManager=other`, 'merge', { data: { c: '1' } });
    const changed = await K8s(kind.ConfigMap).Apply(wanted({ a: '2' }));
    expect(changed.data).toEqual({ a: '2', c: '1' });
    expect(changed.metadata?.managedFields).toMatchObject([
      { manager: 'pepr', operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } },
      { manager: 'other', operation: 'Update', fieldsV1: { 'f:data': { 'f:c': {} } } },
    ]);
  });

  it('is refused where another manager says otherwise, unless it is forced', async () => {
    const cluster = await startDefaultCluster();
    await cluster.post(`${CONFIG_MAPS}?fieldManager=other`, configMap('settings', { a: '1' }));
    const refused = K8s(kind.ConfigMap).Apply(wanted({ a: '2' }));
    await expect(refused).rejects.toMatchObject({
      status: 409,
      data: { reason: 'Conflict', details: { causes: [{ field: '.data.a' }] } },
    });
    const forced = await K8s(kind.ConfigMap).Apply(wanted({ a: '2' }), { force: true });
    expect(forced.data).toEqual({ a: '2' });
    expect(forced.metadata?.managedFields).toMatchObject([
      { manager: 'pepr', operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } },
      { manager: 'other', operation: 'Update' },
    ]);
  });

  it('is refused with a field that does not exist', async () => {
    await startDefaultCluster();
    // a field its types do not allow either
    const wrong = { ...wanted({}), dat: { a: '1' } } as ReturnType<typeof wanted>;
    await expect(K8s(kind.ConfigMap).Apply(wrong)).rejects.toMatchObject({
      status: 500,
      data: {
        message:
          'failed to create typed patch object (default/settings; /v1, Kind=ConfigMap): .dat: field not declared in schema',
      },
    });
  });
});
