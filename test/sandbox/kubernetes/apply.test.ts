import { describe, expect, it } from 'vitest';
import { type Answered, type Cluster, DATABASES, database, startCluster, startDatabaseCluster } from './support.ts';

const apply = (cluster: Cluster, manager: string, object: Answered, query = '') =>
  cluster.patch(`${DATABASES}/${object.metadata.name}?fieldManager=${manager}${query}`, 'apply', object);

const managersOf = (body: Answered) =>
  body.metadata.managedFields.map((entry: Answered) => [
    entry.manager,
    entry.operation,
    entry.subresource,
    entry.fieldsV1,
  ]);

describe('server-side apply', () => {
  it('creates what does not exist, and its applier owns what it said', async () => {
    const cluster = await startDatabaseCluster();
    const wanted = database(
      'shop',
      { engine: 'mysql', users: [{ name: 'app', role: 'rw' }] },
      { labels: { team: 'shop' } },
    );
    const { status, body } = await apply(cluster, 'petrel', wanted);
    expect([status, body.spec.size]).toEqual([201, 'small']);
    expect(managersOf(body)).toEqual([
      [
        'petrel',
        'Apply',
        undefined,
        {
          'f:metadata': { 'f:labels': { 'f:team': {} } },
          'f:spec': { 'f:engine': {}, 'f:users': { 'k:{"name":"app"}': { '.': {}, 'f:name': {}, 'f:role': {} } } },
        },
      ],
    ]);
  });

  it('changes nothing when applied again', async () => {
    const cluster = await startDatabaseCluster();
    const first = await apply(cluster, 'petrel', database('shop'));
    const second = await apply(cluster, 'petrel', database('shop'));
    expect([second.status, second.body]).toEqual([200, first.body]);
  });

  it('removes what its applier no longer says, and leaves what others set', async () => {
    const cluster = await startDatabaseCluster();
    await apply(
      cluster,
      'petrel',
      database('shop', { engine: 'mysql', storageGb: 20, parameters: { a: '1', b: '2' }, users: [{ name: 'x' }] }),
    );
    await cluster.patch(`${DATABASES}/shop`, 'merge', { spec: { parameters: { c: '3' } } });
    const { body } = await apply(cluster, 'petrel', database('shop', { engine: 'mysql', parameters: { a: '1' } }));
    expect(body.spec).toEqual({ engine: 'mysql', size: 'small', parameters: { a: '1', c: '3' } });
  });

  it('merges keyed lists item by item', async () => {
    const cluster = await startDatabaseCluster();
    await apply(cluster, 'one', database('shop', { engine: 'mysql', users: [{ name: 'a', role: 'rw' }] }));
    await apply(cluster, 'two', database('shop', { engine: 'mysql', users: [{ name: 'b', role: 'ro' }] }));
    const { body } = await apply(cluster, 'one', database('shop', { engine: 'mysql', users: [{ name: 'c' }] }));
    expect(body.spec.users).toEqual([{ name: 'b', role: 'ro' }, { name: 'c' }]);
  });

  it('refuses to change what another manager set, unless forced to take it over', async () => {
    const cluster = await startDatabaseCluster();
    await apply(cluster, 'one', database('shop', { engine: 'mysql', storageGb: 20 }));
    const { status, body } = await apply(cluster, 'two', database('shop', { engine: 'mysql', storageGb: 40 }));
    expect(status).toBe(409);
    expect(body).toMatchObject({
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "one": .spec.storageGb',
      details: {
        causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.storageGb' }],
      },
    });
    const forced = await apply(cluster, 'two', database('shop', { engine: 'mysql', storageGb: 40 }), '&force=true');
    expect(forced.body.spec.storageGb).toBe(40);
    expect(managersOf(forced.body)).toEqual([
      ['one', 'Apply', undefined, { 'f:spec': { 'f:engine': {} } }],
      ['two', 'Apply', undefined, { 'f:spec': { 'f:engine': {}, 'f:storageGb': {} } }],
    ]);
  });

  it('shares a field that two set to the same value, and keeps it until both let go', async () => {
    const cluster = await startDatabaseCluster();
    await apply(cluster, 'one', database('shop', { engine: 'mysql', storageGb: 20 }));
    await apply(cluster, 'two', database('shop', { engine: 'mysql', storageGb: 20 }));
    expect((await apply(cluster, 'one', database('shop', { engine: 'mysql' }))).body.spec.storageGb).toBe(20);
    expect((await apply(cluster, 'two', database('shop', { engine: 'mysql' }))).body.spec.storageGb).toBeUndefined();
  });

  it('sees other writes as managers too, each with its subresource', async () => {
    const cluster = await startDatabaseCluster({ clock: { now: () => 0 } });
    await cluster.post(`${DATABASES}?fieldManager=creator`, database('shop', { engine: 'mysql', storageGb: 20 }));
    await cluster.patch(`${DATABASES}/shop/status?fieldManager=watcher`, 'merge', { status: { phase: 'Ready' } });
    const conflict = await apply(cluster, 'petrel', database('shop', { engine: 'mysql', storageGb: 40 }));
    expect(conflict.body.details.causes[0].message).toBe(
      'conflict with "creator" using prsn.io/v1 at 1970-01-01T00:00:00Z',
    );
    const { body } = await cluster.get(`${DATABASES}/shop`);
    expect(managersOf(body)).toEqual([
      ['creator', 'Update', undefined, { 'f:spec': { '.': {}, 'f:engine': {}, 'f:size': {}, 'f:storageGb': {} } }],
      ['watcher', 'Update', 'status', { 'f:status': { '.': {}, 'f:phase': {} } }],
    ]);
  });

  it('applies a status through its subresource only', async () => {
    const cluster = await startDatabaseCluster();
    await apply(cluster, 'petrel', database('shop'));
    const status = {
      ...database('shop', { engine: 'aurora' }),
      status: { phase: 'Ready', conditions: [{ type: 'Ready', status: 'True' }] },
    };
    const { body } = await cluster.patch(`${DATABASES}/shop/status?fieldManager=petrel`, 'apply', status);
    expect(body).toMatchObject({ spec: { engine: 'mysql' }, status: { phase: 'Ready' } });
    const kept = await apply(cluster, 'petrel', database('shop', { engine: 'mysql', storageGb: 10 }));
    expect(kept.body.status.conditions).toEqual([{ type: 'Ready', status: 'True' }]);
  });

  it('wants a manager, and no managed fields of the applier’s own', async () => {
    const cluster = await startDatabaseCluster();
    expect((await cluster.patch(`${DATABASES}/shop`, 'apply', database('shop'))).status).toBe(400);
    const own = database('shop', { engine: 'mysql' }, { managedFields: [{ manager: 'x' }] });
    expect((await apply(cluster, 'petrel', own)).body.message).toBe('metadata.managedFields must be nil');
  });

  it('reads YAML', async () => {
    const cluster = await startDatabaseCluster();
    const yaml = 'apiVersion: prsn.io/v1\nkind: MysqlDb\nmetadata:\n  name: shop\nspec:\n  engine: mysql\n';
    const { status } = await cluster.patch(`${DATABASES}/shop?fieldManager=petrel`, 'apply', yaml);
    expect(status).toBe(201);
  });

  it('knows the keys of built-in lists', async () => {
    const cluster = await startCluster();
    const service = (ports: Answered) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { ports },
    });
    const path = '/api/v1/namespaces/default/services/web?fieldManager=';
    await cluster.patch(`${path}one`, 'apply', service([{ name: 'http', port: 80, protocol: 'TCP' }]));
    const { body } = await cluster.patch(
      `${path}two`,
      'apply',
      service([{ name: 'https', port: 443, protocol: 'TCP' }]),
    );
    expect(body.spec.ports.map((port: Answered) => port.name)).toEqual(['http', 'https']);
  });
});

