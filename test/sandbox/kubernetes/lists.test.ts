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

const namesIn = (body: Answered): string[] => body.items.map((item: Answered) => item.metadata.name);

async function withMaps(count: number): Promise<Cluster> {
  const cluster = await startCluster();
  for (let index = 0; index < count; index++) await cluster.post(CONFIG_MAPS, configMap(`m${index}`));
  return cluster;
}

describe('listing in pages', () => {
  it('goes through one consistent state while the present one changes', async () => {
    const cluster = await withMaps(5);
    const first = await cluster.get(`${CONFIG_MAPS}?limit=2`);
    expect(namesIn(first.body)).toEqual(['m0', 'm1']);
    expect(first.body.metadata.remainingItemCount).toBe(3);
    await cluster.delete(`${CONFIG_MAPS}/m3`);
    await cluster.post(CONFIG_MAPS, configMap('m2b'));
    await cluster.patch(`${CONFIG_MAPS}/m4`, 'merge', { data: { changed: 'yes' } });
    const second = await cluster.get(`${CONFIG_MAPS}?limit=2&continue=${first.body.metadata.continue}`);
    const third = await cluster.get(`${CONFIG_MAPS}?limit=2&continue=${second.body.metadata.continue}`);
    expect([...namesIn(second.body), ...namesIn(third.body)]).toEqual(['m2', 'm3', 'm4']);
    expect(third.body.items[0]).not.toHaveProperty('data');
    expect(third.body.metadata).toEqual({ resourceVersion: first.body.metadata.resourceVersion });
  });

  it('answers 410 for a page of a forgotten state, with a token to go on all the same', async () => {
    const cluster = await withMaps(3);
    const first = await cluster.get(`${CONFIG_MAPS}?limit=1`);
    cluster.sandbox.faults.compact();
    const second = await cluster.get(`${CONFIG_MAPS}?limit=1&continue=${first.body.metadata.continue}`);
    expect([second.status, second.body.reason]).toEqual([410, 'Expired']);
    const on = await cluster.get(`${CONFIG_MAPS}?continue=${second.body.metadata.continue}`);
    expect(namesIn(on.body)).toEqual(['m1', 'm2']);
  });

  it('refuses a token it did not make', async () => {
    const cluster = await withMaps(1);
    expect((await cluster.get(`${CONFIG_MAPS}?continue=abc`)).body.message).toBe('continue key is not valid');
  });
});

describe('listing at a version', () => {
  it('gives the state of exactly that version', async () => {
    const cluster = await withMaps(2);
    const { body } = await cluster.get(CONFIG_MAPS);
    await cluster.delete(`${CONFIG_MAPS}/m0`);
    const version = body.metadata.resourceVersion;
    const exact = await cluster.get(`${CONFIG_MAPS}?resourceVersion=${version}&resourceVersionMatch=Exact`);
    expect(namesIn(exact.body)).toEqual(['m0', 'm1']);
    const newer = await cluster.get(`${CONFIG_MAPS}?resourceVersion=${version}&resourceVersionMatch=NotOlderThan`);
    expect(namesIn(newer.body)).toEqual(['m1']);
  });

  it('answers with a timeout for a version of the future', async () => {
    const cluster = await withMaps(1);
    const { status, body } = await cluster.get(`${CONFIG_MAPS}?resourceVersion=999999`);
    expect([status, body.reason, body.details.causes[0].reason]).toEqual([504, 'Timeout', 'ResourceVersionTooLarge']);
  });

  it.each([
    ['resourceVersion=abc', 400],
    ['resourceVersionMatch=Exact', 422],
    ['resourceVersionMatch=Exact&resourceVersion=0', 422],
    ['resourceVersionMatch=Nearly&resourceVersion=1', 422],
    ['limit=-1', 400],
  ])('refuses %s', async (query, status) => {
    const cluster = await withMaps(1);
    expect((await cluster.get(`${CONFIG_MAPS}?${query}`)).status).toBe(status);
  });
});

