import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLenientDate } from '../../src/expressions/dates/index.ts';
import { PetrelError } from '../../src/model/index.ts';

const url = new URL('../vectors/dates/dates.json', import.meta.url);
// The file is made by us, in this shape.
const vectors = JSON.parse(readFileSync(url, 'utf8')) as {
  readonly now: number;
  readonly cases: readonly { readonly text: string; readonly moment: number | null }[];
};

describe('a lenient date is read as dateutil reads it', () => {
  it.each(vectors.cases)('$text', ({ text, moment }) => {
    if (moment === null) expect(() => parseLenientDate(text, vectors.now)).toThrow(PetrelError);
    else expect(parseLenientDate(text, vectors.now)).toBeCloseTo(moment, 2);
  });
});

describe('any text', () => {
  it('is a finite moment or an error of expressions', () => {
    const word = fc.constantFrom(
      '2024',
      '05',
      '1',
      '31',
      'May',
      'Mon',
      ':',
      '-',
      '/',
      '.',
      ' ',
      '+',
      'T',
      'Z',
      'pm',
      'h',
      'of',
      '(',
    );
    const text = fc.oneof(
      fc.array(word, { maxLength: 12 }).map((words) => words.join('')),
      fc.string({ unit: 'grapheme' }),
    );
    fc.assert(
      fc.property(text, (date) => {
        try {
          expect(Number.isFinite(parseLenientDate(date, vectors.now))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'expression' });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('that JavaScript writes is read back', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          expect(parseLenientDate(date.toISOString(), vectors.now)).toBe(date.getTime());
        },
      ),
    );
  });
});
