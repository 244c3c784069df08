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

/** As hubot asks: its route is the one that the rule of the pack chatops follows. */
const HUBOT = { user: 'ann', source_channel: 'quay', notification_channel: 'quay', notification_route: 'hubot' };

interface Said {
  readonly execution: { readonly id: string };
  readonly message?: string;
  readonly extra?: JsonObject;
}

async function say(command: string): Promise<Said> {
  const { body } = await house.ask('POST', '/aliasexecution/match_and_execute', { ...HUBOT, command });
  const [first] = body.results as unknown as Said[]; // what one command has begun
  if (first === undefined) throw new Error(`"${command}" began nothing: ${JSON.stringify(body)}`);
  return first;
}

describe.skipIf(PYTHON === undefined)('examples of aliases', () => {
  it.each([
    ['add 1 to 2', 3],
    ['add 5 to', 15],
    ['sum of 4 and 5', 9],
    ['add 1 to 2 second=7', 8],
  ])('understand "%s", and say so', async (command, sum) => {
    const result = await say(command);
    const { body } = await house.ask('GET', `/executions/${result.execution.id}?wait=30`);
    expect(body.result).toMatchObject({ result: sum });
    expect(result.message).toMatch(/^Adding \d\.$/);
    expect(result.extra).toEqual({ slack: { color: '#00f' } });
  });

  it('say what they do not understand', async () => {
    const { status, body } = await house.ask('POST', '/aliasexecution/match_and_execute', {
      ...HUBOT,
      command: 'add 1',
    });
    expect({ status, body }).toEqual({
      status: 400,
      body: { faultstring: "Command 'add 1' matched no patterns" },
    });
  });

  it('tell the chat how it ended, by the rule of the pack chatops, unless they are to say nothing', async () => {
    const said = async () => {
      const { list } = await house.ask('GET', '/triggerinstances?trigger_type=core.st2.announcement');
      return list.map(({ payload }) => (payload as JsonObject).payload as JsonObject); // of an announcement
    };
    const quiet = await say('hail the lighthouse');
    expect(quiet.message).toBeUndefined();
    await house.ask('GET', `/executions/${quiet.execution.id}?wait=30`);
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
