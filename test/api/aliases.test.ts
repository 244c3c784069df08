import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { type House, MANIFEST, openHouse } from './support.ts';

let house: House;
const ask: House['ask'] = (...request) => house.ask(...request);

const ALIASES = {
  'bot/aliases/greet.yaml': `name: greet
action_ref: bot.greet
description: Greets somebody.
formats:
  - display: "greet <name> [times]"
    representation: ["greet {{ name }} {{ times=1 }} times", "say hello to {{ name }}"]
ack:
  format: "On it: {{ execution.parameters.name }}, {{ actionalias.name }}."
  extra: {thread: "{{ execution.id }}"}
result: {format: "{{ execution.result.stdout }}"}
immutable_parameters: {asked_by: "{{ action_context.api_user }}"}
`,
  'bot/aliases/list.yaml': 'name: list\naction_ref: bot.list\nformats: ["list {{ items }}"]\n',
  'bot/aliases/links.yaml': `name: links
action_ref: bot.greet
formats: [{display: "<link>", representation: ["(\\\\s|^)see {{ name }}(\\\\s|$)"], match_multiple: true}]
immutable_parameters: {asked_by: nobody}
`,
  'bot/aliases/off.yaml': 'name: "off"\nenabled: false\naction_ref: bot.greet\nformats: ["off {{ name }}"]\n',
  'bot/aliases/twice.yaml': 'name: twice\naction_ref: bot.greet\nformats: ["greet you {{ x }} times"]\n',
};

beforeAll(async () => {
  house = await openHouse({
    'bot/pack.yaml': MANIFEST('bot'),
    'bot/actions/greet.yaml':
      'name: greet\nrunner_type: local-shell-cmd\nparameters:\n  name: {type: string, required: true}\n  times: {type: integer, default: 1}\n  asked_by: {type: string}\n  cmd: {immutable: true, default: "echo hello {{ name }} for {{ asked_by }}"}\n',
    'bot/actions/list.yaml':
      'name: list\nrunner_type: noop\nparameters:\n  items: {type: array, required: true}\n  limit: {type: integer}\n',
    'bot/actions/record.yaml': 'name: record\nrunner_type: noop\nparameters: {data: {type: object}}\n',
    'bot/rules/told.yaml':
      'name: told\nenabled: true\ntrigger: {type: core.st2.generic.notifytrigger}\naction: {ref: bot.record, parameters: {data: "{{ trigger }}"}}\n',
    ...ALIASES,
  });
});
afterAll(() => house.stop());

const idsOf = (list: unknown): string[] =>
  (list as { execution: { id: string } }[]).map(({ execution }) => execution.id);

describe('/actionalias', () => {
  it('lists what packs bring, and finds one by reference or id', async () => {
    const all = (await ask('GET', '/actionalias?limit=-1&pack=bot')).body as unknown as JsonObject[];
    expect(all.map(({ ref }) => ref)).toEqual(['bot.greet', 'bot.links', 'bot.list', 'bot.off', 'bot.twice']);
    const { body } = await ask('GET', '/actionalias/bot.greet');
    expect(body).toMatchObject({ uid: 'action_alias:bot:greet', action_ref: 'bot.greet', enabled: true });
    expect((await ask('GET', `/actionalias/${body.id}`)).body).toEqual(body);
    expect((await ask('GET', '/actionalias/bot.none')).status).toBe(404);
  });

  it('says which alias a command fits', async () => {
    const { status, body } = await ask('POST', '/actionalias/match', { command: 'say hello to Ann' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      actionalias: { ref: 'bot.greet' },
      display: 'greet <name> [times]',
      representation: 'say hello to {{ name }}',
    });
  });

  it.each([
    ['none', 'dance', "Command 'dance' matched no patterns"],
    ['a disabled one', 'off Ann', "Command 'off Ann' matched no patterns"],
    [
      'several',
      'greet you 3 times',
      "Command 'greet you 3 times' matched more than 1 pattern: bot.greet (greet <name> [times]), bot.twice (greet you {{ x }} times)",
    ],
  ])('refuses a command that fits %s', async (_, command, faultstring) => {
    const { status, body } = await ask('POST', '/actionalias/match', { command });
    expect({ status, body }).toEqual({ status: 400, body: { faultstring } });
  });

  it('tells what can be said, by pack, words and page', async () => {
    const help = async (query: string) => (await ask('GET', `/actionalias/help?pack=bot${query}`)).body;
    expect(await help('&filter=GREET')).toEqual({
      available: 2,
      helpstrings: [
        { pack: 'bot', display: 'greet <name> [times]', description: 'Greets somebody.' },
        { pack: 'bot', display: 'greet you {{ x }} times', description: '' },
      ],
    });
    expect(await help('&limit=1&offset=1')).toMatchObject({ available: 4, helpstrings: [{ display: '<link>' }] });
    expect((await ask('GET', '/actionalias/help?filter=(')).status).toBe(400);
  });
});

