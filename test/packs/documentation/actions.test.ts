import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/model/index.ts';
import { PYTHON } from '../../python.ts';
import { type House, openHouse, TOKEN } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const resultOf = (execution: JsonObject) => execution.result as JsonObject; // of one that has ended

describe.skipIf(PYTHON === undefined)('examples of Python actions', () => {
  it('return a value, with defaults for what was not given', async () => {
    const { status, result } = await house.run('examples.py_simple', { first: 40 });
    expect({ status, result }).toEqual({
      status: 'succeeded',
      result: { result: 42, exit_code: 0, stdout: '', stderr: '' },
    });
  });

  it('see the configuration of their pack: fixed, dynamic, default, nested and secret values', async () => {
    const { result } = await house.run('examples.py_config');
    expect(resultOf({ result } as JsonObject).result).toEqual({
      greeting: 'Ahoy',
      region: 'north',
      colour: 'blue',
      server: { host: 'harbour.example', port: 8080 },
      token_length: TOKEN.length,
      token: '********',
    });
  });

  it('fail with the name of a configuration value that is missing', async () => {
    const execution = await house.run('examples.py_config', { key: 'anchor' });
    expect(execution.status).toBe('failed');
    expect(resultOf(execution).stderr).toMatch(/ValueError: .*"examples".*"anchor"/);
  });

  it('keep values in the datastore, their own and those of everybody, plain and encrypted', async () => {
    await house.run('examples.py_datastore', { name: 'visits' });
    const { result } = await house.run('examples.py_datastore', { name: 'visits', secret: 'keelhaul' });
    expect((result as JsonObject).result).toEqual({
      seen: 2,
      facts: { seen: 2 },
      names: ['examples.Counter:visits'],
      same: true,
      plain: false,
      deleted: true,
    });
    const key = await house.ask('GET', `/keys/${encodeURIComponent('examples.Counter:visits')}`);
    expect(key.body.value).toBe('2');
    expect((await house.ask('GET', '/keys/visits_facts')).body.value).toBe('{"seen": 2}');
  });

  it.each([
    [true, 'succeeded', 'good'],
    [false, 'failed', 'bad'],
  ])('say with (%s, value) whether they %s', async (good, status, verdict) => {
    const execution = await house.run('examples.py_status', { good });
    expect(execution.status).toBe(status);
    expect(resultOf(execution).result).toEqual({ verdict });
  });

  it('log from their level on to standard error, and print to standard output', async () => {
    const { stdout, stderr, result } = resultOf(await house.run('examples.py_logging'));
    expect({ stdout, result }).toEqual({ stdout: 'a line of standard output\n', result: null });
    expect(stderr).toMatch(/INFO.*a fact/);
    expect(stderr).toMatch(/ERROR.*a mistake/);
    expect(stderr).toContain('a line of standard error');
    expect(stderr).not.toContain('a detail');
  });

  it('import from lib/ and actions/lib/', async () => {
    const { result } = await house.run('examples.py_lib', { knots: 10 });
    expect((result as JsonObject).result).toBe('10 knots are 18.52 km/h');
  });

  it('fail with the traceback of their exception', async () => {
    const execution = await house.run('examples.py_exception');
    expect(execution.status).toBe('failed');
    expect(execution.result).toMatchObject({ exit_code: 1, result: 'None' });
    expect(resultOf(execution).stderr).toMatch(/Traceback[\s\S]*ValueError: the mast is broken/);
  });

  it('prepare themselves in __init__', async () => {
    const { result } = await house.run('examples.py_init', { place: 'sea' });
    expect((result as JsonObject).result).toBe('Ahoy from sea');
  });
});

describe.skipIf(PYTHON === undefined)('examples of shell actions', () => {
  it('run a command line with parameters and configuration in it', async () => {
    const { status, result } = await house.run('examples.sh_command', { name: 'Ann' });
    expect({ status, result }).toEqual({
      status: 'succeeded',
      result: { failed: false, succeeded: true, return_code: 0, stdout: 'Ahoy, Ann', stderr: 'careful' },
    });
  });

  it('give a script its named arguments and then those with a position', async () => {
    const { result } = await house.run('examples.sh_script', {
      source: "ann's file",
      overwrite: true,
      tags: ['a', 'b'],
      facts: { n: 1 },
      owner: 'bob',
    });
    const words = ['--owner=bob', '--verbose', "ann's file", '1', '1', 'a,b', '{"n":1}'];
    expect((result as JsonObject).stdout).toBe([...words.map((word) => `[${word}]`), 'pack examples, more'].join('\n'));
  });

  it('read standard output that is JSON', async () => {
    expect(resultOf(await house.run('examples.sh_json')).stdout).toEqual({ ships: ['ann', 'bob'] });
  });

  it('fail with the code, and time out', async () => {
    expect(await house.run('examples.sh_fail')).toMatchObject({
      status: 'failed',
      result: { return_code: 3, failed: true },
    });
    expect(await house.run('examples.sh_fail', { seconds: 20, timeout: 1 })).toMatchObject({
      status: 'timeout',
      result: { return_code: -9, error: 'Action failed to complete in 1 seconds' },
    });
  });
});

