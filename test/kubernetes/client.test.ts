import { describe, expect, it } from 'vitest';
import type { PetrelError } from '../../src/model/index.ts';
import { respond, startScriptedServer, status, testClient, WIDGET_DISCOVERY, widget } from './scripted-server.ts';

const WIDGETS = '/apis/example.org/v1/namespaces/default/widgets';
const reference = { apiVersion: 'example.org/v1', kind: 'Widget', name: 'a' };

describe('Finding the path of a kind', () => {
  it('asks for the resources of a group version once', async () => {
    const server = await startScriptedServer({ ...WIDGET_DISCOVERY, [`${WIDGETS}/a`]: widget('a', '1') });
    const client = testClient(server);
    await client.get(reference);
    await client.get(reference);
    expect(server.askedFor('/apis/example.org/v1')).toHaveLength(1);
  });

  it('leaves the namespace out for kinds that have none', async () => {
    const server = await startScriptedServer({
      '/api/v1': { resources: [{ name: 'nodes', kind: 'Node', namespaced: false }] },
      '/api/v1/nodes/n1': { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } },
    });
    const node = await testClient(server).get({ apiVersion: 'v1', kind: 'Node', name: 'n1', namespace: 'ignored' });
    expect(node.metadata.name).toBe('n1');
  });

  it('takes versions with a slash, as ThirdPartyResources of 2016 had them', async () => {
    const path = '/apis/prsn.io/stable/v1/namespaces/shop/mysqldbs/orders';
    const server = await startScriptedServer({
      '/apis/prsn.io/stable/v1': { resources: [{ name: 'mysqldbs', kind: 'MysqlDb', namespaced: true }] },
      [path]: { apiVersion: 'prsn.io/stable/v1', kind: 'MysqlDb', metadata: { name: 'orders' } },
    });
    const client = testClient(server);
    await client.get({ apiVersion: 'prsn.io/stable/v1', kind: 'MysqlDb', name: 'orders', namespace: 'shop' });
    expect(server.askedFor(path)).toHaveLength(1);
  });

  it('asks once more when a kind is missing, and finds one that was defined since', async () => {
    const server = await startScriptedServer({
      '/apis/example.org/v1': [{ resources: [] }, WIDGET_DISCOVERY['/apis/example.org/v1']],
      [`${WIDGETS}/a`]: widget('a', '1'),
    });
    const client = testClient(server);
    await expect(client.resolve('example.org/v1', 'Widget')).rejects.toMatchObject({ code: 'not_found' });
    expect((await client.get(reference)).metadata.name).toBe('a');
  });

  it('does not ask at every call while the kind goes on missing', async () => {
    const server = await startScriptedServer({ '/apis/example.org/v1': { resources: [] } });
    const client = testClient(server);
    for (let call = 0; call < 20; call += 1) {
      await expect(client.resolve('example.org/v1', 'Widget')).rejects.toMatchObject({ code: 'not_found' });
    }
    expect(server.asked.length).toBeLessThan(5);
  });

  it('forgets a path that is gone', async () => {
    const renamed = { resources: [{ name: 'gadgets', kind: 'Widget', namespaced: true }] };
    const server = await startScriptedServer({
      '/apis/example.org/v1': [WIDGET_DISCOVERY['/apis/example.org/v1'], renamed],
      '/apis/example.org/v1/gadgets': { metadata: { resourceVersion: '5' }, items: [] },
    });
    const client = testClient(server);
    await expect(client.list('example.org/v1', 'Widget')).rejects.toMatchObject({ code: 'not_found' });
    expect(await client.list('example.org/v1', 'Widget')).toEqual([]);
  });

  it.each([['..'], [''], ['a/b'], ['.']])('refuses the name %j, which would lead elsewhere', async (name) => {
    const server = await startScriptedServer(WIDGET_DISCOVERY);
    await expect(testClient(server).get({ ...reference, name })).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('Errors of the API server', () => {
  it.each([
    [400, 'invalid'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [409, 'conflict'],
    [410, 'kubernetes'],
    [422, 'invalid'],
    [429, 'unavailable'],
    [500, 'unavailable'],
    [503, 'unavailable'],
  ])('become %i -> %s with the server its message and Status', async (code, expected) => {
    const server = await startScriptedServer({
      ...WIDGET_DISCOVERY,
      [`${WIDGETS}/a`]: status(code, 'because of the weather'),
    });
    const failure = testClient(server).get(reference);
    await expect(failure).rejects.toMatchObject({ name: 'PetrelError', code: expected, details: { status: { code } } });
    await expect(failure).rejects.toThrow('because of the weather');
  });

  it('have a Status also where a proxy answered with a page', async () => {
    const server = await startScriptedServer({
      ...WIDGET_DISCOVERY,
      [`${WIDGETS}/a`]: (response: Parameters<typeof respond>[0]) => respond(response, 502, '<h1>Bad gateway</h1>'),
    });
    await expect(testClient(server).get(reference)).rejects.toMatchObject({
      code: 'unavailable',
      details: { status: { code: 502, message: '<h1>Bad gateway</h1>' } },
    });
  });

  it('name the server that does not answer', async () => {
    const server = await startScriptedServer({});
    const client = testClient(server, { server: 'http://127.0.0.1:1' });
    await expect(client.get(reference)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(client.get(reference)).rejects.toThrow('http://127.0.0.1:1');
  });

  it('end a request that gets no answer in time', async () => {
    const server = await startScriptedServer({ '/slow': () => {} });
    const failure = testClient(server).request({ path: '/slow', timeout: 20 });
    await expect(failure).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('tell a canceled request from a failed one', async () => {
    const server = await startScriptedServer({ '/slow': () => {} });
    const abort = new AbortController();
    const failure = testClient(server).request({ path: '/slow', signal: abort.signal });
    abort.abort();
    await expect(failure).rejects.toMatchObject({ code: 'canceled' });
  });

  it('never show the credentials', async () => {
    const server = await startScriptedServer({ ...WIDGET_DISCOVERY, [`${WIDGETS}/a`]: status(403, 'no') });
    const headers = { authorization: 'Bearer very-secret' };
    const client = testClient(server, {
      credentials: { current: () => Promise.resolve({ headers }), refresh: () => {} },
    });
    const error = await client.get(reference).catch((caught: PetrelError) => caught);
    expect(server.asked[0]?.headers.authorization).toBe('Bearer very-secret');
    expect(JSON.stringify([error, String(error)])).not.toContain('very-secret');
  });
});

describe('A refused credential', () => {
  it('is read again once, and the request repeated', async () => {
    const tokens = ['old', 'new'];
    const server = await startScriptedServer({
      '/version': (response, asked) => {
        const fresh = asked.headers.authorization === 'Bearer new';
        respond(response, fresh ? 200 : 401, fresh ? { major: '1' } : { kind: 'Status', code: 401 });
      },
    });
    const client = testClient(server, {
      credentials: {
        current: () => Promise.resolve({ headers: { authorization: `Bearer ${tokens[0]}` } }),
        refresh: () => void tokens.shift(),
      },
    });
    expect(await client.request({ path: '/version' })).toEqual({ major: '1' });
    expect(server.asked).toHaveLength(2);
  });

  it('fails when the new one is refused, too', async () => {
    const server = await startScriptedServer({ '/version': status(401, 'Unauthorized') });
    await expect(testClient(server).request({ path: '/version' })).rejects.toMatchObject({ code: 'unauthorized' });
    expect(server.asked).toHaveLength(2);
  });
});

describe('Lists', () => {
  const collection = '/apis/example.org/v1/widgets';
  const page = (names: readonly string[], next?: string) => ({
    metadata: { resourceVersion: '9', ...(next === undefined ? {} : { continue: next }) },
    items: names.map((name) => ({ metadata: { name, uid: name } })),
  });

  it('are read page by page, and items get the kind they lack', async () => {
    const server = await startScriptedServer({
      ...WIDGET_DISCOVERY,
      [collection]: [page(['a', 'b'], 'more'), page(['c'])],
    });
    const items = await testClient(server).list('example.org/v1', 'Widget', { labelSelector: 'app=web' });
    expect(items.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['Widget a', 'Widget b', 'Widget c']);
    expect(server.askedFor(collection).map(({ query }) => [query.get('continue'), query.get('labelSelector')])).toEqual(
      [
        [null, 'app=web'],
        ['more', 'app=web'],
      ],
    );
  });

  it('begin again once when the pages expired in between', async () => {
    const answers = [page(['a'], 'more'), status(410, 'too old'), page(['a', 'b'])];
    const server = await startScriptedServer({ ...WIDGET_DISCOVERY, [collection]: answers });
    expect(await testClient(server).list('example.org/v1', 'Widget')).toHaveLength(2);
  });

  it('take null for no items, as Go writes it', async () => {
    const answer = { metadata: { resourceVersion: '1' }, items: null };
    const server = await startScriptedServer({ ...WIDGET_DISCOVERY, [collection]: answer });
    expect(await testClient(server).list('example.org/v1', 'Widget')).toEqual([]);
  });
});

describe('Writing', () => {
  it('applies on the server, with field manager and force', async () => {
    const server = await startScriptedServer({ ...WIDGET_DISCOVERY, [`${WIDGETS}/a`]: widget('a', '2') });
    await testClient(server).apply(widget('a', ''), { force: true });
    const [asked] = server.askedFor(`${WIDGETS}/a`);
    expect(asked).toMatchObject({ method: 'PATCH', headers: { 'content-type': 'application/apply-patch+yaml' } });
    expect([asked?.query.get('fieldManager'), asked?.query.get('force')]).toEqual(['petrel', 'true']);
  });

  it.each([
    ['merge', 'application/merge-patch+json'],
    ['json', 'application/json-patch+json'],
    ['strategic', 'application/strategic-merge-patch+json'],
  ] as const)('says how a %s patch is to be read', async (type, contentType) => {
    const server = await startScriptedServer({ ...WIDGET_DISCOVERY, [`${WIDGETS}/a/status`]: widget('a', '2') });
    await testClient(server).patch(reference, {}, { type, subresource: 'status' });
    expect(server.askedFor(`${WIDGETS}/a/status`)[0]?.headers['content-type']).toBe(contentType);
  });

  it('deletes with a precondition on the uid', async () => {
    const server = await startScriptedServer({
      ...WIDGET_DISCOVERY,
      [`${WIDGETS}/a`]: { kind: 'Status', status: 'Success' },
    });
    await testClient(server).delete(reference, { uid: 'u1', propagationPolicy: 'Foreground' });
    expect(JSON.parse(server.askedFor(`${WIDGETS}/a`)[0]?.body ?? '')).toMatchObject({
      propagationPolicy: 'Foreground',
      preconditions: { uid: 'u1' },
    });
  });

  it('keeps the path of a server behind a proxy', async () => {
    const server = await startScriptedServer({ '/k8s/clusters/c1/version': { major: '1' } });
    const client = testClient(server, { server: `${server.url}/k8s/clusters/c1` });
    expect(await client.request({ path: '/version' })).toEqual({ major: '1' });
  });
});

describe('The identity of a cluster', () => {
  const core = { '/api/v1': { resources: [{ name: 'namespaces', kind: 'Namespace', namespaced: false }] } };

  it('is the uid of kube-system', async () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', uid: 'cluster-1' } };
    const server = await startScriptedServer({ ...core, '/api/v1/namespaces/kube-system': namespace });
    expect(await testClient(server).clusterId()).toBe('cluster-1');
  });

  it('is the URL where kube-system may not be read', async () => {
    const server = await startScriptedServer({ ...core, '/api/v1/namespaces/kube-system': status(403, 'no') });
    expect(await testClient(server).clusterId()).toBe(server.url);
  });

  it('stays open while the server does not answer', async () => {
    const server = await startScriptedServer({ ...core, '/api/v1/namespaces/kube-system': status(503, 'starting') });
    await expect(testClient(server).clusterId()).rejects.toMatchObject({ code: 'unavailable' });
  });
});
