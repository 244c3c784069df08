/**
 * Expressions as Orquesta's workflows have them (yaql-and-jinja.md): YAQL and Jinja inside the texts of nested values, with the
 * functions `ctx`, `item`, `result`, `task_status`, ... and those that StackStorm adds, Orquesta's messages, and what inspection
 * asks of expressions it does not evaluate.
 *
 * One difference on purpose: a text that comes out of an expression is data, and data is not read as an expression again, unless
 * `reevaluateData` is set (st2#5956).
 */
export type { Language } from './delimiters.ts';
export { createEvaluator, type Evaluation, type Evaluator, languageOf } from './evaluator.ts';
export type { Reference, SyntaxProblem } from './inspect.ts';
export type { ContextVariables, StackStormHost } from './scope.ts';
