import { CoreV1Api, type Informer, KubeConfig, makeInformer, type V1ConfigMap } from '@kubernetes/client-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CONFIG_MAPS, configMap, startCluster } from './support.ts';

/** The informer of @kubernetes/client-node, started again after an error as its documentation does. */
async function startInformer(kubeconfig: string) {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  const api = config.makeApiClient(CoreV1Api);
  const lists: string[] = [];
  const seen: string[] = [];
  const informer: Informer<V1ConfigMap> = makeInformer(config, CONFIG_MAPS, async () => {
    const list = await api.listNamespacedConfigMap({ namespace: 'default' });
    lists.push(list.metadata?.resourceVersion ?? '');
    return list;
  });
  for (const verb of ['add', 'update', 'delete'] as const) {
    informer.on(verb, ({ metadata }) => void seen.push(`${verb} ${metadata?.name}`));
  }
  let stopped = false;
  informer.on('error', () => {
    if (!stopped) setTimeout(() => void informer.start(), 10);
  });
  onTestFinished(async () => {
    stopped = true;
    await informer.stop();
  });
  await informer.start();
  const sees = async (...expected: string[]) => {
    await expect.poll(() => seen, { timeout: 10_000 }).toEqual(expected);
  };
  return { lists, seen, sees };
}

describe('The informer of @kubernetes/client-node', () => {
  it('lists, and then follows the changes', async () => {
    const cluster = await startCluster();
    await cluster.post(CONFIG_MAPS, configMap('a'));
    const { sees, lists } = await startInformer(cluster.sandbox.kubeconfig);
    await cluster.post(CONFIG_MAPS, configMap('b'));
    await cluster.patch(`${CONFIG_MAPS}/a`, 'merge', { data: { x: '2' } });
    await cluster.delete(`${CONFIG_MAPS}/b`);
    await sees('add a', 'add b', 'update a', 'delete b');
    expect(lists).toHaveLength(1);
  });

  it('lists again when the stream says 410', async () => {
    const cluster = await startCluster();
    await cluster.post(CONFIG_MAPS, configMap('a'));
    const { sees, lists } = await startInformer(cluster.sandbox.kubeconfig);
    await expect.poll(() => cluster.sandbox.faults.openWatches()).toBe(1);
    cluster.sandbox.faults.expireOpenWatches();
    await expect.poll(() => lists.length).toBe(2);
    await cluster.post(CONFIG_MAPS, configMap('b'));
    await sees('add a', 'add b');
  });

  it('lists again when its version is refused with 410, and finds what it missed', async () => {
    const cluster = await startCluster();
    const { faults } = cluster.sandbox;
    for (const name of ['a', 'b']) await cluster.post(CONFIG_MAPS, configMap(name));
    const { sees, lists } = await startInformer(cluster.sandbox.kubeconfig);
    await expect.poll(() => faults.openWatches()).toBe(1);
    const release = faults.hang({ matching: ({ url }) => url?.includes('watch=true') === true });
    faults.closeWatches();
    await expect.poll(() => faults.openWatches()).toBe(0);
    await cluster.delete(`${CONFIG_MAPS}/a`);
    await cluster.post(CONFIG_MAPS, configMap('c'));
    faults.compact();
    release();
    await sees('add a', 'add b', 'delete a', 'add c');
    expect(lists).toHaveLength(2);
  });
});
