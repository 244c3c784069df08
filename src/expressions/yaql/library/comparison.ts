import { equals, ordered } from '../../python/index.ts';
import { define } from '../definition.ts';
import { any, none, number, set, some, text } from '../parameters.ts';
import { asPySet } from './sets.ts';

const OPERATORS = ['<', '<=', '>', '>='] as const;

/** Equality of anything; order of numbers, of texts, of sets by inclusion. null is less than everything and equal to itself. */
export const COMPARISON = [
  define('*equal', 'function', [any('left'), any('right')], (_context, left, right) => equals(left, right)),
  define('*not_equal', 'function', [any('left'), any('right')], (_context, left, right) => !equals(left, right)),
  ...OPERATORS.flatMap((operator) => {
    const name = `#operator_${operator}`;
    return [
      define(name, 'function', [number('left'), number('right')], (_context, left, right) => {
        return ordered(operator, left, right);
      }),
      define(name, 'function', [text('left'), text('right')], (_context, left, right) =>
        ordered(operator, left, right),
      ),
      define(name, 'function', [set('left'), set('right')], (context, left, right) => {
        return ordered(operator, asPySet(context, left), asPySet(context, right));
      }),
      define(name, 'function', [some('left'), none('right')], () => operator.startsWith('>')),
      define(name, 'function', [none('left'), some('right')], () => operator.startsWith('<')),
      define(name, 'function', [none('left'), none('right')], () => operator.endsWith('=')),
    ];
  }),
];
