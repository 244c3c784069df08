import { describe, expect, it } from 'vitest';
import { CONFIG_MAPS, configMap, startCluster } from './support.ts';

describe('faults', () => {
  it('cut open watches in mid-stream', async () => {
    const cluster = await startCluster();
    const watch = await cluster.watch(`${CONFIG_MAPS}?watch=true`);
    expect(cluster.sandbox.faults.openWatches()).toBe(1);
    expect(cluster.sandbox.faults.closeWatches()).toBe(1);
    await expect(watch.next()).rejects.toThrow();
  });

  it('expire open watches with an error event', async () => {
    const cluster = await startCluster();
    const watch = await cluster.watch(`${CONFIG_MAPS}?watch=true`);
    expect(cluster.sandbox.faults.expireOpenWatches()).toBe(1);
    const [error, end] = await watch.take(2);
    expect(error).toMatchObject({ type: 'ERROR', object: { kind: 'Status', reason: 'Expired', code: 410 } });
    expect(end).toBeUndefined();
  });

  it('forget history, so that old versions are gone and new ones go on', async () => {
    const cluster = await startCluster();
    const before = (await cluster.get(CONFIG_MAPS)).body.metadata.resourceVersion;
    cluster.sandbox.faults.compact();
    expect((await cluster.get(`${CONFIG_MAPS}?watch=true&resourceVersion=${before}`)).status).toBe(410);
    const after = (await cluster.get(CONFIG_MAPS)).body.metadata.resourceVersion;
    const watch = await cluster.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=${after}`);
    await cluster.post(CONFIG_MAPS, configMap('a'));
    expect((await watch.next()).object.metadata.name).toBe('a');
  });

  it('refuse requests by number and path, then serve again', async () => {
    const cluster = await startCluster();
    cluster.sandbox.faults.refuse({ status: 429, count: 2, path: '/api/v1', retryAfter: 3 });
    expect((await cluster.get('/apis')).status).toBe(200);
    const refused = await cluster.get(CONFIG_MAPS);
    expect([refused.status, refused.body.reason, refused.headers.get('retry-after')]).toEqual([
      429,
      'TooManyRequests',
      '3',
    ]);
    expect((await cluster.get(CONFIG_MAPS)).status).toBe(429);
    expect((await cluster.get(CONFIG_MAPS)).status).toBe(200);
  });

  it('refuse requests for a time', async () => {
    const clock = { time: 0, now: () => clock.time };
    const cluster = await startCluster({ clock });
    cluster.sandbox.faults.refuse({ status: 503, seconds: 60 });
    for (let index = 0; index < 3; index++) expect((await cluster.get(CONFIG_MAPS)).status).toBe(503);
    clock.time = 60_000;
    expect((await cluster.get(CONFIG_MAPS)).status).toBe(200);
  });

  it('leave requests hanging until they are let go', async () => {
    const cluster = await startCluster();
    const release = cluster.sandbox.faults.hang();
    const held = cluster.get(CONFIG_MAPS);
    const first = await Promise.race([
      held.then(() => 'answered'),
      new Promise((resolve) => setTimeout(resolve, 100, 'waiting')),
    ]);
    expect(first).toBe('waiting');
    release();
    expect((await held).status).toBe(200);
  });

  it('may be for some requests only', async () => {
    const cluster = await startCluster();
    const { faults } = cluster.sandbox;
    faults.refuse({ status: 500, count: 9, matching: ({ url }) => url?.includes('limit=') === true });
    expect((await cluster.get(CONFIG_MAPS)).status).toBe(200);
    expect((await cluster.get(`${CONFIG_MAPS}?limit=5`)).status).toBe(500);
    const release = faults.hang({ matching: ({ method }) => method === 'DELETE' });
    expect((await cluster.get(CONFIG_MAPS)).status).toBe(200);
    release();
  });

  it('leave open watches in silence', async () => {
    const cluster = await startCluster();
    const watch = await cluster.watch(`${CONFIG_MAPS}?watch=true&timeoutSeconds=1`);
    expect(cluster.sandbox.faults.muteWatches()).toBe(1);
    await cluster.post(CONFIG_MAPS, configMap('a'));
    const said = await Promise.race([watch.next(), new Promise((resolve) => setTimeout(resolve, 1500, 'nothing'))]);
    expect(said).toBe('nothing');
  });

  it('send bookmarks twice and late', async () => {
    const cluster = await startCluster();
    const watch = await cluster.watch(`${CONFIG_MAPS}?watch=true&allowWatchBookmarks=true`);
    for (let index = 0; index < 12; index++) await cluster.post(CONFIG_MAPS, configMap(`a${index}`));
    const events = await watch.take(12);
    expect(cluster.sandbox.faults.disorderBookmarks()).toBe(1);
    const bookmarks = (await watch.take(3)).map((event) => Number(event.object.metadata.resourceVersion));
    const newest = Number(events.at(-1)?.object.metadata.resourceVersion);
    expect(bookmarks).toEqual([newest, newest, newest - 10]);
  });

  it('take the server away and bring it back with the same state', async () => {
    const cluster = await startCluster();
    await cluster.post(CONFIG_MAPS, configMap('a'));
    await cluster.sandbox.faults.stop();
    await expect(cluster.get(CONFIG_MAPS)).rejects.toThrow();
    await cluster.sandbox.faults.start();
    expect((await cluster.get(`${CONFIG_MAPS}/a`)).status).toBe(200);
  });

  it('answer watches with nothing', async () => {
    const cluster = await startCluster();
    await cluster.post(CONFIG_MAPS, configMap('a'));
    cluster.sandbox.faults.emptyWatches();
    const empty = await cluster.watch(`${CONFIG_MAPS}?watch=true`);
    expect([empty.status, await empty.next()]).toEqual([200, undefined]);
    const watch = await cluster.watch(`${CONFIG_MAPS}?watch=true`);
    expect((await watch.next()).type).toBe('ADDED');
  });
});
