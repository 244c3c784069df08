import { describe, expect, it } from 'vitest';
import { createJinja, keyLookups, MissingInput } from '../../src/expressions/index.ts';
import type { JsonObject, ParameterSchemas } from '../../src/model/index.ts';
import { resolveConfig } from '../../src/packs/index.ts';

const manifest = { ref: 'p', name: 'p', description: '', version: '1.0.0', author: '', path: '/p' };

const decrypt = (ciphertext: string) => `plain ${ciphertext}`;
const jinja = createJinja({ decrypt });

/** Resolves with a datastore that holds these keys. */
function resolve(configSchema: ParameterSchemas, config: JsonObject, keys: Record<string, string> = {}) {
  const st2kv = keyLookups((_, name) => keys[name]);
  const secrets: string[] = [];
  const resolved = resolveConfig(
    { manifest, configSchema, config },
    {
      render: (text) => jinja.compile(text).render({ st2kv }),
      decrypt,
      markSecret: (value) => secrets.push(value),
    },
  );
  return { resolved, secrets };
}

describe('resolveConfig', () => {
  it('renders templates wherever they are, and nothing else', () => {
    const config = { a: '{{ st2kv.system.x }}', b: { c: ['{{ st2kv.system.x }}!', 5, null, true] }, d: 'plain' };
    expect(resolve({}, config, { x: '1' }).resolved).toEqual({ a: '1', b: { c: ['1!', 5, null, true] }, d: 'plain' });
  });

  it('never casts: what is rendered is text', () => {
    expect(resolve({ port: { type: 'integer' } }, { port: '{{ st2kv.system.x }}' }, { x: '80' }).resolved).toEqual({
      port: '80',
    });
  });

  it('turns empty text into null', () => {
    expect(resolve({}, { a: '{{ st2kv.system.x }}' }, { x: '' }).resolved).toEqual({ a: null });
  });

  it('decrypts what a template renders for a secret item, and marks it', () => {
    const schema = { token: { type: 'string', secret: true } };
    expect(resolve(schema, { token: '{{ st2kv.system.x }}' }, { x: 'cipher' })).toEqual({
      resolved: { token: 'plain cipher' },
      secrets: ['plain cipher'],
    });
  });

  it('takes a secret that is written out as it is, and marks it', () => {
    const schema = { nested: { type: 'object', properties: { token: { type: 'string', secret: true } } } };
    expect(resolve(schema, { nested: { token: 'x' } })).toEqual({
      resolved: { nested: { token: 'x' } },
      secrets: ['x'],
    });
  });

  it('does not render defaults', () => {
    expect(
      resolve({ a: { type: 'string', default: '{{ st2kv.system.x }}' } }, { a: '{{ st2kv.system.x }}' }).resolved,
    ).toEqual({ a: '{{ st2kv.system.x }}' });
  });

  it('names the item that cannot be rendered', () => {
    expect(() => resolve({}, { a: { b: ['{{ nothing }}'] } })).toThrow(
      `Failed to render dynamic configuration value for key "a.b.0" of pack "p": `,
    );
  });

  it('lets through that a key is not loaded yet', () => {
    const rendering = {
      render: () => {
        throw new MissingInput({ kind: 'key', scope: 'system', name: 'x' });
      },
      decrypt,
    };
    const pack = { manifest, configSchema: {}, config: { a: '{{ st2kv.system.x }}' } };
    expect(() => resolveConfig(pack, rendering)).toThrow(MissingInput);
  });
});
