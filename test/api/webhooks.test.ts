import { createHmac } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { type Server, startServer } from '../../src/server.ts';

let directory: string;
let server: Server;

const rule = (name: string, parameters: string) =>
  `name: ${name}\nenabled: true\ntrigger: {type: core.st2.webhook, parameters: {${parameters}}}\naction: {ref: core.noop}\n`;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-webhooks-'));
  const pack = join(directory, 'packs', 'shop');
  await mkdir(join(pack, 'rules'), { recursive: true });
  await writeFile(join(pack, 'pack.yaml'), 'name: shop\ndescription: test\nversion: 1.0.0\nauthor: test\n');
  const rules = {
    open: 'url: order',
    push: 'url: push, signature: github, signature_key: shop.github',
    chat: 'url: chat, signature: slack, signature_key: shop.slack',
    bare: 'url: bare, signature: github',
    lost: 'url: lost, signature_key: shop.nobody',
    mixed: 'url: mixed',
    mixed_signed: 'url: /mixed, signature: gitlab, signature_key: shop.github',
    every: 'url: every/deep/',
  };
  for (const [name, parameters] of Object.entries(rules)) {
    await writeFile(join(pack, 'rules', `${name}.yaml`), rule(name, parameters));
  }
  await writeFile(
    join(pack, 'rules', 'clock.yaml'),
    'name: clock\nenabled: true\ntrigger: {type: core.st2.CronTimer, parameters: {hour: 5, timezone: UTC}}\naction: {ref: core.noop}\n',
  );
  await writeFile(join(pack, 'rules', 'refused.yaml'), rule('refused', 'url: x, signature: rot13'));
  server = await startServer({
    data: join(directory, 'data'),
    packs: [join(directory, 'packs')],
    port: 0,
    logFile: join(directory, 'petrel.log'),
  });
  for (const name of ['github', 'slack']) await put(`shop.${name}`, `the ${name} secret`);
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function put(name: string, value: string): Promise<void> {
  const { status } = await send('PUT', `/keys/${name}`, JSON.stringify({ value, secret: true }), known());
  expect(status).toBe(200);
}

const JSON_TYPE = { 'content-type': 'application/json' };
const known = () => ({ ...JSON_TYPE, 'x-auth-token': server.token });

