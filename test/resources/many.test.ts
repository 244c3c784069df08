import { expect, it } from 'vitest';
import { isJsonObject } from '../../src/model/index.ts';
import { openHouse } from './house.ts';
import { declaration } from './things.ts';

it('200 objects at once, 20 changed and 20 deleted while they are created: the end is exact, and nothing is left over', async () => {
  const house = await openHouse({ thing: declaration('Thing') });
  try {
    const names = Array.from({ length: 200 }, (_, index) => `t${index}`);
    await house.create('Thing', names[0] ?? '', { value: 'v' });
    await Promise.all(names.slice(1).map((name) => house.create('Thing', name, { value: 'v' })));
    const changed = names.slice(0, 20);
    const deleted = names.slice(20, 40);
    await Promise.all([
      ...changed.map((name) => house.change('Thing', name, { value: 'changed' })),
      ...deleted.map((name) => house.remove('Thing', name)),
    ]);
    const wanted = Object.fromEntries(
      names.filter((name) => !deleted.includes(name)).map((name) => [name, changed.includes(name) ? 'changed' : 'v']),
    );
    await house.until('all are ready, or gone', async () => {
      const objects = await house.client.list('test.example.dev/v1', 'Thing');
      return (
        objects.length === 180 &&
        objects.every(({ metadata, status }) => {
          const { conditions, observedGeneration } = isJsonObject(status) ? status : {};
          const list = Array.isArray(conditions) ? conditions.filter(isJsonObject) : [];
          return (
            observedGeneration === metadata.generation &&
            list.some(({ type, status: s }) => type === 'Ready' && s === 'True')
          );
        })
      );
    });
    expect(house.things()).toEqual(wanted);
    const records = await house.server().store.listResources();
    expect(records.map(({ exists, intent }) => `${exists} ${intent?.handler}`)).toEqual(
      Array(180).fill('yes undefined'),
    );
    // Each object is made once; a changed one may have been changed before it was made.
    const creates = (await house.executions('put')).filter(
      ({ context }) => isJsonObject(context.resource) && context.resource.handler === 'create',
    );
    const uids = creates.map(({ context }) => (isJsonObject(context.resource) ? context.resource.uid : ''));
    expect(new Set(uids).size).toBe(uids.length);
  } finally {
    await house.close();
  }
}, 90_000);
