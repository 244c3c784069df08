import fc from 'fast-check';
import type { BinaryOperator, CallArguments, CompareOperator, Expression } from '../../src/expressions/jinja/nodes.ts';
import { float, isFloat, str, textRepr } from '../../src/expressions/python/index.ts';

/** How tightly what an expression is made of binds, as the parser's own order says. */
const STRENGTH = {
  condition: 1,
  or: 2,
  and: 3,
  not: 4,
  compare: 5,
  sum: 6,
  concat: 7,
  product: 8,
  power: 9,
  sign: 10,
  postfix: 11,
  filter: 11,
  atom: 12,
} as const;
const BINARY: Readonly<Record<BinaryOperator, number>> = {
  '+': STRENGTH.sum,
  '-': STRENGTH.sum,
  '*': STRENGTH.product,
  '/': STRENGTH.product,
  '//': STRENGTH.product,
  '%': STRENGTH.product,
  '**': STRENGTH.power,
};
const BINARY_OPERATORS = Object.keys(BINARY) as BinaryOperator[];
const COMPARE_OPERATORS: readonly CompareOperator[] = ['==', '!=', '<', '<=', '>', '>=', 'in', 'not in'];
const NAMES = ['x', 'd', 'l', 'range', 'dict', 'ctx', 'namespace', 'cycler', 'nothing'];
const ATTRIBUTES = ['a', 'b', 'upper', 'items', 'keys', 'append', 'format', 'split', '__class__', 'constructor'];
const FILTERS = [
  ...'upper length list first last join sort unique map select reject default int float round batch slice groupby'.split(
    ' ',
  ),
  ...'tojson replace truncate indent reverse sum max min dictsort items string trim wordcount xmlattr'.split(' '),
];
const TESTS = ['defined', 'odd', 'none', 'mapping', 'divisibleby', 'in', 'sameas', 'string'];

const constant = fc
  .oneof(
    fc.nat({ max: 1_000_000 }),
    fc.tuple(fc.nat({ max: 9999 }), fc.nat({ max: 999 })).map(([whole, part]) => float(Number(`${whole}.${part}`))),
    fc.string({ unit: fc.constantFrom(...'ab z9_\'"\\\n%{}é😀'), maxLength: 6 }),
    fc.boolean(),
    fc.constant(null),
  )
  .map((value): Expression => ({ kind: 'const', value, position: 0 }));

const name = fc.constantFrom(...NAMES).map((text): Expression => ({ kind: 'name', name: text, position: 0 }));

/** Trees that a text between `{{` and `}}` can be parsed into. */
export const jinjaTree: fc.Arbitrary<Expression> = fc.letrec<{ node: Expression }>((tie) => {
  const node = tie('node');
  const list = fc.array(node, { maxLength: 3 });
  const given = fc
    .tuple(
      list,
      fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'attribute', 'default'), node), {
        maxLength: 2,
        selector: ([key]) => key,
      }),
    )
    .map(
      ([positional, keywords]): CallArguments => ({
        positional,
        keywords: keywords.map(([key, value]) => ({ name: key, value })),
        spread: undefined,
        spreadKeywords: undefined,
      }),
    );
  return {
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      constant,
      name,
      fc
        .tuple(fc.constantFrom('tuple' as const, 'list' as const), list)
        .map(([kind, items]): Expression => ({ kind, items, position: 0 })),
      fc.array(fc.tuple(node, node), { maxLength: 2 }).map(
        (entries): Expression => ({
          kind: 'dict',
          entries: entries.map(([key, value]) => ({ key, value })),
          position: 0,
        }),
      ),
      fc
        .tuple(fc.constantFrom(...BINARY_OPERATORS), node, node)
        .map(([operator, left, right]): Expression => ({ kind: 'binary', operator, left, right, position: 0 })),
      fc
        .tuple(fc.constantFrom('not' as const, '-' as const, '+' as const), node)
        .map(([operator, operand]): Expression => ({ kind: 'unary', operator, operand, position: 0 })),
      fc
        .tuple(fc.constantFrom('and' as const, 'or' as const), node, node)
        .map(([operator, left, right]): Expression => ({ kind: 'logic', operator, left, right, position: 0 })),
      fc
        .tuple(node, fc.array(fc.tuple(fc.constantFrom(...COMPARE_OPERATORS), node), { minLength: 1, maxLength: 2 }))
        .map(
          ([first, rest]): Expression => ({
            kind: 'compare',
            first,
            rest: rest.map(([operator, operand]) => ({ operator, operand })),
            position: 0,
          }),
        ),
      fc
        .array(node, { minLength: 2, maxLength: 3 })
        .map((parts): Expression => ({ kind: 'concat', parts, position: 0 })),
      fc
        .tuple(node, node, fc.option(node, { nil: undefined }))
        .map(([test, then, otherwise]): Expression => ({ kind: 'condition', test, then, otherwise, position: 0 })),
      fc
        .tuple(node, fc.constantFrom(...ATTRIBUTES))
        .map(([of, key]): Expression => ({ kind: 'attribute', of, name: key, position: 0 })),
      fc.tuple(node, node).map(([of, key]): Expression => ({ kind: 'item', of, key, position: 0 })),
      fc.tuple(node, given).map(([of, call]): Expression => ({ kind: 'call', of, call, position: 0 })),
      fc
        .tuple(node, fc.constantFrom(...FILTERS), given)
        .map(([of, key, call]): Expression => ({ kind: 'filter', of, name: key, call, position: 0 })),
      fc.tuple(node, fc.constantFrom(...TESTS), list).map(
        ([of, key, positional]): Expression => ({
          kind: 'test',
          of,
          name: key,
          call: { positional, keywords: [], spread: undefined, spreadKeywords: undefined },
          position: 0,
        }),
      ),
    ),
  };
}).node;

