import { describe, expect, it } from 'vitest';
import {
  eventProblem,
  type LiveRendering,
  mergeSchemas,
  payloadProblem,
  renderFinal,
  renderLive,
  validateParameters,
} from '../../../src/executions/parameters/index.ts';
import { createJinja, MissingInput } from '../../../src/expressions/index.ts';
import { type JsonObject, type ParameterSchemas, PetrelError } from '../../../src/model/index.ts';

const jinja = createJinja();

function live(actionParameters: ParameterSchemas, values: JsonObject, more: Partial<LiveRendering> = {}): JsonObject {
  return renderLive({
    runnerParameters: {},
    actionParameters,
    values,
    variables: {},
    actionContext: { user: 'stanley', pack: 'examples' },
    config: () => ({}),
    jinja,
    key: () => undefined,
    ...more,
  });
}

const invalid = (message: string | RegExp) =>
  expect.objectContaining({ code: 'invalid', message: expect.stringMatching(message) });

describe('data stays data', () => {
  const evil = 'a", "admin": true, "x": "{{ 1 + 1 }}';

  it('cannot break out of the list or object it is inserted into', () => {
    const values = { o: { name: '{{ trigger.who }}', admin: false, list: ['{{ trigger.who }}'] } };
    const schemas: ParameterSchemas = { o: { type: 'object' } };
    expect(() => live(schemas, values, { variables: { trigger: { who: evil } } })).toThrow(
      invalid('Failed to render parameter "o": .*does not fit into JSON'),
    );
    expect(live(schemas, values, { variables: { trigger: { who: 'bob' } } })).toEqual({
      o: { name: 'bob', admin: false, list: ['bob'] },
    });
  });

  it('is inserted whole where the template escapes it, or is the bare name', () => {
    const schemas: ParameterSchemas = { o: { type: 'object' } };
    const values = {
      o: { escaped: '<{{ trigger.who | json_escape }}>', bare: '{{who}}', key: { '{{ who | json_escape }}': 1 } },
    };
    expect(live(schemas, values, { variables: { trigger: { who: evil }, who: evil } })).toEqual({
      o: { escaped: `<${evil}>`, bare: evil, key: { [evil]: 1 } },
    });
  });

  it('is not rendered when it comes out of a template, nor in stage two', () => {
    const schemas: ParameterSchemas = { a: { type: 'string' }, b: { type: 'string', default: '{{ a }}' } };
    const stored = live(schemas, { a: '{{ trigger.who }}' }, { variables: { trigger: { who: '{{ 7 * 7 }}' } } });
    expect(stored).toEqual({ a: '{{ 7 * 7 }}', b: '{{ 7 * 7 }}' });
    const final = renderFinal({
      runnerParameters: {},
      actionParameters: schemas,
      values: stored,
      variables: {},
      actionContext: {},
      config: () => ({}),
      jinja,
      key: () => undefined,
    });
    expect(final.actionParameters).toEqual({ a: '{{ 7 * 7 }}', b: '{{ 7 * 7 }}' });
  });

  it('is not rendered when the caller says that it is data', () => {
    expect(live({ a: { type: 'string' } }, { a: '{{ nope }}' }, { literal: true })).toEqual({ a: '{{ nope }}' });
  });

  it('may be named like anything', () => {
    const values = JSON.parse('{"__proto__": "x", "constructor": "y"}') as JsonObject;
    expect(Object.entries(live({}, values))).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect(() => validateParameters({}, values)).toThrow(invalid('Additional properties are not allowed'));
  });
});

describe('what rendering reads', () => {
  it('asks for the configuration only when a template does', () => {
    const config = () => {
      throw new PetrelError('invalid', 'The configuration is broken.');
    };
    expect(live({ a: { type: 'string' } }, { a: '{{ 1 }}' }, { config })).toEqual({ a: '1' });
    expect(() => live({ a: { type: 'string' } }, { a: '{{ config_context.url }}' }, { config })).toThrow(
      invalid(/Failed to render parameter "a": 'dict object' has no attribute 'url' .*The configuration is broken/),
    );
  });

  it('lets a missing key pass to whoever can load it', () => {
    const missing = new MissingInput({ kind: 'key', scope: 'user', name: 'ann:color' });
    const read: string[] = [];
    const key = (scope: string, name: string): string => {
      read.push(`${scope} ${name}`);
      throw missing;
    };
    expect(() =>
      live({}, { a: '{{ st2kv.user.color }}' }, { key, actionContext: { api_user: 'ann', user: 'stanley' } }),
    ).toThrow(missing);
    expect(read).toEqual(['user ann:color']);
  });
});

