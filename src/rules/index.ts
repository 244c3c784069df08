/**
 * Rules: which of them an event matches. StackStorm's criteria, operators and patterns, behaviour for behaviour
 * (stackstorm-rules.md), compiled once and evaluated for every event.
 *
 * Everything here is pure: no I/O, no clock (`now` is passed in), no registry. What a template reads from the datastore comes in
 * as a function that may throw `MissingInput`; the caller loads the key and asks again. Carrying out what matched (enforcements,
 * executions) is not here but in src/events. Only a rule's own text is ever a template: what is in a payload stays text.
 */
export type { CriterionFailure } from './evaluate.ts';
export { type CompiledRule, compileRule, type MatchEnvironment, type MatchResult, matchRules } from './match.ts';
export { OPERATOR_NAMES } from './operators.ts';
export type { Template, Templates } from './pattern.ts';
export { indexRules, type RuleIndex } from './rule-index.ts';
