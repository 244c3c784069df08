/**
 * YAQL 3.2 as Orquesta has it (yaql-and-jinja.md): the query language of StackStorm's workflows, on Python's values. An expression
 * is parsed with the original's table of operators, compiled to closures once and kept; functions are chosen by the kinds of
 * their arguments, as the original chooses them; queries are iterators that are read once.
 *
 * Pure and bounded: data is only read, nothing of JavaScript or of the host can be reached, every evaluation has a budget of steps
 * and of depth, regular expressions have their own. Endless sequences (`sequence()`, `cycle()`) end with the budget.
 *
 * Deliberately not here: delimiters and mixed texts (see ../orquesta), delegates (`lambda(...)`, `$f(...)`), which Orquesta does
 * not enable, access to attributes of host objects, names of characters in text literals.
 */
export { Context } from './context.ts';
export { type Definition, define, defineRest, type Form } from './definition.ts';
export type { Parameter } from './parameters.ts';
export * as parameters from './parameters.ts';
export type { Budget } from './run.ts';
export { parseYaql } from './syntax/parser.ts';
export { FrozenDict, fromData, PartialDict } from './values/frozen.ts';
export { createYaql, type Given, type Yaql, type YaqlExpression, type YaqlOptions } from './yaql.ts';
