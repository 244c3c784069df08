import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/model/index.ts';
import { PYTHON } from '../../python.ts';
import { type House, openHouse } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const taskNames = ({ result }: JsonObject) =>
  ((result as JsonObject).tasks as JsonObject[]).map(({ name, state }) => `${name} ${state}`); // of a chain

describe.skipIf(PYTHON === undefined)('examples of action-chains', () => {
  it('hand on variables, results and what tasks publish', async () => {
    const execution = await house.run('examples.chain', { name: 'ann' });
    expect(execution).toMatchObject({
      status: 'succeeded',
      result: { published: { said: 'north-ann', sum: '42' } },
    });
    expect(taskNames(execution)).toEqual(['greet succeeded', 'add succeeded', 'maybe succeeded', 'finish succeeded']);
    expect(execution.result).toMatchObject({
      tasks: [{}, {}, {}, { result: { stdout: 'north-ann: 42, 0, blue' } }],
    });
  });

  it('go another way after a failure', async () => {
    const execution = await house.run('examples.chain', { name: 'ann', break: true });
    expect(execution.status).toBe('succeeded');
    expect(taskNames(execution)).toEqual(['greet succeeded', 'add succeeded', 'maybe failed', 'tidy succeeded']);
    expect(execution.result).toMatchObject({ tasks: [{}, {}, {}, { result: { stdout: 'tidied after 1' } }] });
  });

  it('run chains, and actions of the pack that theirs depends on', async () => {
    const execution = await house.run('examples.chain_outer');
    expect(execution).toMatchObject({
      status: 'succeeded',
      result: { tasks: [{ name: 'inner' }, { name: 'shout', result: { stdout: 'INNER SAID 42!' } }] },
    });
    const { list } = await house.ask('GET', `/executions/${execution.id}/children?depth=1`);
    expect(list.map(({ action }) => (action as JsonObject).ref)).toEqual(['examples.chain', 'examples_base.shout']);
  });
});

describe.skipIf(PYTHON === undefined)('an example of a chain that asks', () => {
  it('waits for the answer, and tells of all tasks but those that it is to skip', async () => {
    const { id } = (await house.ask('POST', '/executions', { action: 'examples.chain_asks' })).body;
    const inquiry = await house.until(async () => (await house.ask('GET', '/inquiries')).list[0]);
    expect(inquiry).toMatchObject({ route: 'chain' });
    await house.until(async () => {
      const { body } = await house.ask('GET', `/executions/${id}`);
      return body.status === 'paused' ? true : undefined;
    });
    await house.ask('PUT', `/inquiries/${inquiry.id}`, { id: inquiry.id, response: { continue: true } });
    const { body } = await house.ask('GET', `/executions/${id}?wait=30`);
    expect(body).toMatchObject({
      status: 'succeeded',
      result: { tasks: [{ name: 'quiet' }, { name: 'ask' }, { name: 'say', result: { stdout: 'continue is True' } }] },
    });
    const told = (await house.recorded('told', 3)).map(({ text }) => text);
    expect(told).toContain('the chain says continue is True');
    expect(told).not.toContain('the chain says hush');
  });
});

