import { createJinja } from '../../src/expressions/index.ts';
import { type Json, type JsonObject, PetrelError } from '../../src/model/index.ts';
import { compileRule, type MatchResult, matchRules } from '../../src/rules/index.ts';
import { makeRule } from '../rules/make-rule.ts';
import { type Kind, plainKind, same } from './check.ts';

const jinja = createJinja();

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

/** One operator of a rule's criteria. */
export const criteria: Kind = plainKind<OperatorCase>(({ operator, value, pattern, condition, now, expected }) => {
  const entries: JsonObject = { 'trigger.v': { type: operator, pattern, condition } };
  const result = match([{ criteria: entries }], { v: value }, now === undefined ? 0 : Date.parse(now));
  const failed = result === 'aborted' || result.failures.some(({ criterion }) => criterion === 'trigger.v');
  same(failed ? null : result.matched.length === 1, expected);
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

/** One rule against one payload. */
export const ruleMatching: Kind = plainKind<RuleCase>((given) => {
  const rule = { criteria: given.criteria, enabled: given.enabled ?? true };
  const result = match([rule], given.payload, Date.parse(given.now), given.kv);
  if (result === 'aborted') {
    same(null, given.match);
    return;
  }
  same(result.matched.length === 1, given.intended_match ?? given.match);
  // Where the reference deviates from its documentation, its failures are part of the deviation.
  same(result.failures.length, given.quirk === undefined ? given.failed_enforcements : 0);
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

/** Several rules, standard and backstop. */
export const ruleSets: Kind = plainKind<SetCase>(({ payload, rules, matched }) => {
  const result = match(rules, payload);
  same(result === 'aborted' ? null : result.matched.map(({ name }) => name), matched);
});
