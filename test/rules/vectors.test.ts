import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createJinja } from '../../src/expressions/index.ts';
import { type Json, type JsonObject, PetrelError } from '../../src/model/index.ts';
import { compileRule, type MatchResult, matchRules } from '../../src/rules/index.ts';
import { makeRule } from './make-rule.ts';

const jinja = createJinja();

function cases<T>(name: string): readonly T[] {
  const url = new URL(`../vectors/${name}.json`, import.meta.url);
  // The files are ours or come with the reference, and have the shape that their `fields` describe.
  return (JSON.parse(readFileSync(url, 'utf8')) as { cases: readonly T[] }).cases;
}

type Store = Readonly<Record<string, Readonly<Record<string, string>>>>;

function match(
  rules: readonly Parameters<typeof makeRule>[0][],
  payload: Json,
  now = 0,
  kv: Store = {},
): MatchResult | 'aborted' {
  try {
    return matchRules(
      rules.map((rule) => compileRule(makeRule(rule), { jinja })),
      payload,
      { now, key: (scope, name) => kv[scope]?.[name] },
    );
  } catch (error) {
    if (error instanceof PetrelError && error.code === 'expression') return 'aborted';
    throw error;
  }
}

interface OperatorCase {
  readonly id: string;
  readonly operator: string;
  readonly value: Json;
  readonly pattern: Json;
  readonly condition?: string;
  readonly now?: string;
  readonly expected: boolean | null;
}

describe('an operator answers as the reference does', () => {
  it.each(cases<OperatorCase>('stackstorm/criteria'))('$id: $operator', (entry) => {
    const { operator, value, pattern, condition, now, expected } = entry;
    const criteria: JsonObject = { 'trigger.v': { type: operator, pattern, condition } };
    const result = match([{ criteria }], { v: value }, now === undefined ? 0 : Date.parse(now));
    const failed = result === 'aborted' || result.failures.some(({ criterion }) => criterion === 'trigger.v');
    expect(failed ? null : result.matched.length === 1).toBe(expected);
  });
});

interface RuleCase {
  readonly id: string;
  readonly payload: Json;
  readonly criteria: JsonObject;
  readonly kv?: Store;
  readonly enabled?: boolean;
  readonly now: string;
  readonly match: boolean | null;
  readonly failed_enforcements: number;
  readonly quirk?: string;
  readonly intended_match?: boolean;
}

describe('one rule matches as the reference does', () => {
  it.each(cases<RuleCase>('stackstorm/rule_matching'))('$id: $criteria', (entry) => {
    const { payload, criteria, kv, enabled = true, now } = entry;
    const result = match([{ criteria, enabled }], payload, Date.parse(now), kv);
    if (result === 'aborted') {
      expect(entry.match).toBeNull();
      return;
    }
    expect(result.matched.length === 1).toBe(entry.intended_match ?? entry.match);
    // Where the reference deviates from its documentation, its failures are part of the deviation.
    expect(result.failures).toHaveLength(entry.quirk === undefined ? entry.failed_enforcements : 0);
  });
});

interface SetCase {
  readonly id: string;
  readonly payload: Json;
  readonly rules: readonly {
    readonly name: string;
    readonly type?: 'backstop';
    readonly enabled?: boolean;
    readonly criteria: JsonObject;
  }[];
  readonly matched: readonly string[] | null;
}

describe('several rules match as the reference does', () => {
  it.each(cases<SetCase>('stackstorm/rule_sets'))('$id', ({ payload, rules, matched }) => {
    const result = match(rules, payload);
    expect(result === 'aborted' ? null : result.matched.map(({ name }) => name)).toEqual(matched);
  });
});
