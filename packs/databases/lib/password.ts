import { createHash, randomInt } from 'node:crypto';

/** RDS refuses `/`, `"`, `@` and blanks; 32 of these 64 characters carry 190 bits. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const LENGTH = 32;

export function generatePassword(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

/** A key of its own for each rotation, so that a password that is being replaced is never taken for the new one. */
export function passwordKey(uid: string, rotation: string): string {
  return `${passwordPrefix(uid)}${createHash('sha256').update(rotation).digest('hex').slice(0, 12)}`;
}

export const passwordPrefix = (uid: string) => `databases.${uid}.password.`;
