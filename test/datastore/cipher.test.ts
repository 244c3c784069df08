import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCipher, openStackStormKey } from '../../src/datastore/index.ts';

const cipher = createCipher(new Uint8Array(32).fill(7));
const invalid = expect.objectContaining({ code: 'invalid' });

describe('the cipher', () => {
  it('gives every text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(cipher.decrypt(cipher.encrypt(text))).toBe(text);
      }),
    );
  });

  it('says what made the text, hides it, and never makes the same twice', () => {
    const text = cipher.encrypt('correct horse');
    expect(text).toMatch(/^petrel:v1:[A-Za-z0-9+/]+=*$/);
    expect(Buffer.from(text.slice(10), 'base64').toString('latin1')).not.toContain('horse');
    expect(cipher.encrypt('correct horse')).not.toBe(text);
  });

  it('notices every change of any character', () => {
    const text = cipher.encrypt('correct horse battery');
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (position, character) => {
        fc.pre(character !== text[position]);
        expect(() => cipher.decrypt(text.slice(0, position) + character + text.slice(position + 1))).toThrow(invalid);
      }),
    );
  });

  it.each(['', 'petrel:v1:', 'petrel:v1:AAAA', 'plain text', 'petrel:v2:AAAA'])('refuses %j', (text) => {
    expect(() => cipher.decrypt(text)).toThrow(invalid);
  });

  it('refuses what another key encrypted, and what is cut short', () => {
    const other = createCipher(new Uint8Array(32).fill(8));
    expect(() => cipher.decrypt(other.encrypt('x'))).toThrow(invalid);
    expect(() => cipher.decrypt(cipher.encrypt('some text').slice(0, -4))).toThrow(invalid);
  });

  it('takes no key of another length', () => {
    expect(() => createCipher(new Uint8Array(16))).toThrow('32 bytes');
  });
});

describe("StackStorm's key", () => {
  const vectors = JSON.parse(readFileSync(new URL('../vectors/stackstorm/jinja.json', import.meta.url), 'utf8')) as {
    crypto_key: object;
    kv: { system: Record<string, string>; user: Record<string, string> };
  };
  const stackStorm = openStackStormKey(JSON.stringify(vectors.crypto_key));
  const ciphertext = vectors.kv.system.secret ?? '';

  it.each([
    [ciphertext, 's3cr3t'],
    [ciphertext.toLowerCase(), 's3cr3t'],
    [vectors.kv.system.secret_unicode ?? '', 'pšš😀'],
    [vectors.kv.user['alice:secret'] ?? '', 'alice-secret'],
  ])('reads what StackStorm encrypted', (encrypted, plain) => {
    expect(stackStorm.decrypt(encrypted)).toBe(plain);
  });

  it('reads it through the cipher too, when the cipher is told of it', () => {
    const both = createCipher(new Uint8Array(32).fill(7), stackStorm);
    expect(both.decrypt(ciphertext)).toBe('s3cr3t');
    expect(both.decrypt(both.encrypt('ours'))).toBe('ours');
    expect(both.encrypt('ours')).toMatch(/^petrel:v1:/);
  });

  it('notices every change', () => {
    for (let position = 0; position < ciphertext.length; position += 1) {
      const digit = ciphertext[position] === '0' ? '1' : '0';
      const text = ciphertext.slice(0, position) + digit + ciphertext.slice(position + 1);
      expect(() => stackStorm.decrypt(text)).toThrow(invalid);
    }
  });

  it.each(['', 'web1', 'zz', '00'.repeat(30), ciphertext.slice(0, -1), ciphertext.slice(2)])('refuses %j', (text) => {
    expect(() => stackStorm.decrypt(text)).toThrow(invalid);
  });

  it.each([
    ['{', 'not JSON'],
    ['[]', 'hmacKey'],
    ['{"hmacKey": {}, "mode": "GCM"}', 'mode'],
    ['{"hmacKey": {"hmacKeyString": "AAAA"}, "mode": "CBC", "aesKeyString": "AAAA"}', 'aesKeyString'],
  ])('is refused when its file holds %s', (json, reason) => {
    expect(() => openStackStormKey(json)).toThrow(reason);
  });
});
