import { describe, expect, it } from 'vitest';
import {
  type Answered,
  type Cluster,
  CONFIG_MAPS,
  configMap,
  DATABASES,
  database,
  startCluster,
  startDatabaseCluster,
} from './support.ts';

const short = (event: Answered) => (event === undefined ? undefined : [event.type, event.object.metadata.name]);

async function versionOf(cluster: Cluster): Promise<string> {
  return (await cluster.get(CONFIG_MAPS)).body.metadata.resourceVersion;
}

describe('a watch', () => {
  it('tells every change after the version it starts from, in order', async () => {
    const cluster = await startCluster();
    await cluster.post(CONFIG_MAPS, configMap('before'));
    const version = await versionOf(cluster);
    await cluster.post(CONFIG_MAPS, configMap('a'));
    const watch = await cluster.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=${version}`);
    await cluster.patch(`${CONFIG_MAPS}/a`, 'merge', { data: { x: '1' } });
    await cluster.delete(`${CONFIG_MAPS}/a`);
    const events = await watch.take(3);
    expect(events.map(short)).toEqual([
      ['ADDED', 'a'],
      ['MODIFIED', 'a'],
      ['DELETED', 'a'],
    ]);
    const versions = events.map((event) => Number(event.object.metadata.resourceVersion));
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    expect(versions[2]).toBeGreaterThan(versions[1] ?? 0);
    expect(events[2].object.data).toEqual({ x: '1' });
  });

  it.each(['', '&resourceVersion=0'])('without a version (%s) begins with what is there', async (query) => {
    const cluster = await startCluster();
    await cluster.post(CONFIG_MAPS, configMap('a'));
    const watch = await cluster.watch(`${CONFIG_MAPS}?watch=1${query}`);
    await cluster.post(CONFIG_MAPS, configMap('b'));
    expect((await watch.take(2)).map(short)).toEqual([
      ['ADDED', 'a'],
      ['ADDED', 'b'],
    ]);
  });

  it('streams a list that ends with a bookmark when asked for initial events', async () => {
    const cluster = await startCluster();
    await cluster.post(CONFIG_MAPS, configMap('a'));
    const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const watch = await cluster.watch(`${CONFIG_MAPS}?${query}`);
    const [added, bookmark] = await watch.take(2);
    expect(short(added)).toEqual(['ADDED', 'a']);
    expect(bookmark).toMatchObject({
      type: 'BOOKMARK',
      object: {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
      },
    });
    expect(bookmark.object.metadata.resourceVersion).toBe(await versionOf(cluster));
  });

  it('sends initial events of any size to a client that reads slowly, and what happens meanwhile after them', async () => {
    const cluster = await startCluster();
    const text = 'x'.repeat(900_000);
    const names = Array.from({ length: 75 }, (_, index) => `a${String(index).padStart(2, '0')}`);
    for (const name of names) await cluster.post(CONFIG_MAPS, configMap(name, { text }));
    const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const watch = await cluster.watch(`${CONFIG_MAPS}?${query}`);
    await cluster.delete(`${CONFIG_MAPS}/a00`);
    const events = await watch.take(77);
    expect(events.slice(0, 75).map(short)).toEqual(names.map((name) => ['ADDED', name]));
    expect(events.slice(75).map(({ type }) => type)).toEqual(['BOOKMARK', 'DELETED']);
  });

  it('refuses initial events without saying how old they may be', async () => {
    const cluster = await startCluster();
    expect((await cluster.get(`${CONFIG_MAPS}?watch=true&sendInitialEvents=true`)).status).toBe(422);
  });

  it('sees an object come and go as it begins and ceases to match', async () => {
    const cluster = await startCluster();
    const watch = await cluster.watch(
      `${CONFIG_MAPS}?watch=true&labelSelector=team%3Dshop&resourceVersion=${await versionOf(cluster)}`,
    );
    await cluster.post(CONFIG_MAPS, configMap('a'));
    await cluster.patch(`${CONFIG_MAPS}/a`, 'merge', { metadata: { labels: { team: 'shop' } } });
    await cluster.patch(`${CONFIG_MAPS}/a`, 'merge', { data: { x: '1' } });
    const gone = await cluster.patch(`${CONFIG_MAPS}/a`, 'merge', { metadata: { labels: { team: 'pay' } } });
    await cluster.delete(`${CONFIG_MAPS}/a`);
    await cluster.post(CONFIG_MAPS, configMap('b', {}, { labels: { team: 'shop' } }));
    const events = await watch.take(4);
    expect(events.map(short)).toEqual([
      ['ADDED', 'a'],
      ['MODIFIED', 'a'],
      ['DELETED', 'a'],
      ['ADDED', 'b'],
    ]);
    expect(events[2].object.metadata.labels).toEqual({ team: 'shop' });
    expect(events[2].object.metadata.resourceVersion).toBe(gone.body.metadata.resourceVersion);
  });

  it('can be of one object by its name', async () => {
    const cluster = await startCluster();
    const watch = await cluster.watch(`${CONFIG_MAPS}?watch=true&fieldSelector=metadata.name%3Db`);
    await cluster.post(CONFIG_MAPS, configMap('a'));
    await cluster.post(CONFIG_MAPS, configMap('b'));
    expect((await watch.take(1)).map(short)).toEqual([['ADDED', 'b']]);
  });

  it.each([
    ['/api/v1/watch/configmaps', ['a', 'b']],
    ['/api/v1/watch/namespaces/default/configmaps', ['a', 'b']],
    ['/api/v1/watch/namespaces/default/configmaps/b', ['b']],
  ])('is served at the old path %s', async (path, names) => {
    const cluster = await startCluster();
    await cluster.post(CONFIG_MAPS, configMap('a'));
    await cluster.post(CONFIG_MAPS, configMap('b'));
    const watch = await cluster.watch(path);
    expect((await watch.take(names.length)).map((event) => event.object.metadata.name)).toEqual(names);
  });

  it('ends at its timeout, with a last bookmark for those who want them', async () => {
    const cluster = await startCluster();
    const version = await versionOf(cluster);
    const watch = await cluster.watch(
      `${CONFIG_MAPS}?watch=true&allowWatchBookmarks=true&timeoutSeconds=1&resourceVersion=${version}`,
    );
    const [bookmark, end] = await watch.take(2);
    expect([bookmark.type, bookmark.object.metadata.resourceVersion, end]).toEqual(['BOOKMARK', version, undefined]);
  });

  it('sends bookmarks from time to time', async () => {
    const cluster = await startCluster({ bookmarkSeconds: 0.05 });
    const watch = await cluster.watch(
      `${CONFIG_MAPS}?watch=true&allowWatchBookmarks=true&resourceVersion=${await versionOf(cluster)}`,
    );
    await cluster.post('/api/v1/namespaces/default/secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
    });
    const present = await versionOf(cluster);
    const seen = new Set<string>();
    while (!seen.has(present)) seen.add((await watch.next()).object.metadata.resourceVersion);
    expect(seen).toContain(present);
  });

  it('answers 410 from a version that is forgotten', async () => {
    const cluster = await startCluster({ historyLimit: 4 });
    const version = await versionOf(cluster);
    for (let index = 0; index < 12; index++) await cluster.post(CONFIG_MAPS, configMap(`m${index}`));
    const { status, body } = await cluster.get(`${CONFIG_MAPS}?watch=true&resourceVersion=${version}`);
    expect([status, body.reason, body.message]).toEqual([410, 'Expired', `too old resource version: ${version}`]);
  });

  it('shows a table that names its columns once', async () => {
    const cluster = await startDatabaseCluster();
    await cluster.post(DATABASES, database('a'));
    await cluster.post(DATABASES, database('b'));
    const watch = await cluster.watch(`${DATABASES}?watch=true`, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    });
    const [first, second] = await watch.take(2);
    expect(first.object.columnDefinitions).toHaveLength(6);
    expect(second.object).toMatchObject({
      kind: 'Table',
      columnDefinitions: [],
      rows: [{ cells: ['b', 'mysql', 'small', null, null, '0s'] }],
    });
  });

  it('follows an object through a deletion that waits for a finalizer', async () => {
    const cluster = await startDatabaseCluster();
    await cluster.post(DATABASES, database('a', { engine: 'mysql' }, { finalizers: ['prsn.io/petrel'] }));
    const watch = await cluster.watch(`${DATABASES}?watch=true`);
    await cluster.delete(`${DATABASES}/a`);
    await cluster.patch(`${DATABASES}/a`, 'merge', { metadata: { finalizers: [] } });
    expect((await watch.take(3)).map((event) => event.type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
  });
});
