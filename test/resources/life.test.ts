import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { isJsonObject } from '../../src/model/index.ts';
import { type House, openHouse } from './house.ts';
import { declaration, GROUP } from './things.ts';

let house: House;
afterEach(() => house.close());

const conditionsOf = (status: unknown) => {
  const { conditions } = isJsonObject(status) ? status : {};
  const list = Array.isArray(conditions) ? conditions.filter(isJsonObject) : [];
  return Object.fromEntries(list.map(({ type, status: value }) => [String(type), value]));
};

describe.each(['list', 'observe', 'never'] as const)('an object whose outside is looked at by %s', (looks) => {
  it('is created, changed and taken away, and says so in its status', async () => {
    house = await openHouse({ thing: declaration('Thing', '', looks) });
    await house.create('Thing', 'a', { value: 'one' });
    const status = await house.reaches('Thing', 'a', 'Ready', 'True');
    expect(house.things()).toEqual({ a: 'one' });
    expect((await house.get('Thing', 'a'))?.metadata.finalizers).toEqual(['petrel.dev/thing']);
    expect(status).toMatchObject({ observedGeneration: 1, outputs: { path: house.thingNamed('a')?.key } });
    await house.change('Thing', 'a', { value: 'two' });
    await house.reaches('Thing', 'a', 'Ready', 'True');
    expect(house.things()).toEqual({ a: 'two' });
    await house.remove('Thing', 'a');
    await house.isGone('Thing', 'a');
    expect(house.things()).toEqual({});
    await house.until('nothing is remembered', async () => (await house.server().store.listResources()).length === 0);
    expect((await house.executions('put')).map(({ status: end }) => end)).toEqual(['succeeded', 'succeeded']);
    expect(await house.executions('remove')).toHaveLength(1);
  });
});

describe('status', () => {
  it('has what kubectl wait and kstatus read, and does not change while nothing does', async () => {
    house = await openHouse({ thing: declaration('Thing', 'resync: 1\n') });
    await house.create('Thing', 'a', { value: 'one', gate: house.gate('go') });
    expect(conditionsOf(await house.reaches('Thing', 'a', 'Progressing', 'True', 'Creating'))).toEqual({
      Ready: 'False',
      Progressing: 'True',
      Drifted: 'False',
      Degraded: 'False',
      Reconciling: 'True',
    });
    await house.open('go');
    const status = await house.reaches('Thing', 'a', 'Ready', 'True');
    expect(conditionsOf(status)).toEqual({ Ready: 'True', Progressing: 'False', Drifted: 'False', Degraded: 'False' });
    expect(status.execution).toBe((await house.executions('put'))[0]?.id);
    const { resourceVersion } = (await house.get('Thing', 'a'))?.metadata ?? {};
    const lists = (await house.executions('list')).length;
    await house.until('it was looked at twice more', async () => (await house.executions('list')).length >= lists + 2);
    expect((await house.get('Thing', 'a'))?.metadata.resourceVersion).toBe(resourceVersion);
    const events = await house.client.list('v1', 'Event', { namespace: 'default' });
    expect(events.map(({ reason, count }) => `${reason} ${count}`).sort()).toEqual(['Available 1', 'Creating 1']);
  });

  it('says that a handler failed, how often and why, until it recovers', async () => {
    house = await openHouse({ thing: declaration('Thing') });
    await house.create('Thing', 'a', { value: 'bad' });
    const status = await house.reaches('Thing', 'a', 'Degraded', 'True', 'CreateFailed');
    expect(JSON.stringify(status)).toContain('a bad value is not taken');
    await house.until('it was tried again', async () => (await house.executions('put')).length >= 3);
    await house.change('Thing', 'a', { value: 'good' });
    expect(conditionsOf(await house.reaches('Thing', 'a', 'Ready', 'True')).Degraded).toBe('False');
    expect(house.things()).toEqual({ a: 'good' });
  });

  it('says that it cannot look, and recovers', async () => {
    house = await openHouse({ thing: declaration('Thing', '', 'observe') });
    house.consul.faults.fail({ action: 'GET', status: 500, count: 3 });
    await house.create('Thing', 'a', { value: 'one' });
    await house.reaches('Thing', 'a', 'Ready', 'True');
    const looked = (await house.executions('look')).map(({ status }) => status).reverse();
    expect(looked.slice(0, 4)).toEqual(['failed', 'failed', 'failed', 'succeeded']);
    const [record] = await house.server().store.listResources();
    expect(record?.failure).toBeUndefined();
  });

  it('comes of the reconciler’s tries alone: a retry policy would repeat wishes of the past', async () => {
    house = await openHouse({ thing: declaration('Thing') });
    await mkdir(join(house.directory, 'packs/things/policies'));
    await writeFile(
      join(house.directory, 'packs/things/policies/retry.yaml'),
      'name: retry\nresource_ref: things.put\npolicy_type: action.retry\nparameters: {retry_on: failure, max_retry_count: 3, delay: 0}\n',
    );
    await house.restart();
    expect(house.server().registry.snapshot().policiesOf.get('things.put')).toHaveLength(1);
    await house.create('Thing', 'a', { value: 'bad' });
    await house.until('it was tried a few times', async () => (await house.executions('put')).length >= 4);
    for (const { context } of await house.executions('put')) expect(context.policies).toBeUndefined();
  });

  it('never shows a secret: outputs that hold one are refused with a condition', async () => {
    house = await openHouse({ thing: declaration('Thing') });
    await house.create('Thing', 'a', { value: 'one', leak: 'hunter-2-secret' });
    const status = await house.reaches('Thing', 'a', 'Stalled', 'True', 'OutputsRefused');
    expect(status.outputs).toEqual({});
    expect(JSON.stringify(status)).not.toContain('hunter');
    expect(JSON.stringify(status)).toContain('The output \\"password\\" holds a secret');
  });
});