describe('selecting', () => {
  it.each([
    ['team=shop', ['a']],
    ['team==shop,tier=db', ['a']],
    ['team!=shop', ['b', 'c']],
    ['team in (shop, pay)', ['a', 'b']],
    ['team notin (shop)', ['b', 'c']],
    ['team', ['a', 'b']],
    ['!team', ['c']],
    ['prsn.io/weight>5', ['b']],
    ['prsn.io/weight<5', ['a']],
    ['constructor', []],
  ])('by label: %s', async (selector, expected) => {
    const cluster = await startCluster();
    await cluster.post(
      CONFIG_MAPS,
      configMap('a', {}, { labels: { team: 'shop', tier: 'db', 'prsn.io/weight': '3' } }),
    );
    await cluster.post(CONFIG_MAPS, configMap('b', {}, { labels: { team: 'pay', 'prsn.io/weight': '30' } }));
    await cluster.post(CONFIG_MAPS, configMap('c'));
    const { body } = await cluster.get(`${CONFIG_MAPS}?labelSelector=${encodeURIComponent(selector)}`);
    expect(namesIn(body)).toEqual(expected);
  });

  it.each(['a=b=c', 'a in b', '(x)', 'a in (b', '=b', 'ä=b'])('refuses the label selector %s', async (selector) => {
    const cluster = await startCluster();
    const { status, body } = await cluster.get(`${CONFIG_MAPS}?labelSelector=${encodeURIComponent(selector)}`);
    expect([status, body.reason]).toEqual([400, 'BadRequest']);
  });

  it('by field, and refuses fields the kind cannot be selected by', async () => {
    const cluster = await startDatabaseCluster();
    await cluster.post(DATABASES, database('a'));
    await cluster.post(DATABASES, database('b'));
    expect(namesIn((await cluster.get(`${DATABASES}?fieldSelector=metadata.name%3Da`)).body)).toEqual(['a']);
    expect(namesIn((await cluster.get(`${DATABASES}?fieldSelector=metadata.name!%3Da`)).body)).toEqual(['b']);
    const refused = await cluster.get(`${DATABASES}?fieldSelector=spec.engine%3Dmysql`);
    expect([refused.status, refused.body.message]).toEqual([400, 'field label not supported: spec.engine']);
  });

  it('finds the events of an object, as kubectl describe does', async () => {
    const cluster = await startCluster();
    for (const name of ['shop', 'pay']) {
      await cluster.post('/api/v1/namespaces/default/events', {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `${name}.1` },
        involvedObject: { kind: 'MysqlDb', name, namespace: 'default' },
        reason: 'Created',
      });
    }
    const selector = encodeURIComponent('involvedObject.name=shop,involvedObject.kind=MysqlDb');
    const { body } = await cluster.get(`/api/v1/namespaces/default/events?fieldSelector=${selector}`);
    expect(namesIn(body)).toEqual(['shop.1']);
  });

  it('across namespaces and within one', async () => {
    const cluster = await startCluster();
    await cluster.post(CONFIG_MAPS, configMap('a'));
    await cluster.post('/api/v1/namespaces/kube-public/configmaps', configMap('a'));
    expect(namesIn((await cluster.get('/api/v1/configmaps')).body)).toEqual(['a', 'a']);
    expect(namesIn((await cluster.get(CONFIG_MAPS)).body)).toEqual(['a']);
  });
});

describe('representations', () => {
  it('shows a table with the columns the CRD declares', async () => {
    const now = { value: Date.parse('2016-05-04T00:00:00Z') };
    const cluster = await startDatabaseCluster({ clock: { now: () => now.value } });
    await cluster.post(DATABASES, database('shop'));
    await cluster.patch(`${DATABASES}/shop/status`, 'merge', {
      status: {
        phase: 'Ready',
        conditions: [
          { type: 'Synced', status: 'False' },
          { type: 'Ready', status: 'True' },
        ],
      },
    });
    now.value += 5 * 60_000;
    const { body } = await cluster.get(DATABASES, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    });
    expect(body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
    expect(body.columnDefinitions.map((column: Answered) => [column.name, column.type, column.priority])).toEqual([
      ['Name', 'string', 0],
      ['Engine', 'string', 0],
      ['Size', 'string', 0],
      ['Phase', 'string', 0],
      ['Ready', 'string', 1],
      ['Age', 'date', 0],
    ]);
    expect(body.rows[0].cells).toEqual(['shop', 'mysql', 'small', 'Ready', 'True', '5m']);
    expect(body.rows[0].object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'shop' } });
  });

  it('shows metadata only', async () => {
    const cluster = await startDatabaseCluster();
    await cluster.post(DATABASES, database('shop'));
    const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
    const { body } = await cluster.get(DATABASES, { accept });
    expect(body).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' });
    expect(Object.keys(body.items[0]).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
  });

  it('speaks YAML, and refuses what it does not speak', async () => {
    const cluster = await startCluster();
    expect((await cluster.get('/api/v1/namespaces/default', { accept: 'application/yaml' })).body).toContain(
      'kind: Namespace\n',
    );
    const cbor = await cluster.get('/api/v1/namespaces/default', { accept: 'application/cbor' });
    expect([cbor.status, cbor.body.reason]).toEqual([406, 'NotAcceptable']);
  });
});
