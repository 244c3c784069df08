import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { write } from '../packs/support.ts';
import { type House, openHouse } from './support.ts';

let house: House;
const ask: House['ask'] = (...request) => house.ask(...request);

beforeAll(async () => {
  house = await openHouse({});
  write(join(house.directory, 'sources'), {
    'shop/pack.yaml': 'name: shop\ndescription: sells\nversion: 1.0.0\nauthor: test\ndependencies: [store]\n',
    'shop/config.schema.yaml': 'token: {type: string, secret: true}\nport: {type: integer, default: 80}\n',
    'shop/actions/show.yaml':
      'name: show\nrunner_type: local-shell-cmd\nparameters:\n  port: {type: integer, default: "{{ config_context.port }}"}\n  cmd: {immutable: true, default: "echo port {{ port }} token {{ config_context.token | length }}"}\n',
    'shop/actions/bad.yaml': 'name: bad\nrunner_type: fortran\n',
    'shop/triggers/order.yaml':
      'name: order\npayload_schema: {type: object, properties: {item: {type: string, required: true}}}\n',
    'shop/rules/order.yaml':
      'name: order\nenabled: true\ntrigger: {type: shop.order}\naction: {ref: core.noop, parameters: {}}\n',
    'shop/aliases/show.yaml':
      'name: show\naction_ref: shop.show\nformats: ["shop show {{ port }}"]\nresult: {format: "Said: {{ execution.result.stdout }}", extra: {id: "{{ execution.id }}"}}\n',
    'shop/aliases/quiet.yaml':
      'name: quiet\naction_ref: shop.show\nformats: ["shop hush {{ port }}"]\nresult: {enabled: false}\n',
    'store/pack.yaml': 'name: store\ndescription: keeps\nversion: 1.0.0\nauthor: test\n',
  });
});
afterAll(() => house.stop());

async function ended(id: unknown): Promise<JsonObject> {
  await house.server().executions.wait(String(id));
  return (await ask('GET', `/executions/${id}`)).body;
}

async function run(action: string, parameters: JsonObject = {}): Promise<JsonObject> {
  const { status, body } = await ask('POST', '/executions', { action, parameters });
  expect({ status, fault: body.faultstring }).toEqual({ status: 201, fault: undefined });
  return await ended(body.id);
}

const resultOf = ({ result }: JsonObject) => (result as JsonObject).result;

describe('packs by the API and as actions', () => {
  it('are installed with what they depend on, and usable at once', async () => {
    const { status, body } = await ask('POST', '/packs/install', { packs: [join(house.directory, 'sources/shop')] });
    expect(status).toBe(202);
    const execution = await ended(body.execution_id);
    expect(execution).toMatchObject({ status: 'succeeded', action: { ref: 'packs.install' } });
    expect(resultOf(execution)).toMatchObject([
      { ref: 'store', problems: [] },
      { ref: 'shop', problems: [{ line: 2, column: 14 }] },
    ]);
    // By this StackStorm's command line finds out what it has installed.
    expect((execution.result as JsonObject).output).toMatchObject({
      packs_list: ['store', 'shop'],
      warning_list: [expect.stringContaining('Unknown runner "fortran"')],
    });
    expect((await ask('GET', '/actions/shop.show')).status).toBe(200);
    expect((execution.result as JsonObject).stderr).toContain('Unknown runner "fortran"');
  });

  it('are not installed twice', async () => {
    const execution = await run('packs.install', { packs: [join(house.directory, 'sources/store')] });
    expect(execution).toMatchObject({
      status: 'failed',
      result: { error: expect.stringContaining('installed already') },
    });
  });

  it('are listed, shown, linted and counted', async () => {
    expect(resultOf(await run('packs.get', { pack: 'shop' }))).toMatchObject({
      pack: { ref: 'shop', version: '1.0.0' },
    });
    expect(resultOf(await run('packs.get', { pack: 'lost' }))).toEqual({ pack: null });
    expect(resultOf(await run('packs.lint', { pack: 'shop' }))).toHaveLength(1);
    expect(resultOf(await run('packs.get_pack_dependencies', { pack: 'shop' }))).toEqual(['store']);
    const { body } = await ask('POST', '/packs/register', { packs: ['shop'] });
    expect(body).toEqual({ actions: 1, aliases: 2, policies: 0, rules: 1, sensors: 0, triggers: 1, resources: 0 });
    expect((await ask('POST', '/packs/register', { packs: ['lost'] })).status).toBe(400);
  });

  it('are configured, with secrets encrypted and masked', async () => {
    const { status, body } = await ask('PUT', '/configs/shop', { token: 'hush-hush', port: 8080 });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { pack: 'shop', values: { token: '********', port: 8080 } },
    });
    expect((await ask('GET', '/keys/config__shop__token')).body).toMatchObject({ secret: true, encrypted: true });
    expect(await run('shop.show')).toMatchObject({ result: { stdout: 'port 8080 token 9' } });
    expect(resultOf(await run('packs.get_config', { pack: 'shop' }))).toEqual({ token: '********', port: 8080 });
    expect((await ask('PUT', '/configs/shop', { port: 'many' })).status).toBe(400);
    expect((await ask('GET', '/config_schemas/shop')).body).toMatchObject({
      attributes: { port: { type: 'integer' } },
    });
  });

  it('are removed', async () => {
    const { body } = await ask('POST', '/packs/uninstall', { packs: ['store'] });
    expect(await ended(body.execution_id)).toMatchObject({ status: 'succeeded' });
    expect((await ask('GET', '/packs/store')).status).toBe(404);
  });
});

