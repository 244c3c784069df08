import fc from 'fast-check';
import { float, isFloat, str } from '../../src/expressions/python/index.ts';
import type { Argument, Call, Node } from '../../src/expressions/yaql/syntax/nodes.ts';

/** Operators by how tightly they bind; `->` groups from the right. */
const BINARY: readonly (readonly [string, number])[] = [
  ['.', 11],
  ['?.', 11],
  ['=~', 8],
  ['!~', 8],
  ['*', 7],
  ['/', 7],
  ['mod', 7],
  ['+', 6],
  ['-', 6],
  ['>', 5],
  ['<', 5],
  ['>=', 5],
  ['<=', 5],
  ['=', 5],
  ['!=', 5],
  ['in', 5],
  ['and', 3],
  ['or', 2],
  ['->', 1],
];
const UNARY: readonly (readonly [string, number])[] = [
  ['-', 9],
  ['+', 9],
  ['not', 4],
];
const INDEX = 10;
const ATOM = 12;

const NAMES = [
  ...'ctx item result len list dict set switch let with def zip range sequence cycle repeat select where groupBy'.split(
    ' ',
  ),
  ...'orderBy thenBy join split replace str int float regex search matches format datetime timespan now coalesce'.split(
    ' ',
  ),
  ...'any all sum max min first last flatten distinct toDict mergeWith generate aggregate accumulate slice enumerate'.split(
    ' ',
  ),
  ...'toUpper substring indexOf memorize unpack assert call pow shiftBitsLeft insertMany characters json x y'.split(
    ' ',
  ),
];

const constant = fc
  .oneof(
    fc.nat({ max: 1_000_000 }),
    fc.bigInt({ min: 0n, max: 10n ** 30n }).map((value) => (value < 2n ** 53n ? Number(value) : value)),
    fc.tuple(fc.nat({ max: 9999 }), fc.nat({ max: 999 })).map(([whole, part]) => float(Number(`${whole}.${part}`))),
    fc.string({ unit: fc.constantFrom(...'ab z9_\'"\\\n%<>$é😀'), maxLength: 6 }),
    fc.boolean(),
    fc.constant(null),
  )
  .map((value): Node => ({ kind: 'constant', value, position: 0 }));

const keyword = fc.constantFrom(...NAMES, 'a', 'b').map((value): Node => ({ kind: 'keyword', value, position: 0 }));
const variable = fc.constantFrom('1', '2', 'a', '_x').map((name): Node => ({ kind: 'variable', name, position: 0 }));

function call(name: string, list: readonly Argument[], written: boolean): Call {
  return { kind: 'call', name, arguments: list, written, position: 0 };
}

/** Trees that a text can be parsed into. */
export const yaqlTree: fc.Arbitrary<Node> = fc.letrec<{ node: Node }>((tie) => {
  const node = tie('node');
  const pair = fc
    .tuple(fc.oneof(keyword, constant, variable), node)
    .map(([source, destination]): Node => ({ kind: 'rule', source, destination, position: 0 }));
  const list = fc
    .tuple(fc.array(fc.option(node, { nil: undefined, freq: 12 }), { maxLength: 3 }), fc.array(pair, { maxLength: 2 }))
    // What is left out must have something after it, and nothing left out may stand right before a pair.
    .map(([positional, pairs]): Argument[] => [...withoutTrailing(positional), ...pairs]);
  const written = fc.tuple(fc.constantFrom(...NAMES), list).map(([name, given]) => call(name, given, true));
  return {
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      constant,
      keyword,
      variable,
      written,
      fc
        .tuple(fc.constantFrom(...BINARY), node, node)
        .map(([[sign], left, right]) => call(named(sign), [left, right], false)),
      fc.tuple(node, written).map(([left, right]) => call('#operator_.', [left, right], false)),
      fc.tuple(fc.constantFrom(...UNARY), node).map(([[sign], of]) => call(`#unary_operator_${sign}`, [of], false)),
      fc.tuple(node, node).map(([of, key]) => call('#indexer', [of, key], false)),
      list.map((given) => call('#list', given, false)),
      fc.array(pair, { maxLength: 3 }).map((pairs) => call('#map', pairs, false)),
    ),
  };
}).node;