describe('a change while a handler runs', () => {
  it('waits for it to finish, and then the newest generation wins', async () => {
    house = await openHouse({ thing: declaration('Thing', 'superseded: finish\n') });
    await house.create('Thing', 'a', { value: '1', gate: house.gate('go') });
    await house.reaches('Thing', 'a', 'Progressing', 'True', 'Creating');
    for (const value of ['2', '3', '4']) await house.change('Thing', 'a', { value });
    await house.open('go');
    await house.reaches('Thing', 'a', 'Ready', 'True');
    expect(house.things()).toEqual({ a: '4' });
    const values = (await house.executions('put')).map(({ parameters }) => parameters.value).reverse();
    expect(values).toEqual(['1', '4']);
  });

  it('cuts it short where the policy says so', async () => {
    house = await openHouse({ thing: declaration('Thing', 'superseded: cancel\n') });
    await house.create('Thing', 'a', { value: '1', gate: house.gate('never') });
    await house.reaches('Thing', 'a', 'Progressing', 'True', 'Creating');
    await house.change('Thing', 'a', { value: '2', gate: '' });
    await house.reaches('Thing', 'a', 'Ready', 'True');
    expect(house.things()).toEqual({ a: '2' });
    expect((await house.executions('put')).map(({ status }) => status).reverse()).toEqual(['canceled', 'succeeded']);
  });

  it('is cut short when it takes longer than it may, and counts as failed', async () => {
    const text = declaration('Thing').replace('create: {action: put,', 'create: {action: put, timeout: 1,');
    house = await openHouse({ thing: text });
    await house.create('Thing', 'a', { value: '1', gate: house.gate('go') });
    const status = await house.reaches('Thing', 'a', 'Degraded', 'True', 'CreateFailed');
    expect(JSON.stringify(status)).toContain('It ran for longer than it may and was cut short.');
    await house.open('go');
    await house.reaches('Thing', 'a', 'Ready', 'True');
  });
});

