import { createHash, randomBytes } from 'node:crypto';
import type { Masker } from '../datastore/index.ts';

/** Whoever calls the API with such a token: code of a pack, on behalf of a user. */
export interface TokenHolder {
  readonly user: string;
  readonly pack: string;
}

/** Tokens that Petrel hands to what it runs. They live as long as that does, and in this process only: so does what holds them. */
export interface RunTokens {
  /** A new token, which is masked from now on. */
  issue(holder: TokenHolder): string;
  revoke(token: string): void;
  holderOf(token: string): TokenHolder | undefined;
}

export function createRunTokens(masker: Pick<Masker, 'add' | 'forget'>): RunTokens {
  // Looked up by digest, so that how long a look takes tells nothing about a token.
  const holders = new Map<string, TokenHolder>();
  const digest = (token: string) => createHash('sha256').update(token).digest('hex');
  return {
    issue(holder) {
      const token = randomBytes(24).toString('hex');
      holders.set(digest(token), holder);
      masker.add(token);
      return token;
    },
    revoke(token) {
      holders.delete(digest(token));
      masker.forget(token);
    },
    holderOf: (token) => holders.get(digest(token)),
  };
}
