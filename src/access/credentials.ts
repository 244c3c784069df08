import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** A new token: 256 random bits. */
export function newToken(): string {
  return randomBytes(32).toString('hex');
}

/** What is stored of a token. It is random enough that a plain digest cannot be turned around. */
export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** As StackStorm makes them: the base64 text of a random SHA-256 hex digest, without padding. */
export function newApiKey(): string {
  const digest = createHash('sha256').update(randomBytes(256)).digest('hex');
  return Buffer.from(digest).toString('base64').replace(/=+$/, '');
}

/** StackStorm's fixed salt, as it is spelt there: its stored keys go on working when they are brought over. */
const SALT = 'saltnpeper';

/** What is stored of an API key. */
export function hashOfApiKey(key: string): string {
  return createHash('sha512').update(SALT).update(key).digest('hex');
}

/** What a page must send along with its cookie, to show that it could read what belongs to the session. */
export function csrfTokenOf(sessionToken: string): string {
  return createHmac('sha256', sessionToken).update('petrel csrf').digest('base64url');
}

/** Compares in constant time, whatever the lengths. */
export function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
