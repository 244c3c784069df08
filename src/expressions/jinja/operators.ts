import {
  add,
  asIndex,
  checkText,
  contains,
  divide,
  equals,
  floorDivide,
  modulo,
  multiply,
  negate,
  ordered,
  type PythonError,
  percentFormat,
  positive,
  power,
  str,
  subtract,
  Tuple,
  typeError,
  typeName,
} from '../python/index.ts';
import { escapeValue, Markup, plain } from './markup.ts';
import type { BinaryOperator, CompareOperator } from './nodes.ts';
import type { Run } from './run.ts';
import { Undefined } from './undefined.ts';

const PLAIN: Readonly<Record<BinaryOperator, (left: unknown, right: unknown) => unknown>> = {
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': divide,
  '//': floorDivide,
  '%': (left, right) => (typeof left === 'string' ? percentFormat(left, right) : modulo(left, right)),
  '**': power,
};

/** The function of a binary operator, undefined values and marked text included. */
export function binaryOperation(operator: BinaryOperator): (run: Run, left: unknown, right: unknown) => unknown {
  const compute = PLAIN[operator];
  return (run, left, right) => {
    run.spend(1);
    if (typeof left === 'object' || typeof right === 'object') {
      if (left instanceof Undefined) throw left.fail();
      if (right instanceof Undefined) throw right.fail();
      if (left instanceof Markup || right instanceof Markup) return marked(operator, left, right);
    }
    return run.weigh(compute(left, right));
  };
}

function marked(operator: BinaryOperator, left: unknown, right: unknown): unknown {
  if (operator === '+') {
    for (const side of [left, right]) {
      if (typeof side !== 'string' && !(side instanceof Markup)) return add(plain(left), plain(right));
    }
    return new Markup(escapeValue(left).text + escapeValue(right).text);
  }
  if (operator === '*') {
    const [text, times] = left instanceof Markup ? [left, right] : [right, left];
    const count = asIndex(times, `can't multiply sequence by non-int of type '${typeName(times)}'`);
    return new Markup(str(multiply(plain(text), count)));
  }
  if (operator === '%' && left instanceof Markup) {
    const escaped = (value: unknown) =>
      typeof value === 'string' || value instanceof Markup ? escapeValue(value).text : value;
    const values = right instanceof Tuple ? new Tuple(right.items.map(escaped)) : escaped(right);
    return new Markup(percentFormat(left.text, values));
  }
  return PLAIN[operator](plain(left), plain(right));
}

export function unaryOperation(operator: '-' | '+', value: unknown): unknown {
  if (value instanceof Undefined) throw value.fail();
  return operator === '-' ? negate(value) : positive(value);
}

/** Comparing is cheap for each character and item, but not for millions of them. */
export function weighComparison(run: Run, left: unknown, right: unknown): void {
  if (typeof left === 'string' && typeof right === 'string') run.spend((left.length + right.length) >> 8);
  else if (Array.isArray(right)) run.spend(right.length >> 4);
}

/** One comparison of a chain. */
export function compareValues(operator: CompareOperator, left: unknown, right: unknown): boolean {
  switch (operator) {
    case '==':
      return equals(left, right);
    case '!=':
      return !equals(left, right);
    case 'in':
      return isIn(left, right);
    case 'not in':
      return !isIn(left, right);
    default:
      return ordered(operator, left, right);
  }
}

function isIn(item: unknown, container: unknown): boolean {
  if (container instanceof Undefined) return container.contains();
  return contains(container, plain(item));
}

/** `~`: every part as text. */
export function concatenate(run: Run, parts: readonly unknown[]): string {
  let text = '';
  for (const part of parts) {
    text += str(part);
    checkText(text.length);
  }
  run.weigh(text);
  return text;
}

export function notCallable(value: unknown): PythonError {
  return typeError(`'${typeName(value)}' object is not callable`);
}
