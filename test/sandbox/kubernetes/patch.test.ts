import { describe, expect, it } from 'vitest';
import { CONFIG_MAPS, configMap, DATABASES, database, startCluster, startDatabaseCluster } from './support.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

function deployment() {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [
            {
              name: 'web',
              image: 'nginx:1',
              env: [
                { name: 'A', value: '1' },
                { name: 'B', value: '2' },
              ],
            },
            { name: 'side', image: 'side:1' },
          ],
          tolerations: [{ key: 'a' }],
        },
      },
    },
  };
}

describe('merge patch', () => {
  it('merges maps, replaces lists and removes nulls', async () => {
    const cluster = await startDatabaseCluster();
    await cluster.post(
      DATABASES,
      database('shop', { engine: 'mysql', parameters: { a: '1', b: '2' }, users: [{ name: 'x' }] }),
    );
    const { body } = await cluster.patch(`${DATABASES}/shop`, 'merge', {
      spec: { parameters: { a: null, c: '3' }, users: [{ name: 'y' }] },
    });
    expect(body.spec).toEqual({
      engine: 'mysql',
      size: 'small',
      parameters: { b: '2', c: '3' },
      users: [{ name: 'y' }],
    });
  });

  it('holds to the version it names', async () => {
    const cluster = await startCluster();
    await cluster.post(CONFIG_MAPS, configMap('a'));
    const { status } = await cluster.patch(`${CONFIG_MAPS}/a`, 'merge', {
      metadata: { resourceVersion: '1' },
      data: { x: '1' },
    });
    expect(status).toBe(409);
  });

  it('is validated as any write', async () => {
    const cluster = await startDatabaseCluster();
    await cluster.post(DATABASES, database('shop'));
    const { status, body } = await cluster.patch(`${DATABASES}/shop`, 'merge', { spec: { storageGb: 1 } });
    expect([status, body.reason]).toEqual([422, 'Invalid']);
  });
});

describe('JSON patch', () => {
  it.each([
    [[{ op: 'add', path: '/data/b', value: '2' }], { a: '1', b: '2' }],
    [[{ op: 'replace', path: '/data/a', value: '2' }], { a: '2' }],
    [[{ op: 'remove', path: '/data/a' }], undefined],
    [[{ op: 'move', from: '/data/a', path: '/data/x' }], { x: '1' }],
    [[{ op: 'copy', from: '/data/a', path: '/data/b' }], { a: '1', b: '1' }],
    [
      [
        { op: 'test', path: '/data/a', value: '1' },
        { op: 'add', path: '/data/ok', value: 'yes' },
      ],
      { a: '1', ok: 'yes' },
    ],
  ])('%j', async (operations, data) => {
    const cluster = await startCluster();
    await cluster.post(CONFIG_MAPS, configMap('a', { a: '1' }));
    const { status, body } = await cluster.patch(`${CONFIG_MAPS}/a`, 'json', operations);
    expect([status, body.data]).toEqual([200, data]);
  });

  it('reads ~1 in a path as a slash and ~0 as a tilde', async () => {
    const cluster = await startDatabaseCluster();
    await cluster.post(DATABASES, database('shop', { engine: 'mysql', parameters: { a: '1' } }));
    const { body } = await cluster.patch(`${DATABASES}/shop`, 'json', [
      { op: 'move', from: '/spec/parameters/a', path: '/spec/parameters/x~1y' },
      { op: 'add', path: '/spec/parameters/~0', value: '2' },
    ]);
    expect(body.spec.parameters).toEqual({ 'x/y': '1', '~': '2' });
  });

  it.each([
    [[{ op: 'test', path: '/data/a', value: '2' }], 422],
    [[{ op: 'remove', path: '/data/none' }], 422],
    [[{ op: 'add', path: '/none/deep', value: 1 }], 422],
    [[{ op: 'dance', path: '/data/a' }], 400],
    [{ op: 'remove', path: '/data/a' }, 400],
  ])('refuses %j and changes nothing', async (operations, expected) => {
    const cluster = await startCluster();
    await cluster.post(CONFIG_MAPS, configMap('a', { a: '1' }));
    expect((await cluster.patch(`${CONFIG_MAPS}/a`, 'json', operations)).status).toBe(expected);
    expect((await cluster.get(`${CONFIG_MAPS}/a`)).body.data).toEqual({ a: '1' });
  });
});

describe('strategic merge patch', () => {
  it('merges lists by their keys and replaces those without', async () => {
    const cluster = await startCluster();
    await cluster.post(DEPLOYMENTS, deployment());
    const { body } = await cluster.patch(`${DEPLOYMENTS}/web`, 'strategic', {
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: 'web',
                image: 'nginx:2',
                env: [
                  { name: 'B', $patch: 'delete' },
                  { name: 'C', value: '3' },
                ],
              },
            ],
            tolerations: [{ key: 'b' }],
          },
        },
      },
    });
    expect(body.spec.template.spec).toMatchObject({
      containers: [
        {
          name: 'web',
          image: 'nginx:2',
          env: [
            { name: 'C', value: '3' },
            { name: 'A', value: '1' },
          ],
        },
        { name: 'side', image: 'side:1' },
      ],
      tolerations: [{ key: 'b' }],
    });
  });

  it('follows its directives', async () => {
    const cluster = await startCluster();
    await cluster.post(DEPLOYMENTS, deployment());
    const { body } = await cluster.patch(`${DEPLOYMENTS}/web`, 'strategic', {
      metadata: { finalizers: ['prsn.io/a', 'prsn.io/b'] },
      spec: {
        strategy: { $patch: 'replace', type: 'Recreate' },
        template: {
          spec: {
            '$setElementOrder/containers': [{ name: 'side' }, { name: 'web' }],
            containers: [{ name: 'side', image: 'side:2' }],
          },
        },
      },
    });
    expect(body.spec.strategy).toEqual({ type: 'Recreate' });
    expect(body.spec.template.spec.containers.map((one: { name: string }) => one.name)).toEqual(['side', 'web']);
    const less = await cluster.patch(`${DEPLOYMENTS}/web`, 'strategic', {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['prsn.io/a'] },
    });
    expect(less.body.metadata.finalizers).toEqual(['prsn.io/b']);
  });

  it('is not known to custom kinds', async () => {
    const cluster = await startDatabaseCluster();
    await cluster.post(DATABASES, database('shop'));
    const { status, body } = await cluster.patch(`${DATABASES}/shop`, 'strategic', { spec: { size: 'huge' } });
    expect([status, body.reason]).toEqual([415, 'UnsupportedMediaType']);
    expect(body.message).toBe(
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    );
  });
});
