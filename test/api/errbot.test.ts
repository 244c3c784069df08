import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { type House, MANIFEST, openHouse } from './support.ts';

/**
 * What the plugin err-stackstorm for Errbot does, call by call, at the addresses of its settings `auth_url`, `api_url` and `stream_url`,
 * as it is told to set them behind StackStorm's proxy, and as they are by default. What it reads of an answer is what is asked for here.
 */
const ROLE = `name: bot
permission_grants:
  - permission_types: [action_alias_match, action_alias_help, stream_view, inquiry_list]
  - resource_uid: "pack:ops"
    permission_types: [action_alias_view, action_execute]
`;
const PASSWORD = 'correct horse';

let house: House;
let token: string;
let key: string;
beforeAll(async () => {
  house = await openHouse({
    'ops/pack.yaml': MANIFEST('ops'),
    'ops/actions/greet.yaml':
      'name: greet\nrunner_type: local-shell-cmd\nparameters:\n  name: {type: string, required: true}\n  cmd: {immutable: true, default: "echo hello {{ name }}"}\n',
    'ops/aliases/greet.yaml':
      'name: greet\naction_ref: ops.greet\ndescription: Greets.\nformats: ["greet {{ name }}"]\nack: {format: "On it."}\nresult: {format: "{{ execution.result.stdout }}"}\n',
    'ops/aliases/bare.yaml':
      'name: bare\naction_ref: ops.greet\nformats: [{display: "bare <name>", representation: "bare {{ name }}"}]\n',
    'ops/aliases/old.yaml': 'name: old\nenabled: false\naction_ref: ops.greet\nformats: ["old {{ name }}"]\n',
    'ops/actions/sure.yaml':
      'name: sure\nrunner_type: inquirer\nparameters:\n  route: {type: string, default: errbot}\n  schema: {default: {type: object, properties: {sure: {type: boolean, description: Are you sure?, required: true}}}}\n',
  });
  const rbac = join(house.directory, 'data', 'rbac');
  mkdirSync(join(rbac, 'roles'), { recursive: true });
  mkdirSync(join(rbac, 'assignments'), { recursive: true });
  writeFileSync(join(rbac, 'roles', 'bot.yaml'), ROLE);
  writeFileSync(join(rbac, 'assignments', 'errbot.yaml'), 'username: errbot\nroles: [bot]\n');
  await house.ask('POST', '/users', { name: 'errbot', password: PASSWORD });
  await house.ask('POST', '/rbac/reload', {});
  token = String((await signIn('/auth/v1')).body.token);
  key = String((await house.ask('POST', '/apikeys', { user: 'errbot' })).body.key);
});
afterAll(() => house.stop());

const asBot = (method: string, path: string, body?: unknown) =>
  house.ask(method, path, body, { 'x-auth-token': token });

/** As it asks for a token: with the lifetime of `user_token_ttl`. */
const signIn = (auth: string, password = PASSWORD) =>
  house.ask(
    'POST',
    `/${auth}/tokens`,
    { ttl: 86_400 },
    {
      'x-auth-token': '',
      authorization: `Basic ${Buffer.from(`errbot:${password}`).toString('base64')}`,
    },
  );

const said = (command: string) => ({
  command,
  user: '@ann',
  notification_route: 'errbot',
  source_channel: '#ops',
  notification_channel: '#ops',
});

/** Reads the stream, with a credential in a header, until something is announced to the bot. */
async function announced(
  stream: string,
  headers: Record<string, string>,
  during: () => Promise<unknown>,
): Promise<JsonObject> {
  const ending = new AbortController();
  const response = await fetch(`${house.server().url}${stream}/stream`, {
    headers: { accept: 'text/event-stream', 'cache-control': 'no-cache', ...headers },
    signal: ending.signal,
  });
  expect(response.status).toBe(200);
  await during();
  let text = '';
  try {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const event = text
        .split('\n\n')
        .slice(0, -1)
        .find((block) => /^event: st2\.announcement__errbot$/m.test(block));
      if (event !== undefined) return JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? '') as JsonObject; // an event's body
    }
    throw new Error('The stream has ended without an announcement.');
  } finally {
    ending.abort();
  }
}