async function send(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}/api/v1${path}`, { method, headers, ...(body !== undefined && { body }) });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as JsonObject }; // an object, where a test looks
}

const call = (path: string, body: string, headers: Record<string, string>) =>
  send('POST', `/webhooks/${path}`, body, headers);
const sign = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('hex');

async function payloads(): Promise<readonly JsonObject[]> {
  const listed = await server.store.listTriggerInstances({ trigger: 'core.st2.webhook' }, { limit: 100, offset: 0 });
  return listed.items.map(({ payload }) => payload);
}

describe('A webhook', () => {
  it.each([
    ['the header of a token', '', () => ({ 'x-auth-token': server.token })],
    ['the header of an API key', '', () => ({ 'st2-api-key': server.token })],
    ['a query parameter', () => `?st2-api-key=${server.token}`, () => ({})],
  ])('takes a call that brings its key in %s', async (_what, query, headers) => {
    const path = `order${typeof query === 'string' ? query : query()}`;
    expect(await call(path, '{"item": "tea"}', { ...JSON_TYPE, ...headers() })).toEqual({
      status: 202,
      body: { item: 'tea' },
    });
    expect((await payloads())[0]).toMatchObject({ body: { item: 'tea' } });
    expect(JSON.stringify(await payloads())).not.toContain(server.token);
  });

  it('does not tell callers without a key whether it exists', async () => {
    const [one, other] = [await call('order', '{}', JSON_TYPE), await call('nowhere', '{}', JSON_TYPE)];
    expect([one.status, other.status]).toEqual([401, 401]);
    expect(one.body).toEqual(other.body);
    expect((await call('nowhere', '{}', known())).status).toBe(404);
  });

  it.each(['every/deep', '/every/deep/', 'every/deep/'])('is found as %s', async (path) => {
    expect((await call(path, '{}', known())).status).toBe(202);
  });

  it.each([
    ['a form', 'a=1&b=x%20y&a=2', 'application/x-www-form-urlencoded', { a: ['1', '2'], b: ['x y'] }],
    ['JSON of a type of its own', '{"a": 1}', 'application/vnd.shop+json', { a: 1 }],
    ['JSON in a list', '[1, 2]', 'application/json', [1, 2]],
    ['nothing', '', 'application/json', {}],
  ])('reads %s', async (_what, text, type, body) => {
    expect((await call('order', text, { ...known(), 'content-type': type })).status).toBe(202);
    expect((await payloads())[0]).toMatchObject({ body });
  });

  it.each([
    ['no JSON', '{"a": ', 'application/json', 400],
    ['plain text, which the payload cannot be', 'hello', 'text/plain', 400],
    ['more than 10 MB', `"${'x'.repeat(10 * 1024 * 1024)}"`, 'application/json', 413],
  ])('refuses %s, and nothing is stored', async (_what, text, type, status) => {
    const before = (await payloads()).length;
    const answer = await call('order', text, { ...known(), 'content-type': type });
    expect([answer.status, typeof answer.body.faultstring]).toEqual([status, 'string']);
    expect((await payloads()).length).toBe(before);
  });

  it('hands its trace tag on', async () => {
    await call('order', '{}', { ...known(), 'St2-Trace-Tag': 'order-7' });
    const { items } = await server.store.listTriggerInstances({}, { limit: 1, offset: 0 });
    expect(items[0]).toMatchObject({ traceTag: 'order-7' });
  });
});

describe('A webhook that wants a signature', () => {
  const text = '{"ref":  "main"}';

  it('takes a call that is signed, without a key', async () => {
    const signature = { 'x-hub-signature-256': `sha256=${sign('the github secret', text)}` };
    expect(await call('push', text, { ...JSON_TYPE, ...signature })).toEqual({ status: 202, body: { ref: 'main' } });
    expect((await payloads())[0]).toMatchObject({ body: { ref: 'main' } });
  });

  it.each([
    ['without a signature', () => JSON_TYPE],
    ['with a wrong one', () => ({ ...JSON_TYPE, 'x-hub-signature-256': `sha256=${sign('a guess', text)}` })],
    ['with a key only', () => known()],
  ])('refuses a call %s', async (_what, headers) => {
    const answer = await call('push', text, headers());
    expect(answer.status).toBe(401);
    expect(answer.body.faultstring).toContain('not signed as it must be');
  });

  it('takes a call with a time stamp once', async () => {
    const time = String(Math.floor(Date.now() / 1000));
    const signature = `v0=${sign('the slack secret', `v0:${time}:${text}`)}`;
    const headers = { ...JSON_TYPE, 'x-slack-request-timestamp': time, 'x-slack-signature': signature };
    const before = (await payloads()).length;
    expect((await call('chat', text, headers)).status).toBe(202);
    expect((await call('chat', text, headers)).status).toBe(202);
    expect((await payloads()).length - before).toBe(1);
  });

  it.each(['bare', 'lost'])(
    'and whose secret is not there (%s) takes nothing, and says why in the log',
    async (path) => {
      const answer = await call(path, text, { ...JSON_TYPE, 'x-hub-signature-256': `sha256=${sign('', text)}` });
      expect(answer).toEqual({ status: 503, body: { faultstring: 'The signature cannot be checked now.' } });
    },
  );

  it('leaves calls of those with a key to the rules that want none', async () => {
    const before = (await payloads()).length;
    expect((await call('mixed', text, known())).status).toBe(202);
    expect((await payloads()).length - before).toBe(1);
    expect((await call('mixed', text, { ...JSON_TYPE, 'x-gitlab-token': 'the github secret' })).status).toBe(202);
    expect((await payloads()).length - before).toBe(2);
    expect((await call('mixed', text, { ...known(), 'x-gitlab-token': 'the github secret' })).status).toBe(202);
    expect((await payloads()).length - before).toBe(4);
    expect(JSON.stringify(await payloads())).not.toContain('the github secret');
  });

  it('of a scheme that is none is refused with the rule', () => {
    const problems = server.registry.snapshot().problems.map(({ message }) => message);
    expect(problems).toContainEqual(expect.stringContaining('"signature" of the trigger "core.st2.webhook"'));
  });
});

describe('What is bound', () => {
  const list = async (path: string) => (await send('GET', path, undefined, known())).body as unknown as JsonObject[];

  it('is listed: webhooks, timers and all triggers, as StackStorm shows them', async () => {
    const hooks = await list('/webhooks');
    expect(hooks.map(({ parameters }) => (parameters as JsonObject).url).sort()).toContain('order');
    expect(await list('/timers')).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{24}$/),
        ref: expect.stringMatching(/^core\.[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/),
        uid: expect.stringMatching(/^trigger:core:.*:[0-9a-f]{32}$/),
        name: expect.any(String),
        pack: 'core',
        type: 'core.st2.CronTimer',
        parameters: { hour: 5, timezone: 'UTC' },
        description: 'Fires whenever the clock matches.',
      },
    ]);
    const triggers = await list('/triggers?type=core.st2.generic.actiontrigger');
    expect(triggers.map(({ ref }) => ref)).toEqual(['core.st2.generic.actiontrigger']);
  });

  it('can be asked for one by one', async () => {
    const [timer] = await list('/timers');
    expect((await send('GET', `/timers/${timer?.ref}`, undefined, known())).body).toEqual(timer);
    expect((await send('GET', '/webhooks/every/deep', undefined, known())).status).toBe(200);
    expect((await send('GET', '/webhooks/nowhere', undefined, known())).status).toBe(404);
    expect((await send('GET', '/timers/nothing', undefined, known())).status).toBe(404);
  });
});
