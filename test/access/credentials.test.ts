import { describe, expect, it } from 'vitest';
import { hashOfApiKey, newApiKey, newToken, sameText } from '../../src/access/credentials.ts';

describe('credentials', () => {
  it('API keys have StackStorm’s form: base64 of a SHA-256 hex digest, without padding', () => {
    const key = newApiKey();
    expect(key).toMatch(/^[A-Za-z0-9]{86}$/);
    expect(Buffer.from(key, 'base64').toString()).toMatch(/^[0-9a-f]{64}$/);
    expect(newApiKey()).not.toBe(key);
  });

  it('API keys are stored as StackStorm stores them, so that its keys can be brought over', () => {
    // Python: hashlib.sha512(b'saltnpeper' + b'abc').hexdigest()
    expect(hashOfApiKey('abc')).toBe(
      '397a5a96a30aee60dea36713d07ce65f7507c4109ac8479e60aaa42bbc2ecb1d161c387eac2ea84c2a8b4416963dea40865a9c972fbe775f44a4fb60176ca187',
    );
  });

  it('tokens have 256 random bits', () => {
    expect(newToken()).toMatch(/^[0-9a-f]{64}$/);
  });

  it('are compared whatever their lengths', () => {
    expect(sameText('abc', 'abc')).toBe(true);
    expect(sameText('abc', 'abcd')).toBe(false);
    expect(sameText('', 'a')).toBe(false);
  });
});
