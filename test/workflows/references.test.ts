import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/model/index.ts';
import { partOf, referencesInto } from '../../src/workflows/references.ts';

const TEXT = 'x'.repeat(10_000);

function find(value: Json, results: Readonly<Record<string, Json>>) {
  return referencesInto(new Map(Object.entries(results))).find(value);
}

describe('a value that is published', () => {
  it('is found as a whole result', () => {
    expect(find({ stdout: TEXT }, { a: { stdout: 'other' }, b: { stdout: TEXT } })).toEqual(['b']);
  });

  it('is found as a part of one, wherever it stands', () => {
    const result = { list: [1, { 'a.b': TEXT }] };
    const reference = find(TEXT, { a: result });
    expect(reference).toEqual(['a', 'list', 1, 'a.b']);
    expect(partOf(result, reference ?? ['a'])).toBe(TEXT);
  });

  it('is not looked for when it is small', () => {
    expect(find('small', { a: 'small' })).toBeUndefined();
  });

  it.each<[string, Json, Json]>([
    ['another value of the same length', TEXT, `y${TEXT.slice(1)}`],
    ['the same keys in another order', { a: TEXT, b: 1 }, { b: 1, a: TEXT }],
    ['one more item', [TEXT, 1], [TEXT, 1, 1]],
    ['a list where there was a mapping', { 0: TEXT }, [TEXT]],
    ["a journal's wrapper that a result looks like", [TEXT, { $float: '1.0' }], [TEXT, { $float: '1.0' }]],
  ])('is told from %s', (_what, value, result) => {
    expect(find(value, { a: result })).toBeUndefined();
  });

  it('is found among many in one pass', () => {
    const results = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`id${index}`, `${index}${TEXT}`]));
    const references = referencesInto(new Map(Object.entries(results)));
    for (const [id, result] of Object.entries(results)) expect(references.find(result)).toEqual([id]);
  });
});

describe('a reference', () => {
  it('leads to null where there is nothing any more', () => {
    expect(partOf({ a: 1 }, ['id', 'a', 'b'])).toBeNull();
    expect(partOf({}, ['id', 'constructor'])).toBeNull();
  });
});