describe('deletion', () => {
  it('of an object that is being created takes away what was made', async () => {
    house = await openHouse({ thing: declaration('Thing') });
    await house.create('Thing', 'a', { value: '1', gate: house.gate('go') });
    await house.reaches('Thing', 'a', 'Progressing', 'True', 'Creating');
    await house.remove('Thing', 'a');
    await house.open('go');
    await house.isGone('Thing', 'a');
    expect(house.things()).toEqual({});
  });

  it('and re-creation under one name within a second are two objects, in order', async () => {
    house = await openHouse({ thing: declaration('Thing') });
    for (const value of ['1', '2', '3']) {
      await house.create('Thing', 'a', { value });
      await house.reaches('Thing', 'a', 'Ready', 'True');
      if (value !== '3') {
        await house.remove('Thing', 'a');
        await house.isGone('Thing', 'a');
      }
    }
    expect(house.things()).toEqual({ a: '3' });
    const uids = (await house.executions('put')).map(({ context }) =>
      isJsonObject(context.resource) ? context.resource.uid : '',
    );
    expect(new Set(uids).size).toBe(3);
    expect(house.consul.listKeys().size).toBe(1);
  });

  it('keeps what it stands for where the policy says so, and remembers that it did', async () => {
    house = await openHouse({
      thing: declaration('Thing', 'deletionPolicy: retain\norphanPolicy: delete\nresync: 1\n'),
    });
    await house.create('Thing', 'a', { value: '1' });
    await house.reaches('Thing', 'a', 'Ready', 'True');
    await house.remove('Thing', 'a');
    await house.isGone('Thing', 'a');
    const lists = (await house.executions('list')).length;
    await house.until('orphans were looked for', async () => (await house.executions('list')).length >= lists + 3);
    expect(house.things()).toEqual({ a: '1' });
    expect(house.resources().orphans()).toMatchObject([{ name: 'a', state: 'orphaned', step: 'none' }]);
    await house.erase(house.thingNamed('a')?.key ?? '');
    await house.until('it is forgotten', () => house.resources().objects().length === 0);
  });

  it('keeps what the handler says it has retained', async () => {
    house = await openHouse({ thing: declaration('Thing', 'orphanPolicy: delete\nresync: 1\n') });
    for (const [name, value] of [
      ['a', 'kept'],
      ['b', '1'],
    ] as const) {
      await house.create('Thing', name, { value });
      await house.reaches('Thing', name, 'Ready', 'True');
      await house.remove('Thing', name);
      await house.isGone('Thing', name);
    }
    const lists = (await house.executions('list')).length;
    await house.until('orphans were looked for', async () => (await house.executions('list')).length >= lists + 3);
    expect(house.things()).toEqual({ a: 'kept' });
    expect(house.resources().orphans()).toMatchObject([{ name: 'a', state: 'orphaned', step: 'none' }]);
  });

  it('hands the policy to the handler, which takes a snapshot', async () => {
    house = await openHouse({ thing: declaration('Thing', 'deletionPolicy: snapshot\n') });
    await house.create('Thing', 'a', { value: '1' });
    await house.reaches('Thing', 'a', 'Ready', 'True');
    await house.remove('Thing', 'a');
    await house.isGone('Thing', 'a');
    expect([...house.consul.listKeys().keys()].map((key) => key.split('/')[0])).toEqual(['snapshots']);
  });

  it('that happened while Petrel was away, or after it lost its data, leaves nothing behind', async () => {
    house = await openHouse({ thing: declaration('Thing') });
    for (const name of ['a', 'b']) await house.create('Thing', name, { value: '1' });
    for (const name of ['a', 'b']) await house.reaches('Thing', name, 'Ready', 'True');
    await house.server().stop(0);
    await house.remove('Thing', 'a');
    await house.restart();
    await house.isGone('Thing', 'a');
    expect(house.things()).toEqual({ b: '1' });
    for (const record of await house.server().store.listResources()) {
      await house.server().store.deleteResource(record.uid, record.revision);
    }
    await house.server().stop(0);
    await house.remove('Thing', 'b');
    await house.restart();
    await house.isGone('Thing', 'b');
    expect(house.things()).toEqual({});
  });

  it('says why it does not come to its end, and can be given up on purpose', async () => {
    house = await openHouse({ thing: declaration('Thing') });
    await house.create('Thing', 'a', { value: '1' });
    await house.reaches('Thing', 'a', 'Ready', 'True');
    house.consul.faults.fail({ status: 500, count: 1000 });
    await house.remove('Thing', 'a');
    await house.reaches('Thing', 'a', 'Ready', 'False', 'DeleteFailed');
    expect(await house.resources().abandon('a', 'ann')).toMatchObject({ reason: 'Abandoned' });
    await house.isGone('Thing', 'a');
    expect(house.things()).toEqual({ a: '1' });
    const events = await house.client.list('v1', 'Event', { namespace: 'default' });
    expect(events.filter(({ reason }) => reason === 'Abandoned').map(({ message }) => message)).toContain(
      'Released by ann: Petrel does nothing for it any more, and what it stands for stays.',
    );
  });
});

