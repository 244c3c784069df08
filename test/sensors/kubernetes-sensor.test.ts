import { describe, expect, it } from 'vitest';
import { startSandboxSystem } from './sandbox-system.ts';
import { createTestRegistry, rule, until } from './support.ts';

const CONFIG_MAPS = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop' };
const shop = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
const configMap = (name: string, data: object = {}, labels: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop', labels },
  data,
});
const reference = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name, namespace: 'shop' });
const onConfigMaps = (name = 'any') => rule(name, 'kubernetes.resource', CONFIG_MAPS);

const widgets = (served: readonly string[] = ['v1']) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.org' },
  spec: {
    group: 'example.org',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget' },
    versions: served.map((name, index) => ({
      name,
      served: true,
      storage: index === 0,
      subresources: { status: {} },
      schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    })),
  },
});
const widget = (name: string, size = 1) => ({
  apiVersion: 'example.org/v1',
  kind: 'Widget',
  metadata: { name, namespace: 'shop' },
  spec: { size },
});

async function prepare() {
  const system = await startSandboxSystem();
  await system.client.create(shop);
  return system;
}

describe('A rule on kubernetes.resource', () => {
  it('sees what is there, what is changed and what is deleted', async () => {
    const { client, start, sees, payloads } = await prepare();
    await client.create(configMap('a', { x: '1' }, { app: 'web' }));
    start(createTestRegistry([onConfigMaps()]));
    await sees('ADDED a');
    await client.patch(reference('a'), { data: { x: '2' } });
    await sees('ADDED a', 'MODIFIED a');
    await client.delete(reference('a'));
    await sees('ADDED a', 'MODIFIED a', 'DELETED a');
    const [added, modified, deleted] = await payloads();
    expect(added).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', labels: { app: 'web' } });
    expect(modified).toMatchObject({ generation_changed: true, object: { data: { x: '2' } } });
    expect(deleted).toMatchObject({ uid: added?.uid, synthesised: false });
  });

  it('is told by generation_changed whether the wish changed or only the rest', async () => {
    const { client, start, sees, payloads } = await prepare();
    await client.create(widgets());
    await client.create(widget('a'));
    await client.create(configMap('b'));
    start(
      createTestRegistry([
        rule('w', 'kubernetes.resource', { apiVersion: 'example.org/v1', kind: 'Widget' }),
        onConfigMaps(),
      ]),
    );
    const named = { ...reference('a'), apiVersion: 'example.org/v1', kind: 'Widget' };
    await until(async () => (await payloads()).length === 2, 'both lists');
    await client.patch(named, { status: { phase: 'Ready' } }, { subresource: 'status' });
    await client.patch(named, { spec: { size: 2 } });
    await until(async () => (await payloads()).length === 4, 'two changes');
    await client.patch(reference('b'), { metadata: { labels: { x: 'y' } } });
    await until(async () => (await payloads()).length === 5, 'a label on a kind without generations');
    expect((await payloads()).slice(2).map((payload) => payload.generation_changed)).toEqual([false, true, false]);
    await sees(...(await payloads()).map(({ type, name }) => `${type} ${name}`));
  });

  it('shares one watch with every other rule on the same objects', async () => {
    const { sandbox, start, sees, client } = await prepare();
    const registry = createTestRegistry([onConfigMaps('one'), onConfigMaps('two')]);
    const sensor = start(registry);
    await until(() => sandbox.faults.openWatches() === 1, 'one watch');
    await client.create(configMap('a'));
    await sees('ADDED a');
    expect(sensor.watches()).toMatchObject([{ objects: 1, lists: 1, state: { phase: 'watching' } }]);
  });

  it('gets its own event when its parameters are written differently, from the same watch', async () => {
    const { sandbox, start, sees, client } = await prepare();
    start(
      createTestRegistry([
        onConfigMaps('one'),
        rule('two', 'kubernetes.resource', { ...CONFIG_MAPS, labelSelector: '' }),
      ]),
    );
    await until(() => sandbox.faults.openWatches() === 1, 'one watch');
    await client.create(configMap('a'));
    await sees('ADDED a', 'ADDED a');
  });

  it('sees only what its selectors select', async () => {
    const { start, sees, client } = await prepare();
    start(createTestRegistry([rule('web', 'kubernetes.resource', { ...CONFIG_MAPS, labelSelector: 'app=web' })]));
    await client.create(configMap('other'));
    await client.create(configMap('a', {}, { app: 'web' }));
    await sees('ADDED a');
    await client.patch(reference('a'), { metadata: { labels: { app: null } } });
    await sees('ADDED a', 'DELETED a');
  });

  it('ends the watch when it goes, and catches up without repetition when it comes back', async () => {
    const { sandbox, start, sees, client } = await prepare();
    const registry = createTestRegistry([onConfigMaps()]);
    const sensor = start(registry);
    await client.create(configMap('a'));
    await sees('ADDED a');
    registry.setRules([{ ...onConfigMaps(), enabled: false }]);
    await until(() => sandbox.faults.openWatches() === 0 && sensor.watches().length === 0, 'no watch');
    await client.create(configMap('b'));
    registry.setRules([onConfigMaps()]);
    await sees('ADDED a', 'ADDED b');
  });

  it('waits for a kind that is defined only later', async () => {
    const { start, sees, client } = await prepare();
    start(createTestRegistry([rule('w', 'kubernetes.resource', { apiVersion: 'example.org/v1', kind: 'Widget' })]));
    await client.create(widgets());
    await client.create(widget('a'));
    await sees('ADDED a');
  });

  it('loses nothing while its trigger type is away for a reload of its pack', async () => {
    const { start, sees, client, seen } = await prepare();
    const registry = createTestRegistry([onConfigMaps()]);
    start(registry);
    await client.create(configMap('a'));
    await sees('ADDED a');
    registry.setTriggerTypes([]);
    await client.create(configMap('b'));
    await new Promise((resolve) => setTimeout(resolve, 20)); // time enough for a wrong event
    expect(await seen()).toEqual(['ADDED a']);
    registry.setTriggerTypes(['kubernetes.resource']);
    await sees('ADDED a', 'ADDED b');
  });
});

