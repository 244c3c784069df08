import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { type House, MANIFEST, openHouse } from './support.ts';

const SCHEMA = `
password: {type: string, secret: true}
servers:
  type: array
  items:
    type: object
    properties: {host: {type: string}, port: {type: integer}, password: {type: string, secret: true}}
codes: {type: array, secret: true}
tokens: {type: array, items: {type: string, secret: true}}
regions: {type: object, additionalProperties: {type: object, properties: {key: {type: string, secret: true}}}}
`;
const server = (host: string, password: string, port = 1) => ({ host, port, password });
const FULL = {
  password: 'plain-0-opensesame',
  servers: [server('a', 'plain-1-opensesame'), server('b', 'plain-2-opensesame')],
  codes: ['plain-3-opensesame', ['plain-4-opensesame']],
  tokens: ['plain-5-opensesame', 'plain-6-opensesame'],
  regions: { north: { key: 'plain-7-opensesame' } },
};
const MASK = '********';

describe('secrets in the configuration of a pack', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse({
      'shop/pack.yaml': MANIFEST('shop'),
      'shop/config.schema.yaml': SCHEMA,
      'shop/actions/show.yaml':
        "name: show\nrunner_type: local-shell-cmd\nparameters:\n  cmd: {immutable: true, default: \"printf %s {{ config_context | to_json_string | replace('-opensesame', '') | replace('plain-', 'seen') | replace('\\\"', '') }} | tr -d ' {}[]'\"}\n",
    });
  });
  afterAll(() => house.stop());

  const put = async (values: object) => house.ask('PUT', '/configs/shop', values);
  const shown = async () => (await house.ask('GET', '/configs/shop')).body.values as typeof FULL; // as the schema says
  /** The configuration as the pack's code gets it. */
  const meant = async () => {
    const { keys, registry } = await house.ask('GET', '/keys?decrypt=true&limit=-1').then(({ list }) => ({
      keys: new Map(list.map(({ name, value }) => [`${name}`, `${value}`])),
      registry: house.server().registry,
    }));
    const text = JSON.stringify(registry.snapshot().packs.get('shop')?.config);
    const opened = text.replaceAll(
      /\{\{ st2kv\.system\.(\w+)(?: \| decrypt_kv)? \}\}/g,
      (_, name) => keys.get(name) ?? 'gone',
    );
    return JSON.parse(opened) as typeof FULL; // likewise
  };
  const names = async () =>
    (await house.ask('GET', '/keys?prefix=config__shop__&limit=-1')).list.map(({ name }) => name);

  it('are sealed wherever the schema names them, and shown to nobody', async () => {
    const { status, text } = await put(FULL);
    expect(status).toBe(200);
    expect(text).not.toContain('opensesame');
    expect(await shown()).toEqual({
      password: MASK,
      servers: [server('a', MASK), server('b', MASK)],
      codes: MASK,
      tokens: [MASK, MASK],
      regions: { north: { key: MASK } },
    });
    expect(await meant()).toEqual(FULL);
    expect(await names()).toHaveLength(8);
  });

  it('are what actions get', async () => {
    const { result } = await house.run('shop.show');
    for (const number of [0, 1, 2, 3, 4, 5, 6, 7])
      expect(String((result as JsonObject).stdout)).toContain(`seen${number}`);
  });

  it('are in no byte of the database and the log', () => {
    for (const file of ['data/petrel.db', 'data/petrel.db-wal', 'petrel.log']) {
      expect(readFileSync(join(house.directory, file)).includes('opensesame')).toBe(false);
    }
  });

  it('stay when they come back as they were shown, also where a list has changed around them', async () => {
    const [a, b] = (await shown()).servers;
    const c = server('c', 'plain-8-opensesame');
    expect((await put({ ...(await shown()), servers: [c, b, { ...a }] })).status).toBe(200);
    expect((await meant()).servers).toEqual([c, FULL.servers[1], FULL.servers[0]]);
    expect((await put({ ...(await shown()), servers: [server('b', MASK), server('a', MASK)] })).status).toBe(200);
    expect((await meant()).servers).toEqual([FULL.servers[1], FULL.servers[0]]);
    // One item changed where it stands.
    expect((await put({ ...(await shown()), servers: [server('b', MASK), server('a', MASK, 2)] })).status).toBe(200);
    expect((await meant()).servers).toEqual([FULL.servers[1], { ...FULL.servers[0], port: 2 }]);
    expect(await meant()).toMatchObject({ codes: FULL.codes, tokens: FULL.tokens });
    expect(await names()).toHaveLength(8);
  });

  it('are asked for where it cannot be told which one is meant', async () => {
    const before = await meant();
    const { status, body } = await put({ ...(await shown()), tokens: [MASK] });
    expect([status, body.faultstring]).toEqual([
      400,
      expect.stringMatching(/"tokens\.0" of the pack "shop" is masked.*write it out/),
    ]);
    expect((await put({ ...(await shown()), servers: [server('z', MASK)] })).status).toBe(400);
    expect(await meant()).toEqual(before);
  });

  it('are left as they were by a configuration that is refused', async () => {
    const before = await meant();
    const wrong = { ...FULL, password: 'plain-9-opensesame', servers: [server('x', 'plain-10-opensesame'), 5] };
    expect((await put(wrong)).status).toBe(400);
    expect(await meant()).toEqual(before);
    expect(await names()).toHaveLength(8);
  });

  it('are forgotten when they are named no more', async () => {
    await put({ password: 'plain-11-opensesame' });
    expect(await names()).toEqual(['config__shop__password']);
    expect((await meant()).password).toBe('plain-11-opensesame');
  });
});