describe('field managers of built-in kinds', () => {
  it('own what they set, and not the structs that every object has', async () => {
    const cluster = await startCluster();
    const { body } = await cluster.post('/apis/apps/v1/namespaces/default/deployments?fieldManager=me', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image: 'web:1' }] },
        },
      },
    });
    // What a real API server of 1.20 and later answers to the same request.
    expect(body.metadata.managedFields[0].fieldsV1).toEqual({
      'f:spec': {
        'f:progressDeadlineSeconds': {},
        'f:replicas': {},
        'f:revisionHistoryLimit': {},
        'f:selector': {},
        'f:strategy': { 'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} }, 'f:type': {} },
        'f:template': {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': {
            'f:containers': {
              'k:{"name":"web"}': {
                '.': {},
                'f:image': {},
                'f:imagePullPolicy': {},
                'f:name': {},
                'f:resources': {},
                'f:terminationMessagePath': {},
                'f:terminationMessagePolicy': {},
              },
            },
            'f:dnsPolicy': {},
            'f:restartPolicy': {},
            'f:schedulerName': {},
            'f:securityContext': {},
            'f:terminationGracePeriodSeconds': {},
          },
        },
      },
    });
  });
});

describe('a field that does not exist', () => {
  const path = `${DATABASES}/shop?fieldManager=petrel`;

  it('is refused, and nothing is made', async () => {
    const cluster = await startDatabaseCluster();
    const { status, body } = await cluster.patch(path, 'apply', database('shop', { engine: 'mysql', colour: 'red' }));
    expect([status, body]).toMatchObject([
      500,
      {
        message:
          'failed to create typed patch object (/shop; prsn.io/v1, Kind=MysqlDb): .spec.colour: field not declared in schema',
      },
    ]);
    expect((await cluster.get(`${DATABASES}/shop`)).status).toBe(404);
  });

  it('is no matter where a schema takes any', async () => {
    const cluster = await startDatabaseCluster();
    const free = database('shop', { engine: 'mysql', parameters: { whatever: '1' } }, { labels: { any: 'x' } });
    expect((await cluster.patch(path, 'apply', free)).status).toBe(201);
  });
});
