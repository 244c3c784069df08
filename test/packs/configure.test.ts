import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createCipher } from '../../src/datastore/index.ts';
import { createJinja } from '../../src/expressions/index.ts';
import type { ParameterSchemas } from '../../src/model/index.ts';
import { readConfig } from '../../src/packs/config.ts';
import {
  changeConfig,
  configItem,
  configItems,
  maskedConfig,
  parseSource,
  readItem,
  resolveConfig,
} from '../../src/packs/index.ts';
import { removeTemporaryFolders, temporaryFolder, write } from './support.ts';

afterAll(removeTemporaryFolders);

const SCHEMAS: ParameterSchemas = {
  token: { type: 'string', secret: true },
  port: { type: 'integer', default: 80 },
  tags: { type: 'array', items: { type: 'string' } },
  server: {
    type: 'object',
    properties: { host: { type: 'string', required: true }, key: { type: 'string', secret: true } },
  },
  free: { type: 'object' },
};
const cipher = createCipher(Buffer.alloc(32, 7));

function setUp(text?: string) {
  const file = join(temporaryFolder(), 'configs', 'trial.yaml');
  const change = (...words: string[]) =>
    changeConfig(
      { pack: 'trial', file, schemas: SCHEMAS, encrypt: cipher.encrypt },
      words.map((word) => {
        const [name = '', value = ''] = word.split('=');
        const item = configItem(SCHEMAS, name);
        return { path: item.path, value: readItem(item, value) };
      }),
    );
  if (text !== undefined) write(join(file, '..'), { 'trial.yaml': text });
  return { file, change };
}

describe("a pack's configuration", () => {
  it('has an item for each value, also in objects', () => {
    expect(configItems(SCHEMAS).map(({ path }) => path.join('.'))).toEqual([
      'token',
      'port',
      'tags',
      'server.host',
      'server.key',
      'free',
    ]);
  });

  it('is written in the types of its schema', async () => {
    const { file, change } = setUp();
    await change('port=8080', 'tags=a, b', 'server.host=h', 'free={"a":1}', 'other=x');
    expect(parseSource(readFileSync(file, 'utf8'), { file, pack: 'trial' }).value).toEqual({
      port: 8080,
      tags: ['a', 'b'],
      server: { host: 'h' },
      free: { a: 1 },
      other: 'x',
    });
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('keeps what was written, comments too', async () => {
    const { file, change } = setUp('# ports\nport: 1 # one\nserver: {host: h}\n');
    await change('port=2');
    expect(readFileSync(file, 'utf8')).toBe('# ports\nport: 2 # one\nserver: { host: h }\n');
  });

  it('holds secrets encrypted, and gives them to actions', async () => {
    const { file, change } = setUp();
    await change('token=hush', 'server.host=h', 'server.key=hush2');
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain('hush');
    const source = parseSource(text, { file, pack: 'trial' });
    const config = readConfig(source, SCHEMAS) ?? {};
    const manifest = { ref: 'trial', name: 'trial', description: '', version: '1.0.0', author: '', path: '' };
    const marked: string[] = [];
    const resolved = resolveConfig(
      { manifest, config, configSchema: SCHEMAS },
      {
        render: (template) => createJinja({}).compile(template).render({}),
        decrypt: cipher.decrypt,
        markSecret: (value) => marked.push(value),
      },
    );
    expect(resolved).toMatchObject({ token: 'hush', server: { key: 'hush2' } });
    expect(marked).toEqual(['hush', 'hush2']);
    expect(maskedConfig(config, SCHEMAS)).toMatchObject({ token: '********', server: { host: 'h', key: '********' } });
  });

  it('leaves a template that names a key of the datastore as it is', async () => {
    const { file, change } = setUp();
    await change('token={{ st2kv.system.token }}', 'server.host=h');
    expect(readFileSync(file, 'utf8')).toContain('{{ st2kv.system.token }}');
  });

  it.each([
    [['port=many'], '"port" must be of type "integer", but it is a text.'],
    [['server.key=x'], '"server" must have "host".'],
    [['prot=1'], 'The configuration has no item "prot". Did you mean "port"?'],
  ])('is not changed by %j', async (words, message) => {
    const { file, change } = setUp();
    await expect(async () => change(...words)).rejects.toThrow(message);
    expect(existsSync(file)).toBe(false);
  });
});
