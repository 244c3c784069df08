import { createDecipheriv, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderLive } from '../../../src/executions/parameters/index.ts';
import { createJinja, keyLookups, type ReadKey } from '../../../src/expressions/index.ts';
import { type Dict, parseJsonKeepingFloats, toJson } from '../../../src/expressions/python/index.ts';
import { type Json, type JsonObject, PetrelError } from '../../../src/model/index.ts';
import { renderValues } from '../../../src/workflows/action-chain/render.ts';

const file = parseJsonKeepingFloats(
  readFileSync(new URL('../../vectors/stackstorm/jinja.json', import.meta.url), 'utf8'),
) as Dict; // the file holds an object, and each case is one
const cases = file.get('cases') as Dict[];
const stored = toJson(file.get('kv')) as Record<string, Record<string, string>>;
const cryptoKey = toJson(file.get('crypto_key')) as { hmacKey: { hmacKeyString: string }; aesKeyString: string };

/** StackStorm's ciphertext (stackstorm-jinja-and-datastore.md, section 8). */
function decrypt(ciphertext: string): string {
  const bytes = Buffer.from(ciphertext, 'hex');
  const [signed, signature] = [bytes.subarray(0, -20), bytes.subarray(-20)];
  const hmac = createHmac('sha1', Buffer.from(cryptoKey.hmacKey.hmacKeyString, 'base64url')).update(signed).digest();
  if (!hmac.equals(signature)) throw new PetrelError('invalid', 'The ciphertext was not made with this key.');
  const key = Buffer.from(cryptoKey.aesKeyString, 'base64url');
  const decipher = createDecipheriv('aes-256-cbc', key, signed.subarray(5, 21));
  return decipher.update(signed.subarray(21)).toString('utf8') + decipher.final().toString('utf8');
}

const jinja = createJinja({ decrypt });
const lenient = createJinja({ decrypt, undefined: 'lenient' });

function record(dict: unknown): Record<string, unknown> {
  return dict === undefined ? {} : Object.fromEntries((dict as Dict).entries());
}

function evaluate(given: Dict): unknown {
  const key: ReadKey = (scope, name) => (given.get('kv') === undefined ? undefined : stored[scope]?.[name]);
  const context = record(given.get('context'));
  const actionContext = (toJson(given.get('action_context')) ?? { user: 'stanley', pack: 'examples' }) as JsonObject;
  switch (given.get('mode')) {
    case 'string':
      return jinja.compile(String(given.get('template'))).render({ ...context, st2kv: keyLookups(key) });
    case 'values': {
      // StackStorm renders nothing at all without a context; chains always have one.
      if (Object.keys(context).length === 0) return toJson(given.get('mapping'));
      const language = given.get('allow_undefined') === true ? lenient : jinja;
      return renderValues(toJson(given.get('mapping')) as JsonObject, () => ({ ...context, __context: context }), {
        render: (text, variables) => language.compile(text).render(variables),
        scope: () => undefined,
      });
    }
    default: {
      const type = given.get('type');
      return renderLive({
        runnerParameters: {},
        actionParameters: { x: typeof type === 'string' ? { type } : {} },
        values: { x: toJson(given.get('template')) as Json },
        variables: context as JsonObject, // with floats as Python has them, which JSON cannot say
        actionContext,
        config: () => toJson(given.get('config_context') ?? {}) as JsonObject,
        jinja,
        key,
      }).x;
    }
  }
}

describe('templates, as StackStorm renders and casts them', () => {
  it.each(cases.map((given) => [String(given.get('id')), given] as const))('%s', (_id, given) => {
    if (given.get('error') === undefined) {
      expect(evaluate(given)).toEqual(toJson(given.get('result')));
      return;
    }
    let failure: unknown;
    try {
      evaluate(given);
    } catch (error) {
      failure = error;
    }
    const stage = given.get('stage');
    expect(failure).toBeInstanceOf(Error);
    if (stage !== undefined) expect(String(failure).includes('Failed to cast')).toBe(stage === 'cast');
  });
});
