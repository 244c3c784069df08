import { keyLookups } from '../expressions/index.ts';
import type { Json, Rule } from '../model/index.ts';
import { type Criterion, compileCriteria } from './criterion.ts';
import { type CriterionFailure, Evaluation } from './evaluate.ts';
import type { Templates } from './pattern.ts';

/** A rule made ready: keys parsed, operators found, patterns without templates prepared. */
export interface CompiledRule {
  readonly rule: Rule;
  readonly criteria: readonly Criterion[];
}

export interface MatchEnvironment {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Reads a datastore key for templates; undefined when there is none. May throw `MissingInput`, which reaches the caller. */
  readonly key: (scope: 'system' | 'user', name: string) => string | undefined;
}

export interface MatchResult {
  /** Standard rules before backstop rules, each in the order they were given in. */
  readonly matched: readonly Rule[];
  readonly failures: readonly CriterionFailure[];
}

/** Prepares a rule. Never throws: what is wrong with a criterion shows when an event meets it, as in StackStorm. */
export function compileRule(rule: Rule, options: { readonly jinja: Templates }): CompiledRule {
  return { rule, criteria: compileCriteria(rule.criteria, options.jinja) ?? [] };
}

/**
 * Which of the rules bound to an event's trigger it matches (stackstorm-rules.md, sections 2 and 3). Backstop rules come into
 * question when no standard rule matched. Throws `PetrelError` (`expression`) when a criterion that is reached names an unknown
 * operator: no rule of the event may be carried out then; and `MissingInput` from `environment.key`.
 */
export function matchRules(rules: readonly CompiledRule[], payload: Json, environment: MatchEnvironment): MatchResult {
  const evaluation = new Evaluation(payload, environment.now, () => {
    const { system } = keyLookups(environment.key);
    return { st2kv: { system }, system };
  });
  const nothing = isNothing(payload);
  const matched: Rule[] = [];
  let backstops = false;
  for (const compiled of rules) {
    if (compiled.rule.type === 'backstop') backstops = true;
    else if (matches(compiled, nothing, evaluation)) matched.push(compiled.rule);
  }
  if (backstops && matched.length === 0) {
    for (const compiled of rules) {
      if (compiled.rule.type === 'backstop' && matches(compiled, nothing, evaluation)) matched.push(compiled.rule);
    }
  }
  return { matched, failures: evaluation.failures };
}

function matches({ rule, criteria }: CompiledRule, nothing: boolean, evaluation: Evaluation): boolean {
  if (!rule.enabled) return false;
  if (criteria.length === 0) return true;
  // As StackStorm: an event without a payload satisfies no criterion, not even `nexists`.
  return !nothing && evaluation.allHold(rule, criteria);
}

function isNothing(payload: Json): boolean {
  if (payload === null) return true;
  if (typeof payload !== 'object') return false;
  for (const _ in payload) return false;
  return true;
}
