import { describe, expect, it } from 'vitest';
import { createMasker } from '../../src/datastore/index.ts';
import { createRunTokens } from '../../src/executions/index.ts';

describe('tokens of what Petrel runs', () => {
  it('stand for who asked and for whose code it is, each for one run', () => {
    const tokens = createRunTokens(createMasker());
    const one = tokens.issue({ user: 'ann', pack: 'alpha' });
    const other = tokens.issue({ user: 'bob', pack: 'beta' });
    expect(one).toMatch(/^[0-9a-f]{48}$/);
    expect(tokens.holderOf(one)).toEqual({ user: 'ann', pack: 'alpha' });
    expect(tokens.holderOf(other)).toEqual({ user: 'bob', pack: 'beta' });
    expect(tokens.holderOf('')).toBeUndefined();
  });

  it('open nothing when they are revoked, and others still do', () => {
    const tokens = createRunTokens(createMasker());
    const [one, other] = [tokens.issue({ user: 'a', pack: 'p' }), tokens.issue({ user: 'a', pack: 'p' })];
    tokens.revoke(one);
    expect(tokens.holderOf(one)).toBeUndefined();
    expect(tokens.holderOf(other)).toEqual({ user: 'a', pack: 'p' });
  });

  it('are masked while they open something, and crowd out no other secret however many there were', () => {
    const masker = createMasker({ remembered: 3 });
    masker.add('the-real-secret');
    const tokens = createRunTokens(masker);
    for (let run = 0; run < 10; run += 1) {
      const token = tokens.issue({ user: 'a', pack: 'p' });
      expect(masker.mask(`x ${token} y`)).toBe('x ******** y');
      tokens.revoke(token);
      expect(masker.mask(`x ${token} y`)).toBe(`x ${token} y`);
    }
    expect(masker.mask('the-real-secret')).toBe('********');
  });
});
