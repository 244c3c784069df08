import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/model/index.ts';
import { PETREL } from '../../e2e/petrel-process.ts';
import { PYTHON } from '../../python.ts';
import { DOCUMENTATION, type House, openHouse, TOKEN } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

async function petrel(...args: readonly string[]) {
  return await promisify(execFile)(process.execPath, [PETREL, ...args], {
    env: { ...process.env, PETREL_DATA: join(house.directory, 'data') },
  });
}

describe.skipIf(PYTHON === undefined)('examples of packs', () => {
  it('are registered whole, with what they depend on', async () => {
    const { body } = await house.ask('GET', '/packs/examples');
    expect(body).toMatchObject({
      ref: 'examples',
      version: '1.2.0',
      keywords: ['examples', 'documentation'],
      dependencies: ['examples_base'],
    });
    expect(house.server.registry.snapshot().problems.filter(({ pack }) => pack?.startsWith('examples'))).toEqual([]);
  });

  it('lint without a complaint', async () => {
    const packs = join(DOCUMENTATION, 'packs');
    const { stdout } = await petrel('pack', 'lint', join(packs, 'examples'), '--packs', packs);
    expect(stdout).toMatch(/^0 errors, 0 warnings/);
  });

  it('run their own Python tests of actions, sensors and aliases', async () => {
    const { stdout, stderr } = await petrel('pack', 'test', join(DOCUMENTATION, 'packs/examples'));
    expect(stderr + stdout).toMatch(/Ran 6 tests/);
    expect(stdout).toMatch(/^1 of 1 passed\.$/m);
  });

  it('have their actions switched off by overrides', async () => {
    const { status, body } = await house.ask('POST', '/executions', { action: 'examples.switched_off' });
    expect(status).toBe(400);
    expect(body.faultstring).toMatch(/switched_off.*disabled|disabled.*switched_off/);
  });

  it('show their configuration without its secrets, and refuse a value of another type', async () => {
    const { body } = await house.ask('GET', '/configs/examples');
    expect(body.values).toMatchObject({ greeting: 'Ahoy', token: '********' });
    expect(JSON.stringify(body)).not.toContain(TOKEN);
    const wrong = await house.ask('PUT', '/configs/examples', { greeting: 'Ahoy', server: { port: 'high' } });
    expect(wrong.status).toBe(400);
    expect(wrong.body.faultstring).toMatch(/server\.port/);
  });
});

describe.skipIf(PYTHON === undefined)('examples of aliases', () => {
  it.each([
    ['add 1 to 2', 3],
    ['add 1', undefined],
    ['add 5 to', 15],
    ['sum of 4 and 5', 9],
    ['add 1 to 2 second=7', 8],
  ])('understand "%s"', async (command, sum) => {
    const { status, body, list } = await house.ask('POST', '/aliasexecution/match_and_execute', {
      command,
      user: 'ann',
      source_channel: 'quay',
    });
    if (sum === undefined) {
      expect(status).toBe(400);
      return;
    }
    const results = (list.length > 0 ? list : body.results) as {
      message: string;
      extra: object;
      execution: { id: string };
    }[];
    const [result] = results;
    const { body: execution } = await house.ask('GET', `/executions/${result?.execution.id}?wait=30`);
    expect(execution.result).toMatchObject({ result: sum });
    expect(result).toMatchObject({
      message: expect.stringMatching(/^Adding \d\.$/),
      extra: { slack: { color: '#00f' } },
    });
  });

  it('tell the chat how it ended, by the rule of the pack chatops, unless they are to say nothing', async () => {
    // As hubot asks: its route is the one that the rule follows.
    const hubot = { user: 'ann', source_channel: 'quay', notification_channel: 'quay', notification_route: 'hubot' };
    const say = (command: string) => house.ask('POST', '/aliasexecution/match_and_execute', { command, ...hubot });
    const said = async () => {
      const { list } = await house.ask('GET', '/triggerinstances?trigger_type=core.st2.announcement');
      return list.map(({ payload }) => (payload as JsonObject).payload as JsonObject); // of an announcement
    };
    await say('hail the lighthouse');
    await say('add 20 to 22');
    const told = await house.until(async () => (await said()).find(({ message }) => /42/.test(String(message))));
    expect(told).toMatchObject({ message: 'It is 42.', channel: 'quay', extra: { slack: { color: 'good' } } });
    expect(JSON.stringify(await said())).not.toContain('lighthouse');
  });

  it('are listed for the help of a chat', async () => {
    const { body } = await house.ask('GET', '/actionalias/help?pack=examples');
    expect(body.helpstrings).toMatchObject([
      { pack: 'examples', display: 'hail {{ place }}' },
      { pack: 'examples', display: 'add <first> to <second>', description: 'Adds two numbers.' },
    ]);
  });
});
