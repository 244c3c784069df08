import { describe, expect, it } from 'vitest';
import { createCipher, createMasker, maskValues, openValues } from '../../src/datastore/index.ts';
import { sealResult } from '../../src/executions/secret-outputs.ts';
import type { JsonObject } from '../../src/model/index.ts';

const outputSchema: JsonObject = {
  type: 'object',
  properties: {
    key: { type: 'string', secret: true },
    pin: { type: 'integer', secret: true },
    users: { type: 'array', items: { type: 'object', properties: { token: { type: 'string', secret: true } } } },
  },
};
const RESULT = {
  result: { key: 'anchor-4711', pin: 12, users: [{ token: 'hawser-1', name: 'ann' }], name: 'harbour' },
  stdout: 'made anchor-4711\n',
};

const services = () => ({ cipher: createCipher(new Uint8Array(32).fill(1)), masker: createMasker() });

describe('a result whose action has an output schema', () => {
  it('hides what the schema calls secret, of whatever type and depth, and the same text elsewhere', () => {
    const sealed = sealResult(RESULT, { outputKey: 'result', outputSchema }, services());
    expect(maskValues(sealed)).toEqual({
      result: { key: '********', pin: '********', users: [{ token: '********', name: 'ann' }], name: 'harbour' },
      stdout: '********',
    });
  });

  it('gives it back in clear to whoever opens it, also after a restart', () => {
    const { cipher, masker } = services();
    const sealed = sealResult(RESULT, { outputKey: 'result', outputSchema }, { cipher, masker });
    const later = createMasker();
    expect(openValues(sealed, cipher, later)).toEqual(RESULT);
    expect(later.mask('the key anchor-4711')).toBe('the key ********');
  });

  it.each([
    ['the runner has no output key', { outputSchema }],
    ['there is no schema', { outputKey: 'result' }],
    ['the schema is about something that is not there', { outputKey: 'body', outputSchema }],
  ])('is left as it is when %s', (_, described) => {
    expect(sealResult(RESULT, described, services())).toEqual(RESULT);
  });
});
