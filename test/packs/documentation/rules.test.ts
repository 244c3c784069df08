import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/model/index.ts';
import { PYTHON } from '../../python.ts';
import { type House, openHouse } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const ORDER = {
  id: 'o-1',
  total: 250.5,
  customer: { name: 'Ann', region: 'north', kind: 'private' },
  items: [
    { name: 'an anchor', count: 1 },
    { name: 'a rope', count: 3 },
  ],
  at: '2024-05-01T12:00:00Z',
};

/** What the rules did with an order: by rule, the text that each recorded. */
async function order(change: object): Promise<Record<string, unknown>> {
  const payload = { ...ORDER, ...change };
  const dispatched = await house.run('core.inject_trigger', { trigger: 'examples.order', payload });
  expect(dispatched.status).toBe('succeeded');
  const instance = await house.until(async () => {
    const { list } = await house.ask('GET', '/triggerinstances?trigger_type=examples.order&limit=1');
    return list[0]?.status === 'processed' && (list[0].payload as JsonObject).id === payload.id ? list[0] : undefined;
  });
  const { list } = await house.ask('GET', `/executions?trigger_instance=${instance.id}`);
  return Object.fromEntries(
    list.map(({ rule, parameters }) => [(rule as JsonObject).ref, (parameters as JsonObject).text]),
  );
}

describe.skipIf(PYTHON === undefined)('examples of criteria', () => {
  it('match when all of them agree, and hand typed values to the action', async () => {
    expect(await order({})).toEqual({ 'examples.order_large': 'ANN of north' });
    const [recorded] = await house.recorded('order_large');
    expect(recorded).toEqual({
      text: 'ANN of north',
      number: 250,
      data: ORDER.customer,
      list: ORDER.items,
    });
  });

  it.each([
    ['greaterthan', { id: 'o-10', total: 100 }],
    ['lt', { id: 'o-11', total: 1000 }],
    ['regex', { id: 'o-12x' }],
    ['matchwildcard', { id: 'p-13' }],
    ['startswith', { id: 'o-14', customer: { ...ORDER.customer, name: 'ann' } }],
    ['iequals', { id: 'o-15', customer: { ...ORDER.customer, name: 'Anna' } }],
    ['equals with a key of the datastore', { id: 'o-16', customer: { ...ORDER.customer, region: 'south' } }],
    ['inside', { id: 'o-17', customer: { ...ORDER.customer, kind: 'pirate' } }],
    ['nexists', { id: 'o-18', customer: { ...ORDER.customer, left: 'yes' } }],
    ['exists', { id: 'o-19', customer: { name: 'Ann', region: 'north' } }],
    ['search', { id: 'o-20', items: [{ name: 'a rope', count: 1 }] }],
    ['timediff_gt', { id: 'o-21', at: new Date().toISOString() }],
  ])('leave to the backstop rule what %s does not like', async (_operator, change) => {
    expect(await order(change)).toEqual({ 'examples.order_other': `nobody wanted ${change.id}` });
  });

  it('match several rules at once or another one', async () => {
    expect(await order({ id: 'o-30', total: 5 })).toEqual({ 'examples.order_small': 'small o-30' });
  });

  it('leave an enforcement that says why the parameters of a rule cannot be rendered', async () => {
    await order({ id: 'broken' });
    const { list } = await house.ask('GET', '/ruleenforcements?rule_ref=examples.order_broken');
    expect(list).toHaveLength(1);
    expect(list[0]).toMatchObject({ status: 'failed', failure_reason: expect.stringMatching(/address/) });
  });
});

describe.skipIf(PYTHON === undefined)('examples of triggers', () => {
  it('refuse a payload that their schema does not allow', async () => {
    const payload = { total: 'much' };
    const { status, result } = await house.run('core.inject_trigger', { trigger: 'examples.order', payload });
    expect({ status, result }).toMatchObject({
      status: 'failed',
      result: { error: expect.stringMatching(/id|total/) },
    });
  });

  it('a webhook hands headers and body to its rule', async () => {
    const call = await house.ask('POST', '/webhooks/examples/deploy', { count: 41 }, { 'x-kind': 'deploy' });
    expect(call.status).toBe(202);
    const execution = await house.until(async () => {
      const { list } = await house.ask('GET', '/executions?rule=examples.hook&status=succeeded');
      return list[0];
    });
    expect(execution.result).toMatchObject({ result: 42 });
    expect((await house.ask('POST', '/webhooks/examples/nothing', {})).status).toBe(404);
  });

  it('a timer fires every second', async () => {
    const [first, second] = await house.recorded('timer', 2);
    expect(first?.text).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\+00:00$/);
    const gap = Date.parse(String(second?.text)) - Date.parse(String(first?.text));
    expect(gap).toBeGreaterThan(0);
  });

  it('a cron line fires when it says', async () => {
    const times = await house.recorded('cron', 2);
    expect(times.length).toBeGreaterThanOrEqual(2);
  });

  it('an ended action is an event', async () => {
    await house.run('examples.py_init', { place: 'the quay' });
    expect(await house.recorded('ended')).toEqual([
      { text: 'examples.py_init succeeded the quay', data: { result: 'Ahoy from the quay' } },
    ]);
  });

  it('notifications tell of success and of failure', async () => {
    await house.run('examples.notifies');
    const [success] = await house.recorded('told');
    expect(success?.text).toBe('all well: done');
    await house.run('examples.notifies', { code: 4 });
    const failure = (await house.recorded('told', 2))[1];
    expect(failure).toMatchObject({ text: 'code 4', data: { severity: 'high', result: expect.stringContaining('4') } });
  });

  it('a key of the datastore that has another value is an event', async () => {
    await house.ask('PUT', '/keys/examples_wind', { name: 'examples_wind', value: 'north' });
    await house.ask('PUT', '/keys/examples_wind', { name: 'examples_wind', value: 'west' });
    expect(await house.recorded('key_changed')).toEqual([{ text: 'north to west' }]);
  });
});

describe.skipIf(PYTHON === undefined)('examples of sensors', () => {
  it('polling: dispatch what they find, with configuration and datastore', async () => {
    const [recorded] = await house.recorded('tide');
    const data = { level: 1, greeting: 'Ahoy', interval: 2 };
    expect(recorded).toEqual({ text: 'Ahoy', number: 1, data });
    const key = await house.ask('GET', `/keys/${encodeURIComponent('examples.TideSensor:level')}`);
    expect(key.body.value).toBe('1');
  });

  it.each(['red', 'green'])('passive: are told of the trigger that a rule binds (%s)', async (colour) => {
    expect(await house.recorded(`lamp_${colour}`)).toEqual([{ text: colour, data: { colour, speed: 18.52 } }]);
  });

  it('are shown with their trigger types', async () => {
    const { list } = await house.ask('GET', '/sensortypes?pack=examples');
    expect(list.map(({ ref, enabled, trigger_types: types }) => ({ ref, enabled, types }))).toEqual([
      { ref: 'examples.LampSensor', enabled: true, types: ['examples.lamp'] },
      { ref: 'examples.TideSensor', enabled: true, types: ['examples.tide'] },
    ]);
  });
});
