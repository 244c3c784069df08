import { describe, expect, it } from 'vitest';
import type { JsonObject, ParameterSchemas } from '../../src/model/index.ts';
import { resolveConfig } from '../../src/packs/index.ts';

const manifest = { ref: 'p', name: 'p', description: '', version: '1.0.0', author: '', path: '/p' };

/** Resolves with a renderer that knows `{{ key }}` by name. */
function resolve(configSchema: ParameterSchemas, config: JsonObject, keys: Record<string, string> = {}) {
  const secrets: string[] = [];
  const resolved = resolveConfig(
    { manifest, configSchema, config },
    {
      render: (text) =>
        text.replace(/\{\{ (\w+) \}\}/g, (_, name: string) => {
          const value = keys[name];
          if (value === undefined) throw new Error(`'${name}' is undefined`);
          return value;
        }),
      decrypt: (ciphertext) => `plain ${ciphertext}`,
      markSecret: (value) => secrets.push(value),
    },
  );
  return { resolved, secrets };
}

describe('resolveConfig', () => {
  it('renders templates wherever they are, and nothing else', () => {
    const config = { a: '{{ x }}', b: { c: ['{{ x }}!', 5, null, true] }, d: 'plain' };
    expect(resolve({}, config, { x: '1' }).resolved).toEqual({ a: '1', b: { c: ['1!', 5, null, true] }, d: 'plain' });
  });

  it('never casts: what is rendered is text', () => {
    expect(resolve({ port: { type: 'integer' } }, { port: '{{ x }}' }, { x: '80' }).resolved).toEqual({ port: '80' });
  });

  it('turns empty text into null', () => {
    expect(resolve({}, { a: '{{ x }}' }, { x: '' }).resolved).toEqual({ a: null });
  });

  it('decrypts what a template renders for a secret item, and marks it', () => {
    const schema = { token: { type: 'string', secret: true } };
    expect(resolve(schema, { token: '{{ x }}' }, { x: 'cipher' })).toEqual({
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
    expect(resolve({ a: { type: 'string', default: '{{ x }}' } }, { a: '{{ x }}' }).resolved).toEqual({ a: '{{ x }}' });
  });

  it('names the item that cannot be rendered', () => {
    expect(() => resolve({}, { a: { b: ['{{ x }}'] } })).toThrow(
      `Failed to render dynamic configuration value for key "a.b.0" of pack "p": 'x' is undefined`,
    );
  });
});
