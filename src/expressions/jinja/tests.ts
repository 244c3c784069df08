import {
  type Arguments,
  bind,
  equals,
  isDict,
  isFloat,
  isInt,
  isIterable,
  isLower,
  isNumber,
  isUpper,
  PySet,
  PythonFunction,
  PythonObject,
  str,
  tryLength,
} from '../python/index.ts';
import type { Filter } from './environment.ts';
import { Markup, plain } from './markup.ts';
import type { CompareOperator } from './nodes.ts';
import { binaryOperation, compareValues } from './operators.ts';
import { Undefined } from './undefined.ts';

function alone(name: string, test: (value: unknown) => boolean): Filter {
  return (_run, value, given) => {
    bind(name, given, []);
    return test(value);
  };
}

function comparing(operator: CompareOperator): Filter {
  return (_run, value, given) => compareValues(operator, plain(value), plain(operand(operator, given)));
}

function operand(name: string, given: Arguments): unknown {
  return bind(name, given, ['other'], 1)[0];
}

const modulo = binaryOperation('%');

/** Whether Python's `len` and indexing work. Never fails. */
function isSequence(value: unknown): boolean {
  if (value instanceof Undefined) return !value.isStrict;
  if (value instanceof PySet) return false;
  if (value instanceof PythonObject) return value.length() !== undefined && !value.typeName.startsWith('dict_');
  return tryLength(value) !== undefined;
}

/** All tests of Jinja 3.1. */
export const BUILTIN_TESTS: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ['boolean', alone('boolean', (value) => typeof value === 'boolean')],
  [
    'callable',
    alone(
      'callable',
      (value) =>
        value instanceof PythonFunction ||
        (value instanceof PythonObject && /^(Macro|LoopContext|Joiner)$/.test(value.typeName)),
    ),
  ],
  ['defined', alone('defined', (value) => !(value instanceof Undefined))],
  ['divisibleby', (run, value, given) => equals(modulo(run, value, operand('divisibleby', given)), 0)],
  ['escaped', alone('escaped', (value) => value instanceof Markup)],
  ['even', (run, value) => equals(modulo(run, value, 2), 0)],
  ['false', alone('false', (value) => value === false)],
  ['filter', (run, value) => run.environment.filters.has(str(value))],
  ['float', alone('float', isFloat)],
  ['in', comparing('in')],
  ['integer', alone('integer', isInt)],
  ['iterable', alone('iterable', (value) => isIterable(value))],
  ['lower', alone('lower', (value) => isLower(str(value)))],
  ['mapping', alone('mapping', isDict)],
  ['none', alone('none', (value) => value === null)],
  ['number', alone('number', (value) => isNumber(value) || typeof value === 'boolean')],
  ['odd', (run, value) => equals(modulo(run, value, 2), 1)],
  ['sameas', (_run, value, given) => Object.is(value, operand('sameas', given))],
  ['sequence', alone('sequence', isSequence)],
  ['string', alone('string', (value) => typeof value === 'string' || value instanceof Markup)],
  ['test', (run, value) => run.environment.tests.has(str(value))],
  ['true', alone('true', (value) => value === true)],
  ['undefined', alone('undefined', (value) => value instanceof Undefined)],
  ['upper', alone('upper', (value) => isUpper(str(value)))],
  ...(
    [
      ['==', '==', 'eq', 'equalto'],
      ['!=', '!=', 'ne'],
      ['>', '>', 'gt', 'greaterthan'],
      ['>=', '>=', 'ge'],
      ['<', '<', 'lt', 'lessthan'],
      ['<=', '<=', 'le'],
    ] as const
  ).flatMap(([operator, ...names]) => names.map((name): [string, Filter] => [name, comparing(operator)])),
]);