describe.skipIf(PYTHON === undefined)('examples of Orquesta workflows', () => {
  it('do branches side by side and join them, with expressions in YAQL', async () => {
    const { status, result } = await house.run('examples.wf_join', { name: 'ann' });
    expect({ status, result }).toEqual({
      status: 'succeeded',
      result: { output: { line: 'ann 7!', words: ['sum'] } },
    });
  });

  it('run a task with each item, some at a time, and collect the results in order', async () => {
    const { result } = await house.run('examples.wf_items', { ships: ['ann', 'bob', 'cid'] });
    expect(result).toEqual({ output: { lines: ['1 ann', '2 bob', '3 cid'] } });
  });

  it('try a task again', async () => {
    const { status, result } = await house.run('examples.wf_retry', { file: `${house.directory}/tries` });
    expect({ status, result }).toEqual({ status: 'succeeded', result: { output: { last: 'run 3' } } });
  });

  it('wait before a task', async () => {
    const { status, elapsed_seconds: seconds } = await house.run('examples.wf_delay');
    expect(status).toBe('succeeded');
    expect(Number(seconds)).toBeGreaterThanOrEqual(1);
  });

  it.each([
    [['ann', 'bob', 'cid'], 'many: 5', ['ANN', 5]],
    [['ann'], 'few', []],
  ])('decide and publish in Jinja: %j', async (names, verdict, pair) => {
    const { result } = await house.run('examples.wf_jinja', { names });
    expect(result).toEqual({ output: { verdict, pair } });
  });

  it('run workflows and chains', async () => {
    const { id, status, result } = await house.run('examples.wf_outer');
    const callback = `${house.server.url}/api/v1/executions/${id}`;
    expect({ status, result }).toEqual({
      status: 'succeeded',
      result: { output: { inner: 'inner 7!', sum: '42', callback } },
    });
  });

  it('repair what failed, or fail with errors and output', async () => {
    expect(await house.run('examples.wf_error')).toMatchObject({
      status: 'succeeded',
      result: { output: { code: 7 } },
    });
    const { status, result } = await house.run('examples.wf_error', { handle: false });
    expect({ status, result }).toMatchObject({ status: 'failed', result: { output: { code: 7 } } });
    const errors = (result as JsonObject).errors as JsonObject[]; // of a workflow that failed
    expect(errors.map(({ task_id: task }) => task)).toEqual(['risky', 'fail']);
  });

  it('pause between tasks, and go on when they are told to', async () => {
    const gate = `${house.directory}/gate`;
    const { id } = (await house.ask('POST', '/executions', { action: 'examples.wf_pause', parameters: { gate } })).body;
    const standsAt = async (wanted: string) => {
      const { body } = await house.ask('GET', `/executions/${id}`);
      return body.status === wanted ? body : undefined;
    };
    await house.until(async () => {
      const { list } = await house.ask('GET', `/executions?parent=${id}&status=running`);
      return list[0];
    });
    expect((await house.ask('PUT', `/executions/${id}`, { status: 'pausing' })).status).toBe(200);
    writeFileSync(gate, '');
    await house.until(() => standsAt('paused'));
    expect((await house.ask('GET', `/executions?parent=${id}`)).list).toHaveLength(1);
    expect((await house.ask('PUT', `/executions/${id}`, { status: 'resuming' })).status).toBe(200);
    const { result } = await house.until(() => standsAt('succeeded'));
    expect(result).toEqual({ output: { line: 'went on' } });
  });

  it('ask somebody, refuse an answer that does not fit, and go on with one that does', async () => {
    const { id } = (await house.ask('POST', '/executions', { action: 'examples.wf_ask' })).body;
    const [told] = await house.recorded('asked');
    const inquiry = String(told?.text);
    expect((await house.ask('GET', `/executions/${inquiry}`)).body).toMatchObject({
      status: 'pending',
      action: { ref: 'core.ask' },
    });
    await house.until(async () => {
      const { body } = await house.ask('GET', `/executions/${id}`);
      return body.status === 'paused' ? true : undefined;
    });
    const wrong = await house.ask('PUT', `/inquiries/${inquiry}`, { id: inquiry, response: { approved: 'perhaps' } });
    expect(wrong.status).toBe(400);
    const response = { approved: true, code: 'scuttle' };
    expect((await house.ask('PUT', `/inquiries/${inquiry}`, { id: inquiry, response })).status).toBe(200);
    const { body } = await house.ask('GET', `/executions/${id}?wait=30`);
    expect(body).toMatchObject({ status: 'succeeded', result: { output: { answered: true } } });
    const asked = (await house.ask('GET', `/executions/${inquiry}`)).body.result;
    expect(asked).toMatchObject({ response: { approved: true, code: '********' } });
  });

  it('hide of their output what its schema calls secret', async () => {
    const { status, result } = await house.run('examples.wf_sealed');
    expect({ status, result }).toEqual({
      status: 'succeeded',
      result: { output: { name: 'harbour', code: '********' } },
    });
  });

  it('read the datastore, and hide what they decrypt', async () => {
    const { status, result } = await house.run('examples.wf_keys');
    expect({ status, result }).toEqual({
      status: 'succeeded',
      result: {
        output: {
          region: 'north',
          token_length: 11,
          missing: 'none',
          line: '********',
          user: 'admin',
          action: 'examples.wf_keys',
        },
      },
    });
  });
});
