import { describe, expect, it } from 'vitest';
import { castParameter, castValue, NONE_MARKER } from '../../src/expressions/casting.ts';
import type { Json } from '../../src/model/index.ts';

describe('casting a parameter to its type', () => {
  it.each<[string, Json, Json]>([
    ['string', 'text', 'text'],
    ['string', NONE_MARKER, null],
    ['integer', ' 5 ', 5],
    ['integer', 5.7, 5],
    ['integer', true, 1],
    ['number', '1e3', 1000],
    ['number', '5', 5],
    ['boolean', 'tRUE', true],
    ['boolean', 'false', false],
    ['boolean', '0', 0],
    ['boolean', 1, 1],
    ['array', '[1, "a"]', [1, 'a']],
    ['array', '1,2', [1, 2]],
    ['array', `[1, 'a', None,]`, [1, 'a', null]],
    ['array', '()', []],
    ['object', `{'a': None, 2: (1,)}`, { a: null, 2: [1] }],
    ['object', `{'n': -1.5, "u": '\\u00e9' 'x', 'r': r'\\n'}`, { n: -1.5, u: 'éx', r: '\\n' }],
    ['object', { a: 1 }, { a: 1 }],
    ['array', NONE_MARKER, null],
    ['wild', 'x', 'x'],
    ['integer', null, null],
  ])('%s: %j becomes %j', (type, value, expected) => {
    expect(castValue({ type }, value)).toEqual(expected);
  });

  it.each<[string, Json]>([
    ['string', 5],
    ['integer', '5.0'],
    ['integer', ''],
    ['integer', NONE_MARKER],
    ['number', 'x'],
    ['number', []],
    ['boolean', 'yes'],
    ['boolean', ''],
    ['array', 'a,b'],
    ['array', '[1, 2'],
    ['object', '__import__("os")'],
    ['object', `${'['.repeat(500)}`],
  ])('%s: %j is refused, naming the parameter', (type, value) => {
    expect(() => castParameter('p', { type }, value)).toThrow(/^Failed to cast value .* for parameter "p" of type "/s);
  });

  it('keeps a key named __proto__ as data', () => {
    const value = castValue({ type: 'object' }, `{'__proto__': {'polluted': True}}`) as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(value.polluted).toBeUndefined();
  });
});
