import { describe, expect, it } from 'vitest';
import { CONFIG_MAPS, configMap, DATABASES, database, startCluster, startDatabaseCluster } from './support.ts';

describe('creating', () => {
  it('gives a new object its uid, time, version, generation and status-less state', async () => {
    const cluster = await startDatabaseCluster({ clock: { now: () => Date.parse('2016-05-04T03:02:01Z') } });
    const { status, body } = await cluster.post(DATABASES, { ...database('shop'), status: { phase: 'Ready' } });
    expect(status).toBe(201);
    expect(body.metadata).toMatchObject({
      name: 'shop',
      namespace: 'default',
      creationTimestamp: '2016-05-04T03:02:01Z',
      generation: 1,
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      resourceVersion: expect.stringMatching(/^\d+$/),
    });
    expect(body.status).toBeUndefined();
  });

  it('generates names from a prefix', async () => {
    const cluster = await startCluster();
    const { body } = await cluster.post(CONFIG_MAPS, { ...configMap(''), metadata: { generateName: 'job-' } });
    expect(body.metadata.name).toMatch(/^job-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it('refuses a name that is taken', async () => {
    const cluster = await startCluster();
    await cluster.post(CONFIG_MAPS, configMap('a'));
    const { status, body } = await cluster.post(CONFIG_MAPS, configMap('a'));
    expect(status).toBe(409);
    expect(body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'configmaps "a" already exists',
      reason: 'AlreadyExists',
      details: { name: 'a', kind: 'configmaps' },
      code: 409,
    });
  });

  it('refuses a name or label that Kubernetes refuses, with causes', async () => {
    const cluster = await startCluster();
    const { status, body } = await cluster.post(
      CONFIG_MAPS,
      configMap('Not_a_name', {}, { labels: { a: '{{ 7*7 }}' } }),
    );
    expect(status).toBe(422);
    expect(body.details.causes.map((cause: { field: string }) => cause.field)).toEqual([
      'metadata.name',
      'metadata.labels',
    ]);
    expect(body.message).toContain(
      'ConfigMap "Not_a_name" is invalid: [metadata.name: Invalid value: "Not_a_name": a lowercase RFC 1123 subdomain',
    );
  });

  it('refuses objects in a namespace that does not exist', async () => {
    const cluster = await startCluster();
    const { status, body } = await cluster.post('/api/v1/namespaces/none/configmaps', configMap('a'));
    expect([status, body.message]).toEqual([404, 'namespaces "none" not found']);
  });

  it('stores nothing in a dry run', async () => {
    const cluster = await startCluster();
    expect((await cluster.post(`${CONFIG_MAPS}?dryRun=All`, configMap('a'))).status).toBe(201);
    expect((await cluster.get(`${CONFIG_MAPS}/a`)).status).toBe(404);
  });

  it('refuses an object of another kind or version', async () => {
    const cluster = await startDatabaseCluster();
    const other = await cluster.post(DATABASES, { ...database('a'), apiVersion: 'prsn.io/v2' });
    expect([other.status, other.body.message]).toEqual([
      400,
      'the API version in the data (prsn.io/v2) does not match the expected API version (prsn.io/v1)',
    ]);
    expect((await cluster.post(DATABASES, configMap('a'))).status).toBe(400);
    expect((await cluster.post(DATABASES, '{"kind":')).status).toBe(400);
  });

  it('turns the plain text of a secret into its data', async () => {
    const cluster = await startCluster();
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { password: 'x' } };
    const { body } = await cluster.post('/api/v1/namespaces/default/secrets', secret);
    expect(body).toMatchObject({ type: 'Opaque', data: { password: 'eA==' } });
    expect(body.stringData).toBeUndefined();
  });

  it('takes null for absent in built-in kinds, as older clients send it', async () => {
    const cluster = await startCluster();
    const template = {
      metadata: { creationTimestamp: null, labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'x', command: null }] },
    };
    const { status, body } = await cluster.post('/apis/apps/v1/namespaces/default/deployments', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', creationTimestamp: null },
      spec: { selector: { matchLabels: { app: 'web' } }, template },
    });
    expect([status, body.spec.template.metadata]).toEqual([201, { labels: { app: 'web' } }]);
    expect(body.spec.template.spec.containers[0]).not.toHaveProperty('command');
  });

  it('keeps keys that would be prototypes out', async () => {
    const cluster = await startCluster();
    const text =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"__proto__":"x","constructor":"y"}}';
    const { body } = await cluster.post(CONFIG_MAPS, text);
    expect(Object.keys(body.data)).toEqual(['constructor']);
  });
});

