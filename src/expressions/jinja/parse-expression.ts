import type { BinaryOperator, CallArguments, CompareOperator, Expression } from './nodes.ts';
import type { TokenStream } from './token-stream.ts';
import { describe } from './tokens.ts';

/**
 * Expressions, loosest first: inline `if`, `or`, `and`, `not`, comparisons, `+ -`, `~`, `* / // %`, `**`, unary signs, postfix
 * (attribute, item, call), filters and tests. As Jinja and unlike Python: `**` binds from the left and looser than a sign, so
 * `-2 ** 2` is 4.
 */
export function parseExpression(stream: TokenStream, withCondition = true): Expression {
  return stream.nested(() => (withCondition ? condition(stream) : or(stream)));
}

function condition(stream: TokenStream): Expression {
  let then = or(stream);
  while (stream.isName('if')) {
    const position = stream.take().position;
    const test = or(stream);
    const otherwise = stream.skipName('else') ? stream.nested(() => condition(stream)) : undefined;
    then = { kind: 'condition', test, then, otherwise, position };
  }
  return then;
}

function or(stream: TokenStream): Expression {
  let left = and(stream);
  while (stream.isName('or')) {
    const position = stream.take().position;
    left = { kind: 'logic', operator: 'or', left, right: and(stream), position };
  }
  return left;
}

function and(stream: TokenStream): Expression {
  let left = not(stream);
  while (stream.isName('and')) {
    const position = stream.take().position;
    left = { kind: 'logic', operator: 'and', left, right: not(stream), position };
  }
  return left;
}

function not(stream: TokenStream): Expression {
  if (!stream.isName('not')) return comparison(stream);
  const position = stream.take().position;
  return { kind: 'unary', operator: 'not', operand: stream.nested(() => not(stream)), position };
}

const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=']);

function comparison(stream: TokenStream): Expression {
  const position = stream.current.position;
  const first = sum(stream);
  const rest: { operator: CompareOperator; operand: Expression }[] = [];
  for (;;) {
    const token = stream.current;
    let operator: CompareOperator;
    if (token.type === 'operator' && COMPARISONS.has(token.text)) {
      // COMPARISONS holds nothing else.
      operator = token.text as CompareOperator;
      stream.take();
    } else if (stream.skipName('in')) operator = 'in';
    else if (stream.isName('not') && stream.next.type === 'name' && stream.next.text === 'in') {
      stream.take();
      stream.take();
      operator = 'not in';
    } else break;
    rest.push({ operator, operand: sum(stream) });
  }
  return rest.length === 0 ? first : { kind: 'compare', first, rest, position };
}

function binary(
  stream: TokenStream,
  operators: readonly BinaryOperator[],
  operand: (stream: TokenStream) => Expression,
): Expression {
  let left = operand(stream);
  for (;;) {
    const operator = operators.find((sign) => stream.isOperator(sign));
    if (operator === undefined) return left;
    const position = stream.take().position;
    left = { kind: 'binary', operator, left, right: operand(stream), position };
  }
}

function sum(stream: TokenStream): Expression {
  return binary(stream, ['+', '-'], concatenation);
}

function concatenation(stream: TokenStream): Expression {
  const position = stream.current.position;
  const first = product(stream);
  if (!stream.isOperator('~')) return first;
  const parts = [first];
  while (stream.skipOperator('~')) parts.push(product(stream));
  return { kind: 'concat', parts, position };
}

function product(stream: TokenStream): Expression {
  return binary(stream, ['*', '/', '//', '%'], powers);
}

function powers(stream: TokenStream): Expression {
  return binary(stream, ['**'], unary);
}

function unary(stream: TokenStream): Expression {
  return filters(stream, signed(stream));
}

function signed(stream: TokenStream): Expression {
  const { current } = stream;
  if (current.type === 'operator' && (current.text === '-' || current.text === '+')) {
    stream.take();
    const operand = stream.nested(() => signed(stream));
    return postfix(stream, { kind: 'unary', operator: current.text, operand, position: current.position });
  }
  return postfix(stream, primary(stream));
}