describe('/aliasexecution', () => {
  const request = { name: 'greet', format: 'say hello to {{ name }}', user: 'ann', source_channel: '#ops' };

  it('runs the action, and answers what is said at once', async () => {
    const command = 'say hello to the world times=2';
    const { status, body } = await ask('POST', '/aliasexecution', { ...request, command });
    expect(status).toBe(201);
    const id = idsOf([body])[0] ?? '';
    expect(body).toMatchObject({
      execution: {
        parameters: { name: 'the world', times: 2, asked_by: 'ann' },
        context: { action_alias_ref: { name: 'greet' }, api_user: 'ann', source_channel: '#ops', user: 'admin' },
      },
      actionalias: { ref: 'bot.greet' },
      message: 'On it: the world, greet.',
      extra: { thread: id },
    });
    await house.server().executions.wait(id);
    const { body: ended } = await ask('GET', `/executions/${id}`);
    expect(ended.result).toMatchObject({ stdout: 'hello the world for ann' });
  });

  it('casts lists and numbers, and takes what is said for data', async () => {
    const { body } = await ask('POST', '/aliasexecution/match_and_execute', { command: 'list {{ 7*7 }}, b limit=5' });
    expect(body.results).toMatchObject([{ execution: { parameters: { items: ['{{ 7*7 }}', 'b'], limit: 5 } } }]);
  });

  it('runs once for each match where a format asks for it', async () => {
    const command = 'see one and see two';
    const { body } = await ask('POST', '/aliasexecution/match_and_execute', { command });
    expect(idsOf(body.results)).toHaveLength(2);
  });

  it.each([
    ['no such alias', { name: 'nobody', format: 'x', command: 'x' }, 404],
    ['a format that is not its own', { ...request, format: 'greet', command: 'greet' }, 400],
    ['a command that does not fit', { ...request, command: 'go away' }, 400],
    ['what the alias sets itself', { ...request, command: 'say hello to Ann asked_by=eve' }, 400],
    ['a parameter that the action does not have', { ...request, command: 'say hello to Ann colour=red' }, 400],
    ['no command', { name: 'greet' }, 400],
  ])('refuses %s', async (_, body, status) => {
    const before = await house.server().store.listExecutions({}, { limit: 1, offset: 0 });
    expect((await ask('POST', '/aliasexecution', body)).status).toBe(status);
    expect((await house.server().store.listExecutions({}, { limit: 1, offset: 0 })).total).toBe(before.total);
  });

  it('tells the route of the end, with what the adapter gave, never read as a template', async () => {
    const { body } = await ask('POST', '/aliasexecution', {
      ...request,
      command: 'say hello to you',
      notification_route: 'hubot',
      source_context: { text: '{{ st2kv.system.secret }}' },
    });
    const [id = ''] = idsOf([body]);
    await house.server().executions.wait(id);
    let told: JsonObject[] = [];
    await expect
      .poll(async () => {
        told = (await ask('GET', '/executions?action=bot.record')).body as unknown as JsonObject[];
        return told.length;
      })
      .toBe(1);
    expect(told[0]?.parameters).toMatchObject({
      data: {
        execution_id: id,
        route: 'hubot',
        channel: 'hubot',
        data: { user: 'ann', source_channel: '#ops', source_context: { text: '{{ st2kv.system.secret }}' } },
      },
    });
  });
});
