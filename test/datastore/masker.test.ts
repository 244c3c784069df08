import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMasker, createStreamMasker, type Masker } from '../../src/datastore/index.ts';

function maskerOf(...secrets: string[]): Masker {
  const masker = createMasker();
  for (const secret of secrets) masker.add(secret);
  return masker;
}

/** Secrets that could not arise from what masking puts in their place. */
const secretArbitrary = fc
  .string({ unit: 'binary', minLength: 4, maxLength: 30 })
  .filter((text) => !text.includes('*'));
/** Few letters, so that secrets overlap, begin alike and contain each other. */
const crowdedSecret = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 4, maxLength: 8 });
const crowdedText = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 60 });

describe('masking', () => {
  it('replaces a secret wherever it stands', () => {
    expect(maskerOf('hunter2').mask('hunter2 and hunter2!')).toBe('******** and ********!');
  });

  it.each([
    ['as it is', 'p"ss wörd/+=?', (secret: string) => secret],
    ['in JSON', 'p"ss\\w\nörd', (secret: string) => JSON.stringify({ password: secret })],
    ['in a URL', 'p"ss wörd/+=?', (secret: string) => `https://u:${encodeURIComponent(secret)}@host/`],
    ['in a form', "it's a secret!", (secret: string) => new URLSearchParams({ secret }).toString()],
    ['in base64', 'correct horse', (secret: string) => Buffer.from(secret).toString('base64')],
    ['in URL-safe base64', '?>?>?>?>~~~~', (secret: string) => Buffer.from(secret).toString('base64url')],
    [
      'in the header of basic authentication',
      'correct horse',
      (secret: string) => Buffer.from(`admin:${secret}`).toString('base64'),
    ],
    [
      'in base64 at the second position',
      'correct horse',
      (secret: string) => Buffer.from(`a${secret}b`).toString('base64'),
    ],
    [
      'in base64 at the third position',
      'correct horse',
      (secret: string) => Buffer.from(`ab${secret}cd`).toString('base64'),
    ],
  ])('finds a secret %s', (_, secret, show) => {
    const masker = maskerOf(secret);
    const shown = show(secret);
    expect(masker.mask(`before ${shown} after`)).toMatch(/^before .*\*{8}.* after$/s);
    expect(masker.secretsIn(shown)).toEqual([secret]);
  });

  it('never leaves a secret, whatever stands around it', () => {
    fc.assert(
      fc.property(
        fc.array(secretArbitrary, { minLength: 1, maxLength: 5 }),
        fc.array(fc.string()),
        (secrets, around) => {
          const masker = maskerOf(...secrets);
          const text = secrets.map((secret, index) => `${around[index] ?? ''}${secret}`).join('');
          const masked = masker.mask(text);
          for (const secret of secrets) expect(masked).not.toContain(secret);
        },
      ),
    );
  });

  it('leaves nothing of secrets that overlap or contain each other', () => {
    fc.assert(
      fc.property(fc.array(crowdedSecret, { minLength: 1, maxLength: 6 }), crowdedText, (secrets, text) => {
        const covered = [...text].map((_, position) =>
          secrets.some((secret) =>
            [...secret].some((__, back) => position >= back && text.startsWith(secret, position - back)),
          ),
        );
        const kept = [...text].filter((_, position) => !covered[position]).join('');
        expect(
          maskerOf(...secrets)
            .mask(text)
            .replaceAll('*', ''),
        ).toBe(kept);
      }),
    );
  });

  it('leaves text without secrets alone', () => {
    const masker = maskerOf('hunter2');
    expect(masker.mask('hunter3 hunte r2')).toBe('hunter3 hunte r2');
    expect(createMasker().mask('anything')).toBe('anything');
    expect(masker.mask('')).toBe('');
  });

  it('takes no values shorter than four characters', () => {
    expect(maskerOf('', 'abc').mask('abc')).toBe('abc');
    expect(maskerOf('abcd').mask('abcd')).toBe('********');
  });

  it('remembers the latest, and forgets the one not seen for longest', () => {
    const masker = createMasker({ remembered: 2 });
    for (const secret of ['first-one', 'second-one', 'first-one', 'third-one']) masker.add(secret);
    expect(masker.mask('first-one second-one third-one')).toBe('******** second-one ********');
    expect(masker.settledLength('second-on')).toBe(9);
  });

  it('copes with ten thousand secrets and a large text', () => {
    const masker = createMasker();
    for (let number = 0; number < 10_000; number += 1) masker.add(`secret number ${number}.`);
    const text = 'nothing to see here; secret number x '.repeat(30_000);
    expect(masker.mask(`${text}secret number 9999.`)).toBe(`${text}********`);
  });
});

describe('masking JSON', () => {
  it('reaches every string, keys included', () => {
    const masker = maskerOf('hunter2');
    expect(masker.maskJson({ a: ['x hunter2', 1, null, true], 'key hunter2': { b: 'ok' } })).toEqual({
      a: ['x ********', 1, null, true],
      'key ********': { b: 'ok' },
    });
  });

  it('answers the same object when nothing changed', () => {
    const value = { a: [{ b: 'c' }], d: 1 };
    expect(maskerOf('hunter2').maskJson(value)).toBe(value);
    expect(createMasker().maskJson(value)).toBe(value);
  });

  it('does not pollute prototypes', () => {
    const value = JSON.parse('{"__proto__": {"polluted": "hunter2"}}') as unknown;
    const masked = maskerOf('hunter2').maskJson(value);
    expect(JSON.stringify(masked)).toBe('{"__proto__":{"polluted":"********"}}');
    expect(Object.getPrototypeOf(masked)).toBe(Object.prototype);
  });
});

describe('masking a stream', () => {
  it('finds a secret that is split over pieces, and holds back no more than it must', () => {
    const stream = createStreamMasker(maskerOf('hunter2'));
    expect(stream.push('say hun')).toBe('say ');
    expect(stream.push('ter')).toBe('');
    expect(stream.push('2 now')).toBe('******** now');
    expect(stream.push(' hunt')).toBe(' ');
    expect(stream.flush()).toBe('hunt');
    expect(stream.flush()).toBe('');
  });

  it('holds nothing back while no secret is known', () => {
    expect(createStreamMasker(createMasker()).push('text')).toBe('text');
  });

  it('gives, put together, what masking the whole gives', () => {
    const cut = fc.array(fc.nat(60), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(crowdedSecret, { maxLength: 6 }), crowdedText, cut, (secrets, text, cuts) => {
        const masker = maskerOf(...secrets);
        const stream = createStreamMasker(masker);
        const ends = [...cuts.filter((end) => end < text.length).toSorted((a, b) => a - b), text.length];
        let start = 0;
        let masked = '';
        for (const end of ends) {
          masked += stream.push(text.slice(start, end));
          start = end;
        }
        expect(masked + stream.flush()).toBe(masker.mask(text));
      }),
      { numRuns: 1000 },
    );
  });
});
