import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type House, openHouse } from './house.ts';
import { declaration, declareThings, GROUP } from './things.ts';

let house: House;
afterEach(() => house.close());

const NEEDS = 'dependencies:\n  - {kind: Base, name: "{{ desired.needs | default(\'\') }}"}\n';
const open = () => openHouse({ base: declaration('Base'), thing: declaration('Thing', NEEDS) });

/** The order in which handlers ran: `create a`. */
async function order(): Promise<readonly string[]> {
  const executions = [...(await house.executions('put')), ...(await house.executions('remove'))];
  return executions
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ context }) => {
      const { handler, name } = context.resource as { handler: string; name: string }; // as requests are made
      return `${handler} ${name}`;
    });
}

describe('an object that needs another', () => {
  it('waits until that is ready, and says for what', async () => {
    house = await open();
    await house.create('Thing', 'top', { value: '1', needs: 'ground' });
    expect(JSON.stringify(await house.reaches('Thing', 'top', 'Ready', 'False', 'WaitingForDependency'))).toContain(
      'Base default/ground does not exist.',
    );
    await house.create('Base', 'ground', { value: '1', gate: house.gate('go') });
    await house.until('it says that it is not ready', async () =>
      JSON.stringify(await house.get('Thing', 'top')).includes('Base default/ground is not ready (Creating).'),
    );
    expect(Object.keys(house.things())).toEqual([]);
    await house.open('go');
    await house.reaches('Thing', 'top', 'Ready', 'True');
    expect(await order()).toEqual(['create ground', 'create top']);
  });

  it('goes before it, whichever is deleted first', async () => {
    house = await open();
    await house.create('Base', 'ground', { value: '1' });
    await house.create('Thing', 'top', { value: '1', needs: 'ground' });
    await house.reaches('Thing', 'top', 'Ready', 'True');
    await house.remove('Base', 'ground');
    expect(JSON.stringify(await house.reaches('Base', 'ground', 'Ready', 'False', 'WaitingForDependents'))).toContain(
      'Deletion waits until what needs it is gone: Thing default/top.',
    );
    expect(house.things()).toEqual({ ground: '1', top: '1' });
    await house.remove('Thing', 'top');
    await house.isGone('Base', 'ground');
    expect(await order()).toEqual(['create ground', 'create top', 'delete top', 'delete ground']);
  });

  it('that was never made keeps nobody', async () => {
    house = await open();
    await house.create('Base', 'ground', { value: 'bad' });
    await house.create('Thing', 'top', { value: '1', needs: 'ground' });
    await house.reaches('Thing', 'top', 'Ready', 'False', 'WaitingForDependency');
    await house.remove('Base', 'ground');
    await house.isGone('Base', 'ground');
    await house.remove('Thing', 'top');
    await house.isGone('Thing', 'top');
  });

  it.each(['list', 'observe'] as const)('whose creation failed keeps nobody, as a look (%s) shows', async (look) => {
    house = await openHouse({ base: declaration('Base'), thing: declaration('Thing', NEEDS, look) });
    await house.create('Base', 'ground', { value: '1' });
    await house.create('Thing', 'top', { value: 'bad', needs: 'ground' });
    await house.reaches('Thing', 'top', 'Ready', 'False', 'CreateFailed');
    await house.remove('Base', 'ground');
    await house.isGone('Base', 'ground');
    await house.reaches('Thing', 'top', 'Ready', 'False', 'WaitingForDependency');
  });

  it('keeps nobody when its wishes change and it needs nothing any more', async () => {
    house = await open();
    await house.create('Base', 'ground', { value: '1' });
    await house.create('Thing', 'top', { value: '2', needs: 'ground' });
    await house.reaches('Thing', 'top', 'Ready', 'True');
    await house.remove('Base', 'ground');
    await house.reaches('Base', 'ground', 'Ready', 'False', 'WaitingForDependents');
    await house.client.patch(
      { apiVersion: `${GROUP}/v1`, kind: 'Thing', namespace: 'default', name: 'top' },
      { spec: { needs: null } },
    );
    await house.isGone('Base', 'ground');
  });
});

describe('a resource in two versions', () => {
  it('is brought into the stored one by its templates, whichever it was written in', async () => {
    const two = declaration('Thing').replace(
      'create:',
      `  - name: v1beta1
    schema: {type: object, required: [text], properties: {text: {type: string}}}
    convert: {value: "{{ spec.text }}!"}
create:`,
    );
    house = await openHouse({ thing: two });
    await house.create('Thing', 'new', { value: 'one' });
    const old = {
      apiVersion: 'test.example.dev/v1beta1',
      kind: 'Thing',
      metadata: { name: 'old', namespace: 'default' },
    };
    await house.client.create({ ...old, spec: { text: 'two' } });
    for (const name of ['new', 'old']) await house.reaches('Thing', name, 'Ready', 'True');
    expect(house.things()).toEqual({ new: 'one', old: 'two!' });
    await house.client.patch({ ...old, ...old.metadata }, { spec: { text: 'three' } });
    await house.until('the change is in effect', () => house.things().old === 'three!');
    await house.reaches('Thing', 'old', 'Ready', 'True');
    await house.remove('Thing', 'old');
    await house.isGone('Thing', 'old');
  });

  it('may have a stored one that is not what handlers know', async () => {
    const old = declaration('Thing').replace(
      /versions:[\s\S]*?create:/,
      `versions:
  - name: v1
    schema: {type: object, required: [text], properties: {text: {type: string}}}
    convert: {value: "{{ spec.text }}!"}
create:`,
    );
    house = await openHouse({ thing: old });
    await house.create('Thing', 'a', { text: 'one' });
    await house.reaches('Thing', 'a', 'Ready', 'True');
    expect(house.things()).toEqual({ a: 'one!' });
    expect(await house.resources().explain('a')).toMatchObject({ desired: { value: 'one!' }, state: 'unchanged' });
  });
});