describe('what exists already', () => {
  const OTHER = JSON.stringify({ value: 'x', owner: 'somebody' });

  it('and belongs to somebody else blocks the object instead of being overwritten', async () => {
    house = await openHouse({ thing: declaration('Thing', 'resync: 1\n', 'observe') });
    await house.create('Thing', 'a', { value: '1', gate: house.gate('go') });
    await house.reaches('Thing', 'a', 'Progressing', 'True', 'Creating');
    const name = String((await house.executions('put'))[0]?.parameters.name);
    await house.write(`things/${name}`, OTHER);
    await house.open('go');
    await house.reaches('Thing', 'a', 'Stalled', 'True', 'AlreadyExists');
    expect(house.things()).toEqual({ a: 'x' });
    await house.erase(`things/${name}`);
    await house.resources().reconcile('a', { dryRun: false });
    await house.reaches('Thing', 'a', 'Ready', 'True');
  });

  it('and carries our tag is taken over, without being created twice', async () => {
    house = await openHouse({ thing: declaration('Thing') });
    await house.create('Thing', 'a', { value: '1' });
    await house.reaches('Thing', 'a', 'Ready', 'True');
    for (const record of await house.server().store.listResources()) {
      await house.server().store.deleteResource(record.uid, record.revision);
    }
    await house.restart();
    await house.until('it is known again', async () =>
      (await house.server().store.listResources()).some(
        ({ exists, generation }) => exists === 'yes' && generation === 1,
      ),
    );
    expect(house.things()).toEqual({ a: '1' });
    const handlers = (await house.executions('put')).map(
      ({ context }) => isJsonObject(context.resource) && context.resource.handler,
    );
    expect(handlers.reverse()).toEqual(['create', 'update']);
  });
});

describe.each(['list', 'observe'] as const)('drift that is seen by %s', (looks) => {
  it('is reported', async () => {
    house = await openHouse({ thing: declaration('Thing', 'resync: 1\n', looks) });
    await house.create('Thing', 'a', { value: '1' });
    await house.reaches('Thing', 'a', 'Ready', 'True');
    const thing = house.thingNamed('a');
    await house.write(thing?.key ?? '', JSON.stringify({ value: 'changed', owner: thing?.owner }));
    const status = await house.reaches('Thing', 'a', 'Drifted', 'True', 'Drifted');
    expect(conditionsOf(status)).toMatchObject({ Ready: 'True', Progressing: 'False' });
    expect(await house.resources().explain('a')).toMatchObject({
      state: 'drifted',
      difference: ['value'],
      desired: { value: '1' },
      observed: { state: { value: 'changed' } },
    });
    await house.erase(thing?.key ?? '');
    expect(conditionsOf(await house.reaches('Thing', 'a', 'Drifted', 'True', 'Vanished')).Ready).toBe('False');
    expect(await house.executions('put')).toHaveLength(1);
  });

  it('is corrected where the policy says so', async () => {
    house = await openHouse({ thing: declaration('Thing', 'resync: 1\ndriftPolicy: correct\n', looks) });
    await house.create('Thing', 'a', { value: '1' });
    await house.reaches('Thing', 'a', 'Ready', 'True');
    const thing = house.thingNamed('a');
    await house.write(thing?.key ?? '', JSON.stringify({ value: 'changed', owner: thing?.owner }));
    await house.until('it is as wished again', () => house.things().a === '1');
    await house.erase(thing?.key ?? '');
    await house.until('it exists again', () => house.things().a === '1');
    await house.reaches('Thing', 'a', 'Ready', 'True');
  });

  it('may be something that the spec does not speak of', async () => {
    house = await openHouse({ thing: declaration('Thing', 'resync: 1\ndriftPolicy: correct\n', looks) });
    await house.create('Thing', 'a', { value: '1' });
    await house.reaches('Thing', 'a', 'Ready', 'True');
    const thing = house.thingNamed('a');
    const flawed = { value: '1', owner: thing?.owner, flaw: 'its lock is open' };
    await house.write(thing?.key ?? '', JSON.stringify(flawed));
    await house.until(
      'it was put right',
      () =>
        !house.consul
          .listKeys()
          .get(thing?.key ?? '')
          ?.includes('flaw'),
    );
    await house.reaches('Thing', 'a', 'Ready', 'True');
    const [last] = await house.executions('put');
    expect(last?.context).toMatchObject({ resource: { handler: 'update', generation: 1 } });
  });
});

