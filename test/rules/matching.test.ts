import { describe, expect, it } from 'vitest';
import { createJinja, MissingInput } from '../../src/expressions/index.ts';
import type { JsonObject, Rule } from '../../src/model/index.ts';
import { compileRule, indexRules, matchRules } from '../../src/rules/index.ts';
import { makeRule } from './make-rule.ts';

const jinja = createJinja();
const environment = { now: Date.parse('2024-05-01T12:00:00Z'), key: () => undefined };

function matched(
  criteria: JsonObject,
  payload: JsonObject,
  key: (scope: string, name: string) => string | undefined = () => undefined,
) {
  return matchRules([compileRule(makeRule({ criteria }), { jinja })], payload, { ...environment, key });
}

const names = (rules: readonly Rule[]) => rules.map(({ name }) => name);

describe('text of a payload', () => {
  it('is never a template', () => {
    const payload = { text: '{{ 7*7 }}', other: '{% raw %}{{ st2kv.system.secret }}{% endraw %}' };
    expect(matched({ 'trigger.text': { type: 'equals', pattern: '49' } }, payload).matched).toEqual([]);
    expect(
      matched({ 'trigger.text': { type: 'equals', pattern: '{{ trigger.text }}' } }, payload).matched,
    ).toHaveLength(1);
    expect(
      matched({ 'trigger.other': { type: 'equals', pattern: '{{ trigger.other }}' } }, payload).matched,
    ).toHaveLength(1);
  });

  it('is not one either when a rendered pattern makes it a criterion', () => {
    const search = { 'trigger.list': { type: 'search', condition: 'any', pattern: '{{ trigger.wanted }}' } };
    const payload = { list: ['{{ 1 }}'], wanted: { item: { type: 'equals', pattern: '{{ 1 }}' } } };
    expect(matched(search, payload).matched).toHaveLength(1);
  });
});

describe('a datastore key in a pattern', () => {
  const criteria = { 'trigger.host': { type: 'equals', pattern: '{{ st2kv.system.host }}' } };

  it('is asked for by its name', () => {
    const asked: string[] = [];
    const key = (scope: string, name: string) => {
      asked.push(`${scope} ${name}`);
      return 'web1';
    };
    expect(matched(criteria, { host: 'web1' }, key).matched).toHaveLength(1);
    expect(asked).toContain('system host');
  });

  it('that is not loaded reaches the caller, from inside a search too', () => {
    const missing = () => {
      throw new MissingInput({ kind: 'key', scope: 'system', name: 'host' });
    };
    expect(() => matched(criteria, { host: 'web1' }, missing)).toThrow(MissingInput);
    const search = {
      'trigger.hosts': {
        type: 'search',
        condition: 'any',
        pattern: { item: { type: 'eq', pattern: '{{ st2kv.system.host }}' } },
      },
    };
    expect(() => matched(search, { hosts: ['web1'] }, missing)).toThrow(MissingInput);
  });

  it('gives text wherever a line ends in it', () => {
    const key = (_: string, name: string) => ({ host: 'web1', n: '5' })[name];
    const equal = (pattern: string) =>
      matched({ 'trigger.v': { type: 'equals', pattern } }, { v: 'web1-5' }, key).matched.length;
    expect(equal('{{ st2kv.system.host }}-{{ st2kv.system.n }}')).toBe(1);
    expect(equal("{{ system['host'] }}-5")).toBe(1);
    expect(
      matched({ 'trigger.v': { type: 'equals', pattern: '{{ st2kv.system.n }}' } }, { v: 5 }, key).matched,
    ).toEqual([]);
    expect(
      matched({ 'trigger.v': { type: 'equals', pattern: '{{ st2kv.system.n | int }}' } }, { v: 5 }, key).matched,
    ).toHaveLength(1);
  });
});

