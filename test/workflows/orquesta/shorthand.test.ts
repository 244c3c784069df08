import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Float } from '../../../src/expressions/index.ts';
import { toJson } from '../../../src/expressions/python/index.ts';
import { parseShorthand } from '../../../src/workflows/orquesta/shorthand.ts';

function read(text: string): unknown {
  return parseShorthand(text).map(([name, value]) => [name, toJson(value)]);
}

describe('a value', () => {
  const cases: readonly (readonly [why: string, text: string, value: unknown])[] = [
    ['is a number', 'k=-12', -12],
    ['is a number with a fraction', 'k=2.50', 2.5],
    ['is text where JSON knows no such number', 'k=007', '007'],
    ['is text where JSON knows no such fraction', 'k=.5', '.5'],
    ['is a boolean in any case', 'k=TRUE', true],
    ['is a boolean, whatever follows', 'k=falsehood', false],
    ['is null', 'k=null', null],
    ['is a list', 'k=[1, [2]]', [1, [2]]],
    ['goes to the last bracket of the line', 'k=[1] and [2]', '[1] and [2]'],
    ['is text where a list holds quotes', 'k=["a"]', '["a"]'],
    ['is text in double quotes', 'k="1"', '1'],
    ['is text in single quotes', "k='a b'", 'a b'],
    ['is a boolean in quotes only as text', 'k="true"', 'true'],
    ['is empty text', 'k=""', ''],
    ['loses quotes of both kinds', `k="'a'"`, 'a'],
    ['is a mapping in quotes', `k='{"a": [1, "b"]}'`, { a: [1, 'b'] }],
    ['is text that only looks like a mapping', `k='{a}'`, '{a}'],
    ['is a YAQL expression as it stands', 'k=<% ctx().a + "b" %>', '<% ctx().a + "b" %>'],
    ['is a Jinja expression as it stands', 'k={{ ctx().a }}', '{{ ctx().a }}'],
    ['ends with the first end of an expression', 'k=<% 1 %> %>', '<% 1 %>'],
  ];
  it.each(cases)('%s: %s', (_, text, value) => {
    expect(read(text)).toEqual([['k', value]]);
  });

  it('keeps a whole float apart from an integer', () => {
    expect(parseShorthand('a=1.0 b=1')).toEqual([
      ['a', new Float(1)],
      ['b', 1],
    ]);
  });
});

describe('a text', () => {
  const cases: readonly (readonly [why: string, text: string, pairs: unknown])[] = [
    [
      'has its parameters in order, equal names too',
      'b=1 a=2 b=3',
      [
        ['b', 1],
        ['a', 2],
        ['b', 3],
      ],
    ],
    ['has none', 'core.local', []],
    ['loses a bare word', 'k=bare l=1', [['l', 1]]],
    [
      'loses what follows a value',
      'k=<% 1 %>tail l=1',
      [
        ['k', '<% 1 %>'],
        ['l', 1],
      ],
    ],
    [
      'needs no blanks between parameters',
      'k=1,l=2',
      [
        ['k', 1],
        ['l', 2],
      ],
    ],
    ['has no blanks around the sign', 'k = 1', []],
    [
      'has names of letters, digits and underscores',
      'my-var=1 größe_2=2',
      [
        ['var', 1],
        ['größe_2', 2],
      ],
    ],
    ['has a parameter in a chain of signs', 'a=b=1', [['b', 1]]],
    [
      'has none inside a value',
      `k="l=1" m='n=2'`,
      [
        ['k', 'l=1'],
        ['m', 'n=2'],
      ],
    ],
    ['reads expressions and lists on one line only', 'k=<% 1\n%> l=[1\n]', []],
    ['reads quotes over lines', 'k="a\nb"', [['k', 'a\nb']]],
    ['has none with a quote that does not end', 'k="a', []],
  ];
  it.each(cases)('%s: %s', (_, text, pairs) => {
    expect(read(text)).toEqual(pairs);
  });

  it('is read without an error, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab_=ä𝒳"\'[]{}<%>-.0 1\n,:', 'true', 'null') }), (text) => {
        for (const [name] of parseShorthand(text)) expect(text).toContain(`${name}=`);
      }),
    );
  });

  it('is read in time in proportion to its length', () => {
    // Going back over the text for each of its characters would take longer than a test may.
    for (const unit of ['a', 'a=', 'a="', '=', 'a=['])
      expect(parseShorthand(unit.repeat(40_000))).toBeInstanceOf(Array);
  });
});
