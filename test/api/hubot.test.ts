import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { type House, MANIFEST, openHouse } from './support.ts';

/**
 * What StackStorm's bot for Hubot does, call by call: it signs in with user and password, learns the aliases, runs what somebody says, and
 * repeats in the chat what is announced on its route. Its user has the role of docs/access.md and nothing else.
 */
const ROLE = `name: bot
permission_grants:
  - permission_types: [action_alias_match, action_alias_help, stream_view]
  - resource_uid: "pack:ops"
    permission_types: [action_alias_view, action_execute]
`;
const PASSWORD = 'correct horse';

let house: House;
let token: string;
beforeAll(async () => {
  const greet = (pack: string) => ({
    [`${pack}/pack.yaml`]: MANIFEST(pack),
    [`${pack}/actions/greet.yaml`]:
      'name: greet\nrunner_type: local-shell-cmd\nparameters:\n  name: {type: string, required: true}\n  cmd: {immutable: true, default: "echo hello {{ name }}"}\n',
    [`${pack}/aliases/greet.yaml`]: `name: ${pack}_greet\naction_ref: ${pack}.greet\nformats: ["${pack} greet {{ name }}"]\nack: {format: "On it.", append_url: false, extra: {slack: {thread_response: true}}}\nresult: {format: "It said: {{ execution.result.stdout }}", extra: {slack: {color: green}}}\n`,
  });
  house = await openHouse({ ...greet('ops'), ...greet('vault') });
  const rbac = join(house.directory, 'data', 'rbac');
  mkdirSync(join(rbac, 'roles'), { recursive: true });
  mkdirSync(join(rbac, 'assignments'), { recursive: true });
  writeFileSync(join(rbac, 'roles', 'bot.yaml'), ROLE);
  writeFileSync(join(rbac, 'assignments', 'hubot.yaml'), 'username: hubot\nroles: [bot]\n');
  await house.ask('POST', '/users', { name: 'hubot', password: PASSWORD });
  await house.ask('POST', '/rbac/reload', {});
  const response = await fetch(`${house.server().url}/auth/v1/tokens`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`hubot:${PASSWORD}`).toString('base64')}` },
  });
  expect(response.status).toBe(201);
  const made = (await response.json()) as JsonObject; // a token
  expect(Date.parse(String(made.expiry))).toBeGreaterThan(Date.now());
  token = String(made.token);
});
afterAll(() => house.stop());

const asBot = (method: string, path: string, body?: unknown) =>
  house.ask(method, path, body, { 'x-auth-token': token });

/** As the bot sends what somebody says in a channel. */
const said = (text: string, more: object = {}) => ({
  name: 'ops_greet',
  format: 'ops greet {{ name }}',
  command: text,
  user: 'ann',
  source_channel: '#ops',
  source_context: { user: { id: 'U1', room: '#ops' }, message: text },
  notification_route: 'hubot',
  ...more,
});

/** Reads events of a stream, opened as an EventSource opens it, until one of the given name comes. */
async function hear(name: string, during: () => Promise<void>): Promise<JsonObject> {
  const ending = new AbortController();
  const stop = setTimeout(() => ending.abort(new Error(`Nobody said ${name}.`)), 60_000);
  const response = await fetch(`${house.server().url}/stream/v1/stream?x-auth-token=${token}`, {
    headers: { accept: 'text/event-stream' },
    signal: ending.signal,
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  await during();
  let text = '';
  try {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const blocks = text.split('\n\n').slice(0, -1);
      const event = blocks.find((block) => block.split('\n').includes(`event: ${name}`));
      const data = event?.split('\n').find((line) => line.startsWith('data: '));
      if (data !== undefined) return JSON.parse(data.slice(6)) as JsonObject; // an event's body
    }
    throw new Error(`The stream has ended without ${name}.`);
  } finally {
    clearTimeout(stop);
    ending.abort();
  }
}

describe('The bot of StackStorm for Hubot', () => {
  it('learns the aliases that its user may see, all of them', async () => {
    const { status, list } = await asBot('GET', '/actionalias?limit=-1');
    expect(status).toBe(200);
    expect(list.map(({ name }) => name)).toEqual(['ops_greet']);
    expect(list[0]).toMatchObject({ formats: ['ops greet {{ name }}'], enabled: true });
  });

  it('runs a command, is told at once what to answer, and hears the result on its route', async () => {
    let started: JsonObject = {};
    const heard = await hear('st2.announcement__chatops', async () => {
      const { status, body } = await asBot('POST', '/aliasexecution', said('ops greet world'));
      expect(status).toBe(201);
      started = body;
    });
    const execution = started.execution as JsonObject; // of an answer that the document allows
    expect(execution.id).toMatch(/^[0-9a-f]{24}$/);
    expect(started).toMatchObject({
      actionalias: { ack: { append_url: false } },
      message: 'On it.',
      extra: { slack: { thread_response: true } },
    });
    expect(heard.payload).toMatchObject({
      user: 'ann',
      channel: '#ops',
      message: 'It said: hello world',
      whisper: false,
      extra: { slack: { color: 'green' } },
      context: { user: { id: 'U1', room: '#ops' }, message: 'ops greet world' },
    });
  });

  it('is told in the words of StackStorm what it may not do', async () => {
    const answer = await asBot(
      'POST',
      '/aliasexecution',
      said('vault greet world', { name: 'vault_greet', format: 'vault greet {{ name }}' }),
    );
    expect(answer.status).toBe(403);
    expect(answer.body.faultstring).toContain('doesn\'t have required permission "action_execute"');
    expect((await asBot('GET', '/keys')).list).toEqual([]);
    expect((await asBot('POST', '/executions', { action: 'core.local', parameters: { cmd: 'id' } })).status).toBe(403);
  });
});