describe.skipIf(PYTHON === undefined)('examples of http actions', () => {
  it('send what their parameters say, with a secret of the configuration', async () => {
    const { status, result } = await house.run('examples.http_post', { path: 'ships', ship: 'bob' });
    expect({ status, result }).toMatchObject({
      status: 'succeeded',
      result: { status_code: 200, body: { taken: true }, parsed: true },
    });
    const call = house.calls.at(-1);
    expect(call).toMatchObject({ method: 'POST', url: '/ships?page=2', headers: { 'x-token': TOKEN } });
    expect(JSON.parse(call?.body ?? '')).toEqual({ ship: 'bob' });
  });

  it('fail when the answer says so', async () => {
    const { status, result } = await house.run('examples.http_post', { path: 'missing' });
    expect({ status, result }).toMatchObject({ status: 'failed', result: { status_code: 404 } });
  });
});

describe.skipIf(PYTHON === undefined)('examples of parameters', () => {
  it('take defaults from other parameters, keys and secrets, and hide what is secret', async () => {
    const execution = await house.run('examples.parameters', { size: 'large', count: 3, password: 'barnacle' });
    expect(execution.result).toMatchObject({
      stdout: 'large 3 0.5 always large-3 north admin',
      stderr: '********',
    });
    expect(execution.parameters).toMatchObject({ size: 'large', count: 3, password: '********' });
    // An administrator asks.
    const shown = await house.ask('GET', `/executions/${execution.id}?show_secrets=true`);
    expect(shown.body.parameters).toMatchObject({ size: 'large', password: 'barnacle' });
  });

  it.each([
    [{ size: 'huge' }, /size|huge/],
    [{ code: 'abc' }, /code|abc/],
    [{ count: 10 }, /count|10/],
    [{ count: 'many' }, /count|many/],
    [{ fixed: 'never' }, /fixed.*immutable|immutable.*fixed/i],
    [{ anchor: 1 }, /anchor/],
  ])('refuse %j', async (parameters, reason) => {
    const { status, body } = await house.ask('POST', '/executions', { action: 'examples.parameters', parameters });
    expect(status).toBe(400);
    expect(body.faultstring).toMatch(reason);
  });

  it('are shown with tags, by which actions are found', async () => {
    const { list } = await house.ask('GET', '/actions?tags=kind:parameters');
    expect(list.map(({ ref, tags }) => ({ ref, tags }))).toEqual([
      {
        ref: 'examples.parameters',
        tags: [
          { name: 'kind', value: 'parameters' },
          { name: 'team', value: 'docs' },
        ],
      },
    ]);
  });

  it('take defaults from filters, and from keys of whoever runs the action', async () => {
    await house.ask('PUT', '/keys/examples_hat', { name: 'examples_hat', value: 'tricorne', scope: 'user' });
    const { id } = await house.run('examples.filters');
    const { body } = await house.ask('GET', `/executions/${id}`);
    expect(body.parameters).toMatchObject({
      depth: 12,
      path: [12],
      yaml: 'a: 1\n',
      json: 'x{"a": 1}',
      time: '3m5s',
      bumped: '1.3.0',
      newer: true,
      found: '42',
      replaced: 'a+b',
      base: 'ship.log',
      nothing: null,
      mine: 'tricorne',
    });
  });

  it('of results: what the output schema calls secret is hidden', async () => {
    const { result } = await house.run('examples.output');
    expect((result as JsonObject).result).toEqual({ account: 'harbour', key: '********' });
  });
});

describe.skipIf(PYTHON === undefined)('examples of policies', () => {
  it('let one execution run at a time', async () => {
    const file = `${house.directory}/slow`;
    await Promise.all([1, 2, 3].map(() => house.run('examples.sh_slow', { file })));
    const { result } = await house.run('core.local', { cmd: `cat ${file}` });
    expect((result as JsonObject).stdout).toBe('begin\nend\nbegin\nend\nbegin\nend');
  });

  it('let one execution run at a time for each value of a parameter', async () => {
    const file = `${house.directory}/berths`;
    await Promise.all(['a', 'a', 'b'].map((berth) => house.run('examples.sh_berth', { file, berth })));
    const { result } = await house.run('core.local', { cmd: `cat ${file}` });
    const lines = String((result as JsonObject).stdout).split('\n');
    expect(lines.filter((line) => line.endsWith('a'))).toEqual(['begin a', 'end a', 'begin a', 'end a']);
    expect(lines.indexOf('begin b')).toBeLessThan(lines.lastIndexOf('begin a'));
  });

  it('run again what failed, as an execution of its own', async () => {
    const first = await house.run('examples.sh_retried', { file: `${house.directory}/retried` });
    expect(first.status).toBe('failed');
    const second = await house.until(async () => {
      const { list } = await house.ask('GET', '/executions?action=examples.sh_retried&status=succeeded');
      return list[0];
    });
    expect(second.context).toMatchObject({
      policies: {
        retry: { applied_policy: 'examples.sh_retried.retry', retry_count: 1, retried_liveaction_id: first.id },
      },
    });
  });
});
