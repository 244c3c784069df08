import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJinja } from '../../src/expressions/index.ts';
import type { Json, JsonObject, Rule } from '../../src/model/index.ts';
import { compileRule, indexRules, matchRules, OPERATOR_NAMES } from '../../src/rules/index.ts';
import { makeRule } from './make-rule.ts';

const jinja = createJinja();
const environment = { now: 1_714_564_800_000, key: () => undefined };

function outcome(type: string, value: Json, pattern: Json, condition?: string): boolean | 'failed' {
  const rule = makeRule({ criteria: { 'trigger.v': { type, pattern, condition } } });
  const result = matchRules([compileRule(rule, { jinja })], { v: value }, environment);
  return result.failures.length > 0 ? 'failed' : result.matched.length === 1;
}

/** JSON, with texts that operators take for patterns, dates and templates; braces and line ends are left to the tests of templates. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', 'a', '*', '[a', '(', '.*', '2024-05-01', '5'),
);
const leaf = fc.oneof(
  text.filter((value) => !/[{\r\n]/.test(value)),
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.boolean(),
  fc.constant(null),
);
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { weight: 4, arbitrary: leaf },
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'item', 'item.a', '__proto__'), tie('value'), { maxKeys: 3 }),
  ),
})).value;

describe('operators on any JSON', () => {
  it('answer, or fail with a reason', () => {
    const operator = fc.constantFrom(...OPERATOR_NAMES);
    const condition = fc.constantFrom('any', 'all', 'any2any', 'all2any', undefined);
    fc.assert(
      fc.property(operator, json, json, condition, (type, value, pattern, how) => {
        // Inside a search, random objects are criteria that end in a failure of the search: nothing aborts.
        expect([true, false, 'failed']).toContain(outcome(type, value, pattern, how));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['contains', 'ncontains'],
    ['icontains', 'incontains'],
    ['inside', 'ninside'],
    ['in', 'nin'],
  ])('%s is the opposite of %s, unless the pattern is null or both fail', (plain, negated) => {
    fc.assert(
      fc.property(json, json, (value, pattern) => {
        const answer = outcome(plain, value, pattern);
        const opposite = outcome(negated, value, pattern);
        if (pattern === null) expect([answer, opposite]).toEqual([false, false]);
        else expect(opposite).toBe(answer === 'failed' ? 'failed' : !answer);
      }),
    );
  });

  it.each(['equals', 'eq'])('%s is the opposite of nequals, unless both sides are null', (equals) => {
    fc.assert(
      fc.property(json, json, (value, pattern) => {
        fc.pre(pattern !== null);
        expect(outcome('nequals', value, pattern)).toBe(!outcome(equals, value, pattern));
        expect(outcome(equals, value, value)).toBe(value !== null);
      }),
    );
  });

  it('exists is the opposite of nexists, whatever the pattern', () => {
    fc.assert(
      fc.property(json, json, (value, pattern) => {
        expect(outcome('exists', value, pattern)).toBe(value !== null);
        expect(outcome('nexists', value, pattern)).toBe(value === null);
      }),
    );
  });
});

interface Check {
  readonly field: 'a' | 'b';
  readonly type: 'equals' | 'nequals' | 'gt' | 'in' | 'exists' | 'nexists';
  readonly pattern: number;
}

/** What the reference says of these operators on integers and absent fields, without compiling, sharing or indexing anything. */
function holds(check: Check, payload: Readonly<Record<string, number>>): boolean {
  const value = payload[check.field];
  switch (check.type) {
    case 'equals':
      return value === check.pattern;
    case 'nequals':
      return value !== check.pattern;
    case 'gt':
      return value !== undefined && value > check.pattern;
    case 'in':
      return value === check.pattern || value === 0;
    case 'exists':
      return value !== undefined;
    case 'nexists':
      return value === undefined;
  }
}

function naive(
  rules: readonly { rule: Rule; checks: readonly Check[] }[],
  trigger: string,
  payload: Readonly<Record<string, number>>,
) {
  const candidates = rules.filter(({ rule }) => rule.enabled && rule.trigger.type === trigger);
  const empty = Object.keys(payload).length === 0;
  const matching = candidates.filter(
    ({ checks }) => checks.length === 0 || (!empty && checks.every((check) => holds(check, payload))),
  );
  const standard = matching.filter(({ rule }) => rule.type === 'standard');
  return (standard.length > 0 ? standard : matching).map(({ rule }) => rule.name);
}

describe('compiled and indexed rules', () => {
  const check = fc.record<Check>({
    field: fc.constantFrom('a', 'b'),
    type: fc.constantFrom('equals', 'nequals', 'gt', 'in', 'exists', 'nexists'),
    pattern: fc.integer({ min: 0, max: 3 }),
  });
  const draft = fc.record({
    checks: fc.array(check, { maxLength: 3 }),
    enabled: fc.boolean(),
    type: fc.constantFrom('standard' as const, 'backstop' as const),
    trigger: fc.constantFrom('p.one', 'p.two'),
    templated: fc.boolean(),
  });
  const payload = fc.dictionary(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 3 }), { noNullPrototype: true });

  it('match as a naive evaluation does', () => {
    fc.assert(
      fc.property(fc.array(draft, { maxLength: 6 }), fc.array(payload, { maxLength: 4 }), (drafts, payloads) => {
        const rules = drafts.map(({ checks, enabled, type, trigger, templated }, n) => ({
          checks,
          rule: makeRule({
            name: `rule${n}`,
            enabled,
            type,
            trigger: { type: trigger, parameters: {} },
            criteria: criteriaOf(checks, templated),
          }),
        }));
        const index = indexRules(
          rules.map(({ rule }) => rule),
          { jinja },
        );
        for (const event of payloads) {
          for (const trigger of ['p.one', 'p.two']) {
            const result = matchRules(index.find(trigger, {}), event, environment);
            expect(result.matched.map(({ name }) => name)).toEqual(naive(rules, trigger, event));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  function criteriaOf(checks: readonly Check[], templated: boolean): JsonObject {
    const entries = checks.map(({ field, type, pattern }, n): [string, Json] => {
      const constant: Json = type === 'in' ? [pattern, 0] : pattern;
      return [`trigger.${field}#${n}`, { type, pattern: templated ? `{{ ${JSON.stringify(constant)} }}` : constant }];
    });
    return Object.fromEntries(entries);
  }
});
