import { createDecipheriv, createHmac } from 'node:crypto';
import { renderLive } from '../../src/executions/parameters/index.ts';
import { createJinja, type Jinja, keyLookups, type ReadKey } from '../../src/expressions/index.ts';
import { type Dict, parseJsonKeepingFloats, toJson } from '../../src/expressions/python/index.ts';
import { type Json, type JsonObject, PetrelError } from '../../src/model/index.ts';
import { renderValues } from '../../src/workflows/action-chain/render.ts';
import { type Kind, same, thrownBy } from './check.ts';

interface CryptoKey {
  readonly hmacKey: { readonly hmacKeyString: string };
  readonly aesKeyString: string;
}

/** StackStorm's ciphertext (stackstorm-jinja-and-datastore.md, section 8). */
function decrypt(ciphertext: string, { hmacKey, aesKeyString }: CryptoKey): string {
  const bytes = Buffer.from(ciphertext, 'hex');
  const [signed, signature] = [bytes.subarray(0, -20), bytes.subarray(-20)];
  const hmac = createHmac('sha1', Buffer.from(hmacKey.hmacKeyString, 'base64url')).update(signed).digest();
  if (!hmac.equals(signature)) throw new PetrelError('invalid', 'The ciphertext was not made with this key.');
  const decipher = createDecipheriv('aes-256-cbc', Buffer.from(aesKeyString, 'base64url'), signed.subarray(5, 21));
  return decipher.update(signed.subarray(21)).toString('utf8') + decipher.final().toString('utf8');
}

/** What the cases of one file share. */
interface Setting {
  readonly jinja: Jinja;
  readonly lenient: Jinja;
  readonly stored: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

function record(dict: unknown): Record<string, unknown> {
  return dict === undefined ? {} : Object.fromEntries((dict as Dict).entries());
}

function evaluate(given: Dict, { jinja, lenient, stored }: Setting): unknown {
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

function check(given: Dict, setting: Setting): void {
  if (given.get('error') === undefined) {
    same(evaluate(given, setting), given.get('result'));
    return;
  }
  const failure = thrownBy(() => evaluate(given, setting));
  if (!(failure instanceof Error)) throw new Error('It should fail.');
  const stage = given.get('stage');
  if (stage !== undefined) same(String(failure).includes('Failed to cast'), stage === 'cast');
}

/** Templates, as StackStorm renders and casts them. */
export const templates: Kind = (text) => {
  const file = parseJsonKeepingFloats(text) as Dict; // the file is an object, and so is each case
  const key = toJson(file.get('crypto_key')) as unknown as CryptoKey;
  const setting: Setting = {
    jinja: createJinja({ decrypt: (ciphertext) => decrypt(ciphertext, key) }),
    lenient: createJinja({ decrypt: (ciphertext) => decrypt(ciphertext, key), undefined: 'lenient' }),
    stored: toJson(file.get('kv')) as Setting['stored'],
  };
  return (file.get('cases') as Dict[]).map((given) => ({
    id: String(given.get('id')),
    run: () => check(given, setting),
  }));
};