describe('Trouble with the API server', () => {
  it.each([
    ['closes the watch', 'closeWatches'],
    ['says 410 in the stream', 'expireOpenWatches'],
    ['ends watches at once', 'emptyWatches'],
  ] as const)('that %s costs no event and repeats none', async (_what, fault) => {
    const { sandbox, start, sees, client } = await prepare();
    start(createTestRegistry([onConfigMaps()]));
    await until(() => sandbox.faults.openWatches() === 1, 'a watch');
    await client.create(configMap('a'));
    await sees('ADDED a');
    sandbox.faults[fault]();
    if (fault === 'emptyWatches') sandbox.faults.closeWatches();
    await client.create(configMap('b'));
    await client.delete(reference('a'));
    await sees('ADDED a', 'ADDED b', 'DELETED a');
  });

  it('answering 410 to the cursor leads to a list, and what was missed is found by the difference', async () => {
    const { sandbox, start, sees, client, payloads, seen } = await prepare();
    start(createTestRegistry([onConfigMaps()]));
    for (const name of ['a', 'b', 'c', 'd']) await client.create(configMap(name));
    await sees('ADDED a', 'ADDED b', 'ADDED c', 'ADDED d');
    sandbox.faults.emptyWatches(1000);
    sandbox.faults.closeWatches();
    await client.delete(reference('b'));
    await client.patch(reference('c'), { data: { x: '2' } });
    await client.create(configMap('e'));
    sandbox.faults.compact();
    await until(async () => (await seen()).length >= 7, 'three differences');
    const late = (await payloads()).slice(4);
    expect(late.map(({ type, name, synthesised }) => [type, name, synthesised])).toEqual(
      expect.arrayContaining([
        ['DELETED', 'b', true],
        ['MODIFIED', 'c', false],
        ['ADDED', 'e', false],
      ]),
    );
    expect(late).toHaveLength(3);
  });

  it('going away for a while only delays', async () => {
    const { sandbox, start, sees, client } = await prepare();
    const sensor = start(createTestRegistry([onConfigMaps()]));
    await client.create(configMap('a'));
    await sees('ADDED a');
    await sandbox.faults.stop();
    await until(() => sensor.watches()[0]?.state.phase === 'waiting', 'the outage is noticed');
    await sandbox.faults.start();
    await client.create(configMap('b'));
    await sees('ADDED a', 'ADDED b');
  });

  it('being there only after Petrel only delays', async () => {
    const { sandbox, start, sees, client } = await prepare();
    await client.create(configMap('a'));
    await sandbox.faults.stop();
    start(createTestRegistry([onConfigMaps()]));
    await sandbox.faults.start();
    await sees('ADDED a');
  });
});