describe('replacing', () => {
  it('takes the object whose version is the present one and refuses an older', async () => {
    const cluster = await startDatabaseCluster();
    const { body: first } = await cluster.post(DATABASES, database('shop'));
    const changed = { ...first, spec: { ...first.spec, size: 'huge' } };
    const second = await cluster.put(`${DATABASES}/shop`, changed);
    expect([second.status, second.body.spec.size, second.body.metadata.generation]).toEqual([200, 'huge', 2]);
    expect(Number(second.body.metadata.resourceVersion)).toBeGreaterThan(Number(first.metadata.resourceVersion));
    const stale = await cluster.put(`${DATABASES}/shop`, changed);
    expect([stale.status, stale.body.reason, stale.body.message]).toEqual([
      409,
      'Conflict',
      'Operation cannot be fulfilled on mysqldbs.prsn.io "shop": the object has been modified; please apply your changes to the latest version and try again',
    ]);
  });

  it('wants to know which version of a custom object is replaced', async () => {
    const cluster = await startDatabaseCluster();
    await cluster.post(DATABASES, database('shop'));
    const { status, body } = await cluster.put(`${DATABASES}/shop`, database('shop'));
    expect([status, body.details.causes[0].field]).toEqual([422, 'metadata.resourceVersion']);
  });

  it('makes no new version when nothing changes', async () => {
    const cluster = await startDatabaseCluster();
    const { body: first } = await cluster.post(DATABASES, database('shop'));
    const { body: again } = await cluster.put(`${DATABASES}/shop`, first);
    expect(again.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  it('keeps what belongs to the server', async () => {
    const cluster = await startDatabaseCluster();
    const { body: first } = await cluster.post(DATABASES, database('shop'));
    const forged = {
      ...first.metadata,
      creationTimestamp: '2001-01-01T00:00:00Z',
      generation: 99,
      deletionTimestamp: '2001-01-01T00:00:00Z',
    };
    const { body } = await cluster.put(`${DATABASES}/shop`, { ...first, metadata: forged });
    expect(body.metadata.creationTimestamp).toBe(first.metadata.creationTimestamp);
    expect(body.metadata.generation).toBe(1);
    expect(body.metadata.deletionTimestamp).toBeUndefined();
  });
});

describe('the status subresource', () => {
  it('separates what users want from what is', async () => {
    const cluster = await startDatabaseCluster();
    await cluster.post(DATABASES, database('shop'));
    const through = await cluster.patch(`${DATABASES}/shop/status`, 'merge', {
      spec: { size: 'huge' },
      status: { phase: 'Ready' },
    });
    expect(through.body).toMatchObject({
      spec: { size: 'small' },
      status: { phase: 'Ready' },
      metadata: { generation: 1 },
    });
    const main = await cluster.patch(`${DATABASES}/shop`, 'merge', {
      spec: { size: 'huge' },
      status: { phase: 'Lost' },
    });
    expect(main.body).toMatchObject({
      spec: { size: 'huge' },
      status: { phase: 'Ready' },
      metadata: { generation: 2 },
    });
  });

  it('has the scale beside it, where the kind says where its numbers are', async () => {
    const cluster = await startDatabaseCluster();
    await cluster.post(DATABASES, database('shop', { engine: 'mysql', replicas: 2 }));
    const scale = await cluster.get(`${DATABASES}/shop/scale`);
    expect(scale.body).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 2 },
      status: { replicas: 0 },
    });
    const scaled = await cluster.patch(`${DATABASES}/shop/scale`, 'merge', { spec: { replicas: 3 } });
    expect(scaled.body.spec.replicas).toBe(3);
    expect((await cluster.get(`${DATABASES}/shop`)).body.spec.replicas).toBe(3);
  });

  it('does not exist on kinds without it', async () => {
    const cluster = await startCluster();
    await cluster.post(CONFIG_MAPS, configMap('a'));
    expect((await cluster.get(`${CONFIG_MAPS}/a/status`)).status).toBe(404);
  });
});

