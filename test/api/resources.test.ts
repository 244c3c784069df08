import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { type House, openHouse } from '../resources/house.ts';
import { declaration } from '../resources/things.ts';
import { type House as ApiHouse, askingOf, contractAt } from './support.ts';

let house: House;
let asked: ApiHouse['ask'];
beforeAll(async () => {
  house = await openHouse({ thing: declaration('Thing'), base: declaration('Base') });
  for (const kind of ['Thing', 'Base']) await house.create(kind, 'both', { value: '1' });
  await house.create('Thing', 'one', { value: 'one' });
  for (const [kind, name] of [
    ['Thing', 'both'],
    ['Base', 'both'],
    ['Thing', 'one'],
  ] as const) {
    await house.reaches(kind, name, 'Ready', 'True');
  }
  asked = askingOf(house.server, await contractAt(house.server().url));
});
afterAll(() => house.close());

const ask = async (method: string, path: string, body?: unknown) => await asked(method, `/resources${path}`, body);

describe('/resources', () => {
  it('lists what is declared, with how the objects stand', async () => {
    const declared = (await ask('GET', '')).body as unknown as readonly JsonObject[];
    // Shipped packs declare some as well.
    expect(declared.filter(({ ref }) => String(ref).startsWith('things.'))).toMatchObject([
      { ref: 'things.base', kind: 'Base', declared: true, objects: { unchanged: 1 }, orphans: 0, watch: 'watching' },
      { ref: 'things.thing', objects: { unchanged: 2 } },
    ]);
    expect((await ask('GET', '/things.thing')).body).toMatchObject({
      ref: 'things.thing',
      declaration: { resync: 300 },
    });
    expect((await ask('GET', '/things.thing/crd')).body).toMatchObject({ kind: 'CustomResourceDefinition' });
    const { status, body } = await ask('GET', '/things.nothing/crd');
    expect(status).toBe(404);
    expect(body.faultstring).toMatch(
      /^No pack declares the resource "things.nothing"\. Declared: things\.base, things\.thing, databases\./,
    );
  });

  it('counts them in the metrics', async () => {
    const { url, token } = house.server();
    const metrics = await (await fetch(`${url}/metrics`, { headers: { 'x-auth-token': token } })).text();
    expect(metrics).toContain('petrel_resource_objects{resource="things.thing",state="unchanged"} 2');
    expect(metrics).toContain('petrel_resource_orphans{resource="things.base"} 0');
    expect(metrics).toContain(
      'petrel_resource_handlers_total{resource="things.thing",handler="create",outcome="succeeded"} 2',
    );
  });

  it('finds objects by name, path and uid, and asks back where that is not enough', async () => {
    const { body } = await ask('GET', '/objects?resource=things.thing');
    const [both, one] = body as unknown as readonly JsonObject[];
    expect([both, one]).toMatchObject([
      { name: 'both', state: 'unchanged' },
      { name: 'one', generation: 1, applied: 1 },
    ]);
    for (const name of ['one', 'default/one', 'Thing/one', 'thing/default/one', String(one?.uid)]) {
      expect((await ask('GET', `/objects/${encodeURIComponent(name)}`)).body).toMatchObject({
        uid: one?.uid ?? '',
        object: { spec: { value: 'one' } },
      });
    }
    const ambiguous = await ask('GET', '/objects/both');
    expect(ambiguous.status).toBe(409);
    expect(ambiguous.body.faultstring).toContain('"both" may mean several objects: Base/default/both');
    expect((await ask('GET', '/objects/nobody')).status).toBe(404);
  });

  it('explains an object: what is wished, what was seen, what ran', async () => {
    expect((await ask('GET', '/objects/one/explain')).body).toMatchObject({
      state: 'unchanged',
      step: 'none',
      desired: { value: 'one' },
      difference: [],
      outputs: { path: house.thingNamed('one')?.key ?? '' },
      owner: { tag: house.thingNamed('one')?.owner ?? '' },
      history: [{ handler: 'create', action: 'things.put', generation: 1, status: 'succeeded' }],
    });
  });

  it('says in a dry run what would be done, and does it otherwise', async () => {
    await house.erase(house.thingNamed('one')?.key ?? '');
    await ask('POST', '/things.thing/reconcile', {});
    await house.reaches('Thing', 'one', 'Drifted', 'True', 'Vanished');
    const planned = await ask('POST', '/objects/one/reconcile', { dry_run: true });
    expect(planned.body).toMatchObject([{ name: 'one', state: 'drifted', step: 'none', reason: 'Vanished' }]);
    await house.change('Thing', 'one', { value: 'two' });
    await house.reaches('Thing', 'one', 'Ready', 'True');
    expect(house.things()).toMatchObject({ one: 'two' });
    expect((await ask('POST', '/objects/one/reconcile', { dry_run: 'yes' })).status).toBe(400);
    expect((await ask('POST', '/things.nothing/reconcile', {})).status).toBe(404);
  });

  it('abandons an object, which then is left alone until the annotation goes', async () => {
    expect((await ask('POST', '/objects/one/abandon')).body).toMatchObject({ name: 'one', reason: 'Abandoned' });
    await house.reaches('Thing', 'one', 'Stalled', 'True', 'Abandoned');
    expect((await house.get('Thing', 'one'))?.metadata.finalizers ?? []).toEqual([]);
    await house.change('Thing', 'one', { value: 'three' });
    await house.reaches('Thing', 'one', 'Stalled', 'True', 'Abandoned');
    expect(house.things()).toMatchObject({ one: 'two' });
    const reference = { apiVersion: 'test.example.dev/v1', kind: 'Thing', namespace: 'default', name: 'one' };
    await house.client.patch(reference, { metadata: { annotations: { 'petrel.dev/abandoned': null } } });
    await house.reaches('Thing', 'one', 'Ready', 'True');
    expect(house.things()).toMatchObject({ one: 'three' });
    expect((await ask('GET', '/orphans')).body).toEqual([]);
  });
});