describe('The plugin of Errbot', () => {
  it.each(['/auth/v1', '/v1'])('signs in with name and password at %s', async (auth) => {
    const { status, body } = await signIn(auth);
    expect([status, typeof body.token]).toEqual([201, 'string']);
    // Hubot's client sets a timer for it: over a month it would go off at once.
    const left = Date.parse(String(body.expiry)) - Date.now();
    expect([left > 86_000_000, left < 2 ** 31]).toEqual([true, true]);
    expect((await signIn(auth, 'wrong')).status).toBe(401);
  });

  it.each(['/api/v1', '/v1'])('tries its API key at %s/', async (api) => {
    const withKey = (given: string) =>
      house.ask('GET', `/${api}/`, undefined, { 'x-auth-token': '', 'st2-api-key': given });
    expect((await withKey(key)).status).toBe(200);
    expect((await withKey('wrong')).status).toBe(401);
  });

  it('is told that its token is good no longer, so that it asks for another', async () => {
    const answer = await house.ask('GET', '/actionalias/help', undefined, { 'x-auth-token': 'over' });
    expect(answer.status).toBe(401);
  });

  it('tells what can be said', async () => {
    const { body } = await asBot('GET', '/actionalias/help?pack=ops&filter=GREET&limit=5&offset=0');
    expect(body.helpstrings).toEqual([{ pack: 'ops', display: 'greet {{ name }}', description: 'Greets.' }]);
  });

  it('finds what a command means, and says so when there is nothing', async () => {
    const { status, body } = await asBot('POST', '/actionalias/match', { command: 'greet world' });
    expect([status, body.actionalias]).toMatchObject([200, { enabled: true, ack: { format: 'On it.' } }]);
    expect((await asBot('POST', '/actionalias/match', { command: 'dance' })).status).toBe(400);
    expect((await asBot('POST', '/actionalias/match', { command: 'old world' })).status).toBe(400);
  });

  it.each<[string, string, () => Record<string, string>]>([
    ['its token', '/stream/v1', () => ({ 'x-auth-token': token })],
    ['its API key', '/v1', () => ({ 'st2-api-key': key })],
  ])('runs a command and hears its end, listening with %s', async (_, stream, headers) => {
    const event = await announced(stream, headers(), async () => {
      const { status, body } = await asBot('POST', '/aliasexecution/match_and_execute', said('greet world'));
      expect(status).toBe(201);
      expect(body.results).toMatchObject([
        { message: 'On it.', actionalias: { ack: {} }, execution: { id: expect.any(String) } },
      ]);
    });
    // It takes an event with a `context` for an inquiry, and says nothing of it.
    expect(event).not.toHaveProperty('context');
    expect(event.payload).toMatchObject({ whisper: false, message: 'hello world', user: '@ann', channel: '#ops' });
  });

  it('gets a list of texts for a format, however it was written', async () => {
    const { body } = await asBot('POST', '/actionalias/match', { command: 'bare world' });
    expect(body).toMatchObject({
      display: 'bare <name>',
      actionalias: { formats: [{ representation: ['bare {{ name }}'] }], ack: {} },
    });
  });

  it('repeats why a command was refused', async () => {
    const { status, body } = await asBot('POST', '/aliasexecution/match_and_execute', said('greet world colour=red'));
    expect([status, body.faultstring]).toEqual([400, expect.stringContaining('colour')]);
  });

  it('may do nothing but what its role says, and is told so in the words of StackStorm', async () => {
    const { status, body } = await asBot('POST', '/aliasexecution/match_and_execute', said('pack get core'));
    expect([status, body.faultstring]).toEqual([
      403,
      expect.stringContaining('doesn\'t have required permission "action_execute"'),
    ]);
    expect((await asBot('POST', '/executions', { action: 'core.local', parameters: { cmd: 'id' } })).status).toBe(403);
    expect((await asBot('GET', '/keys')).list).toEqual([]);
  });

  it('lists the inquiries that wait, and shows what they ask', async () => {
    await house.ask('POST', '/executions', { action: 'ops.sure' });
    await expect.poll(async () => (await asBot('GET', '/inquiries/')).list.length, { timeout: 20_000 }).toBe(1);
    const [waiting] = (await asBot('GET', '/inquiries/')).list;
    const { body } = await house.ask('GET', `/inquiries/${waiting?.id}`);
    expect(body.schema).toMatchObject({
      properties: { sure: { type: 'boolean', description: 'Are you sure?', required: true } },
    });
  });
});