describe('After a restart of Petrel', () => {
  it('what was handled is not repeated, and what happened meanwhile is noticed', async () => {
    const { start, sees, client } = await prepare();
    const registry = createTestRegistry([onConfigMaps()]);
    const first = start(registry);
    for (const name of ['a', 'b']) await client.create(configMap(name));
    await sees('ADDED a', 'ADDED b');
    await first.stop();
    await client.delete(reference('a'));
    await client.create(configMap('c'));
    const second = start(registry);
    await sees('ADDED a', 'ADDED b', 'DELETED a', 'ADDED c');
    expect(second.watches()).toMatchObject([{ lists: 0 }]);
  });

  it('a deletion that no watch can show any more is made up from the difference, once', async () => {
    const { sandbox, start, sees, client, payloads, seen } = await prepare();
    await client.create(widgets());
    await client.create(widget('a', 7));
    const registry = createTestRegistry([
      rule('w', 'kubernetes.resource', { apiVersion: 'example.org/v1', kind: 'Widget' }),
    ]);
    const first = start(registry);
    await sees('ADDED a');
    await first.stop();
    await client.delete({ ...reference('a'), apiVersion: 'example.org/v1', kind: 'Widget' });
    sandbox.faults.compact();
    const second = start(registry);
    await sees('ADDED a', 'DELETED a');
    expect((await payloads())[1]).toMatchObject({
      synthesised: true,
      generation_changed: true,
      object: { spec: { size: 7 }, kind: 'Widget' },
    });
    await second.stop();
    const third = start(registry);
    await until(() => third.watches()[0]?.state.phase === 'watching', 'a third start');
    expect(await seen()).toEqual(['ADDED a', 'DELETED a']);
  });

  it('an object of the same name is a new one: the old one is deleted first', async () => {
    const { sandbox, start, sees, client, payloads } = await prepare();
    const registry = createTestRegistry([onConfigMaps()]);
    const first = start(registry);
    await client.create(configMap('a'));
    await sees('ADDED a');
    await first.stop();
    await client.delete(reference('a'));
    await client.create(configMap('a'));
    sandbox.faults.compact();
    start(registry);
    await sees('ADDED a', 'DELETED a', 'ADDED a');
    const [before, gone, after] = await payloads();
    expect([gone?.uid === before?.uid, after?.uid === before?.uid]).toEqual([true, false]);
  });

  it('a Secret that went is reported without its contents, which are never kept', async () => {
    const { sandbox, start, sees, client, store, payloads } = await prepare();
    const secret = {
      ...configMap('s'),
      kind: 'Secret',
      data: { password: Buffer.from('swordfish').toString('base64') },
    };
    await client.create(secret);
    const registry = createTestRegistry([rule('s', 'kubernetes.resource', { ...CONFIG_MAPS, kind: 'Secret' })]);
    const first = start(registry);
    await sees('ADDED s');
    const watchId = `kubernetes|${await client.clusterId()}|["v1","Secret","shop","",""]`;
    expect(JSON.stringify(await store.listHandled(watchId))).not.toContain(secret.data.password);
    await first.stop();
    await client.delete({ ...reference('s'), kind: 'Secret' });
    sandbox.faults.compact();
    start(registry);
    await sees('ADDED s', 'DELETED s');
    expect((await payloads())[1]?.object).not.toHaveProperty('data');
  });
});