describe('deleting', () => {
  it('answers with what was deleted, and 404 the second time', async () => {
    const cluster = await startDatabaseCluster();
    const { body: made } = await cluster.post(DATABASES, database('shop'));
    expect((await cluster.delete(`${DATABASES}/shop`)).body).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'shop', group: 'prsn.io', kind: 'mysqldbs', uid: made.metadata.uid },
    });
    expect((await cluster.delete(`${DATABASES}/shop`)).body.message).toBe('mysqldbs.prsn.io "shop" not found');
  });

  it('waits for finalizers, accepts no new ones, and ends with the last', async () => {
    const cluster = await startDatabaseCluster();
    await cluster.post(DATABASES, database('shop', { engine: 'mysql' }, { finalizers: ['prsn.io/a', 'prsn.io/b'] }));
    const deleted = await cluster.delete(`${DATABASES}/shop`);
    expect([deleted.status, deleted.body.kind]).toEqual([200, 'MysqlDb']);
    expect(deleted.body.metadata.deletionTimestamp).toMatch(/Z$/);
    const added = await cluster.patch(`${DATABASES}/shop`, 'merge', { metadata: { finalizers: ['prsn.io/c'] } });
    expect([added.status, added.body.details.causes[0].reason]).toEqual([422, 'FieldValueForbidden']);
    await cluster.patch(`${DATABASES}/shop`, 'merge', { metadata: { finalizers: ['prsn.io/b'] } });
    expect((await cluster.get(`${DATABASES}/shop`)).status).toBe(200);
    await cluster.patch(`${DATABASES}/shop`, 'merge', { metadata: { finalizers: null } });
    expect((await cluster.get(`${DATABASES}/shop`)).status).toBe(404);
  });

  it('holds the preconditions it is given', async () => {
    const cluster = await startDatabaseCluster();
    const { body } = await cluster.post(DATABASES, database('shop'));
    const wrong = await cluster.delete(`${DATABASES}/shop`, { preconditions: { uid: 'another' } });
    expect([wrong.status, wrong.body.reason]).toEqual([409, 'Conflict']);
    const stale = await cluster.delete(`${DATABASES}/shop`, { preconditions: { resourceVersion: '1' } });
    expect(stale.status).toBe(409);
    expect((await cluster.delete(`${DATABASES}/shop`, { preconditions: { uid: body.metadata.uid } })).status).toBe(200);
  });

  it('deletes what a selector selects', async () => {
    const cluster = await startCluster();
    for (const [name, team] of [
      ['a', 'x'],
      ['b', 'y'],
      ['c', 'x'],
    ] as const) {
      await cluster.post(CONFIG_MAPS, configMap(name, {}, { labels: { team } }));
    }
    await cluster.delete(`${CONFIG_MAPS}?labelSelector=team%3Dx`);
    const left = await cluster.get(CONFIG_MAPS);
    expect(left.body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(['b']);
  });
});

describe('owners', () => {
  async function family() {
    const cluster = await startCluster();
    const { body: owner } = await cluster.post(CONFIG_MAPS, configMap('owner'));
    const reference = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: 'owner',
      uid: owner.metadata.uid,
      blockOwnerDeletion: true,
    };
    await cluster.post(
      CONFIG_MAPS,
      configMap('child', {}, { ownerReferences: [reference], finalizers: ['prsn.io/slow'] }),
    );
    return cluster;
  }

  it('take their dependents with them in the background', async () => {
    const cluster = await family();
    await cluster.delete(`${CONFIG_MAPS}/owner`);
    expect((await cluster.get(`${CONFIG_MAPS}/owner`)).status).toBe(404);
    expect((await cluster.get(`${CONFIG_MAPS}/child`)).body.metadata.deletionTimestamp).toBeDefined();
  });

  it('wait for them in the foreground', async () => {
    const cluster = await family();
    await cluster.delete(`${CONFIG_MAPS}/owner`, { propagationPolicy: 'Foreground' });
    expect((await cluster.get(`${CONFIG_MAPS}/owner`)).body.metadata.finalizers).toEqual(['foregroundDeletion']);
    await cluster.patch(`${CONFIG_MAPS}/child`, 'merge', { metadata: { finalizers: null } });
    expect((await cluster.get(`${CONFIG_MAPS}/child`)).status).toBe(404);
    expect((await cluster.get(`${CONFIG_MAPS}/owner`)).status).toBe(404);
  });

  it('leave them as orphans when told to', async () => {
    const cluster = await family();
    await cluster.delete(`${CONFIG_MAPS}/owner`, { propagationPolicy: 'Orphan' });
    expect((await cluster.get(`${CONFIG_MAPS}/owner`)).status).toBe(404);
    const { body } = await cluster.get(`${CONFIG_MAPS}/child`);
    expect([body.metadata.ownerReferences, body.metadata.deletionTimestamp]).toEqual([[], undefined]);
  });
});

describe('namespaces', () => {
  it('are there from the start, with a service account each', async () => {
    const cluster = await startCluster();
    const { body } = await cluster.get('/api/v1/namespaces');
    const names = body.items.map((item: { metadata: { name: string } }) => item.metadata.name);
    expect(names).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
    expect((await cluster.get('/api/v1/namespaces/default/serviceaccounts/default')).status).toBe(200);
  });

  it('terminate with all that is in them, and wait for what has finalizers', async () => {
    const cluster = await startDatabaseCluster();
    await cluster.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    await cluster.post('/api/v1/namespaces/shop/configmaps', configMap('a'));
    const inShop = '/apis/prsn.io/v1/namespaces/shop/mysqldbs';
    await cluster.post(inShop, database('db', { engine: 'mysql' }, { finalizers: ['prsn.io/petrel'] }));
    await cluster.delete('/api/v1/namespaces/shop');
    expect((await cluster.get('/api/v1/namespaces/shop')).body.status.phase).toBe('Terminating');
    expect((await cluster.get('/api/v1/namespaces/shop/configmaps')).body.items).toEqual([]);
    const late = await cluster.post('/api/v1/namespaces/shop/configmaps', configMap('late'));
    expect([late.status, late.body.details.causes[0].reason]).toEqual([403, 'NamespaceTerminating']);
    await cluster.patch(`${inShop}/db`, 'merge', { metadata: { finalizers: null } });
    expect((await cluster.get('/api/v1/namespaces/shop')).status).toBe(404);
  });
});
