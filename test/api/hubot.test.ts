import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Robot } from 'hubot';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { type Chat, openRobot, openWire, type Wire } from './hubot-chat.ts';
import { type Script, stackstorm } from './hubot-script.ts';
import { type House, MANIFEST, openHouse } from './support.ts';

/**
 * A real Hubot in a chat in memory talks to Petrel as StackStorm's script for it does. Its user has the role of docs/access.md, and besides
 * may ask for the second factor; nothing else.
 */
const ROLE = `name: bot
permission_grants:
  - permission_types: [action_alias_match, action_alias_help, stream_view]
  - resource_uid: "pack:ops"
    permission_types: [action_alias_view, action_execute]
  - resource_uid: "action:chat:confirm"
    permission_types: [action_execute]
`;
const PASSWORD = 'correct horse';

/** An action that runs a shell command, and what is said to run it. */
const command = (name: string, formats: string, cmd: string, more: { parameters?: string; alias?: string } = {}) => ({
  [`ops/actions/${name}.yaml`]: `name: ${name}\nrunner_type: local-shell-cmd\nparameters:\n${more.parameters ?? ''}  cmd: {immutable: true, default: '${cmd}'}\n`,
  [`ops/aliases/${name}.yaml`]: `name: ${name}\naction_ref: ops.${name}\ndescription: Runs ${name}.\nformats: ${formats}\n${more.alias ?? ''}`,
});
const named = '  name: {type: string, required: true}\n';

let house: House;
let wire: Wire;
let robot: Robot;
let chat: Chat;
let bot: Script;
/** Lets `ops.deploy` end. */
let go: string;

beforeAll(async () => {
  house = await openHouse({
    'ops/pack.yaml': MANIFEST('ops'),
    ...command('greet', '["greet {{ name }}"]', 'echo hello {{ name }} from {{ by }}', {
      parameters: `${named}  by: {type: string}\n`,
      alias:
        'ack: {format: "On it.", append_url: false, extra: {slack: {thread_response: true}}}\nresult: {format: "It said: {{ execution.result.stdout }}", extra: {slack: {color: green}}}\nimmutable_parameters: {by: "{{ action_context.api_user }}"}\n',
    }),
    ...command(
      'break',
      '[{display: "break <name>", representation: ["break {{ name }}", "smash {{ name=it }}"]}]',
      'echo {{ name }} is broken >&2; exit 3',
      { parameters: named },
    ),
    ...command('hush', '["hush"]', 'echo hushed', { alias: 'ack: {enabled: false}\n' }),
    ...command('mute', '["mute"]', 'echo muted', { alias: 'ack: {format: "Muting."}\nresult: {enabled: false}\n' }),
    ...command('login', '["login with {{ password }}"]', 'echo in with {{ password }}', {
      parameters: '  password: {type: string, secret: true}\n',
      alias: 'ack: {format: "Taking {{ execution.parameters.password }}."}\n',
    }),
    ...command('deploy', '["deploy"]', 'until test -e $GO; do sleep 0.05; done; echo deployed', {
      parameters: '  env: {type: object, default: {GO: "{{ st2kv.system.go }}"}}\n',
      alias: 'ack: {format: "This takes a while."}\nresult: {format: "{{ execution.result.stdout }}"}\n',
    }),
    ...command('drop', '["drop"]', 'echo dropped', {
      alias: 'extra: {security: {twofactor: true}}\nresult: {format: "{{ execution.result.stdout }}"}\n',
    }),
    ...command('old', '["old"]', 'true', { alias: 'enabled: false\n' }),
    'attic/pack.yaml': MANIFEST('attic'),
    'attic/aliases/greet.yaml': 'name: greet\naction_ref: core.noop\nformats: ["attic greet {{ name }}"]\n',
    'chat/pack.yaml': MANIFEST('chat'),
    'chat/actions/confirm.yaml':
      'name: confirm\nrunner_type: announcement\nparameters:\n  experimental: {immutable: true, default: true}\n  route: {default: 2fa}\n  uuid: {type: string}\n  user: {type: string}\n  channel: {type: string}\n  hint: {type: string}\n',
  });
  go = join(house.directory, 'go');
  await house.ask('PUT', '/keys/go', { name: 'go', value: go });
  const rbac = join(house.directory, 'data', 'rbac');
  mkdirSync(join(rbac, 'roles'), { recursive: true });
  mkdirSync(join(rbac, 'assignments'), { recursive: true });
  writeFileSync(join(rbac, 'roles', 'bot.yaml'), ROLE);
  writeFileSync(join(rbac, 'assignments', 'hubot.yaml'), 'username: hubot\nroles: [bot]\n');
  await house.ask('POST', '/users', { name: 'hubot', password: PASSWORD });
  await house.ask('POST', '/rbac/reload', {});
  wire = await openWire(() => new URL(house.server().url));
  ({ robot, chat } = await openRobot());
  const at = `http://127.0.0.1:${wire.port}`;
  bot = await stackstorm(robot, {
    api: `${at}/api`,
    auth: `${at}/auth`,
    stream: `${at}/stream`,
    credentials: { user: 'hubot', password: PASSWORD },
    twoFactor: 'chat.confirm',
  });
});
afterEach(() => chat.lines.splice(0));
afterAll(async () => {
  bot.stop();
  robot.shutdown();
  wire.close();
  await house.stop();
});