describe('A rule on kubernetes.thirdpartyobject', () => {
  const any = rule('any', 'kubernetes.thirdpartyobject');

  it('follows every kind that is defined, with the payload of 2016', async () => {
    const { start, sees, client, payloads } = await prepare();
    start(createTestRegistry([any]));
    await client.create(widgets());
    await client.create(widget('a'));
    await sees('ADDED a');
    expect((await payloads())[0]).toMatchObject({
      resource: 'ADDED',
      name: 'a',
      namespace: 'shop',
      object_kind: 'Widget',
      object: { spec: { size: 1 } },
    });
  });

  it('follows ThirdPartyResources, in the version they are served in', async () => {
    const { start, sees, client, payloads } = await prepare();
    start(createTestRegistry([any]));
    await client.create({
      apiVersion: 'extensions/v1beta1',
      kind: 'ThirdPartyResource',
      metadata: { name: 'mysql-db.prsn.io' },
      versions: [{ name: 'stable/v1' }],
    });
    await client.create({
      apiVersion: 'prsn.io/stable/v1',
      kind: 'MysqlDb',
      metadata: { name: 'orders', namespace: 'shop' },
      size: 'huge',
    });
    await sees('ADDED orders');
    expect((await payloads())[0]).toMatchObject({ object_kind: 'MysqlDb', object: { size: 'huge' } });
  });

  it('is not needed for one kind of 2016: a rule on kubernetes.resource names it, slash and all', async () => {
    const { start, sees, client, payloads } = await prepare();
    const mine = { apiVersion: 'prsn.io/stable/v1', kind: 'MysqlDb' };
    start(createTestRegistry([rule('one', 'kubernetes.resource', mine)]));
    await client.create({
      apiVersion: 'extensions/v1beta1',
      kind: 'ThirdPartyResource',
      metadata: { name: 'mysql-db.prsn.io' },
      versions: [{ name: 'stable/v1' }],
    });
    const orders = { ...mine, metadata: { name: 'orders', namespace: 'shop' } };
    await client.create({ ...orders, size: 'huge' });
    await sees('ADDED orders');
    await client.patch({ ...mine, ...orders.metadata }, { size: 'small' });
    await client.delete({ ...mine, ...orders.metadata });
    await sees('ADDED orders', 'MODIFIED orders', 'DELETED orders');
    expect((await payloads())[0]).toMatchObject({
      type: 'ADDED',
      object: { apiVersion: 'prsn.io/stable/v1', size: 'huge' },
    });
  });

  it('is limited by group and kind', async () => {
    const { start, sees, client } = await prepare();
    await client.create(widgets());
    start(
      createTestRegistry([
        rule('other', 'kubernetes.thirdpartyobject', { group: 'prsn.io' }),
        rule('this', 'kubernetes.thirdpartyobject', { kind: 'Widget' }),
      ]),
    );
    await client.create(widget('a'));
    await sees('ADDED a');
  });

  it('shares the watch with a rule on kubernetes.resource', async () => {
    const { start, client, seen } = await prepare();
    await client.create(widgets());
    const sensor = start(
      createTestRegistry([any, rule('w', 'kubernetes.resource', { apiVersion: 'example.org/v1', kind: 'Widget' })]),
    );
    await until(() => sensor.watches()[0]?.state.phase === 'watching', 'a watch');
    await client.create(widget('a'));
    await until(async () => (await seen()).length === 2, 'an event for each trigger');
    expect(await seen('kubernetes.resource')).toEqual(['ADDED a']);
    expect(await seen('kubernetes.thirdpartyobject')).toEqual(['ADDED a']);
    expect(sensor.watches()).toHaveLength(1);
  });

  it('reports what is left as deleted when the definition goes, also while Petrel is down', async () => {
    const { sandbox, start, sees, client } = await prepare();
    await client.create(widgets());
    await client.create(widget('a'));
    const registry = createTestRegistry([any]);
    const first = start(registry);
    await sees('ADDED a');
    await first.stop();
    await client.delete({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      name: 'widgets.example.org',
    });
    sandbox.faults.compact();
    const second = start(registry);
    await sees('ADDED a', 'DELETED a');
    await until(() => second.watches().length === 0, 'no watch is left');
  });

  it('does not take a new version of a definition for new objects', async () => {
    const { start, sees, client, seen } = await prepare();
    await client.create(widgets(['v1']));
    await client.create(widget('a'));
    const sensor = start(createTestRegistry([any]));
    await sees('ADDED a');
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      name: 'widgets.example.org',
    };
    await client.patch(definition, { spec: { versions: widgets(['v2', 'v1']).spec.versions } });
    await client.patch(definition, { spec: { versions: widgets(['v2']).spec.versions } });
    await until(
      () =>
        sensor
          .watches()
          .some(({ target, state }) => target.apiVersion === 'example.org/v2' && state.phase === 'watching'),
      'a watch of v2',
    );
    await client.create({ ...widget('b'), apiVersion: 'example.org/v2' });
    await until(async () => (await seen()).includes('ADDED b'), 'the watch goes on');
    expect(await seen()).toEqual(['ADDED a', 'ADDED b']);
  });
});
