import {
  add,
  asDouble,
  asInt,
  checkText,
  contains,
  divide,
  equals,
  floorDivide,
  getItem,
  modulo,
  multiply,
  negate,
  ordered,
  type PythonError,
  PythonObject,
  percentFormat,
  positive,
  power,
  repr,
  str,
  subtract,
  Tuple,
  typeError,
  typeName,
  unsupported,
} from '../python/index.ts';
import { escapeHtml, escapeValue, Markup, plain } from './markup.ts';
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
      // Text formats itself, whatever is on the other side.
      if (right instanceof Undefined && !(operator === '%' && isText(left))) throw right.fail();
      if (left instanceof Markup || right instanceof Markup) return marked(operator, left, right);
    }
    return run.weigh(compute(left, right));
  };
}

function marked(operator: BinaryOperator, left: unknown, right: unknown): unknown {
  if (operator === '+') {
    if (isText(left) && isText(right)) return new Markup(escapeValue(left).text + escapeValue(right).text);
    throw left instanceof Markup || !hasOwnPlus(left)
      ? unsupported('+', left, right)
      : typeError(`can only concatenate ${typeName(left)} (not "${typeName(right)}") to ${typeName(left)}`);
  }
  if (operator === '*') {
    const [text, times] = left instanceof Markup ? [left, right] : [right, left];
    if (asInt(times) !== undefined) return new Markup(str(multiply(plain(text), times)));
    if (!isText(times) && !hasOwnPlus(times)) throw unsupported('*', left, right);
    const count = times === right ? right : left;
    throw typeError(`can't multiply sequence by non-int of type '${typeName(isText(left) ? right : count)}'`);
  }
  if (operator === '%') {
    if (left instanceof Markup) return percentEscaped(left, right);
    if (typeof left === 'string') return percentFormat(left, new Tuple([right]));
  }
  if (operator === '-') return subtract(left, right);
  throw unsupported(operator === '**' ? '** or pow()' : operator, left, right);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' || value instanceof Markup;
}

/** Lists and tuples say themselves what they cannot be joined with. */
function hasOwnPlus(value: unknown): boolean {
  return Array.isArray(value) || value instanceof Tuple;
}

/** `text % values` of marked text: what is inserted is escaped first. */
export function percentEscaped(text: Markup, values: unknown): Markup {
  if (values instanceof Tuple) return new Markup(percentFormat(text.text, new Tuple(values.items.map(escaped))));
  return new Markup(percentFormat(text.text, escaped(values)));
}

function escaped(value: unknown): Escaped {
  return indexable(value) ? new EscapedItems(value) : new Escaped(value);
}

function indexable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || isText(value) || asDouble(value) !== undefined) return false;
  return !(value instanceof PythonObject) || value.item !== PythonObject.prototype.item;
}

/** A value inside the formatting of marked text: its text, its print and its items are escaped. */
class Escaped extends PythonObject {
  readonly typeName = '_MarkupEscapeHelper';
  protected readonly value: unknown;

  constructor(value: unknown) {
    super();
    this.value = value;
  }

  override str(): string {
    return escapeValue(this.value).text;
  }

  override repr(): string {
    return escapeHtml(repr(this.value));
  }

  override number(): unknown {
    return plain(this.value);
  }
}

class EscapedItems extends Escaped {
  override item(key: unknown): unknown {
    return escaped(getItem(this.value, key));
  }
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
