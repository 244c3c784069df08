import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePythonRegex } from '../../../src/expressions/index.ts';
import { PetrelError } from '../../../src/model/index.ts';

describe('a pattern that would take for ever', () => {
  it.each([
    ['(a+)+$', `${'a'.repeat(5000)}!`],
    ['(a|a)*b', 'a'.repeat(5000)],
    ['(.*)*x', 'a'.repeat(5000)],
    ['(a|aa)+$', `${'a'.repeat(5000)}!`],
    ['(?:(?:a?){50}){50}b', 'a'.repeat(100)],
    ['(x+x+)+y', 'x'.repeat(2000)],
    ['(?=(a+)+$)', `${'a'.repeat(100)}!`],
    ['(?:){4000000000}', ''],
  ])('%s is given up with the error of expressions', (pattern, text) => {
    expect(() => compilePythonRegex(pattern).search(text)).toThrow(
      expect.objectContaining({ code: 'expression', message: expect.stringContaining('was given up after') }),
    );
  });

  it('is the only kind that is: a million characters are searched', () => {
    const text = `${'log line without it\n'.repeat(50_000)}error: disk full`;
    expect(compilePythonRegex('(?i)ERROR: (\\w+)').search(text)?.groups).toEqual(['error: disk', 'disk']);
    expect(compilePythonRegex('(?:a|b)*').match('ab'.repeat(100_000))?.end).toBe(200_000);
  });
});

describe('positions', () => {
  it('count code points, as Python does', () => {
    const match = compilePythonRegex('(?P<what>b+)').search('😀a😀bb😀');
    expect(match).toMatchObject({ start: 3, end: 5, groups: ['bb', 'bb'] });
    expect(match?.named.get('what')).toBe('bb');
  });

  it('are where a search may begin', () => {
    expect(compilePythonRegex('a').search('😀a😀a', 2)?.start).toBe(3);
    expect(compilePythonRegex('^a').search('aa', 1)).toBeUndefined();
    expect(compilePythonRegex('a').search('a', 5)).toBeUndefined();
  });
});

describe('replacing', () => {
  it('takes a function', () => {
    const regex = compilePythonRegex('\\d+');
    expect(regex.replace('1 and 22', ({ groups }) => `<${groups[0]}>`)).toBe('<1> and <22>');
  });

  it('may match inside of its function', () => {
    const outer = compilePythonRegex('\\w+');
    const inner = compilePythonRegex('[aeiou]');
    expect(outer.replace('ab cd ef', ({ groups }) => inner.replace(groups[0] ?? '', '.'))).toBe('.b cd .f');
  });

  it('stops after the given number', () => {
    expect(compilePythonRegex('a').replace('aaaa', 'b', 2)).toBe('bbaa');
    expect(compilePythonRegex(',').split('a,b,c,d', 2)).toEqual(['a', 'b', 'c,d']);
  });
});

const fragment = fc.oneof(
  fc.constantFrom(...'ab.^$|()[]{}*+?\\-,:<>=!#Pidwsxn019 \n'),
  fc.constantFrom(
    '(?:',
    '(?=',
    '(?<!',
    '(?P<n>',
    '(?P=n)',
    '(?(1)',
    '(?i)',
    '(?>',
    '[^',
    '\\1',
    '{2,3}',
    '+?',
    '*+',
    '😀',
    'é',
  ),
);

describe('any pattern on any text', () => {
  it('answers or throws the error of expressions', () => {
    fc.assert(
      fc.property(
        fc.array(fragment, { maxLength: 12 }),
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        (parts, text) => {
          try {
            const regex = compilePythonRegex(parts.join(''));
            regex.findAll(text);
            regex.split(text);
            regex.replace(text, parts.slice(0, 3).join(''));
          } catch (error) {
            expect(error).toBeInstanceOf(PetrelError);
            expect(error).toMatchObject({ code: 'expression' });
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('refuses groups nested without measure instead of overflowing the stack', () => {
    const nested = `${'('.repeat(100_000)}a${')'.repeat(100_000)}`;
    expect(() => compilePythonRegex(nested)).toThrow('groups nested more than');
  });

  it('finds itself when it is escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (needle, around) => {
        const escaped = Array.from(needle, (char) =>
          /[A-Za-z0-9]/.test(char) || char > '~' ? char : `\\${char}`,
        ).join('');
        const match = compilePythonRegex(escaped).search(around + needle);
        expect(match?.groups[0]).toBe(needle);
      }),
    );
  });
});
