import { describe, expect, it } from 'vitest';
import {
  add,
  compare,
  Dict,
  divide,
  dumpJson,
  equals,
  Float,
  floorDivide,
  getItem,
  modulo,
  multiply,
  parseJsonKeepingFloats,
  power,
  repr,
  Slice,
  str,
  Tuple,
  toInt,
  toJson,
  truthy,
} from '../../../src/expressions/python/index.ts';

describe('printing', () => {
  it.each([
    [null, 'None'],
    [true, 'True'],
    [5, '5'],
    [-0, '0'],
    [new Float(5), '5.0'],
    [new Float(-0), '-0.0'],
    [1e20, '1e+20'],
    [1e16, '1e+16'],
    [123456789012345680, '1.2345678901234568e+17'],
    [0.00001, '1e-05'],
    [0.0001, '0.0001'],
    [1.5e300, '1.5e+300'],
    [5e-324, '5e-324'],
    [Number.NaN, 'nan'],
    [Number.NEGATIVE_INFINITY, '-inf'],
    [12345678901234567890n, '12345678901234567890'],
    [['a', 1, null, { k: true }], "['a', 1, None, {'k': True}]"],
    [["it's", 'say "hi"', `'"`], `["it's", 'say "hi"', '\\'"']`],
    [['\n\t\\\u0000\u007f\u00a0é😀\u200b'], "['\\n\\t\\\\\\x00\\x7f\\xa0é😀\\u200b']"],
    [new Tuple([1]), '(1,)'],
    [new Tuple([]), '()'],
  ])('%o is printed %s', (value, text) => {
    expect(str(value)).toBe(text);
  });

  it('prints a list that holds itself', () => {
    const list: unknown[] = [1];
    list.push(list);
    expect(repr(list)).toBe('[1, [...]]');
  });

  it('ends when shared data would print exponentially large', () => {
    let value: unknown = ['x'];
    for (let index = 0; index < 60; index += 1) value = [value, value];
    expect(() => repr(value)).toThrow('more than');
    expect(() => toJson(value)).toThrow('more than');
  });
});

describe('arithmetic', () => {
  it.each([
    [() => divide(6, 2), '3.0'],
    [() => floorDivide(-7, 2), '-4'],
    [() => modulo(-7, 3), '2'],
    [() => modulo(7, -3), '-2'],
    [() => modulo(new Float(-7), 3), '2.0'],
    [() => floorDivide(new Float(7), new Float(-2)), '-4.0'],
    [() => power(2, 100), '1267650600228229401496703205376'],
    [() => power(2, -1), '0.5'],
    [() => add(9007199254740991, 1), '9007199254740992'],
    [() => multiply(94906267, 94906267), '9007199515875289'],
    [() => add(0.5, 0.5), '1.0'],
    [() => add(true, 1), '2'],
    [() => multiply('ab', 2), 'abab'],
    [() => multiply(2, [1]), '[1, 1]'],
    [() => divide(10n ** 400n, 10n ** 399n), '10.0'],
  ])('case %# prints as in Python', (compute, text) => {
    expect(str(compute())).toBe(text);
  });

  it.each([
    [() => add('a', 1), 'can only concatenate str (not "int") to str'],
    [() => add(1, 'a'), "unsupported operand type(s) for +: 'int' and 'str'"],
    [() => divide(1, 0), 'division by zero'],
    [() => power(10, 10 ** 9), 'bits'],
    [() => multiply('x', 10 ** 12), 'characters'],
    [() => multiply([1], 10 ** 12), 'items'],
  ])('case %# fails as in Python or at the limit', (compute, message) => {
    expect(compute).toThrow(message);
  });
});

describe('equality and order', () => {
  it('takes 1, 1.0 and True for the same value and the same key', () => {
    expect(equals(1, new Float(1)) && equals(1, true) && equals([1, { a: 2 }], [new Float(1), { a: 2 }])).toBe(true);
    const dict = new Dict([
      [1, 'a'],
      [true, 'b'],
    ]);
    expect(repr(dict)).toBe("{1: 'b'}");
  });

  it('tells lists from tuples and text from numbers', () => {
    expect(equals([1], new Tuple([1]))).toBe(false);
    expect(equals('1', 1)).toBe(false);
    expect(equals(10n ** 20n, 1e20)).toBe(true);
  });

  it('orders text by code point, not by UTF-16 unit', () => {
    expect(compare('\uffff', '😀')).toBeLessThan(0);
  });

  it('refuses to order mixed types', () => {
    expect(() => compare(1, 'a')).toThrow("'<' not supported between instances of 'int' and 'str'");
  });

  it('counts what is empty as false', () => {
    expect([0, '', [], {}, null, new Float(0), new Tuple([])].map(truthy)).not.toContain(true);
  });
});

describe('reading and indexing', () => {
  it('keeps 1 and 1.0 apart in JSON, and the order of keys', () => {
    expect(repr(parseJsonKeepingFloats('{"b": 1, "10": 1.0, "2": 1e3, "__proto__": 12345678901234567890}'))).toBe(
      "{'b': 1, '10': 1.0, '2': 1000.0, '__proto__': 12345678901234567890}",
    );
  });

  it.each(['', '{', '[1,]', '{"a":}', '"\\x"', 'NaN', '01', '1 2', '{"a" 1}'])('refuses %s as JSON', (text) => {
    expect(() => parseJsonKeepingFloats(text)).toThrow(/line 1 column \d+/);
  });

  it('writes JSON as Python does', () => {
    expect(dumpJson({ a: [1, new Float(1), 'é"'] })).toBe('{"a": [1, 1.0, "\\u00e9\\""]}');
    expect(dumpJson({ b: 1, a: [] }, { indent: 2, sortKeys: true })).toBe('{\n  "a": [],\n  "b": 1\n}');
  });

  it('counts code points in indexes and slices', () => {
    expect(getItem('a😀b', -1)).toBe('b');
    expect(getItem('a😀b', new Slice(null, null, -1))).toBe('b😀a');
    expect(getItem([1, 2, 3], new Slice(-2, null, null))).toEqual([2, 3]);
  });

  it('reads only own keys of data', () => {
    for (const key of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(() => getItem({}, key)).toThrow(`'${key}'`);
    }
    expect(toJson(parseJsonKeepingFloats('{"__proto__": {"polluted": 1}}'))).toEqual(
      JSON.parse('{"__proto__": {"polluted": 1}}'),
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('reads ints as Python does', () => {
    expect([toInt(' 5 '), toInt('1_000'), toInt(5.9), toInt(true)]).toEqual([5, 1000, 5, 1]);
    expect(() => toInt('5.0')).toThrow("invalid literal for int() with base 10: '5.0'");
  });
});