describe('validation of a request', () => {
  const schemas: ParameterSchemas = {
    name: { type: 'string', required: true, minLength: 2 },
    size: { type: 'integer', default: 1, minimum: 1, exclusiveMinimum: false },
    mode: { type: 'string', enum: ['fast', 'slow'], default: 'fast' },
    tags: { type: 'array', items: { type: 'object', properties: { key: { type: 'string', required: true } } } },
    fixed: { type: 'string', default: 'x', immutable: true },
    computed: { type: 'integer', default: '{{ size }}', required: true },
    token: { type: 'string', secret: true, pattern: '^t' },
    any: {},
  };

  it.each<[string, JsonObject]>([
    ['the least', { name: 'bob' }],
    ['null for what is optional', { name: 'bob', size: null, mode: null, tags: null, token: null }],
    ['nested objects', { name: 'bob', tags: [{ key: 'a' }] }],
    ['anything where there is no schema', { name: 'bob', any: [1, { a: 2 }] }],
  ])('takes %s, and leaves the values alone', (_what, values) => {
    const before = structuredClone(values);
    expect(() => validateParameters(schemas, values)).not.toThrow();
    expect(values).toEqual(before);
  });

  it.each<[JsonObject, string]>([
    [{}, "'name' is a required property"],
    [{ name: null }, 'Invalid value for parameter "name"'],
    [{ name: 'b' }, 'Invalid value for parameter "name"'],
    [{ name: 'bob', nmae: 1 }, "Additional properties are not allowed \\('nmae' was unexpected"],
    [{ name: 'bob', size: 'x' }, 'Invalid value for parameter "size"'],
    [{ name: 'bob', size: 0 }, 'Invalid value for parameter "size"'],
    [{ name: 'bob', size: true }, 'Invalid value for parameter "size"'],
    [{ name: 'bob', mode: 'other' }, "it must be one of \\['fast', 'slow'\\]"],
    [{ name: 'bob', tags: [{}] }, "'key' is a required property"],
    [{ name: 'bob', fixed: 'x' }, "Override of immutable parameter\\(s\\) \\['fixed'\\] is unsupported."],
  ])('refuses %j', (values, message) => {
    expect(() => validateParameters(schemas, values)).toThrow(invalid(message));
  });

  it('does not show the value of a secret', () => {
    const attempt = () => validateParameters(schemas, { name: 'bob', token: 'hunter2' }, 'examples.it');
    expect(attempt).toThrow(invalid('parameter "token"'));
    expect(attempt).not.toThrow('hunter2');
  });

  it('names the action whose schemas are no schemas', () => {
    expect(() => validateParameters({ a: { type: 'string', pattern: '(' } }, { a: 'x' }, 'examples.it')).toThrow(
      invalid('schemas of action "examples.it" are not valid'),
    );
  });
});

describe('merged schemas', () => {
  it('take from the action what it says, and the rest from the runner, once', () => {
    const runner: ParameterSchemas = {
      cmd: { type: 'string', description: 'c' },
      timeout: { type: 'integer', default: 60 },
    };
    const action: ParameterSchemas = { cmd: { default: 'ls', immutable: true }, extra: { type: 'string' } };
    const merged = mergeSchemas(runner, action);
    expect(merged).toEqual({
      cmd: { type: 'string', description: 'c', default: 'ls', immutable: true },
      timeout: { type: 'integer', default: 60 },
      extra: { type: 'string' },
    });
    expect(mergeSchemas(runner, action)).toBe(merged);
    expect(runner.cmd).toEqual({ type: 'string', description: 'c' });
  });
});

describe('the payload of an event', () => {
  const schema = { type: 'object', properties: { words: { type: 'array', required: true } } };

  it('is held against the schema of its trigger type', () => {
    expect(eventProblem(schema, { words: ['a'], more: 1 })).toBeUndefined();
    expect(eventProblem(schema, {})).toBe("'words' is a required property of the payload fields.");
  });

  it('is taken when that schema is none', () => {
    const none = { type: 'object', properties: { words: { type: 'array', items: 'string' } } };
    expect(eventProblem(none, { words: ['a'] })).toBeUndefined();
    expect(payloadProblem(none, { words: ['a'] })).toMatch(/^its schema is not valid: /);
  });
});

describe('the name `system`', () => {
  const key = (scope: string, name: string) => (scope === 'system' && name === 'region' ? 'eu-west-1' : undefined);
  const schemas: ParameterSchemas = { where: { type: 'string', default: '{{ system.region }}' } };

  it('is the keys of the system, as before StackStorm 2.0', () => {
    expect(live(schemas, {}, { key })).toEqual({ where: 'eu-west-1' });
  });

  it('is whatever else has the name', () => {
    const own: ParameterSchemas = { ...schemas, system: { type: 'object', default: { region: 'own' } } };
    expect(live(own, {}, { key })).toEqual({ where: 'own' });
    expect(live(schemas, {}, { key, variables: { system: { region: 'given' } } })).toEqual({ where: 'given' });
  });
});
