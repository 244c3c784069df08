import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TreePicture, watchTree } from '../../src/cli/tree-watch.ts';
import { type Client, createClient } from '../../src/client/index.ts';
import { type House, MANIFEST, openHouse } from '../api/support.ts';

let house: House;
beforeAll(async () => {
  const workflow = (tasks: string) => `version: 1.0\ntasks:\n${tasks}`;
  house = await openHouse({
    'flows/pack.yaml': MANIFEST('flows'),
    'flows/actions/outer.yaml': 'name: outer\nrunner_type: orquesta\nentry_point: workflows/outer.yaml\n',
    'flows/actions/inner.yaml': 'name: inner\nrunner_type: orquesta\nentry_point: workflows/inner.yaml\n',
    'flows/actions/workflows/outer.yaml': workflow('  within: {action: flows.inner}\n'),
    'flows/actions/workflows/inner.yaml': workflow(
      '  first: {action: core.local cmd="sleep 0.1", next: [{do: second}]}\n  second: {action: core.local cmd="sleep 0.1"}\n',
    ),
  });
});
afterAll(() => house.stop());

/** What is told of a workflow until it has ended. `watching`: the client that it is watched with. */
async function watched(client: Client, watching: Client) {
  const pictures: TreePicture[] = [];
  const leave = new AbortController();
  const requested = await client.call('POST /executions', { body: { action: 'flows.outer' } });
  await watchTree(watching, requested, leave.signal, (picture) => {
    pictures.push(picture);
    if (picture.root.status === 'succeeded') leave.abort();
  });
  const seen = pictures.flatMap(({ tasks }) => tasks.map(({ task_name: task, status }) => `${task} ${status}`));
  return { seen, tasks: pictures.at(-1)?.tasks.map(({ task_name: task }) => task) };
}

describe('a tree of executions', () => {
  it('is followed by the event stream alone, also what tasks of tasks start', async () => {
    // Others run meanwhile, and are not told.
    const other = house.run('core.local', { cmd: 'sleep 0.2' });
    const client = createClient({ ...house.server() });
    const deaf: Client = { ...client, call: () => Promise.reject(new Error('not to be asked')) };
    const { seen, tasks } = await watched(client, deaf);
    expect(seen).toContain('within running');
    expect(tasks).toEqual(['within', 'first', 'second']);
    await other;
  });

  it('is asked for again and again where the stream cannot be heard', async () => {
    const { url, token } = house.server();
    const client = createClient({ url, token, stream: `${url}/nowhere` });
    const { seen, tasks } = await watched(client, client);
    expect(tasks).toEqual(['within', 'first', 'second']);
    expect(seen).toContain('second succeeded');
  });

  it('begins with how all of it stands, without results, and with no event that it does not belong to', async () => {
    const { id } = await house.run('flows.outer');
    const client = createClient({ ...house.server() });
    const leave = new AbortController();
    const told: unknown[] = [];
    for await (const { data } of client.events({ tree_of: String(id) }, { signal: leave.signal })) {
      told.push(data);
      if (told.length === 4) leave.abort();
    }
    expect(told).toMatchObject([{ id }, { task_name: 'within' }, { task_name: 'first' }, { task_name: 'second' }]);
    for (const one of told) expect(one).not.toHaveProperty('result');
    const nothing = client.events({ tree_of: '000000000000000000000000' });
    await expect(nothing.next()).rejects.toMatchObject({ code: 'not_found' });
  });
});
