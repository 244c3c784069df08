import {
  type Arguments,
  equals,
  hashKey,
  isDict,
  isFloat,
  isInt,
  isIterable,
  isLower,
  isNumber,
  isUpper,
  PySet,
  PythonObject,
  str,
  tryLength,
} from '../python/index.ts';
import { checkedCall } from './call-signatures.ts';
import type { Filter } from './environment.ts';
import { Markup, plain } from './markup.ts';
import type { CompareOperator } from './nodes.ts';
import { binaryOperation, compareValues } from './operators.ts';
import { Undefined } from './undefined.ts';

function alone(test: (value: unknown) => boolean): Filter {
  return (_run, value) => test(value);
}

function comparing(operator: CompareOperator): Filter {
  return (_run, value, given) => compareValues(operator, plain(value), plain(operand(given)));
}

/** The one operand, by position or by whatever name it has. */
function operand(given: Arguments): unknown {
  const [value] = [...given.positional, ...(given.keywords?.values() ?? [])];
  return value;
}

function knows(names: ReadonlyMap<string, unknown>, value: unknown): boolean {
  const name = plain(value);
  // Looked up as a key: what cannot be one is an error.
  hashKey(name);
  return typeof name === 'string' && names.has(name);
}

const modulo = binaryOperation('%');

/** Whether Python's `len` and indexing work. Never fails. */
function isSequence(value: unknown): boolean {
  if (value instanceof Undefined) return !value.isStrict;
  if (value instanceof PySet) return false;
  if (value instanceof PythonObject) return value.length() !== undefined && !value.typeName.startsWith('dict_');
  return tryLength(value) !== undefined;
}

const TESTS: readonly (readonly [string, Filter])[] = [
  ['boolean', alone((value) => typeof value === 'boolean')],
  ['callable', alone((value) => value instanceof PythonObject && value.call !== PythonObject.prototype.call)],
  ['defined', alone((value) => !(value instanceof Undefined))],
  ['divisibleby', (run, value, given) => equals(modulo(run, value, operand(given)), 0)],
  ['escaped', alone((value) => value instanceof Markup)],
  ['even', (run, value) => equals(modulo(run, value, 2), 0)],
  ['false', alone((value) => value === false)],
  ['filter', (run, value) => knows(run.environment.filters, value)],
  ['float', alone(isFloat)],
  ['in', comparing('in')],
  ['integer', alone(isInt)],
  ['iterable', alone((value) => isIterable(value))],
  ['lower', alone((value) => isLower(str(value)))],
  ['mapping', alone(isDict)],
  ['none', alone((value) => value === null)],
  ['number', alone((value) => isNumber(value) || typeof value === 'boolean')],
  ['odd', (run, value) => equals(modulo(run, value, 2), 1)],
  ['sameas', (_run, value, given) => Object.is(value, operand(given))],
  ['sequence', alone(isSequence)],
  ['string', alone((value) => typeof value === 'string' || value instanceof Markup)],
  ['test', (run, value) => knows(run.environment.tests, value)],
  ['true', alone((value) => value === true)],
  ['undefined', alone((value) => value instanceof Undefined)],
  ['upper', alone((value) => isUpper(str(value)))],
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
];

/** All tests of Jinja 3.1. */
export const BUILTIN_TESTS: ReadonlyMap<string, Filter> = new Map(
  TESTS.map(([name, test]) => [name, checkedCall('test', name, test)] as const),
);
