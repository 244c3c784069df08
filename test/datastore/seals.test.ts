import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createCipher,
  createMasker,
  maskParameters,
  maskValues,
  openParameters,
  openValues,
  sealParameters,
  sealValues,
} from '../../src/datastore/index.ts';
import type { Json, JsonObject, ParameterSchemas } from '../../src/model/index.ts';

const cipher = createCipher(new Uint8Array(32).fill(1));
const schemas: ParameterSchemas = {
  password: { type: 'string', secret: true },
  nested: { type: 'object', properties: { token: { type: 'string', secret: true }, plain: { type: 'string' } } },
  list: { type: 'array', items: { type: 'string', secret: true } },
  host: { type: 'string' },
};

// JSON has no -0 and no undefined.
const jsonArbitrary = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);

describe('parameters for storing', () => {
  it('are sealed where the schema says secret, also inside objects and lists', () => {
    const parameters = {
      password: 'hunter2',
      nested: { token: 'tok-en', plain: 'p' },
      list: ['one-secret'],
      host: 'db1',
      unknown: 'u',
    };
    const sealed = sealParameters(parameters, schemas, cipher);
    expect(sealed).toMatchObject({ nested: { plain: 'p' }, host: 'db1', unknown: 'u' });
    const text = JSON.stringify(sealed);
    for (const secret of ['hunter2', 'tok-en', 'one-secret']) expect(text).not.toContain(secret);
    expect(openParameters(sealed, schemas, cipher, createMasker())).toEqual(parameters);
  });

  it('come back whatever JSON they are, even when they look like seals themselves', () => {
    const lookalike = fc.string().map((text): Json => ({ $sealed: text }));
    const value = fc.oneof(jsonArbitrary, lookalike);
    const parametersArbitrary = fc.record({
      password: value,
      nested: value,
      list: value,
      host: value,
      __proto__x: value,
    });
    fc.assert(
      fc.property(parametersArbitrary, (parameters) => {
        const masker = createMasker();
        const sealed = sealValues(sealParameters(parameters, schemas, cipher, masker), cipher, masker);
        expect(openParameters(sealed, schemas, cipher, createMasker())).toEqual(parameters);
      }),
    );
  });

  it('are not sealed twice', () => {
    const once = sealParameters({ password: 'hunter2' }, schemas, cipher);
    expect(sealParameters(once, schemas, cipher)).toEqual(once);
  });

  it('leave a parameter named like a part of every object alone', () => {
    expect(sealParameters({ constructor: 'x', toString: 'y' }, schemas, cipher)).toEqual({
      constructor: 'x',
      toString: 'y',
    });
  });

  it('make the secrets known to the masker, when sealed and when opened', () => {
    const sealing = createMasker();
    const sealed = sealParameters({ password: { deep: ['hunter2'] } }, schemas, cipher, sealing);
    expect(sealing.mask('hunter2')).toBe('********');
    const opening = createMasker();
    openParameters(sealed, schemas, cipher, opening);
    expect(opening.mask('hunter2')).toBe('********');
  });

  it('that were changed are refused', () => {
    const sealed = sealParameters({ password: 'hunter2' }, schemas, cipher) as { password: { $sealed: string } };
    const text = sealed.password.$sealed;
    const changed = { password: { $sealed: `${text.slice(0, -6)}AAAA${text.slice(-2)}` } };
    expect(() => openParameters(changed, schemas, cipher, createMasker())).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    );
  });
});

describe('parameters for showing', () => {
  it('have stars for secret values and for whatever is sealed', () => {
    const sealed = sealParameters({ password: 'hunter2', nested: { token: 't', plain: 'p' } }, schemas, cipher);
    expect(maskParameters({ ...sealed, host: 'db1', list: ['a', 'b'] }, schemas)).toEqual({
      password: '********',
      nested: { token: '********', plain: 'p' },
      host: 'db1',
      list: ['********', '********'],
    });
    // The action may be gone since, and its schema with it.
    expect(maskParameters(sealed, {})).toMatchObject({ password: '********' });
  });
});

describe('values that hold secrets', () => {
  const masker = createMasker();
  masker.add('hunter2');
  const value: JsonObject = { stdout: 'the password is hunter2\n', code: 0, parts: ['ok', 'hunter2'] };

  it('are sealed string by string, shown as stars, and opened again', () => {
    const sealed = sealValues(value, cipher, masker);
    expect(JSON.stringify(sealed)).not.toContain('hunter2');
    expect(maskValues(sealed)).toEqual({ stdout: '********', code: 0, parts: ['ok', '********'] });
    expect(openValues(sealed, cipher, createMasker())).toEqual(value);
    expect(sealValues(sealed, cipher, masker)).toEqual(sealed);
  });

  it('make the secret itself known when opened, and not the text around it', () => {
    const fresh = createMasker();
    openValues(sealValues(value, cipher, masker), cipher, fresh);
    expect(fresh.mask('the password is hunter2')).toBe('the password is ********');
  });

  it('are left as they are, the same object, when there is no secret in them', () => {
    const harmless = { a: ['b', { c: 1 }] };
    expect(sealValues(harmless, cipher, masker)).toBe(harmless);
    expect(openValues(harmless, cipher, masker)).toBe(harmless);
    expect(maskValues(harmless)).toBe(harmless);
  });

  it('do not let anybody have the ciphertext of a datastore key opened by handing it in as a seal', () => {
    const stolen: Json = { $sealed: cipher.encrypt('the value of a key') };
    const stored = sealValues(stolen, cipher, createMasker());
    expect(openValues(stored, cipher, createMasker())).toEqual(stolen);
    expect(() => openValues(stolen, cipher, createMasker())).toThrow(expect.objectContaining({ code: 'invalid' }));
  });
});
