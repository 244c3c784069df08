import { afterEach, describe, expect, it } from 'vitest';
import { declaration, type House, openHouse } from './house.ts';

let house: House;
afterEach(() => house.close());

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
