import { describe, expect, it } from 'vitest';
import { createPasswords } from '../../src/access/index.ts';

const CHEAP = { N: 2 ** 10, r: 8, p: 1 };

describe('a password', () => {
  it('is kept as a salted scrypt hash with its parameters, never the same twice', async () => {
    const { hash, verify } = createPasswords();
    const [one, other] = [await hash('correct horse'), await hash('correct horse')];
    expect(one).toMatch(/^scrypt\$32768\$8\$3\$[\w+/=]{24}\$[\w+/=]{44}$/);
    expect(one).not.toBe(other);
    expect(await verify('correct horse', one)).toBe(true);
    expect(await verify('correct horsf', one)).toBe(false);
  });

  it('of the past is verified with the parameters of its time', async () => {
    const old = await createPasswords(CHEAP).hash('correct horse');
    expect(await createPasswords({ N: 2 ** 11, r: 8, p: 1 }).verify('correct horse', old)).toBe(true);
  });

  it('is the same however its letters were composed', async () => {
    const { hash, verify } = createPasswords(CHEAP);
    expect(await verify('cafe\u0301 au lait', await hash('caf\u00e9 au lait'))).toBe(true);
  });

  it.each(['', 'short', 'x'.repeat(1025)])('of the wrong length is refused', async (password) => {
    await expect(createPasswords(CHEAP).hash(password)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('of nobody is wrong, and takes as long as that of somebody', async () => {
    const { hash, verify } = createPasswords();
    const stored = await hash('correct horse');
    const time = async (known: string | undefined) => {
      const began = performance.now();
      expect(await verify('wrong horses', known)).toBe(false);
      return performance.now() - began;
    };
    const somebody = Math.min(await time(stored), await time(stored), await time(stored));
    const nobody = Math.min(await time(undefined), await time(undefined), await time(undefined));
    // A look-up alone would be a thousand times faster; the best of three hides the load of the machine.
    expect(nobody).toBeGreaterThan(somebody / 2);
  });

  it('is not tried by more at once than memory allows for', async () => {
    const { verify } = createPasswords(CHEAP);
    const tries = await Promise.allSettled(Array.from({ length: 60 }, () => verify('wrong horses', undefined)));
    const refused = tries.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(60 - 18);
    expect(refused[0]).toMatchObject({ reason: { code: 'rate_limited', details: { retryAfter: 5 } } });
    // Those that had to go have not taken a turn along.
    expect(await verify('wrong horses', undefined)).toBe(false);
  });
});