describe('core.inject_trigger', () => {
  it('dispatches an event that rules follow', async () => {
    const { trigger_instance: id } = resultOf(
      await run('core.inject_trigger', { trigger: 'shop.order', payload: { item: 'tea' } }),
    ) as JsonObject;
    expect((await ask('GET', `/triggerinstances/${id}`)).body).toMatchObject({
      trigger: 'shop.order',
      payload: { item: 'tea' },
    });
    expect((await ask('GET', `/ruleenforcements?trigger_instance=${id}`)).body).toMatchObject([
      { rule: { ref: 'shop.order' } },
    ]);
  });

  it.each([
    ['an event that its type refuses', { trigger: 'shop.order', payload: {} }, 'item'],
    ['an event of no type', { trigger: 'shop.lost' }, 'shop.lost'],
    ['nothing', {}, 'Say which trigger'],
  ])('refuses %s', async (_, parameters, message) => {
    expect(await run('core.inject_trigger', parameters as JsonObject)).toMatchObject({
      status: 'failed',
      result: { error: expect.stringContaining(message) },
    });
  });
});

describe('the pack chatops', () => {
  const said = async () => {
    const { body } = await ask('GET', '/triggerinstances?trigger=core.st2.announcement');
    return (body as unknown as JsonObject[]).map(({ payload }) => payload as JsonObject); // a list of events
  };

  it('tells the chat how a command ended, as its alias wants it said', async () => {
    const { body } = await ask('POST', '/aliasexecution/match_and_execute', {
      command: 'shop show 99',
      user: 'ann',
      source_channel: '#ops',
      source_context: { thread: 5 },
      notification_route: 'hubot',
    });
    const [started] = body.results as unknown as { execution: { id: string } }[];
    await expect.poll(said, { timeout: 10_000 }).toHaveLength(1);
    expect((await said())[0]).toMatchObject({
      route: 'chatops',
      payload: {
        message: 'Said: port 99 token 9',
        channel: '#ops',
        user: 'ann',
        context: { thread: 5 },
        extra: { id: started?.execution.id },
      },
    });
  });

  it('tells the chat also when the bot gave neither channel nor context', async () => {
    const before = (await said()).length;
    const command = 'shop show 7';
    await ask('POST', '/aliasexecution/match_and_execute', { command, notification_route: 'errbot' });
    await expect.poll(said, { timeout: 20_000 }).toHaveLength(before + 1);
    expect((await said())[0]).toMatchObject({
      route: 'errbot',
      payload: { message: 'Said: port 7 token 9', channel: '', user: 'admin', context: {} },
    });
  });

  it('says nothing where the alias wants silence, and something by itself where there is no alias', async () => {
    const format = async (id: unknown) =>
      resultOf(await run('chatops.format_execution_result', { execution_id: id as string }));
    const quiet = resultOf(await run('chatops.match_and_execute', { text: 'shop hush 1' })) as {
      results: { execution: { id: string } }[];
    };
    await house.server().executions.wait(quiet.results[0]?.execution.id ?? '');
    expect(await format(quiet.results[0]?.execution.id)).toMatchObject({ enabled: false });
    const plain = await run('core.local', { cmd: 'echo out; echo wrong >&2; exit 3' });
    expect(await format(plain.id)).toMatchObject({
      enabled: true,
      message: expect.stringMatching(
        /^Action core\.local completed after [\d.]+ s\.\nstatus : failed\nexecution: \w+\nout\nwrong$/,
      ),
    });
  });

  it('matches and helps', async () => {
    expect(resultOf(await run('chatops.match', { text: 'pack get core' }))).toMatchObject({
      alias: { name: 'pack_get', pack: 'packs', action_ref: 'packs.get' },
    });
    expect(await run('chatops.match', { text: 'dance' })).toMatchObject({ status: 'failed' });
    expect(resultOf(await run('chatops.help', { pack: 'packs', filter: 'install' }))).toMatchObject({
      available: 1,
      helpstrings: [{ display: 'pack install <pack>[,<pack>]' }],
    });
  });
});
