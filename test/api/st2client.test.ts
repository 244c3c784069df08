import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { type House, MANIFEST, openHouse } from './support.ts';

/**
 * StackStorm's own JavaScript client, unchanged: what it calls, expects and reads, is what chat bots and web interfaces that are built
 * on it do.
 */
interface Endpoint {
  total: number;
  limit: number;
  get(id: string, query?: object): Promise<JsonObject>;
  list(query?: object): Promise<readonly JsonObject[]>;
  create(payload: object): Promise<JsonObject>;
  edit(id: string, payload: object): Promise<JsonObject>;
  delete(id: string): Promise<unknown>;
  attribute(id: string, name: string): Promise<unknown>;
  repeat(id: string, payload: object, query?: object): Promise<JsonObject>;
  watch(id: string, condition: (execution: JsonObject) => boolean): Promise<JsonObject>;
  watchCollection(query: object, condition: (list: readonly JsonObject[]) => boolean): Promise<readonly JsonObject[]>;
  listen(): Promise<{
    close(): void;
    addEventListener(name: string, listener: (event: { data: string }) => void): void;
  }>;
  route(id: string): string;
  schedule(payload: object): Promise<JsonObject>;
}
type Client = Readonly<Record<string, Endpoint>> & {
  setToken(token: object): void;
  setKey(key: object): void;
  authenticate(user: string, password: string): Promise<JsonObject>;
  close(): void;
};

// It is a CommonJS module without types.
const connect = createRequire(import.meta.url)('st2client') as (options: object) => Client;

let house: House;
let client: Client;
const at = (name: string): Endpoint => {
  const endpoint = client[name];
  if (endpoint === undefined) throw new Error(`st2client has no endpoint ${name}.`);
  return endpoint;
};

beforeAll(async () => {
  house = await openHouse({
    'shop/pack.yaml': MANIFEST('shop'),
    'shop/triggers/order.yaml': 'name: order\n',
    'shop/actions/hello.yaml': 'name: hello\nrunner_type: local-shell-script\nentry_point: hello.sh\n',
    'shop/actions/hello.sh': 'echo hello\n',
    'shop/config.schema.yaml': 'region: {type: string}\n',
  });
  const { hostname, port } = new URL(house.server().url);
  client = connect({ protocol: 'http', host: hostname, port, rejectUnauthorized: true });
  client.setToken({ token: house.server().token });
});
afterAll(() => house.stop());

const rule = {
  name: 'mine',
  pack: 'shop',
  enabled: true,
  trigger: { type: 'shop.order' },
  action: { ref: 'core.noop' },
};