export function primary(stream: TokenStream): Expression {
  const token = stream.current;
  const { position } = token;
  switch (token.type) {
    case 'name':
      stream.take();
      if (token.text === 'true' || token.text === 'True') return { kind: 'const', value: true, position };
      if (token.text === 'false' || token.text === 'False') return { kind: 'const', value: false, position };
      if (token.text === 'none' || token.text === 'None') return { kind: 'const', value: null, position };
      return { kind: 'name', name: token.text, position };
    case 'string': {
      let text = stream.take().text;
      while (stream.current.type === 'string') text += stream.take().text;
      return { kind: 'const', value: text, position };
    }
    case 'integer':
    case 'float':
      stream.take();
      return { kind: 'const', value: token.value, position };
    case 'operator':
      if (token.text === '(') {
        stream.take();
        const inner = parseTuple(stream, { explicit: true });
        stream.expectOperator(')');
        return inner;
      }
      if (token.text === '[') return list(stream);
      if (token.text === '{') return dict(stream);
      break;
    default:
  }
  throw stream.fail(`unexpected '${describe(token)}'`);
}

function list(stream: TokenStream): Expression {
  const { position } = stream.expectOperator('[');
  const items: Expression[] = [];
  while (!stream.isOperator(']')) {
    if (items.length > 0) stream.expectOperator(',');
    if (stream.isOperator(']')) break;
    items.push(parseExpression(stream));
  }
  stream.expectOperator(']');
  return { kind: 'list', items, position };
}

function dict(stream: TokenStream): Expression {
  const { position } = stream.expectOperator('{');
  const entries: { key: Expression; value: Expression }[] = [];
  while (!stream.isOperator('}')) {
    if (entries.length > 0) stream.expectOperator(',');
    if (stream.isOperator('}')) break;
    const key = parseExpression(stream);
    stream.expectOperator(':');
    entries.push({ key, value: parseExpression(stream) });
  }
  stream.expectOperator('}');
  return { kind: 'dict', entries, position };
}

interface TupleOptions {
  readonly withCondition?: boolean;
  /** Inside parentheses, where `()` is the empty tuple. */
  readonly explicit?: boolean;
}

/** One expression, or a tuple when commas follow. */
export function parseTuple(stream: TokenStream, options: TupleOptions = {}): Expression {
  const { position } = stream.current;
  const items: Expression[] = [];
  let comma = false;
  for (;;) {
    if (items.length > 0) stream.expectOperator(',');
    if (tupleEnds(stream)) break;
    items.push(parseExpression(stream, options.withCondition ?? true));
    if (!stream.isOperator(',')) break;
    comma = true;
  }
  const [only] = items;
  if (!comma) {
    if (only !== undefined) return only;
    if (options.explicit !== true) {
      throw stream.fail(`Expected an expression, got '${describe(stream.current)}'`);
    }
  }
  return { kind: 'tuple', items, position };
}

export function tupleEnds(stream: TokenStream): boolean {
  const { type } = stream.current;
  return type === 'variable_end' || type === 'block_end' || stream.isOperator(')');
}

function postfix(stream: TokenStream, node: Expression): Expression {
  let result = node;
  for (;;) {
    if (stream.isOperator('.') || stream.isOperator('[')) result = subscript(stream, result);
    else if (stream.isOperator('(')) {
      const { position } = stream.current;
      result = { kind: 'call', of: result, call: callArguments(stream), position };
    } else return result;
  }
}

function filters(stream: TokenStream, node: Expression): Expression {
  let result = node;
  for (;;) {
    if (stream.isOperator('|')) result = parseFilter(stream, result);
    else if (stream.isName('is')) result = test(stream, result);
    else if (stream.isOperator('(')) {
      const { position } = stream.current;
      result = { kind: 'call', of: result, call: callArguments(stream), position };
    } else return result;
  }
}