describe('kinds of one name in two groups', () => {
  it('are not taken for one another', async () => {
    const other = declaration('Base').replace(GROUP, 'other.example.dev').replace('group:', 'name: other\ngroup:');
    const needs = declaration(
      'Thing',
      `dependencies: [{kind: Base.${GROUP}, name: "{{ desired.needs | default('') }}"}]\n`,
    );
    house = await openHouse({ base: declaration('Base'), other, thing: needs });
    await house.create('Base', 'ground', { value: '1' });
    const stranger = { apiVersion: 'other.example.dev/v1', kind: 'Base' };
    const metadata = { name: 'ground', namespace: 'default' };
    await house.until('the other kind is served', () =>
      house.client.create({ ...stranger, metadata, spec: { value: '2' } }).catch(() => undefined),
    );
    await house.create('Thing', 'top', { value: '3', needs: 'ground' });
    await house.reaches('Thing', 'top', 'Ready', 'True');
    await house.client.delete({ ...stranger, ...metadata });
    await house.until('the other one is gone, which nobody needs', async () =>
      house.client.get({ ...stranger, ...metadata }).then(
        () => false,
        () => true,
      ),
    );
  });
});

describe('a resource whose pack is gone', () => {
  it('is listed with what would hang, and its objects can be released', async () => {
    house = await openHouse({ thing: declaration('Thing') });
    await house.create('Thing', 'a', { value: '1' });
    await house.reaches('Thing', 'a', 'Ready', 'True');
    await house.restart({});
    const kind = house
      .resources()
      .kinds()
      .find(({ ref }) => ref === 'things.thing');
    expect(kind).toMatchObject({ declared: false, objects: { blocked: 1 } });
    expect(house.resources().objects()).toMatchObject([{ name: 'a', reason: 'NotDeclared' }]);
    await house.remove('Thing', 'a');
    expect(await house.get('Thing', 'a')).toBeDefined();
    await house.resources().abandon('a', 'ann');
    await house.isGone('Thing', 'a');
    expect(house.resources().objects()).toEqual([]);
    expect(house.things()).toEqual({ a: '1' });
  });
});

describe('what could wait for ever', () => {
  const EACH = 'dependencies:\n  - {kind: Thing, name: "{{ desired.needs | default(\'\') }}"}\n';

  it('objects that need each other say so, begin when one of them needs nothing, and can be deleted together', async () => {
    house = await openHouse({ thing: declaration('Thing', EACH) });
    await house.create('Thing', 'a', { value: '1', needs: 'b' });
    await house.create('Thing', 'b', { value: '1', needs: 'a' });
    await house.create('Thing', 'own', { value: '1', needs: 'own' });
    const { conditions } = await house.reaches('Thing', 'a', 'Stalled', 'True', 'DependencyCycle');
    expect(JSON.stringify(conditions)).toContain('Thing default/a needs Thing default/b needs Thing default/a');
    await house.reaches('Thing', 'own', 'Stalled', 'True', 'DependencyCycle');
    expect(house.things()).toEqual({});
    await house.change('Thing', 'b', { needs: null });
    await house.reaches('Thing', 'a', 'Ready', 'True');
    // Now they are there, and need each other again.
    await house.change('Thing', 'b', { needs: 'a' });
    await house.reaches('Thing', 'b', 'Ready', 'True');
    for (const name of ['a', 'b', 'own']) await house.remove('Thing', name);
    for (const name of ['a', 'b', 'own']) await house.isGone('Thing', name);
    expect(house.things()).toEqual({});
  });

  it('a kind that is declared later is waited for, and kept while it is needed', async () => {
    const thing = declaration('Thing', NEEDS);
    house = await openHouse({ thing });
    await house.create('Thing', 'top', { value: '1', needs: 'ground' });
    const { conditions } = await house.reaches('Thing', 'top', 'Ready', 'False', 'WaitingForDependency');
    expect(JSON.stringify(conditions)).toContain('No pack declares the kind Base, which it depends on.');
    await declareThings(house.directory, { thing, base: declaration('Base') });
    const { url, token } = house.server();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${url}/api/v1/packs/register`, { method: 'POST', headers, body: '{}' });
    expect(answer.status).toBe(200);
    // Not there when the kind is: nothing but the dependency tells of it.
    await house.until('the kind is known', async () =>
      JSON.stringify(await house.get('Thing', 'top')).includes('Base default/ground does not exist.'),
    );
    await house.create('Base', 'ground', { value: '1' });
    await house.reaches('Thing', 'top', 'Ready', 'True');
    await house.remove('Base', 'ground');
    await house.reaches('Base', 'ground', 'Ready', 'False', 'WaitingForDependents');
    await house.remove('Thing', 'top');
    await house.isGone('Base', 'ground');
  });

  it('an object in a namespace that takes no Events goes all the same', async () => {
    house = await openHouse({ base: declaration('Base') });
    await house.create('Base', 'a', { value: '1' });
    await house.reaches('Base', 'a', 'Ready', 'True');
    const matching = ({ method, url = '' }: IncomingMessage) => method === 'POST' && url.includes('/events');
    house.kubernetes.faults.refuse({ status: 403, count: 10_000, matching });
    await house.remove('Base', 'a');
    await house.isGone('Base', 'a');
    expect(house.things()).toEqual({});
  });
});