function withoutTrailing(list: readonly Argument[]): Argument[] {
  const end = list.findLastIndex((argument) => argument !== undefined);
  return list.slice(0, end + 1);
}

function named(sign: string): string {
  return sign === '=' ? '*equal' : sign === '!=' ? '*not_equal' : `#operator_${sign}`;
}

const SIGNS = new Map(BINARY.map(([sign, strength]) => [named(sign), { sign, strength }] as const));

/** The expression of a tree, with parentheses where they are needed. */
export function printYaql(node: Node): string {
  return print(node)[0];
}

function inside(node: Node, least: number): string {
  const [text, strength] = print(node);
  return strength < least ? `(${text})` : text;
}

function print(node: Node): [text: string, strength: number] {
  switch (node.kind) {
    case 'constant':
      return [literal(node.value), ATOM];
    case 'keyword':
      return [node.value, ATOM];
    case 'variable':
      return [node.name === '1' ? '$' : `$${node.name}`, ATOM];
    case 'wrapped':
      return [`(${printYaql(node.inner)})`, ATOM];
    case 'rule':
      return [`${inside(node.source, 1)} => ${inside(node.destination, 1)}`, 0];
    case 'call':
      return printCall(node);
  }
}

function printCall(node: Call): [string, number] {
  const { name } = node;
  if (node.written) return [`${name}(${printArguments(node.arguments)})`, ATOM];
  if (name === '#list') return [`[${printArguments(node.arguments)}]`, ATOM];
  if (name === '#map') return [`{${printArguments(node.arguments)}}`, ATOM];
  const [left, right] = node.arguments;
  if (left === undefined) throw new Error('an operand is missing');
  if (name === '#indexer') {
    return [`${inside(left, INDEX)}[${printArguments(node.arguments.slice(1))}]`, INDEX];
  }
  const unary = /^#unary_operator_(.+)$/.exec(name)?.[1];
  if (unary !== undefined) {
    const strength = UNARY.find(([sign]) => sign === unary)?.[1] ?? 0;
    return [`${unary} ${inside(left, strength + 1)}`, strength];
  }
  const operator = SIGNS.get(name);
  if (operator === undefined || right === undefined) throw new Error(`${name} is no operator`);
  const { sign, strength } = operator;
  const fromRight = sign === '->';
  const before = inside(left, fromRight ? strength + 1 : strength);
  const after = inside(right, fromRight ? strength : strength + 1);
  return [`${before} ${sign} ${after}`, strength];
}

function printArguments(list: readonly Argument[]): string {
  return list.map((argument) => (argument === undefined ? '' : printYaql(argument))).join(', ');
}

function literal(value: (Node & { kind: 'constant' })['value']): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return `'${value.replace(/['\\]/g, '\\$&')}'`;
  return isFloat(value) ? str(value) : String(value);
}

/** The same tree without what only the text has: positions and parentheses. */
export function bareYaql(node: Argument): unknown {
  if (node === undefined) return undefined;
  switch (node.kind) {
    case 'wrapped':
      return bareYaql(node.inner);
    case 'call':
      return { kind: 'call', name: node.name, written: node.written, arguments: node.arguments.map(bareYaql) };
    case 'rule':
      return { kind: 'rule', source: bareYaql(node.source), destination: bareYaql(node.destination) };
    case 'constant':
      return { kind: 'constant', value: isFloat(node.value) ? `float ${str(node.value)}` : node.value };
    case 'keyword':
      return { kind: 'keyword', value: node.value };
    case 'variable':
      return { kind: 'variable', name: node.name };
  }
}