describe('st2client', () => {
  it('is refused without a token, in the form it reads', async () => {
    const { hostname, port } = new URL(house.server().url);
    const stranger = connect({ protocol: 'http', host: hostname, port, rejectUnauthorized: true });
    stranger.setToken({ token: 'wrong' });
    await expect(stranger.actions?.list()).rejects.toMatchObject({
      name: 'APIError',
      status: 401,
      message: expect.stringContaining('Unauthorized'),
    });
    stranger.setToken({ token: undefined });
    stranger.setKey({ key: house.server().token });
    expect(await stranger.packs?.list()).not.toEqual([]);
  });

  it('finds actions, makes, changes and deletes them', async () => {
    expect((await at('actions').list({ pack: 'core' })).map(({ ref }) => ref)).toContain('core.local');
    expect(await at('actions').get('core.local')).toMatchObject({ runner_type: 'local-shell-cmd' });
    const made = await at('actions').create({ name: 'mine', pack: 'shop', runner_type: 'noop' });
    expect(await at('actions').edit(String(made.id), { ...made, description: 'mine' })).toMatchObject({
      description: 'mine',
    });
    await at('actions').delete(String(made.id));
    await expect(at('actions').get(String(made.id))).rejects.toMatchObject({ status: 404 });
    expect((await at('actionOverview').list()).length).toBeGreaterThan(5);
    expect(await at('actionOverview').get('core.local')).toMatchObject({ parameters: { cmd: { required: true } } });
    expect(await at('actionEntryPoint').get('shop.hello')).toBe('echo hello\n');
  });

  it('requests executions, watches, repeats and cancels them', async () => {
    const { id } = await at('executions').create({ action: 'core.echo', parameters: { message: 'hi' } });
    const ended = await at('executions').watch(String(id), ({ status }) => status === 'succeeded');
    expect(ended).toMatchObject({ status: 'succeeded', result: { stdout: 'hi' } });
    expect(await at('executions').attribute(String(id), 'result')).toMatchObject({ stdout: 'hi' });
    const again = await at('executions').repeat(String(id), {});
    expect(again).toMatchObject({ context: { 're-run': { ref: id } } });
    const other = await at('executions').repeat(String(id), { parameters: { message: 'ho' } }, { no_merge: true });
    await at('executions').watchCollection({ id: `${again.id},${other.id}` }, (list) =>
      list.every(({ status }) => status === 'succeeded'),
    );
    const waiting = await at('executions').create({ action: 'core.noop', delay: 3_600_000 });
    expect(await at('executions').delete(String(waiting.id))).toMatchObject({ status: 'canceled' });
    await expect(at('executions').create({ action: 'core.nothing' })).rejects.toMatchObject({
      name: 'APIError',
      status: 400,
    });
  });

  it('pages lists by their headers', async () => {
    const page = await at('executions').list({ limit: 2, page: 2 });
    expect(page).toHaveLength(2);
    expect(at('executions').total).toBeGreaterThanOrEqual(4);
    expect(at('executions').limit).toBe(2);
    expect(await at('executionsFilters').list()).toMatchObject({ action: expect.arrayContaining(['core.echo']) });
  });

  it('makes rules, changes and deletes them', async () => {
    const made = await at('rules').create(rule);
    await expect(at('rules').create(rule)).rejects.toMatchObject({ status: 409 });
    expect(await at('rules').edit(String(made.id), { ...made, enabled: false })).toMatchObject({ enabled: false });
    expect((await at('rules').list({ pack: 'shop' })).map(({ ref }) => ref)).toEqual(['shop.mine']);
    expect(await at('ruleOverview').get('shop.mine')).toMatchObject({ trigger: { type: 'shop.order' } });
    expect((await at('ruleOverview').list()).map(({ ref }) => ref)).toContain('shop.mine');
    await at('rules').delete('shop.mine');
    expect((await at('triggerTypes').list({ pack: 'shop' })).map(({ ref }) => ref)).toEqual(['shop.order']);
    expect(await at('triggerTypes').get('shop.order')).toMatchObject({ name: 'order' });
  });

  it('looks at packs, their files and their configuration', async () => {
    expect((await at('packs').list()).map(({ ref }) => ref)).toContain('shop');
    expect(await at('packs').get('shop')).toMatchObject({ name: 'shop' });
    expect(await at('packFiles').get('shop')).toContainEqual({
      file_path: 'actions/hello.sh',
      content: 'echo hello\n',
    });
    expect(await at('packFile').get('shop/actions/hello.sh')).toBe('echo hello\n');
    expect(at('packFile').route('shop/icon.png')).toContain('/v1/packs/views/file/shop/icon.png');
    expect(await at('configSchemas').get('shop')).toMatchObject({ attributes: { region: { type: 'string' } } });
    expect((await at('configSchemas').list()).map(({ pack }) => pack)).toContain('shop');
    expect(await at('configs').edit('shop', { region: 'north' })).toMatchObject({ values: { region: 'north' } });
    expect(await at('configs').get('shop')).toMatchObject({ pack: 'shop' });
    expect((await at('configs').list()).length).toBeGreaterThan(1);
  });

  it('hears the event stream', async () => {
    const source = await at('stream').listen();
    // Its own `wait` calls a method that the EventSource it comes with does not have.
    const heard = new Promise<JsonObject>((resolve) => {
      source.addEventListener('st2.execution__update', ({ data }) => {
        const record = JSON.parse(data) as JsonObject; // as the stream promises
        if (record.status === 'succeeded') resolve(record);
      });
    });
    const { id } = await at('executions').create({ action: 'core.noop' });
    expect(await heard).toMatchObject({ id, action: { ref: 'core.noop' } });
    source.close();
  });

  it('signs in with name and password', async () => {
    await house.ask('POST', '/users', { name: 'ann', password: 'correct horse battery' });
    await house.ask('POST', '/rbac/role_assignments', { user: 'ann', role: 'observer' });
    const { hostname: host, port } = new URL(house.server().url);
    const anns = connect({ protocol: 'http', host, port, auth: { protocol: 'http', host, port, prefix: '/auth' } });
    await expect(anns.authenticate('ann', 'wrong')).rejects.toMatchObject({ status: 401 });
    expect(await anns.authenticate('ann', 'correct horse battery')).toMatchObject({
      user: 'ann',
      token: expect.any(String),
      expiry: expect.any(String),
    });
    expect(await anns.packs?.list()).not.toEqual([]);
    await expect(anns.executions?.create({ action: 'core.noop' })).rejects.toMatchObject({ status: 403 });
    anns.close();
  });

  it('installs packs and takes them away', async () => {
    const source = await mkdtemp(join(tmpdir(), 'petrel-st2client-'));
    await mkdir(join(source, 'brought'));
    await writeFile(join(source, 'brought', 'pack.yaml'), MANIFEST('brought'));
    const done = async (started: JsonObject) =>
      expect(
        await at('executions').watch(String(started.execution_id), ({ status }) => status === 'succeeded'),
      ).toMatchObject({ status: 'succeeded' });
    await done(await at('packInstall').schedule({ packs: [join(source, 'brought')] }));
    expect(await at('packs').get('brought')).toMatchObject({ ref: 'brought' });
    await done(await at('packUninstall').schedule({ packs: ['brought'] }));
    await expect(at('packs').get('brought')).rejects.toMatchObject({ status: 404 });
    await rm(source, { recursive: true });
  });

  it('makes API keys, changes and deletes them', async () => {
    const made = await at('apikeys').create({ metadata: { used: 'here' } });
    expect(made).toMatchObject({ key: expect.any(String), enabled: true });
    expect((await at('apikeys').list()).map(({ id }) => id)).toContain(made.id);
    const { key, ...shown } = made;
    expect(await at('apikeys').edit(String(made.id), { ...shown, enabled: false })).toMatchObject({ enabled: false });
    await at('apikeys').delete(String(made.id));
  });

  it('makes aliases and runs what they say', async () => {
    const alias = { name: 'say', pack: 'shop', action_ref: 'core.echo', formats: ['say {{message}}'] };
    const made = await at('actionAlias').create(alias);
    expect((await at('actionAlias').list()).map(({ ref }) => ref)).toContain('shop.say');
    const answer = await at('aliasExecution').create({
      name: 'shop.say',
      format: 'say {{message}}',
      command: 'say hello',
      user: 'ann',
      source_channel: 'room',
      notification_route: 'chat',
    });
    expect(answer).toMatchObject({ execution: { action: { ref: 'core.echo' } }, actionalias: { ref: 'shop.say' } });
    await at('actionAlias').delete(String(made.id));
  });
});