describe('an object of the longest name', () => {
  it('lives as any other', async () => {
    house = await openHouse({ thing: declaration('Thing') });
    const name = `n${'-'.repeat(235)}${'n'.repeat(17)}`;
    await house.create('Thing', name, { value: '1' });
    await house.reaches('Thing', name, 'Ready', 'True');
    const events = await house.client.list('v1', 'Event', { namespace: 'default' });
    expect(events.map(({ reason }) => reason)).toContain('Available');
    await house.remove('Thing', name);
    await house.isGone('Thing', name);
  });
});

describe('a handler that says what must come first', () => {
  it('is tried again until that is so, and the status says what it waits for', async () => {
    house = await openHouse({ thing: declaration('Thing') });
    await house.create('Thing', 'a', { value: 'patient', gate: house.gate('gate') });
    await house.open('gate');
    const { conditions } = await house.reaches('Thing', 'a', 'Ready', 'False', 'NoRoom');
    expect(conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', reason: 'NoRoom', message: 'There is no room.' }),
    );
    const { items } = await house.server().store.listExecutions({ actionRef: 'things.put' }, { limit: 9, offset: 0 });
    expect(items.map(({ status }) => status)).not.toContain('failed');
    await house.open('gate.room');
    await house.reaches('Thing', 'a', 'Ready', 'True');
    expect(house.things()).toEqual({ a: 'patient' });
    await house.remove('Thing', 'a');
    await house.isGone('Thing', 'a');
  });
});

describe('orphans', () => {
  const orphanOf = async (name: string) => {
    await house.create('Thing', name, { value: '1' });
    await house.reaches('Thing', name, 'Ready', 'True');
    const thing = house.thingNamed(name);
    await house.remove('Thing', name);
    await house.isGone('Thing', name);
    // As if the deletion had missed it: the tag says whose it was.
    await house.write(thing?.key ?? '', JSON.stringify({ value: '1', owner: thing?.owner }));
  };

  it('are reported and left alone', async () => {
    house = await openHouse({ thing: declaration('Thing', 'resync: 1\n') });
    await orphanOf('a');
    await house.write('things/unowned', JSON.stringify({ value: 'x', owner: 'someone else' }));
    const orphans = await house.until('it is reported', () => {
      const found = house.resources().orphans();
      return found.length > 0 && found;
    });
    expect(orphans).toMatchObject([{ name: 'a', namespace: 'default', state: 'orphaned', step: 'none' }]);
    expect(
      house
        .resources()
        .kinds()
        .find(({ ref }) => ref === 'things.thing'),
    ).toMatchObject({ orphans: 1 });
    expect(Object.keys(house.things()).sort()).toEqual(['a', 'unowned']);
  });

  it('are taken away where the policy says so, and a dry run says so before', async () => {
    house = await openHouse({ thing: declaration('Thing', 'resync: 2\norphanPolicy: delete\n') });
    await orphanOf('a');
    await house.write('things/unowned', JSON.stringify({ value: 'x', owner: 'someone else' }));
    const planned = await house.until('it is planned', async () => {
      const found = await house.resources().reconcile('things.thing', { dryRun: true });
      return found.length > 0 && found;
    });
    expect(planned).toMatchObject([{ name: 'a', step: 'delete' }]);
    await house.until('it is gone', () => Object.keys(house.things()).join() === 'unowned');
  });

  it('of an object whose finalizer somebody took away are known by their record', async () => {
    house = await openHouse({ thing: declaration('Thing', '', 'never') });
    await house.create('Thing', 'a', { value: '1' });
    await house.reaches('Thing', 'a', 'Ready', 'True');
    await house.server().stop(0);
    await house.remove('Thing', 'a');
    const reference = { apiVersion: `${GROUP}/v1`, kind: 'Thing', namespace: 'default', name: 'a' };
    await house.client.patch(reference, { metadata: { finalizers: [] } });
    await house.restart();
    await house.until('it is reported', () => house.resources().orphans().length === 1);
    expect(house.things()).toEqual({ a: '1' });
  });
});
