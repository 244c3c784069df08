import { truthy } from '../../python/index.ts';
import { define, defineRest } from '../definition.ts';
import type { Lambda } from '../lambda.ts';
import { any, count, lambda, unevaluatedRule } from '../parameters.ts';
import { lazy } from '../values/iteration.ts';

function* indexesOfTrue(cases: readonly Lambda[]): Generator<number> {
  for (const [index, test] of cases.entries()) if (truthy(test.call())) yield index;
}

function* truths(cases: readonly Lambda[]): Generator<boolean> {
  for (const test of cases) yield truthy(test.call());
}

/** Booleans and branching. What need not be evaluated is not. */
export const LOGIC = [
  define('#operator_and', 'function', [lambda('left'), lambda('right')], (_context, left, right) => {
    const value = left.call();
    return truthy(value) ? right.call() : value;
  }),
  define('#operator_or', 'function', [lambda('left'), lambda('right')], (_context, left, right) => {
    const value = left.call();
    return truthy(value) ? value : right.call();
  }),
  define('#unary_operator_not', 'function', [any('arg')], (_context, value) => !truthy(value)),
  define('bool', 'function', [any('value')], (_context, value) => truthy(value)),
  define('isBoolean', 'function', [any('value')], (_context, value) => typeof value === 'boolean'),
  defineRest(
    'switch',
    'function',
    [],
    unevaluatedRule('args'),
    (context, _given, cases) => {
      for (const { source, destination } of cases) if (truthy(source(context))) return destination(context);
      return null;
    },
    { takesRules: true },
  ),
  defineRest('selectCase', 'function', [], lambda('args'), (_context, _given, cases) => {
    const found = cases.findIndex((test) => truthy(test.call()));
    return found < 0 ? cases.length : found;
  }),
  defineRest('selectAllCases', 'function', [], lambda('args'), (_context, _given, cases) => lazy(indexesOfTrue(cases))),
  defineRest('examine', 'function', [], lambda('args'), (_context, _given, cases) => lazy(truths(cases))),
  defineRest('switchCase', 'method', [count('case')], lambda('args'), (_context, [index], cases) => {
    const chosen = (index >= 0 ? cases[index] : undefined) ?? cases.at(-1);
    return chosen === undefined ? null : chosen.call();
  }),
  defineRest('coalesce', 'function', [], lambda('args'), (_context, _given, values) => {
    for (const value of values) {
      const result = value.call();
      if (result !== null) return result;
    }
    return null;
  }),
];
