import { describe, expect, it } from 'vitest';
import { createAttempts } from '../../src/access/attempts.ts';
import { LOGIN_LIMITS } from '../../src/access/users.ts';

describe('attempts', () => {
  it('are too many after the limit, until the window is over', () => {
    let now = 0;
    const attempts = createAttempts({ limit: 3, window: 60_000 }, () => now);
    for (let count = 0; count < 3; count += 1) attempts.count('ann');
    now = 20_500;
    expect(() => attempts.count('ann')).toThrowError(
      expect.objectContaining({ code: 'rate_limited', details: { retryAfter: 40 } }),
    );
    attempts.count('ben');
    now = 60_000;
    attempts.count('ann');
  });

  it('are forgotten after the right one', () => {
    const attempts = createAttempts({ limit: 1, window: 60_000 }, () => 0);
    attempts.count('ann');
    attempts.forget('ann');
    attempts.count('ann');
    expect(() => attempts.count('ann')).toThrow();
  });

  it('that were no failures do not count', () => {
    const attempts = createAttempts({ limit: 1, window: 60_000 }, () => 0);
    for (let times = 0; times < 5; times += 1) {
      attempts.count('address');
      attempts.undo('address');
    }
    attempts.count('address');
    expect(() => attempts.count('address')).toThrow();
  });

  it('take no more memory than they are given, whoever asks under however many names', () => {
    const attempts = createAttempts({ limit: 1, window: 60_000 }, () => 0, 100);
    attempts.count('ann');
    for (let number = 0; number < 100; number += 1) attempts.count(`made up ${number}`);
    attempts.count('ann');
    expect(() => attempts.count('made up 99')).toThrow();
  });
});

it('the limits of logins are ten a minute for a user, thirty for an address', () => {
  expect(LOGIN_LIMITS).toEqual({
    user: { limit: 10, window: 60_000 },
    address: { limit: 30, window: 60_000 },
  });
});