/** The expression of a tree, with parentheses where they are needed. */
export function printJinja(node: Expression): string {
  return print(node)[0];
}

function inside(node: Expression, least: number): string {
  const [text, strength] = print(node);
  return strength < least ? `(${text})` : text;
}

function print(node: Expression): [text: string, strength: number] {
  switch (node.kind) {
    case 'const':
      return [literal(node.value), STRENGTH.atom];
    case 'name':
      return [node.name, STRENGTH.atom];
    case 'tuple':
      return [`(${node.items.map(printJinja).join(', ')}${node.items.length === 1 ? ',' : ''})`, STRENGTH.atom];
    case 'list':
      return [`[${node.items.map(printJinja).join(', ')}]`, STRENGTH.atom];
    case 'dict': {
      const entries = node.entries.map(({ key, value }) => `${printJinja(key)}: ${printJinja(value)}`);
      return [`{${entries.join(', ')}}`, STRENGTH.atom];
    }
    case 'binary': {
      const strength = BINARY[node.operator];
      return [`${inside(node.left, strength)} ${node.operator} ${inside(node.right, strength + 1)}`, strength];
    }
    case 'unary': {
      const strength = node.operator === 'not' ? STRENGTH.not : STRENGTH.sign;
      const operand = inside(node.operand, strength);
      // A filter takes the sign along.
      const apart = node.operator !== 'not' && node.operand.kind === 'filter';
      return [`${node.operator} ${apart ? `(${operand})` : operand}`, strength];
    }
    case 'logic': {
      const strength = STRENGTH[node.operator];
      return [`${inside(node.left, strength)} ${node.operator} ${inside(node.right, strength + 1)}`, strength];
    }
    case 'compare': {
      const rest = node.rest.map(({ operator, operand }) => ` ${operator} ${inside(operand, STRENGTH.sum)}`).join('');
      return [inside(node.first, STRENGTH.sum) + rest, STRENGTH.compare];
    }
    case 'concat':
      return [node.parts.map((part) => inside(part, STRENGTH.product)).join(' ~ '), STRENGTH.concat];
    case 'condition': {
      const otherwise = node.otherwise === undefined ? '' : ` else ${inside(node.otherwise, STRENGTH.condition)}`;
      return [`${inside(node.then, STRENGTH.or)} if ${inside(node.test, STRENGTH.or)}${otherwise}`, STRENGTH.condition];
    }
    default:
      return [printPostfix(node), STRENGTH.postfix];
  }
}

function printPostfix(node: Expression): string {
  switch (node.kind) {
    case 'attribute':
      return `${primary(node.of)}.${node.name}`;
    case 'item':
      return `${primary(node.of)}[${printJinja(node.key)}]`;
    case 'call':
      return `${primary(node.of)}(${printArguments(node.call)})`;
    case 'filter':
      return `${node.of === undefined ? '' : primary(node.of)}|${node.name}(${printArguments(node.call)})`;
    case 'test':
      // A test may take what follows for its argument: its own parentheses keep it apart.
      return `(${primary(node.of)} is ${node.name}(${printArguments(node.call)}))`;
    default:
      throw new Error(`${node.kind} is not printed`);
  }
}

/** Filters bind as loosely as a sign lets them: what is filtered and then taken apart stands in parentheses. */
function primary(node: Expression): string {
  const text = inside(node, STRENGTH.postfix);
  return node.kind === 'filter' || (node.kind === 'const' && typeof node.value !== 'string') ? `(${text})` : text;
}

function printArguments({ positional, keywords }: CallArguments): string {
  return [...positional.map(printJinja), ...keywords.map((one) => `${one.name}=${printJinja(one.value)}`)].join(', ');
}

function literal(value: unknown): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return textRepr(value);
  return isFloat(value) ? str(value) : String(value);
}

/** The same tree without positions. */
export function bareJinja(value: unknown): unknown {
  if (isFloat(value)) return `float ${str(value)}`;
  if (Array.isArray(value)) return value.map(bareJinja);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'position')
      .map(([key, item]) => [key, bareJinja(item)]),
  );
}