describe('a failed criterion', () => {
  it('names its rule, its key and the cause', () => {
    const { failures } = matched({ 'trigger.n': { type: 'gt', pattern: '4' } }, { n: 5 });
    expect(failures).toMatchObject([{ rule: { ref: 'examples.rule' }, criterion: 'trigger.n' }]);
    expect(failures[0]?.reason).toMatch(/^Criterion "trigger.n" of rule "examples.rule" failed: .*'int' and 'str'/);
  });

  it('stops its rule, and no other', () => {
    const rules = [
      makeRule({ name: 'bad', criteria: { 'trigger.n': { type: 'regex', pattern: '(' } } }),
      makeRule({ name: 'good' }),
    ].map((rule) => compileRule(rule, { jinja }));
    const result = matchRules(rules, { n: 'x' }, environment);
    expect(names(result.matched)).toEqual(['good']);
    expect(result.failures[0]?.reason).toContain('missing ), unterminated subpattern at position 0');
  });

  it('is recorded for a regular expression that takes too long', () => {
    const { failures } = matched({ 'trigger.v': { type: 'regex', pattern: '(a+)+$' } }, { v: `${'a'.repeat(5000)}!` });
    expect(failures[0]?.reason).toContain('was given up after');
  });
});

describe('an unknown operator', () => {
  it('aborts all rules, and says where it stands', () => {
    const rules = [
      makeRule({ name: 'good' }),
      makeRule({ name: 'bad', criteria: { 'trigger.n': { type: 'lte', pattern: 1 } } }),
    ];
    expect(() =>
      matchRules(
        rules.map((rule) => compileRule(rule, { jinja })),
        { n: 1 },
        environment,
      ),
    ).toThrow(
      expect.objectContaining({
        code: 'expression',
        message: expect.stringContaining('"trigger.n" of rule "examples.bad" names the unknown operator "lte"'),
      }),
    );
  });

  it('that is not reached aborts nothing', () => {
    const criteria = { 'trigger.n': { type: 'eq', pattern: 2 }, 'trigger.m': { type: 'lte', pattern: 1 } };
    expect(matched(criteria, { n: 1 }).matched).toEqual([]);
  });
});

describe('the index of rules', () => {
  const cron = { type: 'core.st2.CronTimer', parameters: { minute: '*/5', tags: ['a', { x: 1, y: null }] } };
  const index = indexRules(
    [
      makeRule({ name: 'first', trigger: cron }),
      makeRule({ name: 'off', trigger: cron, enabled: false }),
      makeRule({ name: 'other', trigger: { type: cron.type, parameters: { minute: '1' } } }),
      makeRule({ name: 'second', trigger: cron, type: 'backstop' }),
      makeRule({ name: 'asleep', trigger: { type: 'core.asleep', parameters: {} }, enabled: false }),
    ],
    { jinja },
  );
  const found = (parameters: JsonObject) => index.find(cron.type, parameters).map(({ rule }) => rule.name);

  it('finds the enabled rules of exactly these parameters, in the order of registration', () => {
    expect(found({ tags: ['a', { y: null, x: 1 }], minute: '*/5' })).toEqual(['first', 'second']);
    expect(found({ minute: '1' })).toEqual(['other']);
    expect(found({})).toEqual([]);
    expect(found({ minute: '1', tags: undefined })).toEqual(['other']);
    expect(index.find('core.unknown', {})).toEqual([]);
  });

  it('knows which trigger types are bound', () => {
    expect(index.isBound(cron.type)).toBe(true);
    expect(index.isBound('core.asleep')).toBe(false);
  });
});

describe('a pattern', () => {
  it.each<[string, unknown, boolean]>([
    ['{{ trigger.n }}', 5, true],
    ['{{ trigger.n }}', '5', false],
    ["{{ '5' }}", '5', true],
    ['  {{ trigger.n }} ', 5, true],
    ['web{{ trigger.n }}', 'web5', true],
    ['{{ trigger.list }}', ['a', 1], true],
    ['{{ (trigger.n + 1) }}', 6, true],
    ['{{ trigger.n }}{{ trigger.n }}', 55, true],
    ['{% if trigger.n > 4 %}big{% endif %}', 'big', true],
    ['a{# remark #}b', 'ab', true],
    ['line\n', 'line', true],
    ['{{ 1 }}\n{{ 2 }}', '1\n2', true],
  ])('%j against %j: %j', (pattern, v, matches) => {
    const payload = { v, n: 5, list: ['a', 1] } as JsonObject; // the values of the table are JSON
    expect(matched({ 'trigger.v': { type: 'equals', pattern } }, payload).matched).toHaveLength(matches ? 1 : 0);
  });
});