function subscript(stream: TokenStream, of: Expression): Expression {
  const { position, text } = stream.take();
  if (text === '.') {
    const token = stream.take();
    if (token.type === 'name') return { kind: 'attribute', of, name: token.text, position: token.position };
    if (token.type !== 'integer') throw stream.fail('expected name or number', token);
    return { kind: 'item', of, key: { kind: 'const', value: token.value, position: token.position }, position };
  }
  const keys: Expression[] = [];
  while (!stream.isOperator(']')) {
    if (keys.length > 0) stream.expectOperator(',');
    keys.push(subscribed(stream));
  }
  stream.expectOperator(']');
  const [key] = keys;
  if (key !== undefined && keys.length === 1) return { kind: 'item', of, key, position };
  return { kind: 'item', of, key: { kind: 'tuple', items: keys, position }, position };
}

function subscribed(stream: TokenStream): Expression {
  const { position } = stream.current;
  let start: Expression | undefined;
  if (!stream.isOperator(':')) {
    start = parseExpression(stream);
    if (!stream.isOperator(':')) return start;
  }
  stream.take();
  const part = (): Expression | undefined =>
    stream.isOperator(':') || stream.isOperator(']') || stream.isOperator(',') ? undefined : parseExpression(stream);
  const stop = part();
  const step = stream.skipOperator(':') ? part() : undefined;
  return { kind: 'slice', start, stop, step, position };
}

export const NO_CALL: CallArguments = { positional: [], keywords: [], spread: undefined, spreadKeywords: undefined };

function callArguments(stream: TokenStream): CallArguments {
  const begin = stream.expectOperator('(');
  const positional: Expression[] = [];
  const keywords: { name: string; value: Expression }[] = [];
  let spread: Expression | undefined;
  let spreadKeywords: Expression | undefined;
  const ensure = (fine: boolean): void => {
    if (!fine) throw stream.fail('invalid syntax for function call expression', begin);
  };
  let first = true;
  while (!stream.isOperator(')')) {
    if (!first) {
      stream.expectOperator(',');
      if (stream.isOperator(')')) break;
    }
    first = false;
    if (stream.skipOperator('*')) {
      ensure(spread === undefined && spreadKeywords === undefined);
      spread = parseExpression(stream);
    } else if (stream.skipOperator('**')) {
      ensure(spreadKeywords === undefined);
      spreadKeywords = parseExpression(stream);
    } else if (stream.current.type === 'name' && stream.next.type === 'operator' && stream.next.text === '=') {
      ensure(spreadKeywords === undefined);
      const name = stream.take().text;
      stream.take();
      keywords.push({ name, value: parseExpression(stream) });
    } else {
      ensure(spread === undefined && spreadKeywords === undefined && keywords.length === 0);
      positional.push(parseExpression(stream));
    }
  }
  stream.expectOperator(')');
  return { positional, keywords, spread, spreadKeywords };
}

function dottedName(stream: TokenStream): string {
  let name = stream.expectName().text;
  while (stream.skipOperator('.')) name += `.${stream.expectName().text}`;
  return name;
}

/** One `| name(...)`. */
export function parseFilter(stream: TokenStream, of: Expression | undefined, atName = false): Expression {
  if (!atName) stream.expectOperator('|');
  const { position } = stream.current;
  const name = dottedName(stream);
  return { kind: 'filter', of, name, call: stream.isOperator('(') ? callArguments(stream) : NO_CALL, position };
}

function test(stream: TokenStream, of: Expression): Expression {
  stream.expectName('is');
  const negated = stream.skipName('not');
  const { position } = stream.current;
  const name = dottedName(stream);
  const node: Expression = { kind: 'test', of, name, call: testArguments(stream), position };
  return negated ? { kind: 'unary', operator: 'not', operand: node, position } : node;
}

/** `is divisibleby 3` takes one operand without parentheses. */
function testArguments(stream: TokenStream): CallArguments {
  const { type, text } = stream.current;
  if (stream.isOperator('(')) return callArguments(stream);
  const begins =
    type === 'string' || type === 'integer' || type === 'float' || stream.isOperator('[') || stream.isOperator('{');
  const named = type === 'name' && text !== 'else' && text !== 'or' && text !== 'and';
  if (!begins && !named) return NO_CALL;
  if (named && text === 'is') throw stream.fail('You cannot chain multiple tests with is');
  return { ...NO_CALL, positional: [stream.nested(() => postfix(stream, primary(stream)))] };
}
