import { describe, expect, it } from 'vitest';
import { createEvaluator } from '../../../src/expressions/index.ts';
import { repr } from '../../../src/expressions/python/index.ts';

const evaluator = createEvaluator({ now: () => 0, random: () => 0.5 });
const expressionError = expect.objectContaining({ name: 'PetrelError', code: 'expression' });

function evaluate(expression: string, variables: Record<string, unknown> = {}): unknown {
  return evaluator.evaluate(`<% ${expression} %>`, { variables });
}

describe('nothing of JavaScript or Python can be reached', () => {
  const values = [
    'ctx()',
    'ctx().d',
    'ctx().l',
    'ctx().s',
    'ctx().n',
    '$',
    'null',
    'set(1)',
    'regex(a)',
    'now()',
    'range(2)',
  ];
  const names = [
    'constructor',
    'prototype',
    'toString',
    'valueOf',
    'hasOwnProperty',
    'length',
    'mro',
    'func_globals',
    'call',
  ];

  it.each(
    values.flatMap((value) => [
      ...names.map((name) => `${value}.${name}().toList()`),
      ...['__proto__', '__class__', '__init__', '_private'].map((name) => `${value}.${name}`),
      ...['constructor', '__proto__', '__class__'].map((name) => `${value}['${name}']`),
      ...['constructor', '__proto__'].map((name) => `call('${name}', [${value}], {})`),
    ]),
  )('%s is not there', (expression) => {
    const variables = { d: { a: 1 }, l: [1], s: 'text', n: 5 };
    expect(() => evaluate(expression, variables)).toThrow(expressionError);
  });

  it('sees keys such as __proto__ as data, and pollutes nothing', () => {
    const variables = JSON.parse('{"d": {"__proto__": {"polluted": 1}, "constructor": "c"}}');
    expect(evaluate("ctx().d['__proto__']['polluted']", variables)).toBe(1);
    expect(repr(evaluate("ctx().d.set('__proto__', 5)", variables))).toBe("{'__proto__': 5, 'constructor': 'c'}");
    expect(repr(evaluate("{'__proto__' => {polluted => 1}} + {'constructor' => 2}"))).toBe(
      "{'__proto__': {'polluted': 1}, 'constructor': 2}",
    );
    expect(repr(evaluate("ctx().d.mergeWith({'__proto__' => {more => 2}})", variables))).toContain(
      "'polluted': 1, 'more': 2",
    );
    expect(repr(evaluate('json(\'{"__proto__": {"x": 1}}\')'))).toBe("{'__proto__': {'x': 1}}");
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('runs no getter of a prototype, sees no symbol, function or instance', () => {
    class Secret {
      readonly [Symbol.iterator] = undefined;
      get token(): string {
        throw new Error('a getter ran');
      }
    }
    const variables = { secret: new Secret(), run: () => 'ran', symbol: Symbol('s'), map: new Map([['a', 1]]) };
    expect(repr(evaluate('[ctx().secret, ctx().run, ctx().symbol, ctx().map]', variables))).toBe(
      '[None, None, None, None]',
    );
    const inherited = Object.create({ hidden: 1 });
    expect(() => evaluate('ctx().d.hidden', { d: inherited })).toThrow(expressionError);
  });

  it('never changes the data it was given', () => {
    const variables = { l: [3, 1, 2], d: { a: { b: 1 } } };
    const before = JSON.stringify(variables);
    for (const expression of [
      'ctx().l.orderBy($)',
      'ctx().l.append(4)',
      'ctx().l.delete(0)',
      'ctx().d.set(a, 5)',
      'ctx().d.mergeWith({a => {b => 2}})',
      'ctx().d.delete(a)',
      'ctx().l.reverse()',
    ]) {
      evaluate(expression, variables);
    }
    expect(JSON.stringify(variables)).toBe(before);
  });

  it('keeps what one evaluation defined from the next', () => {
    expect(evaluate('def(f, $ + 1) -> f(1)')).toBe(2);
    expect(() => evaluate('f(1)')).toThrow('Unknown function');
    expect(repr(evaluate('[let(a => 1) -> $a, $a]'))).toBe('[1, None]');
  });

  it('hides what belongs to the engine from ctx', () => {
    const variables = { a: 1, __state: { secret: 2 } };
    expect(repr(evaluate('ctx()', variables))).toBe("{'a': 1}");
    expect(() => evaluate("ctx('__state')", variables)).toThrow('is for internal use and inaccessible');
    expect(() => evaluate('ctx().__state', variables)).toThrow('illegal character');
    expect(() => evaluate("ctx()['__state']", variables)).toThrow('Unable to resolve key');
  });
});

describe('no expression exhausts time, memory or the stack', () => {
  const long = 'a'.repeat(50_000);
  const nested: Record<string, unknown> = {};
  let inner = nested;
  for (let depth = 0; depth < 1000; depth += 1) {
    const next: Record<string, unknown> = {};
    inner.a = next;
    inner = next;
  }

  it.each([
    // endless sequences
    'sequence().toList()',
    'sequence().last()',
    '[1, 2].cycle().len()',
    "'a'.repeat()",
    'generate(1, true, $ + 1)',
    'generateMany(1, [$, $ + 1])',
    'generateMany(1, [$ + 1], decycle => true)',
    'sequence().orderBy($)',
    'sequence().groupBy($)',
    'sequence().distinct()',
    'sequence().toSet()',
    'sequence().enumerate().sum()',
    'sequence().memorize().count()',
    'zip(sequence(), sequence())',
    'sequence().zip(sequence())',
    'sequence().slice(3)',
    'sequence().where(false)',
    'sequence().any(false)',
    'sequence().indexOf(-1)',
    'sequence().join(sequence(), false, $1)',
    '-1 in sequence()',
    // huge ranges and repeats
    'range(1000000000).toList()',
    "'a' * 1000000000",
    '[1] * 1000000000',
    "'ab'.repeat(100000000).join('')",
    'range(100000).select(range(100000)).flatten()',
    // doubling
    "range(100).aggregate($1 + $1, 'x')",
    "str(range(40).aggregate([$1, $1], 'x'))",
    "range(40).aggregate([$1, $1], 'x') = range(40).aggregate([$1, $1], 'x')",
    'range(40).aggregate([$1, $1], 1)',
    'set(range(40).aggregate([$1, $1], 1))',
    "range(40).aggregate({a => $1, b => $1}, 'x').values()",
    'range(1000).aggregate($1 * $1, 10)',
    'pow(10, 1000000000)',
    'shiftBitsLeft(1, 1000000000)',
    "ctx().long.replace('a', ctx().long)",
    "ctx().long.split('a').join(ctx().long)",
    'range(100000).join(ctx().long)',
    'ctx().long.toCharArray().select(ctx().long).sum()',
    // recursion
    'def(f, f($)) -> f(1)',
    'def(f, f($) + f($)) -> f(1)',
    "call('call', ['call', ['call', [], {}], {}], {})",
    '[1].where(range(1000).where(range(1000).where(range(1000).where(false).any()).any()).any())',
    // regular expressions
    "ctx().long =~ '(a*)*b'",
    "ctx().long =~ '(a|aa)+c'",
    "regex('(x+x+)+y').search('x' * 40 + 'z')",
    "regex('(.*)*#').searchAll(ctx().long)",
    "range(100000).select('aaaaaaaaaaaaaaaaaaaaac' =~ '(a|aa)+b').len()",
    // texts as programs
    "json('[' * 100000)",
    "datetime('1' * 100000)",
    "int('9' * 100000)",
  ])('%s ends with an error', (expression) => {
    expect(() => evaluate(expression, { long })).toThrow(expressionError);
  });

  it.each([
    ['('.repeat(100_000)],
    ['['.repeat(5000) + ']'.repeat(5000)],
    [`${'not '.repeat(5000)}true`],
    [Array.from({ length: 5000 }, () => '1').join(' + ')],
    [`$${'.a'.repeat(5000)}`],
    ['f('.repeat(3000)],
    [`'${'\\'.repeat(50_000)}`],
    [`ctx().nested${'.a'.repeat(1000)}`],
  ])('a text that nests without end is refused', (expression) => {
    expect(() => evaluate(expression, { nested })).toThrow(expressionError);
  });

  it('does what is large but not too large', () => {
    expect(evaluate('range(100000).where($ mod 2 = 0).select($ * 2).sum()')).toBe(4999900000);
    expect(evaluate('(ctx().long * 100).len()', { long })).toBe(5_000_000);
    expect(evaluate("regex('a+').matches(ctx().long)", { long })).toBe(true);
  });

  it('counts all expressions of one evaluation by themselves', () => {
    const half = '<% range(100000).sum() %>';
    expect(evaluator.evaluate(Array(5).fill(half), { variables: {} })).toEqual(Array(5).fill(4999950000));
  });
});