/** Waits until as many lines were said in a room, and takes them. */
async function heard(room: string, lines: number): Promise<readonly string[]> {
  const inRoom = () => chat.lines.filter((line) => line.room === room).length;
  await expect.poll(inRoom, { timeout: 20_000, interval: 10 }).toBeGreaterThanOrEqual(lines);
  return chat.take(room);
}

const newest = async (action: string): Promise<JsonObject> => {
  const [execution] = (await house.ask('GET', `/executions?action=${action}&limit=1`)).list;
  return execution ?? {};
};

describe('A Hubot', () => {
  it('runs a command, says at once that it does, and how it ended', async () => {
    await chat.say('ann', '#ops', 'hubot greet world');
    expect(await heard('#ops', 2)).toEqual(['On it.', 'ann: It said: hello world from ann']);
    expect(await newest('ops.greet')).toMatchObject({
      parameters: { name: 'world', by: 'ann' },
      context: { user: 'hubot', api_user: 'ann', source_channel: '#ops', action_alias_ref: { name: 'greet' } },
    });
    // What Slack's adapter answers in a thread by.
    expect(bot.started.at(-1)).toMatchObject({ extra: { slack: { thread_response: true } } });
    expect(bot.announced.at(-1)).toEqual({
      payload: {
        user: 'ann',
        channel: '#ops',
        message: 'It said: hello world from ann',
        whisper: false,
        extra: { slack: { color: 'green' } },
        context: expect.objectContaining({ room: '#ops', user: { id: 'U-ann', name: 'ann', room: '#ops' } }),
      },
      trace_context: expect.any(Object),
    });
  });

  it('means the alias whose format it found, though another pack has one of that name', async () => {
    const { list } = await house.ask('GET', '/actionalias?name=greet');
    expect(list.map(({ ref }) => ref)).toEqual(['attic.greet', 'ops.greet']);
    await chat.say('ann', '#ops', 'hubot greet twice');
    expect((await heard('#ops', 2))[1]).toContain('hello twice');
  });

  it('tells of a failure, with the words by which bots know one', async () => {
    await chat.say('ann', '#ops', '! smash');
    const [acknowledged, told] = await heard('#ops', 2);
    const { id } = await newest('ops.break');
    expect(acknowledged).toBe(`Your execution is ${id}.`);
    expect(told?.split('\n')).toEqual([
      expect.stringMatching(/^ann: Action ops\.break completed after \d+\.\d s\.$/),
      'status : failed',
      `execution: ${id}`,
      'it is broken',
    ]);
  });

  it('says nothing at first where the alias wants no acknowledgement', async () => {
    await chat.say('ann', '#ops', 'hubot hush');
    expect(await heard('#ops', 1)).toEqual([expect.stringContaining('hushed')]);
  });

  it('says nothing of the end where the alias wants no result', async () => {
    await chat.say('ann', '#ops', 'hubot mute');
    expect(chat.take('#ops')).toEqual(['Muting.']);
    const { id } = await newest('ops.mute');
    await expect
      .poll(() => newest('chatops.post_result'), { timeout: 20_000 })
      .toMatchObject({ parameters: { execution_id: id }, status: 'succeeded' });
    expect(chat.lines).toEqual([]);
  });

  it('shows for help what its user may say', async () => {
    await chat.say('ann', '#ops', 'hubot help');
    const [help = ''] = chat.take('#ops');
    expect(help.split('\n')).toEqual(
      ['break <name>', 'deploy', 'drop', 'greet {{ name }}', 'hush', 'login with {{ password }}', 'mute'].map(
        (display) => `hubot ${display} - Runs ${display.split(' ')[0]}.`,
      ),
    );
  });

  it('runs nothing for what it does not know', async () => {
    const before = (await house.ask('GET', '/executions?limit=1')).headers.get('x-total-count');
    for (const text of ['hubot dance', 'greet nobody', 'hubot old', 'hubot attic greet me'])
      await chat.say('ann', '#ops', text);
    expect(chat.lines).toEqual([]);
    expect((await house.ask('GET', '/executions?limit=1')).headers.get('x-total-count')).toBe(before);
  });

  it('repeats why a command was refused', async () => {
    await chat.say('ann', '#ops', 'hubot hush colour=red');
    expect(chat.take('#ops')).toEqual([expect.stringMatching(/^ann: I may not do that: .*colour/)]);
  });

  it('answers everybody in their own room', async () => {
    await Promise.all([chat.say('ann', '#ops', 'hubot greet Ann'), chat.say('bob', '#dev', 'hubot greet Bob')]);
    expect(await heard('#ops', 2)).toEqual(['On it.', 'ann: It said: hello Ann from ann']);
    expect(await heard('#dev', 2)).toEqual(['On it.', 'bob: It said: hello Bob from bob']);
    expect(chat.lines).toEqual([]);
  });

  it('shows no secret: not in the acknowledgement, not at the end, nor in what comes back of what was said', async () => {
    await chat.say('ann', '#ops', 'hubot login with opensesame-45');
    const [acknowledged, told] = await heard('#ops', 2);
    expect(acknowledged).toBe('Taking ********.');
    expect(told?.split('\n').at(-1)).toBe('********');
    expect(bot.announced.at(-1)).toMatchObject({
      payload: { context: { message: { text: 'hubot login with ********' } } },
    });
    expect(JSON.stringify(bot.announced)).not.toContain('opensesame-45');
  });

  it('asks for a second factor where the alias wants one', async () => {
    await chat.say('ann', '#ops', 'hubot drop');
    const lines = await heard('#ops', 3);
    expect([lines[0], lines[2]]).toEqual(['Waiting for your confirmation.', 'ann: dropped']);
    expect(await newest('chat.confirm')).toMatchObject({
      parameters: { user: 'ann', channel: '#ops', hint: 'Runs drop.' },
    });
  });

  it('whispers what a workflow says through the pack, and what it has run', async () => {
    const asked = { text: 'greet moon', channel: '#ops', user: 'ann', whisper: true };
    await house.run('chatops.run', asked);
    expect(await heard('ann', 1)).toEqual(['It said: hello moon from ann']);
    await house.run('chatops.post_message', { message: 'Dinner.', channel: '#ops' });
    expect(await heard('#ops', 1)).toEqual(['Dinner.']);
    expect(chat.lines).toEqual([]);
  });

  it('learns and forgets commands while it runs', async () => {
    const alias = { name: 'late', pack: 'ops', action_ref: 'ops.hush', formats: ['late'], ack: { format: 'Late.' } };
    const { body } = await house.ask('POST', '/actionalias', alias);
    await bot.learn();
    await chat.say('ann', '#ops', 'hubot late');
    expect((await heard('#ops', 2))[0]).toBe('Late.');
    await house.ask('DELETE', `/actionalias/${body.id}`);
    await bot.learn();
    await chat.say('ann', '#ops', 'hubot late');
    expect(chat.lines).toEqual([]);
  });

  it.each([
    ['its connection broke', async () => undefined],
    ['Petrel was started again', () => house.restart()],
  ])('is told of a long run, though %s meanwhile', async (_, happen) => {
    rmSync(go, { force: true });
    await chat.say('ann', '#ops', 'hubot deploy');
    expect(chat.take('#ops')).toEqual(['This takes a while.']);
    const { id } = await newest('ops.deploy');
    wire.cut();
    writeFileSync(go, '');
    await expect
      .poll(() => newest('chatops.post_result'), { timeout: 20_000 })
      .toMatchObject({ parameters: { execution_id: id }, status: 'succeeded' });
    await happen();
    expect(chat.lines).toEqual([]);
    wire.mend();
    expect(await heard('#ops', 1)).toEqual(['ann: deployed']);
    await chat.say('ann', '#ops', 'hubot greet again');
    expect(await heard('#ops', 2)).toEqual(['On it.', 'ann: It said: hello again from ann']);
  });
});
